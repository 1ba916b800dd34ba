// token.c: one-time password tokens of principals (store/token.h): enrolment, removal, and sealing
// again under a new master key. Those of RADIUS have no secret, only whom the KDC asks.
#include "admin/op.h"
#include "crypto/one_time.h"
#include <stdio.h>

enum { SECRET_MIN = 16 }; // bytes; RFC 4226 4 asks for 128 bits at least

struct token_args {
    const struct admin_token *new;
    struct slice name, token;
    struct arena *a;
    struct admin_token_new *out;
};

static struct token *find(struct token_list *list, struct slice name) {
    for (size_t i = 0; i < list->count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", list->items[i].number);
        if (slice_eq(list->items[i].label, name) || slice_eq_str(name, number))
            return &list->items[i];
    }
    return NULL;
}

static enum obol_code check(const struct admin_token *new, struct error *err) {
    ENSURE(new->hash == 0 || new->hash == 1 || new->hash == 256 || new->hash == 512,
           INVALID_ARGUMENT, "the hash SHA-%u: there are SHA-1, SHA-256 and SHA-512", new->hash);
    ENSURE(new->digits == 0 ||
               (new->digits >= ONE_TIME_DIGITS_MIN &&new->digits <= ONE_TIME_DIGITS_MAX),
           INVALID_ARGUMENT, "a code of %u digits: %d to %d are possible", new->digits,
           ONE_TIME_DIGITS_MIN, ONE_TIME_DIGITS_MAX);
    ENSURE(new->period <= 3600, INVALID_ARGUMENT, "a code that counts %u seconds: at most 3600",
           new->period);
    ENSURE(new->secret.len == 0 ||
               (new->secret.len >= SECRET_MIN &&new->secret.len <= ONE_TIME_SECRET_MAX),
           INVALID_ARGUMENT, "a secret of %zu bytes: %d to %d are possible", new->secret.len,
           SECRET_MIN, ONE_TIME_SECRET_MAX);
    ENSURE(
        new->radius.len <= TOKEN_TYPE_MAX &&new->user.len <=
            TOKEN_USER_MAX &&new->indicators.count <= TOKEN_INDICATORS_MAX,
        INVALID_ARGUMENT,
        "a type of %zu bytes, a user's name of %zu and %zu indicators: %d, %d and %d are possible",
        new->radius.len, new->user.len, new->indicators.count, TOKEN_TYPE_MAX, TOKEN_USER_MAX,
        TOKEN_INDICATORS_MAX);
    bool own = new->hotp || new->hash || new->digits || new->period || new->secret.len;
    ENSURE(!new->radius.len || !own, INVALID_ARGUMENT,
           "what a RADIUS server checks has no digits, period, hash or secret here");
    ENSURE(new->radius.len || !(new->user.len || new->indicators.count), INVALID_ARGUMENT,
           "only what a RADIUS server checks has a user's name and indicators");
    ENSURE(new->label.len <= TOKEN_LABEL_MAX, INVALID_ARGUMENT, "a label of %zu bytes: at most %d",
           new->label.len, TOKEN_LABEL_MAX);
    return OBOL_OK;
}

static uint32_t next_number(const struct token_list *list) {
    uint32_t highest = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].number > highest)
            highest = list->items[i].number;
    return highest + 1;
}

// RFC 4226 4 and RFC 6238 3 would have a secret as long as the hash.
static size_t secret_length(uint32_t hash) {
    return hash == 256 ? 32 : hash == 512 ? 64 : 20;
}

static void fill_radius(const struct admin_token *new, struct token *t) {
    *t = (struct token){.number = t->number,
                        .kind = TOKEN_RADIUS,
                        .code_only = new->code_only,
                        .label = t->label,
                        .type = new->radius,
                        .user = new->user,
                        .indicator_count = new->indicators.count};
    for (size_t i = 0; i < t->indicator_count; i++)
        t->indicators[i] = new->indicators.items[i];
}

static enum obol_code fill(struct admin *adm, const struct token_args *args,
                           const struct token_list *list, struct token *t, struct error *err) {
    const struct admin_token *new = args->new;
    *t = (struct token){
        .number = next_number(list),
        .kind = new->hotp ? TOKEN_HOTP : TOKEN_TOTP,
        .hash = new->hash ? new->hash : 1,
        .digits = new->digits ? new->digits : ONE_TIME_DIGITS_MIN,
        .period = new->hotp     ? 0
                  : new->period ? new->period
                                : 30,
        .code_only = new->code_only,
        .label = new->label,
    };
    if (!t->label.len)
        t->label = arena_printf(&adm->scratch, "token %u", t->number);
    ENSURE_MEMORY(t->label.ptr);
    if (new->radius.len) {
        fill_radius(new, t);
        return OBOL_OK;
    }
    struct buf secret =
        arena_buf(args->a, new->secret.len ? new->secret.len : secret_length(t->hash));
    ENSURE_MEMORY(secret.ptr);
    if (new->secret.len)
        memcpy(secret.ptr, new->secret.ptr, secret.len);
    else
        env_random(adm->env, secret);
    args->out->secret = slice_of_buf(secret);
    return OBOL_OK;
}

static enum obol_code fetch(struct admin *adm, struct store_write *w, struct slice name,
                            struct record *r, struct token_list *list, struct error *err) {
    struct principal p;
    struct slice text;
    TRY(op_name(adm, name, &p, &text, err));
    TRY(op_fetch(store_write_snapshot(w), text, &adm->scratch, r, err));
    return tokens_read(r, list, err);
}

static enum obol_code put(struct admin *adm, struct store_write *w, struct record *r,
                          const struct token_list *list, struct error *err) {
    TRY(tokens_write(r, list, &adm->scratch, err));
    op_stamp(adm, r);
    return store_put(w, r, err);
}

static enum obol_code add_step(struct admin *adm, struct store_write *w, void *arg,
                               struct error *err) {
    const struct token_args *args = arg;
    struct record r;
    struct token_list list;
    TRY(fetch(adm, w, args->new->name, &r, &list, err));
    TRY(check(args->new, err));
    ENSURE(list.count < TOKENS_MAX, INVALID_ARGUMENT, "%.*s has %zu tokens already",
           SLICE_ARG(r.name), list.count);
    ENSURE(!args->new->label.len || !find(&list, args->new->label), EXISTS,
           "%.*s has a token %.*s already", SLICE_ARG(r.name), SLICE_ARG(args->new->label));
    struct token *t = &list.items[list.count];
    TRY(fill(adm, args, &list, t, err));
    list.count++;
    if (t->kind != TOKEN_RADIUS)
        TRY(token_seal(adm->master, adm->env, r.id, t, args->out->secret, &adm->scratch, err));
    TRY(put(adm, w, &r, &list, err));
    args->out->token = *t;
    args->out->token.sealed = (struct slice){0};
    ENSURE(arena_copy(args->a, t->label, &args->out->token.label) &&
               arena_copy(args->a, r.name, &args->out->principal),
           NO_MEMORY, "the token's label");
    return OBOL_OK;
}

enum obol_code admin_token_add(struct admin *adm, const struct admin_token *new, struct arena *a,
                               struct admin_token_new *out, struct error *err) {
    struct token_args args = {.new = new, .a = a, .out = out};
    *out = (struct admin_token_new){0};
    return op_write(adm, add_step, &args, err);
}

static enum obol_code delete_step(struct admin *adm, struct store_write *w, void *arg,
                                  struct error *err) {
    const struct token_args *args = arg;
    struct record r;
    struct token_list list;
    TRY(fetch(adm, w, args->name, &r, &list, err));
    struct token *t = find(&list, args->token);
    ENSURE(t, NOT_FOUND, "%.*s has no token %.*s", SLICE_ARG(r.name), SLICE_ARG(args->token));
    *t = list.items[--list.count];
    return put(adm, w, &r, &list, err);
}

enum obol_code admin_token_delete(struct admin *adm, struct slice name, struct slice token,
                                  struct error *err) {
    struct token_args args = {.name = name, .token = token};
    return op_write(adm, delete_step, &args, err);
}

enum obol_code op_tokens_seal(struct admin *adm, struct record *r, struct error *err) {
    struct token_list list;
    TRY(tokens_read(r, &list, err));
    for (size_t i = 0; i < list.count; i++) {
        struct slice secret;
        struct token *t = &list.items[i];
        if (t->kind == TOKEN_RADIUS)
            continue; // it has no secret
        TRY(token_open(adm->master, r->id, t, &adm->scratch, &secret, err));
        TRY(token_seal(adm->master, adm->env, r->id, t, secret, &adm->scratch, err));
    }
    return list.count ? tokens_write(r, &list, &adm->scratch, err) : OBOL_OK;
}
