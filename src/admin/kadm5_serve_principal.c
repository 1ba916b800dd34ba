// kadm5_serve_principal.c: making, changing, renaming and deleting principals for kadmin's clients.
// Restrictions of the ACL are held to before anything is made of what the client sent.
#include "admin/kadm5_convert.h"
#include "admin/kadm5_serve.h"
#include "proto/codes.h"

enum { DISALLOW_ALL_TIX = 0x40, MEANINGLESS = 0xc000 }; // SUPPORT_DESMD5, NEW_PRINC
enum {                                                  // members that are the server's to set
    NEVER_SET = KADM5_MASK_PASSWORD_CHANGED | KADM5_MASK_MODIFIED | KADM5_MASK_MODIFIED_BY |
                KADM5_MASK_MASTER_KVNO | KADM5_MASK_AUX_ATTRIBUTES | KADM5_MASK_LAST_SUCCESS |
                KADM5_MASK_LAST_FAILURE,
    SPECIFIC_DATA = 256, // types below are the database's own
};

static enum obol_code check_mask(struct serve *s, uint32_t forbidden, struct error *err) {
    const struct kadm5_principal *p = &s->in.principal;
    uint32_t mask = s->in.mask, both = KADM5_MASK_POLICY | KADM5_MASK_POLICY_CLEAR;
    s->status = KADM5_E_BAD_MASK;
    ENSURE(!(mask & (forbidden | NEVER_SET)) && !(mask & ~(uint32_t)KADM5_MASK_PRINCIPAL_ALL),
           INVALID_ARGUMENT, "the mask %x names what cannot be set", mask);
    ENSURE((mask & both) != both, INVALID_ARGUMENT, "a policy both set and cleared");
    ENSURE(!(mask & KADM5_MASK_POLICY) || p->policy.ptr, INVALID_ARGUMENT,
           "a policy without its name");
    s->status = 0;
    return OBOL_OK;
}

// `modprinc -unlock` brings the time along; arguments for a database module (-x) mean nothing here.
static enum obol_code check_data(struct serve *s, struct error *err) {
    const struct kadm5_data_list *data = &s->in.principal.data;
    for (size_t i = 0; s->in.mask & KADM5_MASK_DATA && i < data->count; i++) {
        int32_t type = data->items[i].type;
        s->status = KADM5_E_BAD_TL_TYPE;
        ENSURE(type >= SPECIFIC_DATA, INVALID_ARGUMENT, "tagged data of type %d", type);
        s->status = 0;
        ENSURE(type == KADM5_DATA_UNLOCKED, INVALID_ARGUMENT,
               "tagged data of type %x has no meaning here", (unsigned)type);
    }
    return OBOL_OK;
}

// What the client says of the flags that travel is all of them.
static enum obol_code change_flags(struct serve *s, struct admin_change *c, struct error *err) {
    uint32_t wanted = s->in.principal.attributes, rest = wanted & ~(uint32_t)MEANINGLESS;
    uint32_t held = s->found ? export_mit_flags(&s->record) : 0;
    bool locked = s->found && s->record.flags & RECORD_LOCKED;
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++) {
        const struct import_flag *f = &IMPORT_MIT_FLAGS[i];
        *(wanted & f->theirs ? &c->set_flags : &c->clear_flags) |= f->ours;
        rest &= ~f->theirs;
    }
    ENSURE(!(rest & ~held), INVALID_ARGUMENT, "attributes %x have no meaning here", rest & ~held);
    // A lock shows as DISALLOW_ALL_TIX: sent back, it is no more than the lock; taken away, it
    // goes.
    if (locked && wanted & DISALLOW_ALL_TIX && !(s->record.flags & RECORD_DISABLED))
        c->set_flags &= ~(uint32_t)RECORD_DISABLED;
    c->unlock = c->unlock || (locked && !(wanted & DISALLOW_ALL_TIX));
    return OBOL_OK;
}

static void change_numbers(const struct kadm5_principal *p, uint32_t mask, struct admin_change *c) {
    c->present |= kadm5_present_of(mask);
    c->kvno = mask & KADM5_MASK_KVNO ? p->kvno : 0;
    c->max_life = mask & KADM5_MASK_MAX_LIFE ? p->max_life : 0;
    c->max_renew = mask & KADM5_MASK_MAX_RENEW ? p->max_renew : 0;
    c->expires = mask & KADM5_MASK_EXPIRES ? p->expires : 0;
    c->password_expires = mask & KADM5_MASK_PASSWORD_EXPIRES ? p->password_expires : 0;
}

// What the message asks for, kept to the restrictions that the ACL line has.
static enum obol_code change_of(struct serve *s, struct admin_change *c, struct error *err) {
    const struct kadm5_principal *p = &s->in.principal;
    uint32_t mask = s->in.mask;
    *c = (struct admin_change){0};
    TRY(check_data(s, err));
    change_numbers(p, mask, c);
    if (mask & KADM5_MASK_ATTRIBUTES)
        TRY(change_flags(s, c, err));
    if (mask & (KADM5_MASK_POLICY | KADM5_MASK_POLICY_CLEAR)) {
        c->present |= ADMIN_SET_POLICY;
        c->policy = mask & KADM5_MASK_POLICY ? p->policy : (struct slice){0};
    }
    acl_restrict(s->restrictions, env_now(s->k->adm->env), c);
    return OBOL_OK;
}

// ---- create

static enum obol_code new_keys(struct serve *s, struct admin_keys *keys, struct error *err) {
    *keys = (struct admin_keys){
        .none = (s->in.mask & KADM5_MASK_KEYS) != 0,
        .kvno = s->in.mask & KADM5_MASK_KVNO ? s->in.principal.kvno : 0,
    };
    TRY(serve_enctypes(s, &keys->enctypes, err));
    if (!s->in.password.ptr)
        return OBOL_OK;
    keys->password = &s->in.password;
    return serve_password(s, err);
}

enum obol_code serve_create(struct serve *s, struct error *err) {
    struct admin_change c;
    struct admin_keys keys;
    TRY(serve_find(s, s->in.principal.name, err));
    // It is the new name that is asked for, also if it is somebody's alias.
    TRY(principal_parse(s->done->target, s->k->adm->realm, NT_UNKNOWN, s->arena, &s->target, err));
    TRY(serve_allow(s, &s->target, err));
    TRY(check_mask(s, KADM5_MASK_FAILURES, err));
    s->status = KADM5_E_BAD_MASK;
    ENSURE(s->in.mask & KADM5_MASK_PRINCIPAL && !s->in.principal.keys.count, INVALID_ARGUMENT,
           "the mask %x is none of a new principal", s->in.mask);
    s->status = 0;
    ENSURE(!s->found, PRINCIPAL_EXISTS, "%.*s", SLICE_ARG(s->done->target));
    TRY(serve_not_needed(s, &s->target, err));
    TRY(change_of(s, &c, err));
    TRY(new_keys(s, &keys, err));
    // As with MIT's: whoever is added may log in and be a service, unless flags say otherwise.
    const struct admin_new_principal p = {
        .name = s->done->target,
        .kind = ADMIN_SERVICE,
        .keys = keys,
        .set_flags = c.set_flags,
        .clear_flags = c.clear_flags | (RECORD_NO_CLIENT & ~c.set_flags),
        .max_life = c.max_life,
        .max_renew = c.max_renew,
        .expires = c.expires,
        .password_expires = c.password_expires,
        .policy = c.policy,
    };
    return admin_principal_add(s->k->adm, &p, err);
}

// ---- modify

enum obol_code serve_modify(struct serve *s, struct error *err) {
    struct admin_change c;
    s->in.name = s->in.principal.name;
    TRY(serve_existing(s, err));
    TRY(check_mask(s, KADM5_MASK_PRINCIPAL | KADM5_MASK_KEYS, err));
    TRY(change_of(s, &c, err));
    // Said as a right that is not there.
    if (c.clear_flags & RECORD_LOCKDOWN_KEYS)
        TRY(serve_unlocked(s, err));
    if (s->in.mask & KADM5_MASK_FAILURES) {
        s->status = KADM5_E_BAD_SERVER_PARAMS;
        ENSURE(s->in.principal.failures == 0, INVALID_ARGUMENT,
               "the count of failures can be set to 0 only");
        s->status = 0;
        c.unlock = true;
    }
    return admin_principal_set(s->k->adm, s->record.name, &c, err);
}

// ---- names

static enum obol_code delete_name(struct serve *s, struct error *err) {
    struct admin *adm = s->k->adm;
    if (slice_eq(s->record.name, s->done->target))
        return admin_principal_delete(adm, s->record.name, err);
    // An alias goes alone.
    const struct admin_change change = {.aliases_no = {&s->done->target, 1}};
    return admin_principal_set(adm, s->record.name, &change, err);
}

enum obol_code serve_delete(struct serve *s, struct error *err) {
    TRY(serve_find(s, s->in.name, err));
    TRY(principal_parse(s->done->target, s->k->adm->realm, NT_UNKNOWN, s->arena, &s->target, err));
    TRY(serve_allow(s, &s->target, err));
    ENSURE(s->found, PRINCIPAL_NOT_FOUND, "%.*s", SLICE_ARG(s->done->target));
    TRY(serve_not_needed(s, &s->target, err));
    TRY(serve_unlocked(s, err));
    return delete_name(s, err);
}

enum obol_code serve_rename(struct serve *s, struct error *err) {
    struct principal to;
    TRY(serve_find(s, s->in.other, err));
    bool taken = s->found;
    TRY(principal_parse(s->done->target, s->k->adm->realm, NT_UNKNOWN, s->arena, &to, err));
    struct slice to_text = s->done->target;
    TRY(serve_find(s, s->in.name, err));
    TRY(principal_parse(s->done->target, s->k->adm->realm, NT_UNKNOWN, s->arena, &s->target, err));
    TRY(serve_allow(s, &s->target, err));
    TRY(serve_allow_operation(s, ACL_OP_RENAME_TO, &to, err));
    ENSURE(s->found, PRINCIPAL_NOT_FOUND, "%.*s", SLICE_ARG(s->done->target));
    TRY(serve_not_needed(s, &s->target, err));
    // As for MIT's clients: it would be deleting that name.
    const struct serve_row *row = s->row;
    static const struct serve_row deleting = {.denied = KADM5_E_AUTH_DELETE};
    s->row = &deleting;
    TRY(serve_unlocked(s, err));
    s->row = row;
    ENSURE(!taken, PRINCIPAL_EXISTS, "%.*s", SLICE_ARG(to_text));
    TRY(serve_not_needed(s, &to, err));
    return admin_principal_rename(s->k->adm, s->done->target, to_text, err);
}

// Whoever gives a principal a further name adds that name, and changes the principal.
enum obol_code serve_alias(struct serve *s, struct error *err) {
    struct principal alias;
    struct slice text;
    TRY(serve_find(s, s->in.name, err));
    bool taken = s->found;
    text = s->done->target;
    TRY(principal_parse(text, s->k->adm->realm, NT_UNKNOWN, s->arena, &alias, err));
    TRY(serve_find(s, s->in.other, err));
    TRY(serve_allow(s, &alias, err));
    TRY(serve_allow_operation(s, ACL_OP_MODIFY_PRINCIPAL, &s->target, err));
    s->status = KADM5_E_ALIAS_REALM;
    ENSURE(slice_eq(alias.realm, s->target.realm), INVALID_ARGUMENT,
           "%.*s and %.*s are of two realms", SLICE_ARG(text), SLICE_ARG(s->done->target));
    s->status = 0;
    ENSURE(s->found, PRINCIPAL_NOT_FOUND, "%.*s", SLICE_ARG(s->done->target));
    s->done->target = text;
    ENSURE(!taken, PRINCIPAL_EXISTS, "%.*s", SLICE_ARG(text));
    TRY(serve_not_needed(s, &alias, err));
    const struct admin_change change = {.aliases = {&text, 1}};
    return admin_principal_set(s->k->adm, s->record.name, &change, err);
}
