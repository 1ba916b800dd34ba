// realm_words.c: the words that several commands of the realm's side take: flags, enctypes, times,
// durations and attributes. A mistake names the nearest valid word.
#include "cli/realm.h"
#include "cli/times.h"
#include "config/duration.h"
#include "config/nearest.h"
#include "crypto/crypto.h"

static enum obol_code one_flag(struct slice word, uint32_t *flags, struct error *err) {
    uint32_t flag;
    if (record_flag_find(word, &flag)) {
        *flags |= flag;
        return OBOL_OK;
    }
    struct nearest near = nearest_of(word);
    for (size_t i = 0; record_flag_name(i, &flag); i++)
        nearest_offer(&near, record_flag_name(i, &flag));
    ENSURE(!near.best, USAGE, "there is no flag \"%.*s\"; did you mean %s?", SLICE_ARG(word),
           near.best);
    char all[400];
    struct writer w = writer_to_buf(buf_of(all, sizeof all - 1));
    for (size_t i = 0; record_flag_name(i, &flag); i++)
        writer_printf(&w, "%s%s", i ? " " : "", record_flag_name(i, &flag));
    return error_set(err, OBOL_USAGE, __func__, "there is no flag \"%.*s\"; there are: %.*s",
                     SLICE_ARG(word), SLICE_ARG(writer_slice(&w)));
}

static enum obol_code flags(const struct slice_list *words, uint32_t *out, struct error *err) {
    *out = 0;
    for (size_t i = 0; i < words->count; i++)
        TRY(one_flag(words->items[i], out, err));
    return OBOL_OK;
}

static enum obol_code one_enctype(struct slice word, int32_t *out, struct error *err) {
    const struct enctype *e = enctype_by_name(word);
    if (e) {
        *out = enctype_number(e);
        return OBOL_OK;
    }
    struct nearest near = nearest_of(word);
    for (size_t i = 0; enctype_at(i); i++)
        nearest_offer(&near, enctype_name(enctype_at(i)));
    ENSURE(!near.best, USAGE, "there is no enctype \"%.*s\"; did you mean %s?", SLICE_ARG(word),
           near.best);
    ENSURE(false, USAGE, "there is no enctype \"%.*s\"; the strongest is %s", SLICE_ARG(word),
           enctype_name(enctype_at(0)));
}

enum obol_code realm_enctypes(struct cli *c, const struct slice_list *names, struct int32_list *out,
                              struct error *err) {
    out->count = 0;
    out->items = arena_zalloc(c->arena, names->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < names->count; i++) {
        TRY(one_enctype(names->items[i], &out->items[out->count], err));
        const struct enctype *e = enctype_find(out->items[out->count++]);
        if (enctype_is_weak(e))
            cli_warn(c, "%s is weak: a KDC uses it only with `allow_weak_crypto` in kdc.conf",
                     enctype_name(e));
    }
    return OBOL_OK;
}

static enum obol_code length(struct slice text, const char *option, int64_t *out,
                             struct error *err) {
    *out = 0;
    if (slice_eq_str(text, "default"))
        return OBOL_OK;
    ENSURE(duration_parse(text, out) && *out > 0, USAGE,
           "--%s is '%.*s'; expected a duration such as 10h or 1d 12h, or default", option,
           SLICE_ARG(text));
    return OBOL_OK;
}

static enum obol_code moment(struct cli *c, struct slice text, const char *option, int64_t *out,
                             struct error *err) {
    ENSURE(time_parse(text, env_now(c->env), out), USAGE,
           "--%s is '%.*s'; expected a time such as 2026-12-31, 2026-12-31 18:00:00, +90d, never",
           option, SLICE_ARG(text));
    return OBOL_OK;
}

static enum obol_code attributes(struct cli *c, const struct slice_list *words,
                                 struct record_attribute_list *out, struct error *err) {
    out->items = arena_zalloc(c->arena, words->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < words->count; i++) {
        struct slice word = words->items[i];
        size_t at = slice_find(word, '=');
        ENSURE(at > 0 && at < word.len, USAGE, "--attribute %.*s: NAME=VALUE is expected",
               SLICE_ARG(word));
        struct slice value = slice_sub(word, at + 1, word.len);
        out->items[out->count++] = (struct record_attribute){
            slice_sub(word, 0, at), value.len ? value : (struct slice){0}}; // "NAME=": it goes
    }
    return OBOL_OK;
}

enum obol_code realm_change(struct cli *c, const struct principal_options *o,
                            struct admin_change *out, struct error *err) {
    *out = (struct admin_change){0};
    TRY(flags(&o->set, &out->set_flags, err));
    TRY(flags(&o->clear, &out->clear_flags, err));
    ENSURE((out->set_flags & out->clear_flags) == 0, USAGE, "a flag is both set and cleared");
    if (o->max_life.len) {
        out->present |= ADMIN_SET_MAX_LIFE;
        TRY(length(o->max_life, "max-life", &out->max_life, err));
    }
    if (o->max_renew.len) {
        out->present |= ADMIN_SET_MAX_RENEW;
        TRY(length(o->max_renew, "max-renew", &out->max_renew, err));
    }
    if (o->expires.len) {
        out->present |= ADMIN_SET_EXPIRES;
        TRY(moment(c, o->expires, "expires", &out->expires, err));
    }
    if (o->password_expires.len) {
        out->present |= ADMIN_SET_PASSWORD_EXPIRES;
        TRY(moment(c, o->password_expires, "password-expires", &out->password_expires, err));
    }
    if (o->policy.len) {
        out->present |= ADMIN_SET_POLICY;
        if (!slice_eq_str(o->policy, "none"))
            out->policy = o->policy;
    }
    return attributes(c, &o->attributes, &out->attributes, err);
}
