// face_kadmin_remote.c: the requests of kadmin at a realm's kadmind. A refusal is told in the words
// of MIT krb5's kadmin, which scripts look for, and with what else is known.
#include "admin/import.h"
#include "cli/face_kadmin.h"
#include "cli/kadmin_client.h"
#include "proto/codes.h"
#include <stdio.h>

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

static struct slice status_text(struct kadmin *k, uint32_t status) {
    const struct kadm5_status *s = kadm5_status_of(status);
    char room[128];
    if (s)
        return slice_str(s->text);
    if (status < 200) // errno
        return arena_printf(k->cli->arena, "%s", strerror_r((int)status, room, sizeof room));
    return arena_printf(k->cli->arena, "the server's error %d", (int32_t)status);
}

static enum obol_code refused(struct kadmin *k, uint32_t status, struct slice doing,
                              struct error *err) {
    const struct kadm5_status *s = kadm5_status_of(status);
    const char *remedy = remedy_of(status);
    enum obol_code code =
        error_set(err,
                  s              ? s->code
                  : status == 22 ? OBOL_INVALID_ARGUMENT
                                 : OBOL_KRB_ERR_GENERIC,
                  __func__, "%.*s %.*s", SLICE_ARG(status_text(k, status)), SLICE_ARG(doing));
    error_fact(err, "client", "%.*s", SLICE_ARG(k->client_text));
    error_fact(err, "kadmind", "%s", k->remote->stream.peer);
    if (s)
        error_fact(err, "answer", "%s", s->name);
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

// Flags that only we have do not travel.
static uint32_t attributes_of(uint32_t flags) {
    uint32_t out = 0;
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++)
        if (flags & IMPORT_MIT_FLAGS[i].ours)
            out |= IMPORT_MIT_FLAGS[i].theirs;
    return out;
}

// The salt type is always the normal one.
static enum obol_code take_enctypes(struct kadmin *k, struct int32_list asked,
                                    struct kadm5_keysalt_list *out, struct error *err) {
    const struct int32_list *from = asked.count ? &asked : &k->enctypes;
    out->count = from->count;
    out->items = arena_zalloc(k->cli->arena, from->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < from->count; i++)
        out->items[i].enctype = from->items[i];
    return OBOL_OK;
}

// Text that is there, also if it is empty.
static struct slice present(struct slice text) {
    return text.ptr ? text : SLICE_LITERAL("");
}

static enum obol_code add(struct kadmin *k, const struct admin_new_principal *p,
                          struct error *err) {
    // That it may log in is so with a kadmind, unless flags say otherwise.
    uint32_t cleared = p->clear_flags & ~(uint32_t)RECORD_NO_CLIENT;
    struct kadm5_message out,
        in = {
            .mask = KADM5_MASK_PRINCIPAL | (p->keys.none ? KADM5_MASK_KEYS : 0) |
                    (p->set_flags | cleared ? KADM5_MASK_ATTRIBUTES : 0) |
                    (p->max_life ? KADM5_MASK_MAX_LIFE : 0) |
                    (p->max_renew ? KADM5_MASK_MAX_RENEW : 0) |
                    (p->expires ? KADM5_MASK_EXPIRES : 0) |
                    (p->password_expires ? KADM5_MASK_PASSWORD_EXPIRES : 0) |
                    (p->policy.len ? KADM5_MASK_POLICY : 0) | (p->keys.kvno ? KADM5_MASK_KVNO : 0),
            .principal = {.name = p->name,
                          .attributes = attributes_of(p->set_flags),
                          .max_life = (int32_t)p->max_life,
                          .max_renew = (int32_t)p->max_renew,
                          .expires = (uint32_t)p->expires,
                          .password_expires = (uint32_t)p->password_expires,
                          .policy = p->policy.len ? p->policy : (struct slice){0},
                          .kvno = p->keys.kvno},
            .password = p->keys.password ? present(*p->keys.password) : (struct slice){0},
        };
    TRY(take_enctypes(k, p->keys.enctypes, &in.keysalts, err));
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

// MIT's kadmin says two things of an unlocked principal: that it has no failures, and, for the
// other KDCs, when that was said.
static enum obol_code say_unlocked(struct kadmin *k, struct kadm5_message *in, struct error *err) {
    uint32_t now = (uint32_t)env_now(k->cli->env);
    struct kadm5_data *data = arena_zalloc(k->cli->arena, 1, sizeof *data);
    struct buf when = arena_buf(k->cli->arena, 4);
    ENSURE_MEMORY(data);
    ENSURE_MEMORY(when.ptr);
    for (size_t i = 0; i < when.len; i++)
        when.ptr[i] = (uint8_t)(now >> 8 * i);
    *data = (struct kadm5_data){KADM5_DATA_UNLOCKED, slice_of_buf(when)};
    in->mask |= KADM5_MASK_FAILURES | KADM5_MASK_DATA;
    in->principal.has_data = true;
    in->principal.data = (struct kadm5_data_list){data, 1};
    in->principal.data_count = 1;
    return OBOL_OK;
}

static uint32_t mask_of(const struct admin_change *change) {
    static const struct {
        uint32_t ours, theirs;
    } rows[] = {
        {ADMIN_SET_MAX_LIFE, KADM5_MASK_MAX_LIFE},
        {ADMIN_SET_MAX_RENEW, KADM5_MASK_MAX_RENEW},
        {ADMIN_SET_EXPIRES, KADM5_MASK_EXPIRES},
        {ADMIN_SET_PASSWORD_EXPIRES, KADM5_MASK_PASSWORD_EXPIRES},
        {ADMIN_SET_KVNO, KADM5_MASK_KVNO},
    };
    uint32_t mask = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        mask |= change->present & rows[i].ours ? rows[i].theirs : 0;
    if (change->present & ADMIN_SET_POLICY)
        mask |= change->policy.len ? KADM5_MASK_POLICY : KADM5_MASK_POLICY_CLEAR;
    return mask | (change->set_flags | change->clear_flags ? KADM5_MASK_ATTRIBUTES : 0);
}

static enum obol_code modify(struct kadmin *k, struct slice name, const struct admin_change *change,
                             struct error *err) {
    struct kadm5_message out,
        in = {
            .mask = mask_of(change),
            .principal = {.name = name,
                          .max_life = (int32_t)change->max_life,
                          .max_renew = (int32_t)change->max_renew,
                          .expires = (uint32_t)change->expires,
                          .password_expires = (uint32_t)change->password_expires,
                          .policy = change->policy.len ? change->policy : (struct slice){0},
                          .kvno = change->kvno},
        };
    if (in.mask & KADM5_MASK_ATTRIBUTES) { // all of them are said, so those that stay are asked for
        struct kadm5_principal held;
        TRY(fetch(k, name, KADM5_MASK_NORMAL, doing(k, "getting", name, "."), &held, err));
        in.principal.attributes = (held.attributes & ~attributes_of(change->clear_flags)) |
                                  attributes_of(change->set_flags);
    }
    if (change->unlock)
        TRY(say_unlocked(k, &in, err));
    return call(k, KADM5_MODIFY_PRINCIPAL, &in, &out, doing(k, "modifying", name, "."), err);
}

static enum obol_code set_string(struct kadmin *k, struct slice name,
                                 const struct record_attribute *a, struct error *err) {
    struct kadm5_message out, in = {
                                  .name = name,
                                  .string = {a->name, a->value.len ? a->value : (struct slice){0}},
                              };
    const char *what =
        a->value.len ? "setting attribute on principal" : "deleting attribute from principal";
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
    TRY(take_enctypes(k, keys->enctypes, &in.keysalts, err));
    if (!keys->password)
        return call(k, KADM5_RANDOM_KEY_3, &in, &out, doing(k, "randomizing key for", name, "."),
                    err);
    in.password = present(*keys->password);
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

static enum obol_code take_keys(struct kadmin *k, const struct kadm5_principal *p,
                                struct record *out, struct error *err) {
    out->keys.count = p->keys.count;
    out->keys.items = arena_zalloc(k->cli->arena, p->keys.count + 1, sizeof *out->keys.items);
    ENSURE_MEMORY(out->keys.items);
    for (size_t i = 0; i < p->keys.count; i++) {
        const struct kadm5_key_data *key = &p->keys.items[i];
        out->keys.items[i] = (struct record_key){.kvno = key->kvno,
                                                 .enctype = key->enctype,
                                                 .salt_type = key->version > 1 ? key->salt_type : 0,
                                                 .master = p->master_kvno};
    }
    return OBOL_OK;
}

static uint32_t flags_of(uint32_t attributes) {
    uint32_t out = 0;
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++)
        if (attributes & IMPORT_MIT_FLAGS[i].theirs)
            out |= IMPORT_MIT_FLAGS[i].ours;
    return out;
}

static enum obol_code get(struct kadmin *k, struct slice name, struct record *out, uint32_t *master,
                          struct error *err) {
    struct kadm5_principal p;
    TRY(fetch(k, name, KADM5_MASK_NORMAL | KADM5_MASK_KEYS, doing(k, "retrieving", name, "."), &p,
              err));
    *out = (struct record){
        .name = p.name,
        .flags = flags_of(p.attributes),
        .max_life = p.max_life,
        .max_renew = p.max_renew,
        .expires = p.expires,
        .password_expires = p.password_expires,
        .password_changed = p.password_changed,
        .modified = p.modified,
        .modified_by = p.modified_by,
        .last_success = p.last_success,
        .last_failure = p.last_failure,
        .failures = p.failures,
        .policy = p.policy,
    };
    *master = p.master_kvno;
    return take_keys(k, &p, out, err);
}

static enum obol_code strings(struct kadmin *k, struct slice name,
                              struct record_attribute_list *out, struct error *err) {
    struct kadm5_message answer, in = {.name = name};
    TRY(call(k, KADM5_GET_STRINGS, &in, &answer,
             doing(k, "getting attributes for principal", name, ""), err));
    out->count = answer.strings.count;
    out->items = arena_zalloc(k->cli->arena, out->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] =
            (struct record_attribute){answer.strings.items[i].name, answer.strings.items[i].value};
    return OBOL_OK;
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
    TRY(take_enctypes(k, rotate->enctypes, &in.keysalts, err));
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
    ENSURE(list.count, KDC_ERR_NULL_KEY, "%.*s", SLICE_ARG(name));
    *out = (struct admin_keytab){arena_zalloc(k->cli->arena, list.count, sizeof *out->items),
                                 list.count};
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < list.count; i++) {
        out->items[i] = (struct admin_keytab_key){.kvno = list.items[i].kvno,
                                                  .enctype = list.items[i].enctype,
                                                  .set = env_now(k->cli->env),
                                                  .bytes = list.items[i].bytes};
        TRY(principal_parse(name, k->realm, NT_UNKNOWN, k->cli->arena, &out->items[i].name, err));
    }
    return OBOL_OK;
}

// ---- policies

#define Y(member) offsetof(struct kadm5_policy, member)
static const struct {
    const char *name; // of POLICY_MEMBERS
    size_t offset;    // of an int32_t or uint32_t
    uint32_t mask;
} MEMBERS[] = {
    {"min-life", Y(min_life), KADM5_MASK_PW_MIN_LIFE},
    {"max-life", Y(max_life), KADM5_MASK_PW_MAX_LIFE},
    {"min-length", Y(min_length), KADM5_MASK_PW_MIN_LENGTH},
    {"min-classes", Y(min_classes), KADM5_MASK_PW_MIN_CLASSES},
    {"history", Y(history), KADM5_MASK_PW_HISTORY},
    {"max-failures", Y(max_failures), KADM5_MASK_PW_MAX_FAILURES},
    {"failure-interval", Y(failure_interval), KADM5_MASK_PW_FAILURE_INTERVAL},
    {"lockout-duration", Y(lockout_duration), KADM5_MASK_PW_LOCKOUT},
};

static int32_t *wire_number(struct kadm5_policy *p, size_t row) {
    return (int32_t *)(void *)((char *)p + MEMBERS[row].offset);
}

static size_t row_of(const struct policy_member *m) {
    size_t row = 0;
    while (row < COUNT_OF(MEMBERS) && strcmp(MEMBERS[row].name, m->name) != 0)
        row++;
    return row;
}

static enum obol_code policy_message(struct slice name, const struct admin_policy_change *changes,
                                     size_t count, struct kadm5_message *in, struct error *err) {
    *in = (struct kadm5_message){.policy = {.name = name}};
    for (size_t i = 0; i < count; i++) {
        const struct admin_policy_change *c = &changes[i];
        size_t row = row_of(c->member);
        if (c->member->kind == POLICY_TEXT) {
            in->policy.keysalts = c->text.len ? c->text : (struct slice){0};
            in->mask |= KADM5_MASK_KEYSALTS;
            continue;
        }
        ENSURE(row < COUNT_OF(MEMBERS) && c->number <= INT32_MAX, INVALID_ARGUMENT,
               "%s: %lld cannot be said to a kadmind", c->member->name, (long long)c->number);
        *wire_number(&in->policy, row) = (int32_t)c->number;
        in->mask |= MEMBERS[row].mask;
    }
    return OBOL_OK;
}

static enum obol_code add_policy(struct kadmin *k, struct slice name,
                                 const struct admin_policy_change *changes, size_t count,
                                 struct error *err) {
    struct kadm5_message in, out;
    TRY(policy_message(name, changes, count, &in, err));
    in.mask |= KADM5_MASK_POLICY_NAME;
    return call(k, KADM5_CREATE_POLICY, &in, &out, doing(k, "creating policy", name, "."), err);
}

static enum obol_code set_policy(struct kadmin *k, struct slice name,
                                 const struct admin_policy_change *changes, size_t count,
                                 struct error *err) {
    struct kadm5_message in, out;
    TRY(policy_message(name, changes, count, &in, err));
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
    *out = (struct policy){.name = answer.policy.name, .allowed_keysalts = answer.policy.keysalts};
    for (size_t i = 0; i < POLICY_MEMBERS_COUNT; i++) {
        size_t row = row_of(&POLICY_MEMBERS[i]);
        if (row < COUNT_OF(MEMBERS))
            *policy_number(out, &POLICY_MEMBERS[i]) = *wire_number(&answer.policy, row);
    }
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
