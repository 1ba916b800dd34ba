// face_kadmin.h: what the files of kadmin and kadmin.local share: its session, its requests, and
// the back end that does what they ask.
#ifndef OBOL_CLI_FACE_KADMIN_H
#define OBOL_CLI_FACE_KADMIN_H

#include "admin/acl.h"
#include "cli/face.h"

struct kadmin;
struct kadmin_client;
struct kadmin_names;
// A back end does what a request asks for, once its words are read: in the realm's own database,
// or elsewhere. Names are whole, with their realm; what comes out lives in the session's arena.
struct kadmin_back {
    enum obol_code (*add)(struct kadmin *k, const struct admin_new_principal *p, struct error *err);
    enum obol_code (*set)(struct kadmin *k, struct slice name, const struct admin_change *change,
                          struct error *err);
    enum obol_code (*password)(struct kadmin *k, struct slice name, const struct admin_keys *keys,
                               struct error *err);
    // keep_from is admin_principal_purge's.
    enum obol_code (*purge)(struct kadmin *k, struct slice name, uint32_t keep_from,
                            struct error *err);
    enum obol_code (*rename)(struct kadmin *k, struct slice from, struct slice to,
                             struct error *err);
    // Of an alias it takes that name alone.
    enum obol_code (*remove)(struct kadmin *k, struct slice name, struct error *err);
    // As it holds: lifetimes that the record leaves to the realm are filled in. *master is the
    // version of the master key that its keys are sealed under.
    enum obol_code (*get)(struct kadmin *k, struct slice name, struct record *out, uint32_t *master,
                          struct error *err);
    enum obol_code (*strings)(struct kadmin *k, struct slice name,
                              struct record_attribute_list *out, struct error *err);
    // Calls `each` for each name that matches; it may not use the back end.
    enum obol_code (*list)(struct kadmin *k, struct slice pattern, const struct kadmin_names *each,
                           struct error *err);
    // Keys for a keytab, as admin_keytab_keys gives them.
    enum obol_code (*keys)(struct kadmin *k, struct slice name, const struct admin_keys *rotate,
                           struct admin_keytab *out, struct error *err);
    enum obol_code (*policy_add)(struct kadmin *k, struct slice name,
                                 const struct admin_policy_change *changes, size_t count,
                                 struct error *err);
    enum obol_code (*policy_set)(struct kadmin *k, struct slice name,
                                 const struct admin_policy_change *changes, size_t count,
                                 struct error *err);
    enum obol_code (*policy_remove)(struct kadmin *k, struct slice name, struct error *err);
    enum obol_code (*policy_get)(struct kadmin *k, struct slice name, struct policy *out,
                                 struct error *err);
    enum obol_code (*policy_list)(struct kadmin *k, struct slice pattern,
                                  const struct kadmin_names *each, struct error *err);
    enum obol_code (*privileges)(struct kadmin *k, uint32_t *out, struct error *err);
    // The realm is locked while the session has locked it more often than unlocked.
    enum obol_code (*lock)(struct kadmin *k, struct error *err);
    enum obol_code (*unlock)(struct kadmin *k, struct error *err);
};
struct kadmin_names {
    void *ctx;
    enum obol_code (*name)(void *ctx, struct slice name, struct error *err);
};
enum { // `privileges`, in the order in which get_privs shows them
    KADMIN_INQUIRE = 1u << 0,
    KADMIN_ADD = 1u << 1,
    KADMIN_MODIFY = 1u << 2,
    KADMIN_DELETE = 1u << 3,
};
extern const struct kadmin_back KADMIN_BACK_LOCAL, KADMIN_BACK_REMOTE;

struct kadmin {
    struct cli *cli;
    const struct kadmin_back *back;
    struct admin *adm;            // KADMIN_BACK_LOCAL's
    struct kadmin_client *remote; // KADMIN_BACK_REMOTE's
    struct slice client_text;     // who asks, of that
    struct int32_list enctypes;   // -e: of the keys that it asks for; empty: the server's choice
    struct slice realm;
    unsigned locks; // how often the session locked the realm
    bool quit;
    bool scripted; // a query in words of the command line: no questions, no remarks
};
// What stands on the command line.
struct kadmin_options {
    struct slice realm;
    const char *query, *enctypes, *database;
    const char *principal, *cache, *keytab, *password, *server;
    bool use_keytab, anonymous, old_flavor;
    int words; // the first that is no option's
};
// kadmin_take_words gives the command line's words in the session's own memory; those that may hold
// a password, which every user of the machine could read, are blotted out where they stood.
MUST_USE enum obol_code kadmin_take_words(struct cli *c, int argc, char **argv, char ***out,
                                          struct error *err);
MUST_USE enum obol_code kadmin_take_options(int argc, char **argv, struct kadmin_options *out,
                                            struct error *err);
// kadmin_session runs the query, the words behind the options, or what is typed. It gives the exit
// status.
int kadmin_session(struct kadmin *k, const struct kadmin_options *o, int argc, char **argv);

struct kadmin_command {
    const char *names[5]; // "add_principal", "addprinc", "ank": NULL behind the last
    const char *usage;    // behind the name
    const char *help;
    enum obol_code (*run)(struct kadmin *k, int argc, char **argv, struct error *err);
};

// Commands, by file.
enum obol_code kadmin_add(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_modify(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_password(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_delete(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_add_alias(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_rename(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_set_string(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_delete_string(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_keytab_add(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_keytab_remove(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_get(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_list(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_get_strings(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_privileges(struct kadmin *k, int argc, char **argv, struct error *err);

enum obol_code kadmin_policy_add(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_policy_modify(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_policy_delete(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_policy_get(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_policy_list(struct kadmin *k, int argc, char **argv, struct error *err);
enum obol_code kadmin_purge(struct kadmin *k, int argc, char **argv, struct error *err);

// kadmin_show_length writes "LABEL: 1 day 02:00:00", as these tools write lengths.
void kadmin_show_length(struct kadmin *k, const char *label, int64_t seconds);
// kadmin_show_label writes "LABEL: TEXT", kadmin_show_quoted the text in quotes: whatever it holds
// moves no terminal.
void kadmin_show_label(struct kadmin *k, const char *label, struct slice text);
void kadmin_show_quoted(struct kadmin *k, struct slice text);
// kadmin_show_name writes a name as a line; ctx is the session (struct kadmin_names).
MUST_USE enum obol_code kadmin_show_name(void *ctx, struct slice name, struct error *err);
// kadmin_full_name is the name with its realm, as records have it.
MUST_USE enum obol_code kadmin_full_name(struct kadmin *k, const char *name, struct slice *out,
                                         struct error *err);
// kadmin_enctypes reads "aes256-cts:normal,aes128-cts": the salt type is of the past, and always
// the normal one here. USAGE for a name that is not known.
MUST_USE enum obol_code kadmin_enctypes(struct kadmin *k, const char *text, struct int32_list *out,
                                        struct error *err);
// kadmin_confirm asks the question unless it need not; false: no. Only "yes" is yes.
bool kadmin_confirm(struct kadmin *k, bool forced, const char *question, struct slice name);
// kadmin_say tells, unless the query is a script's, what was done, on standard output, or makes a
// remark on standard error, as a line.
enum kadmin_saying { KADMIN_DONE, KADMIN_REMARK };
void kadmin_say(struct kadmin *k, enum kadmin_saying what, const char *format, ...) PRINTF(3, 4);
// kadmin_need_value is the word behind an option; USAGE if there is none.
MUST_USE enum obol_code kadmin_need_value(int argc, char **argv, int *at, const char **out,
                                          struct error *err);

#endif
