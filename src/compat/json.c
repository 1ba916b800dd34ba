// json.c: reads flat JSON objects, and writes their strings; see json.h.
#include "compat/json.h"
#include "base/reader.h"

static int peek(const struct reader *r) {
    return reader_left(r) ? *r->ptr : -1;
}

static void skip_space(struct reader *r) {
    for (int c = peek(r); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(r))
        reader_skip(r, 1);
}

static bool take(struct reader *r, uint8_t wanted) {
    skip_space(r);
    if (peek(r) != wanted)
        return false;
    reader_skip(r, 1);
    return true;
}

static uint32_t hex4(struct reader *r) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t c = reader_u8(r);
        uint8_t low = c | 0x20;
        if (c >= '0' && c <= '9')
            value = value << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            value = value << 4 | (uint32_t)(low - 'a' + 10);
        else
            reader_fail(r);
    }
    return value;
}

static void write_utf8(struct writer *w, uint32_t c) {
    if (c < 0x80) {
        writer_u8(w, (uint8_t)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    writer_u8(w, (uint8_t)(lead[more] | c >> 6 * more));
    while (more-- > 0)
        writer_u8(w, (uint8_t)(0x80 | (c >> 6 * more & 0x3f)));
}

// What stands behind a backslash; the two halves of a surrogate pair are one character.
static void unescape(struct reader *r, struct writer *w) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint8_t c = reader_u8(r);
    const char *at = c ? memchr(from, c, sizeof from - 1) : NULL;
    if (at) {
        writer_u8(w, (uint8_t)to[at - from]);
        return;
    }
    uint32_t code = c == 'u' ? hex4(r) : 0;
    if (code >= 0xd800 && code < 0xdc00 && reader_u8(r) == '\\' && reader_u8(r) == 'u') {
        uint32_t low = hex4(r);
        code = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((code - 0xd800) << 10) + low - 0xdc00 : 0;
    }
    // No NUL and no half pair: the text becomes a C string of UTF-8.
    if (code == 0 || (code >= 0xd800 && code < 0xe000))
        reader_fail(r);
    write_utf8(w, code);
}

static bool take_string(struct reader *r, struct arena *a, struct slice *out) {
    struct writer w = writer_to_arena(a);
    if (!take(r, '"'))
        return false;
    for (int c = peek(r); c != '"'; c = peek(r)) {
        reader_skip(r, 1);
        if (c < 0x20) // the end of the text, too
            return false;
        if (c == '\\')
            unescape(r, &w);
        else
            writer_u8(&w, (uint8_t)c);
    }
    reader_skip(r, 1);
    *out = writer_slice(&w);
    return reader_ok(r) && writer_ok(&w);
}

static bool take_number(struct reader *r, int64_t *out) {
    bool minus = take(r, '-');
    int digits = 0;
    *out = 0;
    for (int c = peek(r); c >= '0' && c <= '9' && digits < 18; c = peek(r), digits++) {
        *out = *out * 10 + (c - '0');
        reader_skip(r, 1);
    }
    *out = minus ? -*out : *out;
    return digits > 0;
}

static bool take_member(struct reader *r, struct arena *a, struct json_member *out) {
    *out = (struct json_member){0};
    if (!take_string(r, a, &out->name) || !take(r, ':'))
        return false;
    skip_space(r);
    out->is_text = peek(r) == '"';
    return out->is_text ? take_string(r, a, &out->text) : take_number(r, &out->number);
}

void json_bytes(struct writer *w, struct slice bytes) {
    writer_u8(w, '"');
    for (size_t i = 0; i < bytes.len; i++) {
        const uint8_t c = bytes.ptr[i];
        if (c < 0x20)
            writer_printf(w, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            writer_printf(w, "\\%c", c);
        else
            writer_u8(w, c);
    }
    writer_u8(w, '"');
}

bool json_members_read(const char *text, struct arena *a, struct json_members *out) {
    struct reader r = reader_of(slice_str(text));
    out->count = 0;
    if (!take(&r, '{'))
        return false;
    bool more = !take(&r, '}');
    while (more) {
        if (out->count == JSON_MEMBERS_MAX || !take_member(&r, a, &out->items[out->count++]))
            return false;
        more = take(&r, ',');
        if (!more && !take(&r, '}'))
            return false;
    }
    skip_space(&r);
    return reader_done(&r);
}

const struct json_member *json_member_find(const struct json_members *m, const char *name) {
    for (size_t i = 0; i < m->count; i++)
        if (slice_eq_str(m->items[i].name, name))
            return &m->items[i];
    return NULL;
}
