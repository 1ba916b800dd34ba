// times.c: see times.h.
#include "cli/times.h"
#include "config/duration.h"
#include <time.h>

static bool parse_calendar(const char *text, int64_t *out) {
    static const struct {
        const char *format;
        bool utc;
    } forms[] = {
        {"%Y-%m-%dT%H:%M:%SZ", true}, {"%Y-%m-%dT%H:%M:%S", false}, {"%Y-%m-%d %H:%M:%S", false},
        {"%Y-%m-%d %H:%M", false},    {"%Y-%m-%d", false},          {"%Y%m%d%H%M%SZ", true},
    };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct tm tm = {.tm_isdst = -1};
        const char *end = strptime(text, forms[i].format, &tm);
        if (!end || *end)
            continue;
        *out = forms[i].utc ? timegm(&tm) : mktime(&tm);
        return true;
    }
    return false;
}

bool time_parse(struct slice text, int64_t now, int64_t *out) {
    char word[64];
    struct slice s = slice_trim(text);
    if (s.len == 0 || s.len >= sizeof word)
        return false;
    memcpy(word, s.ptr, s.len);
    word[s.len] = '\0';
    *out = 0;
    if (slice_eq_nocase(s, SLICE_LITERAL("never")))
        return true;
    if (slice_eq_nocase(s, SLICE_LITERAL("now"))) {
        *out = now;
        return true;
    }
    struct slice rest = slice_sub(s, 1, SIZE_MAX);
    if (word[0] == '@')
        return number_parse(rest, out) && *out >= 0;
    if (word[0] == '+') {
        if (!duration_parse(rest, out))
            return false;
        *out += now;
        return true;
    }
    return parse_calendar(word, out);
}

static void write_form(struct writer *w, int64_t t, bool utc, const char *format) {
    time_t seconds = t;
    struct tm tm;
    char text[64];
    struct tm *ok = utc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm);
    if (ok && strftime(text, sizeof text, format, &tm) > 0)
        writer_str(w, text);
    else
        writer_printf(w, "@%lld", (long long)t);
}

void time_write(struct writer *w, int64_t t) {
    write_form(w, t, false, "%Y-%m-%d %H:%M:%S");
}

void time_write_iso(struct writer *w, int64_t t) {
    write_form(w, t, true, "%Y-%m-%dT%H:%M:%SZ");
}
