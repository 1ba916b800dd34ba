// time.h: KerberosTime, "YYYYMMDDHHMMSSZ" (RFC 4120 5.2.3), to and from seconds since 1970, with
// the proleptic Gregorian calendar and no help from libc.
#ifndef OBOL_DER_TIME_H
#define OBOL_DER_TIME_H

#include "base/slice.h"

enum { KERBEROS_TIME_LEN = 15 };
// KERBEROS_TIME_MIN and _MAX are 00000101000000Z and 99991231235959Z.
#define KERBEROS_TIME_MIN INT64_C(-62167219200)
#define KERBEROS_TIME_MAX INT64_C(253402300799)

// kerberos_time_read reads exactly that form; false on any other, and on dates that do not exist.
MUST_USE bool kerberos_time_read(struct slice text, int64_t *seconds);
// kerberos_time_write writes the form; false if the year does not fit four digits.
MUST_USE bool kerberos_time_write(int64_t seconds, uint8_t out[KERBEROS_TIME_LEN]);

#endif
