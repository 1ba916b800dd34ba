// crc32c.c: CRC-32C, eight bytes a step over eight tables (RFC 3720 appendix B.4). In plain C,
// since a record of a few hundred bytes takes about 0.1 us and no processor need be asked what it
// can do.
#include "store/crc32c.h"

#define POLYNOMIAL UINT32_C(0x82f63b78) // reflected

static uint32_t tables[8][256];

// Runs before main, so that no reader has to ask whether the tables are there.
__attribute__((constructor)) static void fill_tables(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        tables[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            tables[k][i] = tables[k - 1][i] >> 8 ^ tables[0][tables[k - 1][i] & 0xff];
}

uint32_t crc32c_more(uint32_t crc, struct slice s) {
    crc = ~crc;
    size_t i = 0;
    for (; s.len - i >= 8; i += 8) {
        const uint8_t *p = s.ptr + i;
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                              (uint32_t)p[3] << 24);
        crc = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
              tables[4][low >> 24] ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^
              tables[0][p[7]];
    }
    for (; i < s.len; i++)
        crc = crc >> 8 ^ tables[0][(crc ^ s.ptr[i]) & 0xff];
    return ~crc;
}
