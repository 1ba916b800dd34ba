// kadm5_serve.h: one call of kadmin on its way through the server: what the files kadm5_serve*.c
// share. Each procedure is a row (kadm5_serve.c) with a function that asks for the right, then for
// what is to be there, then acts.
#ifndef OBOL_ADMIN_KADM5_SERVE_H
#define OBOL_ADMIN_KADM5_SERVE_H

#include "admin/import.h"
#include "admin/kadm5.h"

// What may be asked by a context with kadmin/changepw, to which expired passwords come too.
enum serve_reach { SERVE_ADMIN_ONLY, SERVE_HIMSELF, SERVE_ANY };

struct serve;
struct serve_row {
    enum acl_operation operation;
    uint32_t denied; // the status if the right is not there
    enum serve_reach reach;
    enum obol_code (*run)(struct serve *s, struct error *err);
};

struct serve {
    struct kadm5 *k;
    const struct kadm5_call *call;
    struct arena *arena;
    struct kadm5_done *done;
    const struct serve_row *row;
    struct kadm5_message in, out;
    // Of the next failure, where the steps know it better than kadm5_status_for; 0: they do not.
    uint32_t status;
    struct principal target; // whom it is about, by his own name if there is such a principal
    bool found;
    struct record record;
    bool own; // the client is about himself
    const struct acl_restrictions *restrictions;
};

// serve_find reads the name in the message (KADM5_E_BAD_PRINCIPAL) and the record of it, if there
// is one: then the target is who it belongs to, not the alias by which he was named.
MUST_USE enum obol_code serve_find(struct serve *s, struct slice name, struct error *err);
// serve_allow is whether the client may do what the row says to the target (NULL: to none), by
// what the ACL has and the service reaches.
MUST_USE enum obol_code serve_allow(struct serve *s, const struct principal *target,
                                    struct error *err);
// serve_allow_operation is that for another operation than the row's.
MUST_USE enum obol_code serve_allow_operation(struct serve *s, enum acl_operation operation,
                                              const struct principal *target, struct error *err);
// serve_existing is serve_find, serve_allow, and UNK_PRINC if there is no such principal: who may
// not ask does not learn whether there is one.
MUST_USE enum obol_code serve_existing(struct serve *s, struct error *err);
// serve_unlocked refuses, as if the right were not there, where lockdown-keys is set.
MUST_USE enum obol_code serve_unlocked(struct serve *s, struct error *err);
// serve_not_needed refuses with KADM5_E_PROTECT_PRINCIPAL for names without which no realm works:
// its own krbtgt, kadmin's services, and MIT krb5's master keys.
MUST_USE enum obol_code serve_not_needed(struct serve *s, const struct principal *p,
                                         struct error *err);
// serve_enctypes makes key/salts the list of enctypes that they name.
MUST_USE enum obol_code serve_enctypes(struct serve *s, struct int32_list *out, struct error *err);
// serve_pattern refuses the pattern of a list that is longer than any name: held against each name,
// the stars of a megabyte would keep everybody waiting.
MUST_USE enum obol_code serve_pattern(struct serve *s, struct error *err);
// serve_password is the message's password: KADM5_E_PASS_Q_TOOSHORT if it is empty.
MUST_USE enum obol_code serve_password(struct serve *s, struct error *err);

// kadm5_serve_principal.c
enum obol_code serve_create(struct serve *s, struct error *err);
enum obol_code serve_delete(struct serve *s, struct error *err);
enum obol_code serve_modify(struct serve *s, struct error *err);
enum obol_code serve_rename(struct serve *s, struct error *err);
enum obol_code serve_alias(struct serve *s, struct error *err);
// kadm5_serve_show.c
enum obol_code serve_get(struct serve *s, struct error *err);
enum obol_code serve_list(struct serve *s, struct error *err);
enum obol_code serve_get_strings(struct serve *s, struct error *err);
enum obol_code serve_set_string(struct serve *s, struct error *err);
// kadm5_serve_keys.c
enum obol_code serve_change_password(struct serve *s, struct error *err);
enum obol_code serve_random_key(struct serve *s, struct error *err);
enum obol_code serve_set_key(struct serve *s, struct error *err);
enum obol_code serve_purge(struct serve *s, struct error *err);
enum obol_code serve_extract(struct serve *s, struct error *err);
// kadm5_serve_policy.c
enum obol_code serve_create_policy(struct serve *s, struct error *err);
enum obol_code serve_delete_policy(struct serve *s, struct error *err);
enum obol_code serve_modify_policy(struct serve *s, struct error *err);
enum obol_code serve_get_policy(struct serve *s, struct error *err);
enum obol_code serve_list_policies(struct serve *s, struct error *err);

// A list of names that grows in the arena.
struct serve_names {
    struct serve *serve;
    size_t room, bytes; // bytes: as the results have them
};
// serve_names_add refuses what is above the bound of a list: KRB_ERR_FIELD_TOOLONG.
MUST_USE enum obol_code serve_names_add(struct serve_names *n, struct slice name,
                                        struct error *err);

#endif
