// duration.c: see duration.h. The forms are those of MIT's krb5_string_to_deltat, whose test table
// is in tests/config.
#include "config/duration.h"

#define MINUTE 60
#define HOUR   3600
#define DAY    86400
#define WEEK   604800

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static struct slice skip(struct slice s, size_t n) {
    return slice_of(s.ptr + n, s.len - n);
}

static struct slice skip_space(struct slice s) {
    while (s.len && (s.ptr[0] == ' ' || (s.ptr[0] >= '\t' && s.ptr[0] <= '\r')))
        s = skip(s, 1);
    return s;
}

// take_digits reads an unsigned decimal number off the front; false if there is none or it is
// beyond 15 digits, far above every bound here.
static bool take_digits(struct slice *s, int64_t *out, size_t *digits) {
    int64_t value = 0;
    size_t n = 0;
    while (n < s->len && is_digit(s->ptr[n])) {
        if (n >= 15)
            return false;
        value = value * 10 + (s->ptr[n++] - '0');
    }
    *s = skip(*s, n);
    *out = value;
    *digits = n;
    return n > 0;
}

static bool take_signed(struct slice *s, int64_t *out) {
    bool negative = s->len && s->ptr[0] == '-';
    if (negative || (s->len && s->ptr[0] == '+'))
        *s = skip(*s, 1);
    size_t digits;
    if (!take_digits(s, out, &digits))
        return false;
    if (negative)
        *out = -*out;
    return true;
}

// The units, each with the words that stand for it; a falling order is asked of the text.
static const struct unit {
    int64_t seconds;
    const char *words[6];
} UNITS[] = {
    {WEEK, {"w", "week", "weeks", NULL}},         {DAY, {"d", "day", "days", NULL}},
    {HOUR, {"h", "hour", "hours", "hr", NULL}},   {MINUTE, {"m", "min", "minute", "minutes", NULL}},
    {1, {"s", "sec", "second", "seconds", NULL}},
};

static size_t unit_at(struct slice word) {
    for (size_t u = 0; u < COUNT_OF(UNITS); u++)
        for (size_t i = 0; UNITS[u].words[i]; i++)
            if (slice_eq_nocase(word, slice_str(UNITS[u].words[i])))
                return u;
    return COUNT_OF(UNITS);
}

// "1d 2h 30m": each number with its unit, the units falling.
static bool parse_units(struct slice s, int64_t *seconds) {
    int64_t total = 0;
    size_t next_unit = 0;
    for (s = skip_space(s); s.len; s = skip_space(s)) {
        int64_t n;
        if (!take_signed(&s, &n))
            return false;
        s = skip_space(s);
        size_t letters = 0;
        while (letters < s.len &&
               ((s.ptr[letters] | 0x20) >= 'a' && (s.ptr[letters] | 0x20) <= 'z'))
            letters++;
        size_t u = unit_at(slice_sub(s, 0, letters));
        if (u >= COUNT_OF(UNITS) || u < next_unit)
            return false;
        s = skip(s, letters);
        next_unit = u + 1;
        int64_t part;
        if (__builtin_mul_overflow(n, UNITS[u].seconds, &part) ||
            __builtin_add_overflow(total, part, &total))
            return false;
    }
    *seconds = total;
    return next_unit > 0;
}

// "1:02", "1:02:03", "7-1:02:03": at most two digits behind a colon.
static bool parse_colons(struct slice s, int64_t *seconds) {
    int64_t parts[3], days = 0, first;
    size_t count = 0, digits;
    if (!take_digits(&s, &first, &digits))
        return false;
    bool with_days = s.len && s.ptr[0] == '-';
    if (with_days) {
        days = first;
        s = skip(s, 1);
        if (!take_digits(&s, &first, &digits) || digits > 2)
            return false;
    }
    for (parts[count++] = first; s.len && s.ptr[0] == ':' && count < 3; count++) {
        s = skip(s, 1);
        if (!take_digits(&s, &parts[count], &digits) || digits > 2)
            return false;
    }
    if (s.len || count < 2 || (with_days && count < 3) || days > INT32_MAX || first > INT32_MAX)
        return false;
    *seconds = days * DAY + parts[0] * HOUR + parts[1] * MINUTE + (count > 2 ? parts[2] : 0);
    return true;
}

bool duration_parse(struct slice text, int64_t *seconds) {
    struct slice s = slice_trim(text);
    int64_t plain;
    struct slice rest = s;
    bool is_plain = take_signed(&rest, &plain) && rest.len == 0;
    int64_t value = plain;
    if (!is_plain && !parse_units(s, &value) && !parse_colons(s, &value))
        return false;
    if (value < INT32_MIN || value > INT32_MAX)
        return false;
    *seconds = value;
    return true;
}

void duration_write(struct writer *w, int64_t seconds) {
    static const struct {
        int64_t size;
        char letter;
    } parts[] = {{DAY, 'd'}, {HOUR, 'h'}, {MINUTE, 'm'}, {1, 's'}};
    uint64_t left = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
    if (seconds < 0)
        writer_u8(w, '-');
    if (left == 0)
        writer_str(w, "0s");
    bool some = false;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        uint64_t n = left / (uint64_t)parts[i].size;
        left %= (uint64_t)parts[i].size;
        if (n == 0)
            continue;
        writer_printf(w, "%s%llu%c", some ? " " : "", (unsigned long long)n, parts[i].letter);
        some = true;
    }
}

bool size_parse(struct slice text, int64_t *bytes) {
    struct slice s = slice_trim(text);
    size_t digits;
    int64_t n;
    if (!take_digits(&s, &n, &digits))
        return false;
    s = skip_space(s);
    static const char *const suffixes[] = {"", "k", "m", "g", "t"};
    for (unsigned power = 0; power < COUNT_OF(suffixes); power++) {
        struct slice suffix = slice_str(suffixes[power]);
        struct slice rest = slice_sub(s, suffix.len, SIZE_MAX);
        bool fits = slice_eq_nocase(slice_sub(s, 0, suffix.len), suffix) &&
                    (rest.len == 0 || slice_eq_nocase(rest, SLICE_LITERAL("b")) ||
                     (power > 0 && slice_eq_nocase(rest, SLICE_LITERAL("ib"))));
        if (fits)
            return !__builtin_mul_overflow(n, INT64_C(1) << (10 * power), bytes);
    }
    return false;
}

static bool parse_hex(struct slice s, int64_t *number) {
    uint64_t value = 0;
    if (s.len == 0 || s.len > 15)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.ptr[i], letter = (uint8_t)(c | 0x20);
        bool is_letter = letter >= 'a' && letter <= 'f';
        if (!is_digit(c) && !is_letter)
            return false;
        value = value * 16 + (uint64_t)(is_letter ? letter - 'a' + 10 : c - '0');
    }
    *number = (int64_t)value;
    return true;
}

bool number_parse(struct slice text, int64_t *number) {
    struct slice s = slice_trim(text);
    if (slice_eq_nocase(slice_sub(s, 0, 2), SLICE_LITERAL("0x")))
        return parse_hex(slice_sub(s, 2, SIZE_MAX), number);
    return take_signed(&s, number) && s.len == 0;
}

bool boolean_parse(struct slice text, bool *value) {
    static const char *const yes[] = {"yes", "true", "t", "y", "1", "on"};
    static const char *const no[] = {"no", "false", "nil", "n", "0", "off", "f"};
    struct slice s = slice_trim(text);
    for (size_t i = 0; i < COUNT_OF(yes); i++)
        if (slice_eq_nocase(s, slice_str(yes[i])))
            return *value = true, true;
    for (size_t i = 0; i < COUNT_OF(no); i++)
        if (slice_eq_nocase(s, slice_str(no[i])))
            return *value = false, true;
    return false;
}
