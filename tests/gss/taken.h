// taken.h: which bits of a token may be flipped without its being refused: each belongs to a field
// that nobody relies on, and stands here with the reason. Whatever else is taken fails the test.
#ifndef OBOL_TESTS_TAKEN_H
#define OBOL_TESTS_TAKEN_H

#include "../test.h"

static const struct taken {
    const char *name, *reason;
    struct slice before; // the field stands behind these bytes
    size_t len;          // bytes of it
} TAKEN[] = {
#define BYTES(s)                                                                                   \
    { (const uint8_t *)(s), sizeof(s) - 1 }
    {"negState", "the mechanism's proof or SPNEGO's MIC says the same (RFC 4178 5)",
     BYTES("\xa0\x03\x0a\x01"), 1},
    {"kvno beside a ticket", "a hint: the key that is there opens it or not (RFC 4120 5.2.9)",
     BYTES("\xa0\x03\x02\x01\x14\xa1\x03\x02\x01"), 1},
    {"kvno beside a ticket", "the same, of another enctype",
     BYTES("\xa0\x03\x02\x01\x12\xa1\x03\x02\x01"), 1},
    {"ap-options", "the checksum's flags count (RFC 4121 4.1.1.1); others nobody knows",
     BYTES("\xa2\x07\x03\x05"), 5},
    {"type of the name beside a ticket", "types do not tell names apart (RFC 4120 6.2)",
     BYTES("\x1b\x0b"
           "EXAMPLE.COM\xa2\x16\x30\x14\xa0\x03\x02\x01"),
     1},
    {"type of the name beside a ticket", "the same, in the realm of another test",
     BYTES("\x1b\x09"
           "OBOL.TEST\xa2\x20\x30\x1e\xa0\x03\x02\x01"),
     1},
    {"realm beside a ticket",
     "the service is whose key opens it: tests/krb, a_ticket_is_for_whom...",
     BYTES("\xa1\x0b\x1b\x09"), 9},
    {"service beside a ticket", "the same", BYTES("\x30\x15\x1b\x04"), 4},
    {"host beside a ticket", "the same", BYTES("HTTP\x1b\x0d"), 13},
    {"tag of SPNEGO's mechToken",
     "others may come one day, and without one the service asks for it (RFC 4178 4.2.1)",
     BYTES("\xa0\x0d\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"), 1},
    {"krb5's OID", "one bit makes Windows' name for the same mechanism of it (MS-SPNG 3.1.5.2)",
     BYTES("\x06\x09\x2a\x86\x48"), 1},
};

static inline bool is_taken(const struct taken *t, struct slice token, size_t at) {
    size_t len = t->before.len;
    for (size_t start = 0; start + len <= token.len; start++)
        if (at >= start + len && at < start + len + t->len &&
            memcmp(token.ptr + start, t->before.ptr, len) == 0)
            return true;
    return false;
}

// taken_in is what of a list may be taken at a byte of a token; NULL: nothing.
static inline const struct taken *taken_in(const struct taken *list, size_t count,
                                           struct slice token, size_t at) {
    for (size_t i = 0; i < count; i++)
        if (is_taken(&list[i], token, at))
            return &list[i];
    return NULL;
}

static inline const struct taken *taken_at(struct slice token, size_t at) {
    return taken_in(TAKEN, COUNT_OF(TAKEN), token, at);
}

#endif
