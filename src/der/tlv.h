// tlv.h: reading one DER value's identifier and length octets (X.690 8.1), the only place where it
// is done. Definite lengths in their shortest form and low tag numbers only.
#ifndef OBOL_DER_TLV_H
#define OBOL_DER_TLV_H

#include "base/reader.h"

// tlv_length_long reads a length of the long form from r, whose first octet was `first`. False if
// it is indefinite, not the shortest, or of more than four octets.
MUST_USE bool tlv_length_long(struct reader *r, uint8_t first, size_t *len);

// tlv_peek is the identifier octet of the next value, 0 if there is none.
static inline uint8_t tlv_peek(const struct reader *r) {
    return reader_left(r) ? r->ptr[0] : 0;
}

// tlv_next reads the next value: its identifier octet, and its content, which lies inside r. False
// (and r fails, and both are empty) if it is malformed or reaches past the end.
MUST_USE static inline bool tlv_next(struct reader *r, uint8_t *tag, struct slice *content) {
    *tag = 0;
    *content = (struct slice){0};
    struct slice head = reader_bytes(r, 2);
    if (UNLIKELY(head.len != 2 || (head.ptr[0] & 0x1f) == 0x1f)) {
        reader_fail(r);
        return false;
    }
    size_t len = head.ptr[1];
    if (UNLIKELY(len >= 0x80) && !tlv_length_long(r, head.ptr[1], &len)) {
        reader_fail(r);
        return false;
    }
    *tag = head.ptr[0];
    *content = reader_bytes(r, len);
    return !r->failed;
}

#endif
