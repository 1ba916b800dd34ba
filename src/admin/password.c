// password.c: what a new password must be: the rules of the principal's policy, held against it at
// every change, whoever makes it. A refusal names the rule, since its text goes to the user.
#include "admin/op.h"
#include "base/ct.h"
#include "config/duration.h"
#include "store/history.h"

enum { NAME_PART_MIN = 3 }; // shorter parts of a name occur in many a good password

enum obol_code op_policy_of(struct store_read *r, struct slice name, struct policy *out,
                            bool *found, struct error *err) {
    *found = false;
    *out = (struct policy){0};
    if (!name.len)
        return OBOL_OK;
    enum obol_code code = policy_get(r, name, out, NULL);
    *found = code == OBOL_OK;
    if (code == OBOL_OK || code == OBOL_POLICY_NOT_FOUND)
        return OBOL_OK;
    return policy_get(r, name, out, err);
}

// A refusal names the rule, for programs that have a number for each.
static void name_rule(struct error *err, bool kept, const char *rule) {
    if (!kept)
        error_fact(err, "rule", "%s", rule);
}

// ---- what it is made of

static size_t characters(struct slice utf8) {
    size_t n = 0;
    for (size_t i = 0; i < utf8.len; i++)
        n += (utf8.ptr[i] & 0xc0) != 0x80;
    return n;
}

static int64_t classes(struct slice s) {
    unsigned seen = 0;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.ptr[i];
        if (c >= 'a' && c <= 'z')
            seen |= 1;
        else if (c >= 'A' && c <= 'Z')
            seen |= 2;
        else if (c >= '0' && c <= '9')
            seen |= 4;
        else if (c > ' ' && c < 0x7f)
            seen |= 8;
        else
            seen |= 16;
    }
    return (seen & 1) + (seen >> 1 & 1) + (seen >> 2 & 1) + (seen >> 3 & 1) + (seen >> 4 & 1);
}

static bool is_letter(uint8_t c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

// "alice" of "!Alice2026": a name with something around it is still that name.
static struct slice core_of(struct slice s) {
    size_t from = 0, to = s.len;
    while (from < to && !is_letter(s.ptr[from]) && s.ptr[from] < 0x80)
        from++;
    while (to > from && !is_letter(s.ptr[to - 1]) && s.ptr[to - 1] < 0x80)
        to--;
    return slice_sub(s, from, to - from);
}

static bool is_reversed(struct slice a, struct slice b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (!slice_eq_nocase(slice_sub(a, i, 1), slice_sub(b, b.len - 1 - i, 1)))
            return false;
    return true;
}

static bool is_like(struct slice password, struct slice word) {
    struct slice core = core_of(password);
    if (slice_eq_nocase(password, word))
        return true;
    return word.len >= NAME_PART_MIN && (slice_eq_nocase(core, word) || is_reversed(core, word));
}

static bool is_like_name(struct slice password, const struct principal *p) {
    for (size_t i = 0; i < p->name.name_string.count; i++)
        if (is_like(password, p->name.name_string.items[i]))
            return true;
    return is_like(password, p->realm);
}

static enum obol_code check_words(const struct admin *adm, const struct policy *policy,
                                  const struct principal *p, struct slice password,
                                  struct error *err) {
    bool unlike = !policy->similar || !is_like_name(password, p);
    name_rule(err, unlike, "similar");
    ENSURE(unlike, PASSWORD_REFUSED, "it is too like the name of its owner or realm (policy %.*s)",
           SLICE_ARG(policy->name));
    if (!policy->dictionary)
        return OBOL_OK;
    ENSURE(!adm->dictionary_missing, CONFIG_SYNTAX,
           "dict_file of kdc.conf cannot be read, and the policy %.*s asks for it",
           SLICE_ARG(policy->name));
    bool no_word = !op_dictionary_has(adm, password);
    name_rule(err, no_word, "dictionary");
    ENSURE(no_word, PASSWORD_REFUSED, "it is a word of the dictionary (policy %.*s)",
           SLICE_ARG(policy->name));
    return OBOL_OK;
}

enum obol_code op_password_quality(const struct admin *adm, const struct policy *policy,
                                   const struct principal *p, struct slice password,
                                   struct error *err) {
    size_t length = characters(password);
    bool long_enough = (int64_t)length >= policy->min_length;
    bool mixed = classes(password) >= policy->min_classes;
    name_rule(err, long_enough, "min-length");
    ENSURE(long_enough, PASSWORD_REFUSED,
           "it has %zu characters; %lld at least are asked for (policy %.*s)", length,
           (long long)policy->min_length, SLICE_ARG(policy->name));
    name_rule(err, mixed, "min-classes");
    ENSURE(mixed, PASSWORD_REFUSED,
           "it has %lld kinds of characters out of lower case, capitals, digits, punctuation and "
           "others; %lld at least are asked for (policy %.*s)",
           (long long)classes(password), (long long)policy->min_classes, SLICE_ARG(policy->name));
    return check_words(adm, policy, p, password, err);
}

// ---- its age

static struct slice length_text(struct arena *a, int64_t seconds) {
    struct writer w = writer_to_arena(a);
    duration_write(&w, seconds);
    return writer_slice(&w);
}

static enum obol_code check_age(struct admin *adm, const struct policy *policy,
                                const struct record *r, struct error *err) {
    int64_t age = env_now(adm->env) - r->password_changed;
    // Who was told to change it may.
    bool may = age >= policy->min_life || (r->flags & RECORD_NEEDS_CHANGE);
    name_rule(err, may, "min-life");
    ENSURE(may, PASSWORD_REFUSED,
           "it was changed too recently: it may be again in %.*s (policy %.*s)",
           SLICE_ARG(length_text(&adm->scratch, policy->min_life - age)), SLICE_ARG(policy->name));
    return OBOL_OK;
}

// ---- former passwords

static bool is_stronger(const struct record_key *a, const struct record_key *b) {
    const struct enctype *e;
    for (size_t i = 0; (e = enctype_at(i)); i++) {
        if (enctype_number(e) == a->enctype)
            return !b || b->enctype != a->enctype;
        if (b && enctype_number(e) == b->enctype)
            return false;
    }
    return false;
}

// The strongest key that the present password made; NULL if none did.
static const struct record_key *present_key(const struct record *r) {
    const struct record_key *best = NULL;
    uint32_t newest = record_newest_kvno(r);
    for (size_t i = 0; i < r->keys.count; i++) {
        const struct record_key *k = &r->keys.items[i];
        if (k->kvno == newest && k->salt_type != RECORD_SALT_RANDOM && is_stronger(k, best))
            best = k;
    }
    return best;
}

static enum obol_code is_of_key(struct admin *adm, uint64_t id, const struct record_key *k,
                                struct slice password, bool *same, struct error *err) {
    const struct enctype *e = enctype_find(k->enctype);
    struct slice held;
    uint8_t bytes[CRYPTO_KEY_MAX];
    *same = false;
    if (!e)
        return OBOL_OK;
    struct buf made = buf_of(bytes, enctype_key_length(e));
    TRY(master_open(adm->master, id, k, &adm->scratch, &held, err));
    enum obol_code code =
        k->iterations ? crypto_string_to_key_count(e, password, k->salt, k->iterations, made, err)
                      : crypto_string_to_key(e, password, k->salt, (struct slice){0}, 0, made, err);
    *same = code == OBOL_OK && ct_equal(slice_of_buf(made), held);
    wipe(bytes, sizeof bytes);
    return code;
}

static enum obol_code check_reuse(struct admin *adm, const struct policy *policy,
                                  const struct record *r, struct slice password,
                                  struct error *err) {
    struct record_key_list former;
    const struct record_key *present = present_key(r);
    bool same = false;
    if (policy->history == 0)
        return OBOL_OK;
    TRY(history_decode(r->history, &adm->scratch, &former, err));
    if (present)
        TRY(is_of_key(adm, r->id, present, password, &same, err));
    for (size_t i = 0; !same && i < former.count && (int64_t)i < policy->history - 1; i++)
        TRY(is_of_key(adm, r->id, &former.items[i], password, &same, err));
    name_rule(err, !same, "history");
    ENSURE(!same || policy->history > 1, PASSWORD_REFUSED,
           "it is the present password (policy %.*s)", SLICE_ARG(policy->name));
    ENSURE(!same, PASSWORD_REFUSED, "it is one of the last %lld passwords (policy %.*s)",
           (long long)policy->history, SLICE_ARG(policy->name));
    return OBOL_OK;
}

enum obol_code op_password_check(struct admin *adm, const struct policy *policy,
                                 const struct principal *p, const struct record *r,
                                 const struct admin_keys *keys, struct error *err) {
    if (keys->by_owner)
        TRY(check_age(adm, policy, r, err));
    if (!keys->password)
        return OBOL_OK;
    TRY(op_password_quality(adm, policy, p, *keys->password, err));
    return check_reuse(adm, policy, r, *keys->password, err);
}

enum obol_code op_password_remember(struct admin *adm, const struct policy *policy,
                                    struct record *r, struct error *err) {
    struct record_key_list former, kept = {0};
    const struct record_key *present = present_key(r);
    size_t room = policy->history > 1 ? (size_t)policy->history - 1 : 0;
    TRY(history_decode(r->history, &adm->scratch, &former, err));
    kept.items = arena_zalloc(&adm->scratch, room + 1, sizeof *kept.items);
    ENSURE_MEMORY(kept.items);
    if (present && room)
        kept.items[kept.count++] = *present;
    for (size_t i = 0; i < former.count && kept.count < room; i++)
        kept.items[kept.count++] = former.items[i];
    return history_encode(&kept, &adm->scratch, &r->history, err);
}
