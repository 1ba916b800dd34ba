// text.c: the times and texts of a PAC (MS-DTYP 2.3.3, 2.3.10): 100 ns since 1601, UTF-16.
#include "pac/pac.h"

#define SECONDS_1601_TO_1970 INT64_C(11644473600)

uint64_t filetime_of(int64_t seconds) {
    if (seconds <= 0)
        return 0;
    if (seconds > (int64_t)(FILETIME_NEVER / 10000000) - SECONDS_1601_TO_1970)
        return FILETIME_NEVER;
    return ((uint64_t)seconds + (uint64_t)SECONDS_1601_TO_1970) * 10000000;
}

// A byte that begins no UTF-8 sequence stands for itself as 0xDC00 + byte.
#define STRAY(byte) (0xdc00u + (byte))

// The next character; shortest forms only, no surrogates.
static uint32_t next_char(const uint8_t **at, const uint8_t *end) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const uint8_t *p = *at;
    uint32_t lead = *p++;
    *at = p;
    if (lead < 0x80)
        return lead;
    int more = lead >= 0xf0 && lead < 0xf8 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc0 || lead >= 0xf8 || end - p < more)
        return STRAY(lead);
    uint32_t c = lead & (0x3fu >> more);
    for (int i = 0; i < more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return STRAY(lead);
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return STRAY(lead);
    *at = p + more;
    return c;
}

size_t utf16_length(struct slice utf8) {
    size_t units = 0;
    const uint8_t *at = utf8.ptr, *end = utf8.len ? utf8.ptr + utf8.len : utf8.ptr;
    while (at < end)
        units += next_char(&at, end) >= 0x10000 ? 2 : 1;
    return units * 2;
}

void utf16_write(struct writer *w, struct slice utf8) {
    const uint8_t *at = utf8.ptr, *end = utf8.len ? utf8.ptr + utf8.len : utf8.ptr;
    while (at < end) {
        uint32_t c = next_char(&at, end);
        if (c >= 0x10000) {
            writer_le16(w, (uint16_t)(0xd800 + ((c - 0x10000) >> 10)));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        writer_le16(w, (uint16_t)c);
    }
}

static void write_char(struct writer *w, uint32_t c) {
    if (c < 0x80 || (c >= STRAY(0x80) && c <= STRAY(0xff))) {
        writer_u8(w, (uint8_t)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    writer_u8(w, (uint8_t)(lead[more] | c >> (6 * more)));
    while (more-- > 0)
        writer_u8(w, (uint8_t)(0x80 | (c >> (6 * more) & 0x3f)));
}

enum obol_code utf16_read(struct slice utf16, struct arena *a, struct slice *out,
                          struct error *err) {
    struct writer w = writer_to_arena(a);
    struct reader r = reader_of(utf16);
    *out = (struct slice){0};
    ENSURE(utf16.len % 2 == 0, FORMAT, "a UTF-16 text of %zu bytes", utf16.len);
    while (reader_left(&r)) {
        uint32_t c = reader_le16(&r);
        struct reader ahead = r;
        uint32_t low = c >= 0xd800 && c < 0xdc00 ? reader_le16(&ahead) : 0;
        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
            r = ahead;
        }
        write_char(&w, c);
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "a text of %zu bytes", utf16.len);
    *out = writer_slice(&w);
    return OBOL_OK;
}
