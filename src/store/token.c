// token.c: see token.h. The value of the attribute:
//
//     version   1 byte: 1
//     tokens    be32 number; kind, hash / 256, digits, flags, a byte each; be32 period; be64 next;
//               counted16 label; be32 master; counted16 sealed: of a token of RADIUS
//     radius    counted16 type; counted16 user; counted16 of each indicator
#include "store/token.h"
#include "base/reader.h"
#include "base/writer.h"

#define ATTRIBUTE SLICE_LITERAL("obol.tokens")

enum { VERSION = 1, FLAG_CODE_ONLY = 1, SEALED_AS = -6560 }; // no enctype has that number

static const struct record_attribute *held(const struct record *r) {
    for (size_t i = 0; i < r->attributes.count; i++)
        if (slice_eq(r->attributes.items[i].name, ATTRIBUTE))
            return &r->attributes.items[i];
    return NULL;
}

bool tokens_held(const struct record *r) {
    return held(r) != NULL;
}

bool tokens_any(const struct record *r) {
    for (size_t i = 0; i < r->attributes.count; i++)
        if (slice_eq(r->attributes.items[i].name, ATTRIBUTE) ||
            slice_eq(r->attributes.items[i].name, TOKEN_MIT_ATTRIBUTE))
            return true;
    return false;
}

static bool read_radius(struct token *t) {
    struct reader r = reader_of(t->sealed);
    t->sealed = (struct slice){0};
    t->type = reader_counted16(&r);
    t->user = reader_counted16(&r);
    while (reader_left(&r) && t->indicator_count < TOKEN_INDICATORS_MAX)
        t->indicators[t->indicator_count++] = reader_counted16(&r);
    return reader_done(&r) && t->type.len && t->type.len <= TOKEN_TYPE_MAX &&
           t->user.len <= TOKEN_USER_MAX && !t->hash && !t->digits && !t->period && !t->next &&
           !t->master;
}

// What a kind has, and no more.
static bool is_sound(struct token *t, uint8_t hash) {
    if (t->kind == TOKEN_RADIUS) {
        t->hash = hash;
        return read_radius(t);
    }
    return (t->kind == TOKEN_TOTP ? t->period > 0 : t->kind == TOKEN_HOTP && !t->period) &&
           hash <= 2 && t->digits >= 6 && t->digits <= 9;
}

static void read_token(struct reader *r, struct token *t) {
    t->number = reader_be32(r);
    t->kind = (enum token_kind)reader_u8(r);
    uint8_t hash = reader_u8(r);
    t->hash = hash ? hash * 256u : 1;
    t->digits = reader_u8(r);
    uint8_t flags = reader_u8(r);
    t->code_only = (flags & FLAG_CODE_ONLY) != 0;
    t->period = reader_be32(r);
    t->next = reader_be64(r);
    t->label = reader_counted16(r);
    t->master = reader_be32(r);
    t->sealed = reader_counted16(r);
    bool known = reader_ok(r) && is_sound(t, hash) && t->number && t->number < TOKEN_OF_MIT &&
                 !(flags & ~FLAG_CODE_ONLY) && t->label.len <= TOKEN_LABEL_MAX;
    if (!known)
        reader_fail(r);
}

enum obol_code tokens_read(const struct record *r, struct token_list *out, struct error *err) {
    const struct record_attribute *a = held(r);
    *out = (struct token_list){0};
    if (!a)
        return OBOL_OK;
    struct reader reader = reader_of(a->value);
    if (reader_u8(&reader) != VERSION)
        reader_fail(&reader);
    while (reader_ok(&reader) && reader_left(&reader) && out->count < TOKENS_MAX)
        read_token(&reader, &out->items[out->count++]);
    ENSURE(reader_done(&reader) && out->count, STORE_CORRUPT,
           "the one-time password tokens of %.*s are malformed", SLICE_ARG(r->name));
    return OBOL_OK;
}

static struct slice write_radius(const struct token *t, struct arena *a) {
    struct writer w = writer_to_arena(a);
    writer_counted16(&w, t->type);
    writer_counted16(&w, t->user);
    for (size_t i = 0; i < t->indicator_count; i++)
        writer_counted16(&w, t->indicators[i]);
    return writer_slice(&w);
}

static void write_token(struct writer *w, const struct token *t) {
    writer_be32(w, t->number);
    writer_u8(w, (uint8_t)t->kind);
    writer_u8(w, (uint8_t)(t->hash / 256));
    writer_u8(w, (uint8_t)t->digits);
    writer_u8(w, t->code_only ? FLAG_CODE_ONLY : 0);
    writer_be32(w, t->period);
    writer_be64(w, t->next);
    writer_counted16(w, t->label);
    writer_be32(w, t->master);
    writer_counted16(w, t->kind == TOKEN_RADIUS ? write_radius(t, w->arena) : t->sealed);
}

enum obol_code tokens_write(struct record *r, const struct token_list *list, struct arena *a,
                            struct error *err) {
    struct record_attribute_list out = {0};
    out.items = arena_zalloc(a, r->attributes.count + 1, sizeof *out.items);
    struct writer w = writer_to_arena(a);
    writer_u8(&w, VERSION);
    for (size_t i = 0; i < list->count; i++)
        write_token(&w, &list->items[i]);
    ENSURE_MEMORY(writer_ok(&w) ? out.items : NULL);
    for (size_t i = 0; i < r->attributes.count; i++)
        if (!slice_eq(r->attributes.items[i].name, ATTRIBUTE))
            out.items[out.count++] = r->attributes.items[i];
    if (list->count)
        out.items[out.count++] = (struct record_attribute){ATTRIBUTE, writer_slice(&w)};
    r->attributes = out;
    return OBOL_OK;
}

enum obol_code token_seal(const struct master *m, const struct env *env, uint64_t id,
                          struct token *t, struct slice secret, struct arena *a,
                          struct error *err) {
    struct record_key key = {.kvno = t->number, .enctype = SEALED_AS};
    TRY(master_seal(m, env, id, &key, secret, a, err));
    t->master = key.master;
    t->sealed = key.sealed;
    return OBOL_OK;
}

enum obol_code token_open(struct master *m, uint64_t id, const struct token *t, struct arena *a,
                          struct slice *secret, struct error *err) {
    const struct record_key key = {
        .kvno = t->number, .enctype = SEALED_AS, .master = t->master, .sealed = t->sealed};
    return master_open(m, id, &key, a, secret, err);
}
