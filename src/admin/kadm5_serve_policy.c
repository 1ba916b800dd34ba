// kadm5_serve_policy.c: password policies for kadmin's clients. Two of our members have no place in
// the protocol (dictionary, similar): a policy that is made here has both, since MIT krb5 checks
// that of every password under a policy.
#include "admin/kadm5_convert.h"
#include "admin/kadm5_serve.h"

enum { POLICY_ALL = 0x0fffc800 };

// What the message says of numbers, into the policy.
static enum obol_code take_numbers(struct serve *s, struct policy *p, struct error *err) {
    for (size_t i = 0; i < KADM5_POLICY_NUMBERS_COUNT; i++) {
        const struct kadm5_policy_number *n = &KADM5_POLICY_NUMBERS[i];
        const struct policy_member *m = kadm5_policy_member(n->member);
        int32_t value = *kadm5_policy_number_at(&s->in.policy, n);
        if (!(s->in.mask & n->mask) || s->in.version < n->since)
            continue;
        s->status = n->status;
        ENSURE(value >= n->min && value <= m->max, INVALID_ARGUMENT, "%s is %d; from %d to %lld",
               n->member, value, n->min, (long long)m->max);
        *policy_number(p, m) = value;
    }
    s->status = KADM5_E_BAD_MIN_PASS_LIFE;
    ENSURE(!p->max_life || p->min_life <= p->max_life, INVALID_ARGUMENT,
           "min-life is longer than max-life: no password could be changed in time");
    s->status = 0;
    return OBOL_OK;
}

// MIT krb5 keeps these of a policy, and nothing of it heeds them.
static enum obol_code check_unused(struct serve *s, struct error *err) {
    const struct kadm5_policy *p = &s->in.policy;
    if (s->in.version < KADM5_VERSION_4)
        return OBOL_OK;
    s->status = KADM5_E_BAD_MASK;
    ENSURE((!(s->in.mask & KADM5_MASK_POLICY_ATTRIBUTES) || !p->attributes) &&
               (!(s->in.mask & KADM5_MASK_POLICY_MAX_LIFE) || !p->principal_max_life) &&
               (!(s->in.mask & KADM5_MASK_POLICY_MAX_RENEW) || !p->principal_max_renew),
           INVALID_ARGUMENT, "attributes and lifetimes of principals are no part of a policy here");
    s->status = KADM5_E_BAD_TL_TYPE;
    ENSURE(!(s->in.mask & KADM5_MASK_POLICY_DATA) || !p->data.count, INVALID_ARGUMENT,
           "tagged data of a policy has no meaning here");
    s->status = 0;
    return OBOL_OK;
}

static enum obol_code check_named(struct serve *s, struct slice name, struct error *err) {
    ENSURE(name.ptr, INVALID_ARGUMENT, "no policy is named");
    s->status = KADM5_E_BAD_POLICY;
    ENSURE(name.len && name.len <= POLICY_NAME_MAX, INVALID_ARGUMENT,
           "a policy's name of %zu bytes; 1 to %d", name.len, POLICY_NAME_MAX);
    for (size_t i = 0; i < name.len; i++)
        ENSURE(name.ptr[i] >= ' ' && name.ptr[i] <= '~', INVALID_ARGUMENT,
               "a policy's name has a character beyond ASCII");
    s->status = 0;
    return OBOL_OK;
}

// What adding and modifying have in common, up to the numbers. `named`: the mask says so.
static enum obol_code begin_change(struct serve *s, bool named, struct error *err) {
    uint32_t mask = s->in.mask;
    s->done->target = s->in.policy.name;
    TRY(serve_allow(s, NULL, err));
    TRY(check_named(s, s->in.policy.name, err));
    s->status = KADM5_E_BAD_MASK;
    ENSURE(!(mask & ~(uint32_t)POLICY_ALL) && named == !!(mask & KADM5_MASK_POLICY_NAME),
           INVALID_ARGUMENT, "the mask %x names what cannot be set", mask);
    s->status = 0;
    return check_unused(s, err);
}

static bool has_keysalts(const struct serve *s) {
    return s->in.mask & KADM5_MASK_KEYSALTS && s->in.version >= KADM5_VERSION_4;
}

// Of what is left, only key/salts can be refused.
static enum obol_code finish(struct serve *s, enum obol_code code) {
    if (code == OBOL_INVALID_ARGUMENT && has_keysalts(s))
        s->status = KADM5_E_BAD_KEYSALTS;
    return code;
}

enum obol_code serve_create_policy(struct serve *s, struct error *err) {
    struct admin *adm = s->k->adm;
    struct policy p = {
        .min_length = 1, .min_classes = 1, .history = 1, .dictionary = 1, .similar = 1};
    p.dictionary = !adm->dictionary_missing;
    TRY(begin_change(s, true, err));
    TRY(take_numbers(s, &p, err));
    p.name = s->in.policy.name;
    p.allowed_keysalts = has_keysalts(s) ? s->in.policy.keysalts : (struct slice){0};
    return finish(s, admin_policy_add(adm, &p, err));
}

enum obol_code serve_modify_policy(struct serve *s, struct error *err) {
    struct admin_policy_change changes[KADM5_POLICY_NUMBERS_COUNT + 1];
    struct admin *adm = s->k->adm;
    struct policy p;
    size_t count = 0;
    TRY(begin_change(s, false, err));
    TRY(admin_policy_get(adm, s->in.policy.name, s->arena, &p, err));
    TRY(take_numbers(s, &p, err));
    for (size_t i = 0; i < KADM5_POLICY_NUMBERS_COUNT; i++) {
        const struct kadm5_policy_number *n = &KADM5_POLICY_NUMBERS[i];
        const struct policy_member *m = kadm5_policy_member(n->member);
        if (s->in.mask & n->mask && s->in.version >= n->since)
            changes[count++] = (struct admin_policy_change){m, *policy_number(&p, m), {0}};
    }
    if (has_keysalts(s))
        changes[count++] = (struct admin_policy_change){
            .member = kadm5_policy_member("allowed-keysalts"), .text = s->in.policy.keysalts};
    return finish(s, admin_policy_set(adm, s->in.policy.name, changes, count, err));
}

enum obol_code serve_delete_policy(struct serve *s, struct error *err) {
    s->done->target = s->in.name;
    TRY(serve_allow(s, NULL, err));
    TRY(check_named(s, s->in.name, err));
    return admin_policy_remove(s->k->adm, s->in.name, err);
}

// Everybody may see the policy that holds for himself.
static bool is_own(struct serve *s) {
    struct record r;
    return s->in.name.len &&
           admin_principal_get(s->k->adm, s->call->client_text, s->arena, &r, NULL) == OBOL_OK &&
           slice_eq(r.policy, s->in.name);
}

enum obol_code serve_get_policy(struct serve *s, struct error *err) {
    struct kadm5_policy *out = &s->out.policy;
    struct policy p;
    s->done->target = s->in.name;
    if (!is_own(s))
        TRY(serve_allow(s, NULL, err));
    TRY(check_named(s, s->in.name, err));
    TRY(admin_policy_get(s->k->adm, s->in.name, s->arena, &p, err));
    for (size_t i = 0; i < KADM5_POLICY_NUMBERS_COUNT; i++) {
        const struct kadm5_policy_number *n = &KADM5_POLICY_NUMBERS[i];
        int64_t value = *policy_number(&p, kadm5_policy_member(n->member));
        // What asks for nothing is 1 for MIT krb5, which refuses to be sent less.
        *kadm5_policy_number_at(out, n) = value > INT32_MAX ? INT32_MAX
                                          : value < n->min  ? n->min
                                                            : (int32_t)value;
    }
    out->name = p.name;
    out->keysalts = p.allowed_keysalts.len ? p.allowed_keysalts : (struct slice){0};
    return OBOL_OK;
}

static enum obol_code add_policy(void *ctx, const struct policy *p, struct error *err) {
    return serve_names_add(ctx, p->name, err);
}

enum obol_code serve_list_policies(struct serve *s, struct error *err) {
    struct serve_names names = {.serve = s};
    s->done->target = s->in.name.ptr ? s->in.name : SLICE_LITERAL("*");
    TRY(serve_allow(s, NULL, err));
    TRY(serve_pattern(s, err));
    return admin_policy_list(s->k->adm, s->in.name, &names, add_policy, err);
}
