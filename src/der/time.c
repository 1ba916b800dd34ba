// time.c: calendar arithmetic for KerberosTime; see time.h. Days are counted in 400-year eras of
// years that begin in March, so that the leap day comes last.
#include "der/time.h"

#define DAYS_PER_ERA 146097
#define DAYS_TO_1970 719468 // from 0000-03-01

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
    if (month <= 2)
        year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned year_of_era = (unsigned)(year - era * 400);
    unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + (int64_t)day_of_era - DAYS_TO_1970;
}

static unsigned days_in_month(unsigned year, unsigned month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

// The number that two digits make; any non-digit gives 100 or more.
static unsigned two_digits(const uint8_t *p) {
    unsigned tens = p[0] - (unsigned)'0', ones = p[1] - (unsigned)'0';
    return tens > 9 || ones > 9 ? 10000 : tens * 10 + ones;
}

bool kerberos_time_read(struct slice text, int64_t *seconds) {
    if (text.len != KERBEROS_TIME_LEN || text.ptr[14] != 'Z')
        return false;
    const uint8_t *p = text.ptr;
    unsigned century = two_digits(p), years = two_digits(p + 2), month = two_digits(p + 4);
    unsigned day = two_digits(p + 6), hour = two_digits(p + 8), minute = two_digits(p + 10);
    unsigned second = two_digits(p + 12);
    if (century > 99 || years > 99 || month < 1 || month > 12 || day < 1 || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    unsigned year = century * 100 + years;
    if (day > 28 && day > days_in_month(year, month))
        return false;
    *seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

static void put_two(uint8_t *p, unsigned v) {
    p[0] = (uint8_t)('0' + v / 10);
    p[1] = (uint8_t)('0' + v % 10);
}

bool kerberos_time_write(int64_t seconds, uint8_t out[KERBEROS_TIME_LEN]) {
    if (seconds < KERBEROS_TIME_MIN || seconds > KERBEROS_TIME_MAX)
        return false;
    // Counted from 0000-03-01 less one era, which is before KERBEROS_TIME_MIN: all is positive.
    uint64_t shifted = (uint64_t)(seconds + (int64_t)(DAYS_TO_1970 + DAYS_PER_ERA) * 86400);
    unsigned days = (unsigned)(shifted / 86400), rest = (unsigned)(shifted % 86400);
    unsigned era = days / DAYS_PER_ERA, day_of_era = days % DAYS_PER_ERA;
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    unsigned year = era * 400 + year_of_era + (month <= 2) - 400;
    put_two(out, year / 100);
    put_two(out + 2, year % 100);
    put_two(out + 4, month);
    put_two(out + 6, day_of_year - (153 * month_from_march + 2) / 5 + 1);
    put_two(out + 8, rest / 3600);
    put_two(out + 10, rest / 60 % 60);
    put_two(out + 12, rest % 60);
    out[14] = 'Z';
    return true;
}
