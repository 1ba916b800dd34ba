// op.h: what the operations of admin.h share: a transaction around one function, names, records and
// keys.
#ifndef OBOL_ADMIN_OP_H
#define OBOL_ADMIN_OP_H

#include "admin/admin.h"
#include "crypto/crypto.h"
#include "store/token.h"

enum {
    ADMIN_PASSWORD_MAX = 1024,
    ADMIN_ENCTYPES_MAX = 16,
    ADMIN_ITERATIONS_MIN = 4096,
    ADMIN_ITERATIONS_MAX = 1 << 24,
};
#define ADMIN_MASTER_CURRENT "master-current" // meta: the newest master key version, 4 bytes

// op_write runs a function inside a transaction: committed if it gives OBOL_OK, else dropped. The
// scratch arena is empty before and after it. A master key that was replaced meanwhile is read
// first, so that nothing is sealed under a version that will be retired.
// The audit log is told of it under the caller's name (audit.h).
#define op_write(adm, step, arg, err) op_write_as(adm, __func__, step, arg, err)
MUST_USE enum obol_code op_write_as(struct admin *adm, const char *function,
                                    enum obol_code (*step)(struct admin *adm, struct store_write *w,
                                                           void *arg, struct error *err),
                                    void *arg, struct error *err);

// op_lock takes the lock of admin_lock together with others, while something is changed, and gives
// what files_unlock ends it with. PERMISSION where another process holds it alone.
MUST_USE enum obol_code op_lock(const struct admin *adm, int *fd, struct error *err);

// op_name reads a name, checks it (principal_check, and that it belongs to this realm or is a
// krbtgt/), and gives its canonical text in the scratch arena.
MUST_USE enum obol_code op_name(struct admin *adm, struct slice name, struct principal *p,
                                struct slice *text, struct error *err);
// op_new_name is op_name for a name that is to be given: those that MIT krb5 keeps for its master
// keys (op_is_mits) are refused, since no dump could hold the realm.
MUST_USE enum obol_code op_new_name(struct admin *adm, struct slice name, struct principal *p,
                                    struct slice *text, struct error *err);
bool op_is_mits(const struct principal *p);
// op_fetch reads the record of a name or alias, with bytes of its own in the arena.
MUST_USE enum obol_code op_fetch(struct store_read *r, struct slice text, struct arena *a,
                                 struct record *out, struct error *err);
// op_stamp sets who modified the record and when.
void op_stamp(const struct admin *adm, struct record *r);
// op_is_service is whether a record is a service principal of its own: several components, others
// get tickets to it, and no krbtgt.
bool op_is_service(const struct record *r);
// op_components counts the components of a name's text.
size_t op_components(struct slice text);

// op_keys_add puts keys of version `kvno` before those that the record has; older versions than
// keys->keep_old allows go. record->id must be set.
MUST_USE enum obol_code op_keys_add(struct admin *adm, const struct principal *p,
                                    const struct admin_keys *keys, uint32_t kvno,
                                    struct record *record, struct error *err);
// op_keys_kept is how many of the record's keys are of its newest `versions` versions: they stand
// first.
size_t op_keys_kept(const struct record *r, uint32_t versions);
// op_is_kadmins is whether a name is of a service of kadmin, kadmin/ANY: whoever has its keys can
// make a ticket for it in anybody's name, and so administer the realm.
bool op_is_kadmins(const struct principal *p);
// op_locked_down is whether a principal's keys change, and leave the realm, at its own machine
// only: where lockdown-keys is set, and in any case of the realm's own krbtgt and kadmin's
// services.
bool op_locked_down(struct admin *adm, const struct record *r);
// op_keys_unlocked refuses what a server of ours asks (adm->by_network) about such keys.
MUST_USE enum obol_code op_keys_unlocked(struct admin *adm, const struct record *r,
                                         struct error *err);
// op_policy_of is the policy of a name, as a principal has it; *found is false if there is none,
// and then it asks for nothing. It borrows from the snapshot.
MUST_USE enum obol_code op_policy_of(struct store_read *r, struct slice name, struct policy *out,
                                     bool *found, struct error *err);
// op_policy_enctypes holds a wish for enctypes against those that the policy allows; an empty wish
// becomes them.
MUST_USE enum obol_code op_policy_enctypes(struct admin *adm, const struct policy *policy,
                                           struct int32_list *types, struct error *err);
// op_password_quality is what the policy says of a password by itself, op_password_check all of
// what it says of the principal's next keys: PASSWORD_REFUSED.
MUST_USE enum obol_code op_password_quality(const struct admin *adm, const struct policy *policy,
                                            const struct principal *p, struct slice password,
                                            struct error *err);
MUST_USE enum obol_code op_password_check(struct admin *adm, const struct policy *policy,
                                          const struct principal *p, const struct record *r,
                                          const struct admin_keys *keys, struct error *err);
// op_password_remember puts the present password among the former ones, before it goes.
MUST_USE enum obol_code op_password_remember(struct admin *adm, const struct policy *policy,
                                             struct record *r, struct error *err);
// op_dictionary_has is whether a word stands in dict_file.
bool op_dictionary_has(const struct admin *adm, struct slice word);
// op_keys_from_password is whether any key of the record comes from a password.
bool op_keys_from_password(const struct record *r);

// A principal to be made: what admin_principal_add and a line of a load have in common.
struct op_ready_key {
    int32_t enctype;
    struct slice bytes;
};
struct op_new {
    struct admin_new_principal principal;
    uint64_t id;
    uint32_t kvno;
    struct slice aliases[16];
    size_t alias_count;
    struct op_ready_key ready[ADMIN_ENCTYPES_MAX]; // keys brought along, in place of principal.keys
    size_t ready_count;
    struct slice ready_salt;
    bool ready_has_salt;
    uint32_t ready_iterations;
};
// op_add builds and puts the record.
MUST_USE enum obol_code op_add(struct admin *adm, struct store_write *w, const struct op_new *new,
                               struct error *err);
// op_delegates_change puts names onto a list of delegation and takes others off; the list stays
// sorted. `abroad`: services of other realms may stand on it.
MUST_USE enum obol_code op_delegates_change(struct admin *adm, struct store_read *r,
                                            struct slice_list *list, const struct slice_list *add,
                                            const struct slice_list *remove, bool abroad,
                                            struct error *err);
// op_keytab_read is admin_keytab_keys without rotation, and without a line in the audit log: for a
// service that needs its own keys at each request.
MUST_USE enum obol_code op_keytab_read(struct admin *adm, struct slice name, struct arena *a,
                                       struct admin_keytab *out, struct error *err);
// op_service_key is the find of a struct ap_key_source (krb/ap.h) for a service of the realm's own:
// KRB_AP_ERR_BADKEYVER if its record has no such key.
MUST_USE enum obol_code op_service_key(struct admin *adm, struct slice name, int32_t etype,
                                       uint32_t kvno, unsigned attempt, struct arena *a,
                                       struct crypto_key **key, struct error *err);
// op_aliases_change gives a principal further names and takes others away.
MUST_USE enum obol_code op_aliases_change(struct admin *adm, struct record *r,
                                          const struct slice_list *add,
                                          const struct slice_list *remove, struct error *err);
// op_tokens_seal seals the one-time password tokens of a record under the current master key.
MUST_USE enum obol_code op_tokens_seal(struct admin *adm, struct record *r, struct error *err);
// op_client_lives is whether who comes with a ticket of this realm may still act: the KDC's codes
// for one who was deleted, disabled or locked since, has expired, or has a name that was somebody
// else's when he logged in. Clients of other realms are for those to judge, and anonymous ones
// (RFC 8062) for nobody.
struct op_client {
    const struct principal *name;
    struct slice text; // the same
    int64_t authtime;  // when he logged in
    int64_t clockskew; // seconds between our clock and that of who issues tickets
};
MUST_USE enum obol_code op_client_lives(struct admin *adm, const struct op_client *client,
                                        struct arena *a, struct error *err);
// op_match is whether text matches a pattern of * and ?; see admin_principal_list for the realm.
bool op_match(struct slice pattern, struct slice text);
bool op_match_name(struct slice pattern, struct slice name);

#endif
