// import_line.c: the fields of a dump's line, each with its column; see import.h.
#include "admin/import.h"
#include "base/hex.h"

enum obol_code import_field(struct import_line *l, const char *what, struct slice *out,
                            struct error *err) {
    l->column = l->at + 1;
    ENSURE(l->at <= l->text.len, FORMAT, "the line ends where %s is expected", what);
    struct slice rest = slice_sub(l->text, l->at, l->text.len);
    *out = slice_sub(rest, 0, slice_find(rest, l->separator));
    l->at += out->len + 1;
    return OBOL_OK;
}

enum obol_code import_number(struct import_line *l, const char *what, int64_t min, int64_t max,
                             int64_t *out, struct error *err) {
    struct slice s;
    TRY(import_field(l, what, &s, err));
    bool minus = s.len && s.ptr[0] == '-';
    struct slice digits = slice_sub(s, minus, s.len);
    int64_t n = 0;
    ENSURE(digits.len && digits.len <= 18, FORMAT, "%s is no number", what);
    for (size_t i = 0; i < digits.len; i++) {
        ENSURE(digits.ptr[i] >= '0' && digits.ptr[i] <= '9', FORMAT, "%s is no number", what);
        n = n * 10 + (digits.ptr[i] - '0');
    }
    *out = minus ? -n : n;
    ENSURE(*out >= min && *out <= max, FORMAT, "%s is %lld; %lld to %lld make sense", what,
           (long long)*out, (long long)min, (long long)max);
    return OBOL_OK;
}

enum obol_code import_hex(struct import_line *l, const char *what, size_t len, struct arena *a,
                          struct slice *out, struct error *err) {
    struct slice s;
    *out = (struct slice){0};
    TRY(import_field(l, what, &s, err));
    if (len == 0) {
        ENSURE(slice_eq_str(s, "-1"), FORMAT, "%s of no bytes is written -1", what);
        return OBOL_OK;
    }
    ENSURE(s.len == 2 * len, FORMAT, "%s has %zu hexadecimal digits; its length says %zu", what,
           s.len, 2 * len);
    ENSURE(hex_decode(s, a, out) && out->len == len, FORMAT, "%s is not hexadecimal", what);
    return OBOL_OK;
}
