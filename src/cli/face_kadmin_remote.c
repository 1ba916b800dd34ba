// face_kadmin_remote.c: the requests of kadmin at a realm's kadmind, as calls; what goes there and
// comes back is put into words by kadmin_message.h. A refusal is told in the words of MIT krb5's
// kadmin, which scripts look for, and with what else is known.
#include "admin/kadm5_convert.h"
#include "cli/face_kadmin.h"
#include "cli/kadmin_client.h"
#include "cli/kadmin_message.h"
#include "proto/codes.h"
#include <errno.h>
#include <stdio.h>

enum { KRB_ERRORS = 128, ERRNO_MAX = 200 };

// ---- calls

// What to do where the server refuses; NULL: what the code says.
static const char *remedy_of(uint32_t status) {
    switch (status) {
    case KADM5_E_AUTH_GET:
    case KADM5_E_AUTH_ADD:
    case KADM5_E_AUTH_MODIFY:
    case KADM5_E_AUTH_DELETE:
    case KADM5_E_AUTH_LIST:
    case KADM5_E_AUTH_CHANGEPW:
    case KADM5_E_AUTH_EXTRACT:
    case KADM5_E_AUTH_SETKEY:
    case KADM5_E_AUTH_INSUFFICIENT:
        return "A line of the server's acl_file (kadm5.acl) must give this client the privilege; "
               "`get_privs` shows what it has.";
    case KADM5_E_AUTH_INITIAL:
        return "Log in for the service itself: kadmin without -c, or kinit -S kadmin/admin.";
    case KADM5_E_PROTECT_KEYS:
        return "Its keys are locked down (lockdown_keys): use kadmin.local on the KDC.";
    case KADM5_E_UNK_PRINC:
        return "Check the spelling: list_principals.";
    case KADM5_E_UNK_POLICY:
        return "Those that are there: list_policies.";
    default:
        return NULL;
    }
}

// What a status means: kadmin's own numbers, those of krb5's table that are KRB-ERROR's, errno.
struct meaning {
    enum obol_code code;
    struct slice text;
    const char *name; // NULL: it has none
};

static struct meaning meaning_of(struct kadmin *k, uint32_t status) {
    const struct kadm5_status *s = kadm5_status_of(status);
    uint32_t krb = status - (uint32_t)ERROR_KRB5_BASE;
    char room[128];
    if (s)
        return (struct meaning){s->code, slice_str(s->text), s->name};
    enum obol_code code = krb < KRB_ERRORS ? error_code_of_krb((int)krb) : OBOL_KRB_ERR_GENERIC;
    if (code != OBOL_KRB_ERR_GENERIC)
        return (struct meaning){code, slice_str(error_info(code)->text), error_info(code)->name};
    if (status < ERRNO_MAX)
        return (struct meaning){
            status == EINVAL ? OBOL_INVALID_ARGUMENT : OBOL_KRB_ERR_GENERIC,
            arena_printf(k->cli->arena, "%s", strerror_r((int)status, room, sizeof room)), NULL};
    return (struct meaning){
        code, arena_printf(k->cli->arena, "the server's error %d", (int32_t)status), NULL};
}

static enum obol_code refused(struct kadmin *k, uint32_t status, struct slice doing,
                              struct error *err) {
    const struct meaning m = meaning_of(k, status);
    const char *remedy = remedy_of(status);
    enum obol_code code =
        error_set(err, m.code, __func__, "%.*s %.*s", SLICE_ARG(m.text), SLICE_ARG(doing));
    error_fact(err, "client", "%.*s", SLICE_ARG(k->client_text));
    error_fact(err, "kadmind", "%s", k->remote->stream.peer);
    if (m.name)
        error_fact(err, "answer", "%s", m.name);
    if (remedy)
        error_remedy(err, "%s", remedy);
    return code;
}

// Puts a call; `doing` is how MIT's kadmin ends the line on a refusal.
static enum obol_code call(struct kadmin *k, uint32_t procedure, struct kadm5_message *arguments,
                           struct kadm5_message *out, struct slice doing, struct error *err) {
    TRY(kadmin_client_call(k->remote, procedure, arguments, k->cli->arena, out, err));
    return out->status == 0 ? OBOL_OK : refused(k, out->status, doing, err);
}

static struct slice doing(struct kadmin *k, const char *what, struct slice name,
                          const char *behind) {
    return arena_printf(k->cli->arena, "while %s \"%.*s\"%s", what, SLICE_ARG(name), behind);
}

// ---- what is sent

// Those that the request names, else those of -e.
static enum obol_code enctypes(struct kadmin *k, struct int32_list asked, struct kadm5_message *in,
                               struct error *err) {
    return kadmin_message_enctypes(asked.count ? &asked : &k->enctypes, k->cli->arena,
                                   &in->keysalts, err);
}

static enum obol_code add(struct kadmin *k, const struct admin_new_principal *p,
                          struct error *err) {
    struct kadm5_message out, in;
    kadmin_message_new(p, &in);
    TRY(enctypes(k, p->keys.enctypes, &in, err));
    return call(k, in.keysalts.count ? KADM5_CREATE_PRINCIPAL_3 : KADM5_CREATE_PRINCIPAL, &in, &out,
                doing(k, "creating", p->name, "."), err);
}

static enum obol_code fetch(struct kadmin *k, struct slice name, uint32_t mask, struct slice doing,
                            struct kadm5_principal *out, struct error *err) {
    struct kadm5_message answer, in = {.name = name, .mask = mask};
    TRY(call(k, KADM5_GET_PRINCIPAL, &in, &answer, doing, err));
    *out = answer.principal;
    return OBOL_OK;
}

static enum obol_code modify(struct kadmin *k, struct slice name, const struct admin_change *change,
                             struct error *err) {
    struct kadm5_message out, in;
    kadmin_message_change(name, change, &in);
    if (in.mask & KADM5_MASK_ATTRIBUTES) { // all of them are said, so those that stay are asked for
        struct kadm5_principal held;
        TRY(fetch(k, name, KADM5_MASK_NORMAL, doing(k, "getting", name, "."), &held, err));
        in.principal.attributes = (held.attributes & ~kadm5_attributes_of(change->clear_flags)) |
                                  kadm5_attributes_of(change->set_flags);
    }
    if (change->unlock)
        TRY(kadmin_message_unlocked(env_now(k->cli->env), k->cli->arena, &in, err));
    return call(k, KADM5_MODIFY_PRINCIPAL, &in, &out, doing(k, "modifying", name, "."), err);
}

static enum obol_code set_string(struct kadmin *k, struct slice name,
                                 const struct record_attribute *a, struct error *err) {
    struct kadm5_message out, in = {
                                  .name = name,
                                  .string = {a->name, a->value},
                              };
    const char *what =
        a->value.ptr ? "setting attribute on principal" : "deleting attribute from principal";
    return call(k, KADM5_SET_STRING, &in, &out, doing(k, what, name, ""), err);
}

static enum obol_code add_alias(struct kadmin *k, struct slice alias, struct slice name,
                                struct error *err) {
    struct kadm5_message out, in = {.name = alias, .other = name};
    struct slice text = arena_printf(k->cli->arena, "while aliasing principal \"%.*s\" to \"%.*s\"",
                                     SLICE_ARG(alias), SLICE_ARG(name));
    return call(k, KADM5_CREATE_ALIAS, &in, &out, text, err);
}

// A request changes strings, or aliases, or all the rest.
static enum obol_code set(struct kadmin *k, struct slice name, const struct admin_change *change,
                          struct error *err) {
    for (size_t i = 0; i < change->attributes.count; i++)
        TRY(set_string(k, name, &change->attributes.items[i], err));
    for (size_t i = 0; i < change->aliases.count; i++)
        TRY(add_alias(k, change->aliases.items[i], name, err));
    return change->attributes.count || change->aliases.count ? OBOL_OK
                                                             : modify(k, name, change, err);
}

static enum obol_code password(struct kadmin *k, struct slice name, const struct admin_keys *keys,
                               struct error *err) {
    struct kadm5_message out, in = {.name = name, .keep_old = keys->keep_old > 0};
    TRY(enctypes(k, keys->enctypes, &in, err));
    if (!keys->password)
        return call(k, KADM5_RANDOM_KEY_3, &in, &out, doing(k, "randomizing key for", name, "."),
                    err);
    in.password = kadmin_message_text(*keys->password);
    return call(k,
                in.keep_old || in.keysalts.count ? KADM5_CHANGE_PASSWORD_3 : KADM5_CHANGE_PASSWORD,
                &in, &out, doing(k, "changing password for", name, "."), err);
}

static enum obol_code purge(struct kadmin *k, struct slice name, uint32_t keep_from,
                            struct error *err) {
    struct kadm5_message out, in = {
                                  .name = name,
                                  .keep_kvno = keep_from == 0           ? -1
                                               : keep_from >= INT32_MAX ? INT32_MAX
                                                                        : (int32_t)keep_from,
                              };
    return call(k, KADM5_PURGE_KEYS, &in, &out, doing(k, "purging keys for principal", name, ""),
                err);
}

static enum obol_code rename_one(struct kadmin *k, struct slice from, struct slice to,
                                 struct error *err) {
    struct kadm5_message out, in = {.name = from, .other = to};
    struct slice text = arena_printf(k->cli->arena, "while renaming principal \"%.*s\" to \"%.*s\"",
                                     SLICE_ARG(from), SLICE_ARG(to));
    return call(k, KADM5_RENAME_PRINCIPAL, &in, &out, text, err);
}

static enum obol_code remove_one(struct kadmin *k, struct slice name, struct error *err) {
    struct kadm5_message out, in = {.name = name};
    return call(k, KADM5_DELETE_PRINCIPAL, &in, &out, doing(k, "deleting principal", name, ""),
                err);
}

// ---- what comes back

static enum obol_code get(struct kadmin *k, struct slice name, struct record *out, uint32_t *master,
                          struct error *err) {
    struct kadm5_principal p;
    TRY(fetch(k, name, KADM5_MASK_NORMAL | KADM5_MASK_KEYS, doing(k, "retrieving", name, "."), &p,
              err));
    *master = p.master_kvno;
    return kadmin_record_of(&p, k->cli->arena, out, err);
}

static enum obol_code strings(struct kadmin *k, struct slice name,
                              struct record_attribute_list *out, struct error *err) {
    struct kadm5_message answer, in = {.name = name};
    TRY(call(k, KADM5_GET_STRINGS, &in, &answer,
             doing(k, "getting attributes for principal", name, ""), err));
    return kadmin_strings_of(&answer.strings, k->cli->arena, out, err);
}

static enum obol_code list_names(struct kadmin *k, uint32_t procedure, struct slice pattern,
                                 const struct kadmin_names *each, struct error *err) {
    struct kadm5_message out, in = {.name = pattern.len ? pattern : (struct slice){0}};
    TRY(call(k, procedure, &in, &out, SLICE_LITERAL("while retrieving list."), err));
    for (size_t i = 0; i < out.names.count; i++)
        TRY(each->name(each->ctx, out.names.items[i], err));
    return OBOL_OK;
}

static enum obol_code list(struct kadmin *k, struct slice pattern, const struct kadmin_names *each,
                           struct error *err) {
    return list_names(k, KADM5_LIST_PRINCIPALS, pattern, each, err);
}

// New keys come without their version: it is the record's.
static enum obol_code new_keys(struct kadmin *k, struct slice name, const struct admin_keys *rotate,
                               struct slice doing, struct kadm5_key_list *out, struct error *err) {
    struct kadm5_principal p;
    struct kadm5_message answer, in = {.name = name, .keep_old = rotate->keep_old > 0};
    TRY(enctypes(k, rotate->enctypes, &in, err));
    TRY(call(k, KADM5_RANDOM_KEY_3, &in, &answer, doing, err));
    TRY(fetch(k, name, KADM5_MASK_NORMAL, doing, &p, err));
    *out = answer.keys;
    for (size_t i = 0; i < out->count; i++)
        out->items[i].kvno = p.kvno;
    return OBOL_OK;
}

static enum obol_code keys(struct kadmin *k, struct slice name, const struct admin_keys *rotate,
                           struct admin_keytab *out, struct error *err) {
    struct kadm5_key_list list;
    struct slice text = arena_printf(k->cli->arena, "while changing %.*s's key", SLICE_ARG(name));
    if (rotate) {
        TRY(new_keys(k, name, rotate, text, &list, err));
    } else {
        struct kadm5_message answer, in = {.name = name};
        TRY(call(k, KADM5_EXTRACT_KEYS, &in, &answer, text, err));
        list = answer.keys;
    }
    return kadmin_keytab_of(name, &list, env_now(k->cli->env), k->cli->arena, out, err);
}

// ---- policies

static enum obol_code add_policy(struct kadmin *k, struct slice name,
                                 const struct admin_policy_change *changes, size_t count,
                                 struct error *err) {
    struct kadm5_message in, out;
    TRY(kadmin_message_policy(name, changes, count, &in, err));
    in.mask |= KADM5_MASK_POLICY_NAME;
    return call(k, KADM5_CREATE_POLICY, &in, &out, doing(k, "creating policy", name, "."), err);
}

static enum obol_code set_policy(struct kadmin *k, struct slice name,
                                 const struct admin_policy_change *changes, size_t count,
                                 struct error *err) {
    struct kadm5_message in, out;
    TRY(kadmin_message_policy(name, changes, count, &in, err));
    return call(k, KADM5_MODIFY_POLICY, &in, &out, doing(k, "modifying policy", name, "."), err);
}

static enum obol_code remove_policy(struct kadmin *k, struct slice name, struct error *err) {
    struct kadm5_message out, in = {.name = name};
    return call(k, KADM5_DELETE_POLICY, &in, &out, doing(k, "deleting policy", name, ""), err);
}

static enum obol_code get_policy(struct kadmin *k, struct slice name, struct policy *out,
                                 struct error *err) {
    struct kadm5_message answer, in = {.name = name};
    TRY(call(k, KADM5_GET_POLICY, &in, &answer, doing(k, "retrieving policy", name, "."), err));
    kadmin_policy_of(&answer.policy, out);
    return OBOL_OK;
}

static enum obol_code list_policies(struct kadmin *k, struct slice pattern,
                                    const struct kadmin_names *each, struct error *err) {
    return list_names(k, KADM5_LIST_POLICIES, pattern, each, err);
}

// ---- the session

static enum obol_code privileges(struct kadmin *k, uint32_t *out, struct error *err) {
    struct kadm5_message answer, in = {0};
    TRY(call(k, KADM5_GET_PRIVILEGES, &in, &answer, SLICE_LITERAL("while retrieving privileges"),
             err));
    *out = answer.mask; // the same bits
    return OBOL_OK;
}

static enum obol_code not_from_here(struct kadmin *k, struct error *err) {
    UNUSED(k);
    error_remedy(err, "Use kadmin.local on the KDC.");
    return error_set(err, OBOL_UNSUPPORTED, __func__,
                     "Invalid argument: a realm is locked at its own machine only");
}

const struct kadmin_back KADMIN_BACK_REMOTE = {
    .add = add,
    .set = set,
    .password = password,
    .purge = purge,
    .rename = rename_one,
    .remove = remove_one,
    .get = get,
    .strings = strings,
    .list = list,
    .keys = keys,
    .policy_add = add_policy,
    .policy_set = set_policy,
    .policy_remove = remove_policy,
    .policy_get = get_policy,
    .policy_list = list_policies,
    .privileges = privileges,
    .lock = not_from_here,
    .unlock = not_from_here,
};
