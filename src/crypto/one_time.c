// one_time.c: see one_time.h.
#include "crypto/one_time.h"
#include "base/ct.h"

void one_time_code(enum hash hash, struct slice secret, uint64_t counter, struct buf out) {
    uint8_t bytes[8], mac[HASH_MAX];
    struct hmac prepared;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(counter >> (56 - 8 * i));
    hmac_prepare(&prepared, hash, secret);
    const struct slice message = slice_of(bytes, sizeof bytes);
    hmac_compute(&prepared, hash, &message, 1, mac);
    // RFC 4226 5.3: the last nibble says where the 31 bits stand.
    const uint8_t *at = mac + (mac[hash_length(hash) - 1] & 0x0f);
    uint32_t number =
        (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    for (size_t i = out.len; i > 0; i--, number /= 10)
        out.ptr[i - 1] = (uint8_t)('0' + number % 10);
    wipe(mac, sizeof mac);
    wipe(&prepared, sizeof prepared);
}
