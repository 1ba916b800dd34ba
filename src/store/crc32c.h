// crc32c.h: CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4): the checksum of records and of
// the master key file. It finds damage, it authenticates nothing.
#ifndef OBOL_STORE_CRC32C_H
#define OBOL_STORE_CRC32C_H

#include "base/slice.h"

// crc32c_more continues a checksum over further bytes; that of no bytes is 0.
uint32_t crc32c_more(uint32_t crc, struct slice bytes);
static inline uint32_t crc32c(struct slice bytes) {
    return crc32c_more(0, bytes);
}

#endif
