// error.c: the error type; see error.h.
#include "base/error.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const struct error_info infos[OBOL_CODE_COUNT] = {
    [OBOL_OK] = {"OK", 0, 0, 0, "Error", "no error", ""},
#define ERROR_ROW(name, krb, krb5, gss, py, text, remedy)                                          \
    [OBOL_##name] = {#name, krb, krb5, gss, py, text, remedy},
    OBOL_ERROR_LIST(ERROR_ROW)
#undef ERROR_ROW
};

const struct error_info *error_info(enum obol_code code) {
    return (unsigned)code < OBOL_CODE_COUNT ? &infos[code] : &infos[OBOL_INTERNAL];
}

enum obol_code error_code_of_krb(int krb_error) {
    // The RFC's own errors stand behind the local ones that map to the same numbers.
    for (int i = OBOL_KDC_ERR_NAME_EXP; i < OBOL_CODE_COUNT; i++)
        if (infos[i].krb_error == krb_error)
            return (enum obol_code)i;
    return OBOL_KRB_ERR_GENERIC;
}

int32_t error_krb5_code(enum obol_code code) {
    if (code == OBOL_OK)
        return 0;
    if (code == OBOL_NO_MEMORY)
        return ENOMEM; // a number of the system's, as the programs expect it
    return ERROR_KRB5_BASE + error_info(code)->krb5_offset;
}

// Formats, escapes what came from outside, and ends with a NUL. Gives the length.
static size_t format_escaped(char *out, size_t size, const char *format, va_list args) {
    char raw[ERROR_DETAIL_MAX];
    int n = vsnprintf(raw, sizeof raw, format, args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof raw ? (size_t)n : sizeof raw - 1;
    // Escaped, a byte takes up to four: write to a buffer where all fits, then cut.
    char escaped[4 * ERROR_DETAIL_MAX];
    struct writer w = writer_to_buf(buf_of(escaped, sizeof escaped));
    text_escape(&w, slice_of(raw, len));
    struct slice text = slice_sub(writer_slice(&w), 0, size - 1);
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return text.len;
}

enum obol_code error_set(struct error *err, enum obol_code code, const char *where,
                         const char *format, ...) {
    if (err && err->code == OBOL_OK) {
        va_list args;
        va_start(args, format);
        err->code = code;
        err->where = where;
        format_escaped(err->detail, sizeof err->detail, format, args);
        va_end(args);
    }
    return code;
}

enum obol_code error_replace(struct error *err, enum obol_code code, const char *where,
                             const char *format, ...) {
    if (err) {
        va_list args;
        va_start(args, format);
        err->code = code;
        err->where = where;
        err->remedy_at = 0;
        format_escaped(err->detail, sizeof err->detail, format, args);
        va_end(args);
    }
    return code;
}

// add_fact puts "name NUL value NUL" behind the facts; false if it does not fit.
static bool add_fact(struct error *err, const char *name, const char *format, va_list args) {
    char value[ERROR_DETAIL_MAX];
    size_t value_len = format_escaped(value, sizeof value, format, args) + 1;
    size_t name_len = strlen(name) + 1;
    if (name_len + value_len > sizeof err->facts - err->facts_len)
        return false;
    memcpy(err->facts + err->facts_len, name, name_len);
    memcpy(err->facts + err->facts_len + name_len, value, value_len);
    err->facts_len = (uint16_t)(err->facts_len + name_len + value_len);
    return true;
}

void error_fact(struct error *err, const char *name, const char *format, ...) {
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    (void)add_fact(err, name, format, args); // past the room: what came first matters most
    va_end(args);
}

// A remedy is a fact without a name, which no walk gives out.
void error_remedy(struct error *err, const char *format, ...) {
    if (!err)
        return;
    size_t at = err->facts_len;
    va_list args;
    va_start(args, format);
    if (add_fact(err, "", format, args))
        err->remedy_at = (uint16_t)(at + 1);
    va_end(args);
}

const char *error_remedy_text(const struct error *err) {
    return err->remedy_at ? err->facts + err->remedy_at : error_info(err->code)->remedy;
}

bool error_fact_next(const struct error *err, size_t *at, const char **name, const char **value) {
    while (*at < err->facts_len) {
        *name = err->facts + *at;
        *at += strlen(*name) + 1;
        *value = err->facts + *at;
        *at += strlen(*value) + 1;
        if (**name)
            return true;
    }
    return false;
}

// The length of the well-formed UTF-8 sequence that s begins with, 0 if there is none.
static size_t utf8_length(struct slice s) {
    uint8_t lead = s.ptr[0];
    size_t n = lead < 0x80                   ? 1
               : lead >= 0xf0 && lead < 0xf5 ? 4
               : lead >= 0xe0 && lead < 0xf0 ? 3
               : lead >= 0xc2 && lead < 0xe0 ? 2
                                             : 0;
    if (n == 0 || n > s.len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s.ptr[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (lead == 0xe0 && s.ptr[1] < 0xa0) || (lead == 0xf0 && s.ptr[1] < 0x90);
    bool beyond = (lead == 0xed && s.ptr[1] >= 0xa0) || (lead == 0xf4 && s.ptr[1] >= 0x90);
    bool c1_control = lead == 0xc2 && s.ptr[1] < 0xa0;
    return overlong || beyond || c1_control ? 0 : n;
}

void text_escape(struct writer *w, struct slice bytes) {
    for (size_t i = 0; i < bytes.len;) {
        struct slice rest = slice_sub(bytes, i, bytes.len);
        size_t n = utf8_length(rest);
        if (n > 1 || (n == 1 && rest.ptr[0] >= 0x20 && rest.ptr[0] != 0x7f))
            writer_bytes(w, slice_of(rest.ptr, n));
        else
            writer_printf(w, "\\x%02x", rest.ptr[0]);
        i += n ? n : 1;
    }
}

// How many bytes s begins with that stand in a JSON string as they are.
static size_t json_plain(struct slice s) {
    size_t n = 0;
    while (n < s.len && s.ptr[n] >= 0x20 && s.ptr[n] < 0x7f && s.ptr[n] != '"' && s.ptr[n] != '\\')
        n++;
    return n;
}

void json_string(struct writer *w, struct slice bytes) {
    writer_u8(w, '"');
    for (size_t i = 0; i < bytes.len;) {
        struct slice rest = slice_sub(bytes, i, bytes.len);
        size_t n = json_plain(rest);
        if (n == 0 && (n = utf8_length(rest)) == 1)
            n = 0; // '"', '\\' or a control character
        uint8_t c = rest.ptr[0];
        if (n > 0)
            writer_bytes(w, slice_of(rest.ptr, n));
        else if (c == '"' || c == '\\')
            writer_printf(w, "\\%c", c);
        else // JSON text is UTF-8: a stray byte is shown as the character of its number
            writer_printf(w, "\\u%04x", c);
        i += n ? n : 1;
    }
    writer_u8(w, '"');
}

static void write_what(const struct error *err, struct writer *w) {
    const struct error_info *info = error_info(err->code);
    writer_str(w, info->text);
    if (err->detail[0]) {
        writer_str(w, ": ");
        writer_str(w, err->detail);
    }
}

void error_write(const struct error *err, struct writer *w) {
    write_what(err, w);
    size_t at = 0;
    const char *name, *value;
    for (bool first = true; error_fact_next(err, &at, &name, &value); first = false) {
        writer_str(w, first ? "\n  facts: " : "; ");
        writer_str(w, name);
        writer_str(w, " ");
        writer_str(w, value);
    }
    const char *remedy = error_remedy_text(err);
    if (remedy[0]) {
        writer_str(w, "\n  remedy: ");
        writer_str(w, remedy);
    }
    writer_str(w, "\n");
}

void error_write_line(const struct error *err, struct writer *w) {
    size_t at = 0;
    const char *name, *value;
    write_what(err, w);
    while (error_fact_next(err, &at, &name, &value))
        writer_printf(w, "; %s %s", name, value);
    const char *remedy = error_remedy_text(err);
    if (remedy[0]) {
        writer_str(w, ". ");
        writer_str(w, remedy);
    }
}

static void json_member(struct writer *w, const char *name, const char *value) {
    json_string(w, slice_str(name));
    writer_u8(w, ':');
    json_string(w, slice_str(value));
}

void error_write_json(const struct error *err, struct writer *w) {
    const struct error_info *info = error_info(err->code);
    writer_u8(w, '{');
    json_member(w, "error", info->name);
    writer_printf(w, ",\"krb_error\":%d,", info->krb_error);
    json_member(w, "text", info->text);
    writer_u8(w, ',');
    json_member(w, "detail", err->detail);
    writer_u8(w, ',');
    json_member(w, "remedy", error_remedy_text(err));
    writer_str(w, ",\"facts\":{");
    size_t at = 0;
    const char *name, *value;
    for (bool first = true; error_fact_next(err, &at, &name, &value); first = false) {
        writer_str(w, first ? "" : ",");
        json_member(w, name, value);
    }
    writer_str(w, "}}");
}
