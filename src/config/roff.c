// roff.c: see roff.h.
#include "config/roff.h"

#define LINE_BYTES 76 // of a line of the source, where its words allow

static const char *sign_of(uint8_t ch) {
    static const struct {
        uint8_t ch;
        const char *as;
    } signs[] = {{'-', "\\-"},   {'\\', "\\e"},  {'"', "\\(dq"}, {'\'', "\\(aq"},
                 {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (ch == signs[i].ch)
            return signs[i].as;
    return NULL;
}

static void put(struct writer *w, uint8_t ch) {
    const char *sign = sign_of(ch);
    if (sign)
        writer_str(w, sign);
    else
        writer_u8(w, ch);
}

void roff_words(struct writer *w, struct slice text) {
    if (text.len && text.ptr[0] == '.')
        writer_str(w, "\\&");
    for (size_t i = 0; i < text.len; i++)
        put(w, text.ptr[i]);
}

// The bytes that the word at the front takes in the source.
static size_t word_bytes(struct slice text) {
    size_t n = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != ' ' && text.ptr[i] != '\n'; i++) {
        const char *sign = sign_of(text.ptr[i]);
        n += sign ? strlen(sign) : 1;
    }
    return n;
}

void roff_text(struct writer *w, struct slice text) {
    size_t line = w->len;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t ch = text.ptr[i];
        struct slice rest = slice_sub(text, i + 1, SIZE_MAX);
        bool paragraph = ch == '\n' && rest.len && rest.ptr[0] == '\n';
        bool full = ch == ' ' && w->len - line + 1 + word_bytes(rest) > LINE_BYTES;
        if (ch != '\n' && !full) {
            if (w->len == line && ch == '.')
                writer_str(w, "\\&");
            put(w, ch);
            continue;
        }
        writer_str(w, paragraph ? "\n.PP\n" : "\n");
        i += paragraph;
        line = w->len;
    }
}
