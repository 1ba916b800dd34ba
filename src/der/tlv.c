// tlv.c: the long form of DER lengths (X.690 8.1.3.5, 10.1).
#include "der/tlv.h"

bool tlv_length_long(struct reader *r, uint8_t first, size_t *len) {
    size_t octets = first & 0x7fu;
    if (octets == 0 || octets > 4)
        return false;
    struct slice s = reader_bytes(r, octets);
    if (s.len != octets || s.ptr[0] == 0)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < octets; i++)
        n = n << 8 | s.ptr[i];
    *len = n;
    return n >= 0x80;
}
