// principal.c: principal names as text and as messages carry them (RFC 4120 6.1, 6.2; the text form
// is the one that all implementations share and no RFC defines).
#include "krb/principal.h"
#include "proto/codes.h"

#define COMPONENTS_MAX 16u
#define NAME_BYTES_MAX 1024u
// Each byte quoted, and what separates the parts: whatever name is written can be read.
#define TEXT_BYTES_MAX (2 * NAME_BYTES_MAX + COMPONENTS_MAX)

static uint8_t unquote(uint8_t c) {
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    case '0':
        return '\0';
    default:
        return c;
    }
}

// The state of one parse. The unquoted bytes are laid one behind the other in `bytes`; a part is a
// component or, once `in_realm`, the realm.
struct parse {
    uint8_t *bytes;
    size_t used, part_start;
    struct slice parts[COMPONENTS_MAX];
    size_t count;
    bool in_realm, has_realm;
    bool literal_at; // an enterprise name may hold one more '@'
    bool enterprise;
};

static struct slice parse_part(struct parse *p) {
    struct slice part = slice_of(p->bytes + p->part_start, p->used - p->part_start);
    p->part_start = p->used;
    return part;
}

static enum obol_code parse_end_component(struct parse *p, struct error *err) {
    ENSURE(p->count < COMPONENTS_MAX, NAME_MALFORMED, "it has more than %u components",
           COMPONENTS_MAX);
    p->parts[p->count++] = parse_part(p);
    return OBOL_OK;
}

static enum obol_code parse_byte(struct parse *p, uint8_t c, size_t at, struct error *err) {
    if (c == '/' && !p->in_realm && !p->enterprise)
        return parse_end_component(p, err);
    if (c == '@' && p->literal_at) {
        p->literal_at = false;
    } else if (c == '@') {
        ENSURE(!p->in_realm, NAME_MALFORMED, "a second '@' at byte %zu is not quoted", at);
        TRY(parse_end_component(p, err));
        p->in_realm = p->has_realm = true;
        return OBOL_OK;
    }
    p->bytes[p->used++] = c;
    return OBOL_OK;
}

static enum obol_code parse_text(struct parse *p, struct slice text, struct error *err) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\\') {
            TRY(parse_byte(p, text.ptr[i], i, err));
            continue;
        }
        i++;
        ENSURE(i < text.len, NAME_MALFORMED, "it ends in a backslash");
        p->bytes[p->used++] = unquote(text.ptr[i]);
    }
    return p->in_realm ? OBOL_OK : parse_end_component(p, err);
}

static int32_t type_by_shape(const struct principal_name *name) {
    if (principal_is_krbtgt(name))
        return NT_SRV_INST;
    return name->name_string.count == 2 ? NT_SRV_HST : NT_PRINCIPAL;
}

static bool has_at(struct slice s) {
    return slice_find(s, '@') != s.len;
}

enum obol_code principal_parse(struct slice text, struct slice default_realm, int32_t name_type,
                               struct arena *a, struct principal *out, struct error *err) {
    // A caller who writes user@suffix as an enterprise name means the '@' to be part of the name;
    // the realm, if any, stands behind a second one (RFC 6806 5).
    bool enterprise = name_type == NT_ENTERPRISE;
    struct parse p = {.enterprise = enterprise, .literal_at = enterprise && has_at(text)};
    ENSURE(text.len <= TEXT_BYTES_MAX, NAME_MALFORMED, "it has %zu bytes", text.len);
    p.bytes = arena_alloc(a, text.len + 1);
    ENSURE_MEMORY(p.bytes);
    TRY(parse_text(&p, text, err));
    ENSURE(p.count > 1 || p.parts[0].len > 0, NAME_MALFORMED, "the name before the realm is empty");
    struct slice realm = p.has_realm ? parse_part(&p) : default_realm;
    ENSURE(!p.has_realm || realm.len > 0, NAME_MALFORMED, "the realm behind '@' is empty");
    size_t total = p.used + (p.has_realm ? 0 : realm.len);
    ENSURE(total <= NAME_BYTES_MAX, NAME_MALFORMED, "it has %zu bytes, more than %u", total,
           NAME_BYTES_MAX);
    ENSURE(realm.len > 0, CONFIG_NO_REALM, "\"%.*s\" names no realm", SLICE_ARG(text));
    struct slice *items = arena_alloc(a, p.count * sizeof *items);
    ENSURE_MEMORY(items);
    memcpy(items, p.parts, p.count * sizeof *items);
    if (!p.has_realm)
        ENSURE(arena_copy(a, realm, &realm), NO_MEMORY, "the request's memory is used up");
    *out = (struct principal){.realm = realm, .name = {name_type, {items, p.count}}};
    if (name_type == NT_UNKNOWN)
        out->name.name_type = type_by_shape(&out->name);
    return OBOL_OK;
}

// quoted_form is the letter behind the backslash, or 0 for a byte that stands as it is. A realm's
// '/' needs no backslash: nothing behind the '@' separates components.
static uint8_t quoted_form(uint8_t c, bool in_realm) {
    switch (c) {
    case '\n':
        return 'n';
    case '\t':
        return 't';
    case '\b':
        return 'b';
    case '\0':
        return '0';
    case '\\':
    case '@':
        return c;
    case '/':
        return in_realm ? 0 : c;
    default:
        return 0;
    }
}

static void write_part(struct writer *w, struct slice part, bool in_realm) {
    size_t start = 0;
    for (size_t i = 0; i < part.len; i++) {
        uint8_t quoted = quoted_form(part.ptr[i], in_realm);
        if (LIKELY(!quoted))
            continue;
        writer_bytes(w, slice_sub(part, start, i - start));
        writer_u8(w, '\\');
        writer_u8(w, quoted);
        start = i + 1;
    }
    writer_bytes(w, slice_sub(part, start, part.len));
}

void principal_name_write(struct writer *w, const struct principal_name *name) {
    for (size_t i = 0; i < name->name_string.count; i++) {
        if (i)
            writer_bytes(w, SLICE_LITERAL("/"));
        write_part(w, name->name_string.items[i], false);
    }
}

void principal_write(struct writer *w, const struct principal *p) {
    principal_name_write(w, &p->name);
    writer_bytes(w, SLICE_LITERAL("@"));
    write_part(w, p->realm, true);
}

struct slice principal_text(const struct principal *p, struct arena *a) {
    struct writer w = writer_to_arena(a);
    principal_write(&w, p);
    return writer_slice(&w);
}

bool principal_name_eq(const struct principal_name *a, const struct principal_name *b) {
    if (a->name_string.count != b->name_string.count)
        return false;
    for (size_t i = 0; i < a->name_string.count; i++) {
        if (!slice_eq(a->name_string.items[i], b->name_string.items[i]))
            return false;
    }
    return true;
}

bool principal_eq(const struct principal *a, const struct principal *b) {
    return slice_eq(a->realm, b->realm) && principal_name_eq(&a->name, &b->name);
}

enum obol_code principal_copy(const struct principal *from, struct arena *a, struct principal *out,
                              struct error *err) {
    size_t count = from->name.name_string.count;
    struct slice *items = arena_zalloc(a, count, sizeof *items);
    ENSURE_MEMORY(items);
    struct principal copy = {.name = {from->name.name_type, {items, count}}};
    bool ok = arena_copy(a, from->realm, &copy.realm);
    for (size_t i = 0; ok && i < count; i++)
        ok = arena_copy(a, from->name.name_string.items[i], &items[i]);
    ENSURE(ok, NO_MEMORY, "the request's memory is used up");
    *out = copy;
    return OBOL_OK;
}

enum obol_code principal_krbtgt(struct slice target, struct slice realm, struct arena *a,
                                struct principal *out, struct error *err) {
    struct slice *items = arena_alloc(a, 2 * sizeof *items);
    ENSURE_MEMORY(items);
    items[0] = SLICE_LITERAL("krbtgt");
    items[1] = target;
    *out = (struct principal){.realm = realm, .name = {NT_SRV_INST, {items, 2}}};
    return OBOL_OK;
}

bool principal_is_krbtgt(const struct principal_name *name) {
    return name->name_string.count == 2 &&
           slice_eq(name->name_string.items[0], SLICE_LITERAL("krbtgt"));
}

bool principal_name_is_anonymous(const struct principal_name *name) {
    const struct principal anonymous = principal_anonymous();
    return principal_name_eq(name, &anonymous.name);
}

bool principal_is_anonymous(const struct principal *p) {
    const struct principal anonymous = principal_anonymous();
    return principal_eq(p, &anonymous);
}

struct principal principal_anonymous(void) {
    static struct slice parts[] = {{(const uint8_t *)"WELLKNOWN", 9},
                                   {(const uint8_t *)"ANONYMOUS", 9}};
    return (struct principal){SLICE_LITERAL("WELLKNOWN:ANONYMOUS"),
                              {NT_WELLKNOWN, {parts, COUNT_OF(parts)}}};
}

enum obol_code principal_check(const struct principal *p, struct error *err) {
    size_t count = p->name.name_string.count, total = p->realm.len;
    ENSURE(count > 0, NAME_MALFORMED, "the name has no component");
    ENSURE(count <= COMPONENTS_MAX, NAME_MALFORMED, "the name has %zu components", count);
    ENSURE(p->realm.len > 0, NAME_MALFORMED, "the realm is empty");
    ENSURE(slice_find(p->realm, 0) == p->realm.len, NAME_MALFORMED, "the realm holds a NUL byte");
    for (size_t i = 0; i < count; i++) {
        struct slice part = p->name.name_string.items[i];
        ENSURE(slice_find(part, 0) == part.len, NAME_MALFORMED, "component %zu holds a NUL byte",
               i + 1);
        ENSURE(part.len <= NAME_BYTES_MAX, NAME_MALFORMED, "component %zu has %zu bytes", i + 1,
               part.len);
        total += part.len;
    }
    ENSURE(total <= NAME_BYTES_MAX, NAME_MALFORMED, "the name has %zu bytes, more than %u", total,
           NAME_BYTES_MAX);
    return OBOL_OK;
}

enum obol_code principal_salt(const struct principal *p, struct arena *a, struct slice *out,
                              struct error *err) {
    struct writer w = writer_to_arena(a);
    writer_bytes(&w, p->realm);
    for (size_t i = 0; i < p->name.name_string.count; i++)
        writer_bytes(&w, p->name.name_string.items[i]);
    ENSURE(writer_ok(&w), NO_MEMORY, "the request's memory is used up");
    *out = writer_slice(&w);
    return OBOL_OK;
}
