// vectors.h: reads the vector files of tests/vectors/crypto: lines "name = value", records parted
// by empty lines, comments from '#'.
#ifndef OBOL_TESTS_CRYPTO_VECTORS_H
#define OBOL_TESTS_CRYPTO_VECTORS_H

#include "../test.h"
#include "crypto/crypto.h"
#include <stdio.h>
#include <stdlib.h>

struct vectors {
    struct arena arena;
    struct slice text, record;
    size_t count; // records seen so far
};

static inline void vectors_open(struct vectors *v, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/crypto/%s", VECTORS, name);
    *v = (struct vectors){0};
    assert_true(arena_init(&v->arena, 1 << 20, 1 << 20));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    uint8_t *text = arena_alloc(&v->arena, 1 << 19);
    v->text = slice_of(text, fread(text, 1, 1 << 19, f));
    fclose(f);
}

static inline struct slice vectors_line(struct slice *text) {
    size_t end = slice_find(*text, '\n');
    struct slice line = slice_trim(slice_sub(*text, 0, end));
    *text = slice_sub(*text, end + 1 < text->len ? end + 1 : text->len, text->len);
    return line;
}

// vectors_next steps to the next record; at the end false, once it is sure that there were some.
static inline bool vectors_next(struct vectors *v) {
    while (v->text.len) {
        struct slice start = v->text, line = vectors_line(&v->text);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        while (v->text.len && line.len)
            line = vectors_line(&v->text);
        v->record = slice_of(start.ptr, start.len - v->text.len);
        v->count++;
        return true;
    }
    assert_true(v->count > 0);
    arena_clear(&v->arena);
    return false;
}

// vectors_text is the value of a name in this record; its ptr is NULL if there is none.
static inline struct slice vectors_text(struct vectors *v, const char *name) {
    struct slice text = v->record;
    while (text.len) {
        struct slice line = vectors_line(&text);
        size_t equals = slice_find(line, '=');
        if (slice_eq_str(slice_trim(slice_sub(line, 0, equals)), name))
            return slice_trim(slice_sub(line, equals + 1, line.len));
    }
    return (struct slice){0};
}

static inline struct slice vectors_hex(struct vectors *v, const char *name) {
    struct slice bytes, text = vectors_text(v, name);
    if (!text.len)
        return (struct slice){0};
    assert_true(hex_decode(text, &v->arena, &bytes));
    return bytes;
}

static inline int32_t vectors_number(struct vectors *v, const char *name) {
    char text[32] = {0};
    struct slice s = vectors_text(v, name);
    assert_true(s.len > 0 && s.len < sizeof text);
    memcpy(text, s.ptr, s.len);
    return (int32_t)strtol(text, NULL, 10);
}

// A key of the record, on the heap.
static inline struct crypto_key *vectors_key(int32_t enctype, struct slice bytes) {
    struct crypto_key *key;
    assert_ok(crypto_key_new(&key, enctype, bytes, NULL));
    return key;
}

#endif
