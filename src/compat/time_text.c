// time_text.c: lengths of time and points in time as text, and back.
#include "compat/context.h"
#include "compat/convert.h"
#include "config/duration.h"
#include <errno.h>
#include <stdio.h>
#include <time.h>

krb5_error_code krb5_string_to_deltat(char *text, krb5_deltat *out) {
    int64_t seconds;
    if (!text || !out)
        return EINVAL;
    if (!duration_parse(slice_str(text), &seconds) || seconds > INT32_MAX || seconds < INT32_MIN)
        return KRB5_DELTAT_BADFORMAT;
    *out = (krb5_deltat)seconds;
    return 0;
}

static krb5_error_code put(char *out, size_t size, struct writer *w) {
    writer_u8(w, '\0');
    struct slice text = writer_slice(w);
    if (text.len == 0 || text.len > size)
        return ENOMEM;
    memcpy(out, text.ptr, text.len);
    return 0;
}

krb5_error_code krb5_deltat_to_string(krb5_deltat seconds, char *out, size_t size) {
    uint8_t bytes[64];
    struct writer w = writer_to_buf(buf_of(bytes, sizeof bytes));
    if (!out)
        return EINVAL;
    duration_write(&w, seconds);
    return put(out, size, &w);
}

// The forms that people write, tried in turn; the year of two digits is of this century's first
// seventy years or the last's end, as strptime reads it.
static const char *const FORMS[] = {
    "%Y%m%d%H%M%S",
    "%Y.%m.%d.%H.%M.%S",
    "%Y-%m-%dT%H:%M:%S",
    "%y%m%d%H%M%S",
    "%y.%m.%d.%H.%M.%S",
    "%y%m%d%H%M",
    "%H%M%S",
    "%H%M",
    "%T",
    "%R",
    "%x:%X",
    "%d-%b-%Y:%T",
    "%d-%b-%Y:%R",
};

krb5_error_code krb5_string_to_timestamp(char *text, krb5_timestamp *out) {
    time_t now = (time_t)env_now(env_system());
    if (!text || !out)
        return EINVAL;
    for (size_t i = 0; i < COUNT_OF(FORMS); i++) {
        struct tm tm;
        if (!localtime_r(&now, &tm))
            return EINVAL;
        tm.tm_sec = 0;
        const char *end = strptime(text, FORMS[i], &tm);
        if (!end || *end)
            continue;
        tm.tm_isdst = -1;
        time_t t = mktime(&tm);
        if (t < 0 || (int64_t)t > UINT32_MAX)
            return EINVAL;
        *out = time_out(t);
        return 0;
    }
    return EINVAL;
}

static bool local(krb5_timestamp t, struct tm *tm) {
    time_t seconds = (time_t)time_in(t);
    return localtime_r(&seconds, tm) != NULL;
}

krb5_error_code krb5_timestamp_to_string(krb5_timestamp t, char *out, size_t size) {
    struct tm tm;
    if (!out || !local(t, &tm))
        return EINVAL;
    return strftime(out, size, "%c", &tm) ? 0 : ENOMEM;
}

// The longest form that fits, filled up with *pad to the whole size.
krb5_error_code krb5_timestamp_to_sfstring(krb5_timestamp t, char *out, size_t size, char *pad) {
    static const char *const forms[] = {"%c",    "%d %b %Y %T",       "%x %X",     "%x %T",
                                        "%x %R", "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M"};
    struct tm tm;
    size_t n = 0;
    if (!out || !local(t, &tm))
        return EINVAL;
    for (size_t i = 0; n == 0 && i < COUNT_OF(forms); i++)
        n = strftime(out, size, forms[i], &tm);
    if (n == 0)
        return ENOMEM;
    if (pad && size > n + 1) {
        memset(out + n, *pad, size - n - 1);
        out[size - 1] = '\0';
    }
    return 0;
}
