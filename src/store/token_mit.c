// token_mit.c: the string attribute "otp" of MIT's KDC: a JSON list (RFC 8259) of objects with
// "type", "username" and "indicators", each of which may be missing; an imported realm brings it. A
// reader of just that: what else stands in an object is passed over.
#include "base/reader.h"
#include "base/writer.h"
#include "store/token.h"

#define DEFAULT_TYPE SLICE_LITERAL("DEFAULT")
enum { DEPTH_MAX = 8 };

struct json {
    struct reader r;
    struct arena *arena;
};

static uint8_t peek(struct json *j) {
    while (reader_left(&j->r) && strchr(" \t\r\n", *j->r.ptr) && *j->r.ptr)
        reader_skip(&j->r, 1);
    return reader_left(&j->r) ? *j->r.ptr : 0;
}

// The next character, if it is that one.
static bool take(struct json *j, char c) {
    if (peek(j) != (uint8_t)c)
        return false;
    reader_skip(&j->r, 1);
    return true;
}

static void expect(struct json *j, char c) {
    if (!take(j, c))
        reader_fail(&j->r);
}

static uint32_t read_hex(struct json *j) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        uint8_t c = reader_u8(&j->r);
        const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
        if (!at)
            reader_fail(&j->r);
        value = value << 4 | (at ? (uint32_t)(at - digits) : 0);
    }
    return value;
}

// A code point behind \u, as UTF-8: of two surrogates one.
static void write_point(struct json *j, struct writer *w) {
    uint32_t c = read_hex(j);
    if (c >= 0xd800 && c < 0xdc00) {
        uint16_t introducer = reader_be16(&j->r);
        uint32_t low = read_hex(j);
        if (introducer != ('\\' << 8 | 'u') || low < 0xdc00 || low > 0xdfff)
            reader_fail(&j->r);
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c >= 0xdc00 && c < 0xe000) {
        reader_fail(&j->r);
    }
    if (c == 0)
        reader_fail(&j->r);
    if (c < 0x80) {
        writer_u8(w, (uint8_t)c);
        return;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t heads[] = {0, 0xc0, 0xe0, 0xf0};
    writer_u8(w, (uint8_t)(heads[more] | c >> 6 * more));
    for (int i = more - 1; i >= 0; i--)
        writer_u8(w, (uint8_t)(0x80 | (c >> 6 * i & 0x3f)));
}

static void write_escape(struct json *j, struct writer *w) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    uint8_t c = reader_u8(&j->r);
    const char *at = c ? strchr(letters, c) : NULL;
    if (at)
        writer_u8(w, (uint8_t)meant[at - letters]);
    else if (c == 'u')
        write_point(j, w);
    else
        reader_fail(&j->r);
}

static struct slice read_string(struct json *j) {
    struct writer w = writer_to_arena(j->arena);
    expect(j, '"');
    while (reader_ok(&j->r)) {
        uint8_t c = reader_u8(&j->r);
        if (c == '"')
            break;
        if (c == '\\')
            write_escape(j, &w);
        else if (c < ' ') // also past the end
            reader_fail(&j->r);
        else
            writer_u8(&w, c);
    }
    if (!writer_ok(&w))
        reader_fail(&j->r);
    return writer_slice(&w);
}

static void skip_value(struct json *j, unsigned depth);

static void skip_list(struct json *j, char end, unsigned depth) {
    reader_skip(&j->r, 1);
    if (take(j, end))
        return;
    do {
        if (end == '}') {
            (void)read_string(j);
            expect(j, ':');
        }
        skip_value(j, depth + 1);
    } while (reader_ok(&j->r) && take(j, ','));
    expect(j, end);
}

// Numbers and the three words are not looked at closely: nobody wants them.
static void skip_value(struct json *j, unsigned depth) {
    uint8_t c = peek(j);
    size_t len = 0;
    if (depth > DEPTH_MAX)
        reader_fail(&j->r);
    else if (c == '"')
        (void)read_string(j);
    else if (c == '[' || c == '{')
        skip_list(j, c == '[' ? ']' : '}', depth);
    else {
        for (; reader_left(&j->r) && *j->r.ptr && strchr("+-.0123456789eEtrufalsn", *j->r.ptr);
             len++)
            reader_skip(&j->r, 1);
        if (len == 0)
            reader_fail(&j->r);
    }
}

static void read_indicators(struct json *j, struct token *t) {
    expect(j, '[');
    t->indicator_count = 0;
    if (take(j, ']'))
        return;
    do {
        struct slice s = read_string(j);
        if (t->indicator_count == TOKEN_INDICATORS_MAX || !s.len)
            reader_fail(&j->r);
        else
            t->indicators[t->indicator_count++] = s;
    } while (reader_ok(&j->r) && take(j, ','));
    expect(j, ']');
}

static void read_member(struct json *j, struct token *t) {
    struct slice name = read_string(j);
    expect(j, ':');
    if (slice_eq_str(name, "type"))
        t->type = read_string(j);
    else if (slice_eq_str(name, "username"))
        t->user = read_string(j);
    else if (slice_eq_str(name, "indicators"))
        read_indicators(j, t);
    else
        skip_value(j, 0);
}

static void read_token(struct json *j, struct token *t) {
    expect(j, '{');
    if (take(j, '}'))
        return;
    do
        read_member(j, t);
    while (reader_ok(&j->r) && take(j, ','));
    expect(j, '}');
    if (!t->type.len || t->type.len > TOKEN_TYPE_MAX || t->user.len > TOKEN_USER_MAX)
        reader_fail(&j->r);
}

static void read_tokens(struct json *j, struct token_list *list) {
    expect(j, '[');
    do {
        struct token *t = &list->items[list->count];
        if (list->count == TOKENS_MAX) {
            reader_fail(&j->r);
            return;
        }
        *t = (struct token){.number = TOKEN_OF_MIT + (uint32_t)list->count,
                            .kind = TOKEN_RADIUS,
                            .code_only = true,
                            .type = DEFAULT_TYPE};
        read_token(j, t);
        t->label = t->type;
        list->count++;
    } while (reader_ok(&j->r) && take(j, ','));
    expect(j, ']');
    if (peek(j))
        reader_fail(&j->r);
}

enum obol_code tokens_add_mit(const struct record *r, struct token_list *list, struct arena *a,
                              struct error *err) {
    const struct record_attribute *found = NULL;
    for (size_t i = 0; i < r->attributes.count && !found; i++)
        if (slice_eq(r->attributes.items[i].name, TOKEN_MIT_ATTRIBUTE))
            found = &r->attributes.items[i];
    if (!found)
        return OBOL_OK;
    struct json j = {reader_of(found->value), a};
    read_tokens(&j, list);
    if (reader_done(&j.r))
        return OBOL_OK;
    error_remedy(err,
                 "Write it as [{\"type\": \"TYPE\", \"username\": \"NAME\"}], with the TYPE of "
                 "a section of [otp] in kdc.conf.");
    return error_set(err, OBOL_FORMAT, __func__,
                     "the attribute otp of %.*s is no JSON list of one to %d tokens",
                     SLICE_ARG(r->name), TOKENS_MAX);
}
