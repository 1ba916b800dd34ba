// face_kadmin.h: what the files of kadmin.local share: its session and its table of
// commands.
#ifndef OBOL_CLI_FACE_KADMIN_H
#define OBOL_CLI_FACE_KADMIN_H

#include "admin/acl.h"
#include "cli/face.h"

struct kadmin {
    struct cli *cli;
    struct admin *adm;
    bool quit;
    bool scripted;  // a query in words of the command line: no questions, no remarks
    unsigned locks; // how often the session locked the realm
};
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
