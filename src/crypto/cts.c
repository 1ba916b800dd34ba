// cts.c: CBC with ciphertext stealing, RFC 3962 5 (the mode that NIST calls CBC-CS3): the last two
// cipher blocks change places and the one that is then last is cut to the plaintext's length.
#include "base/ct.h"
#include "crypto/enctype.h"

// The last two of the blocks that end at `end`.
static void change_places(uint8_t *end) {
    uint8_t last[BLOCK_LENGTH];
    memcpy(last, end - BLOCK_LENGTH, BLOCK_LENGTH);
    memcpy(end - BLOCK_LENGTH, end - 2 * BLOCK_LENGTH, BLOCK_LENGTH);
    memcpy(end - 2 * BLOCK_LENGTH, last, BLOCK_LENGTH);
}

bool cts_seal(struct cipher *c, uint8_t *data, size_t len) {
    if (len <= BLOCK_LENGTH)
        return len == BLOCK_LENGTH && cipher_cbc(c, data, len, true);
    if (len % BLOCK_LENGTH == 0) { // nothing is stolen: two blocks change places
        bool ok = cipher_cbc(c, data, len, true);
        change_places(data + len);
        return ok;
    }
    size_t head = (len - 1) / BLOCK_LENGTH * BLOCK_LENGTH, tail = len - head;
    uint8_t last[BLOCK_LENGTH] = {0};
    memcpy(last, data + head, tail);
    if (!cipher_cbc(c, data, head, true) || !cipher_cbc(c, last, sizeof last, false)) {
        wipe(last, sizeof last);
        return false;
    }
    memcpy(data + head, data + head - BLOCK_LENGTH, tail);
    memcpy(data + head - BLOCK_LENGTH, last, sizeof last);
    return true;
}

static void add(uint8_t *restrict to, const uint8_t *restrict from, size_t len) {
    for (size_t i = 0; i < len; i++)
        to[i] ^= from[i];
}

// Whole blocks, of which the last two come in the other order.
static bool open_blocks(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len) {
    if (!cipher_blocks_open(c, in, out, len))
        return false;
    change_places(out + len);
    add(out + BLOCK_LENGTH, in, len - 2 * BLOCK_LENGTH);
    add(out + len - BLOCK_LENGTH, in + len - BLOCK_LENGTH, BLOCK_LENGTH);
    return true;
}

bool cts_open(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len) {
    if (len <= BLOCK_LENGTH)
        return len == BLOCK_LENGTH && cipher_blocks_open(c, in, out, len);
    if (len % BLOCK_LENGTH == 0)
        return open_blocks(c, in, out, len);
    size_t head = (len - 1) / BLOCK_LENGTH * BLOCK_LENGTH, tail = len - head;
    // All whole blocks in one call, which deciphers eight at a time; the chaining is added after.
    if (!cipher_blocks_open(c, in, out, head))
        return false;
    // The last whole block deciphers to the stolen end of its neighbour and the plaintext's tail.
    uint8_t *stolen = out + head - BLOCK_LENGTH;
    uint8_t joined[BLOCK_LENGTH];
    memcpy(joined, in + head, tail);
    memcpy(joined + tail, stolen + tail, BLOCK_LENGTH - tail);
    for (size_t i = 0; i < tail; i++)
        out[head + i] = stolen[i] ^ in[head + i];
    if (!cipher_blocks_open(c, joined, stolen, BLOCK_LENGTH))
        return false;
    add(out + BLOCK_LENGTH, in, head - BLOCK_LENGTH);
    return true;
}

bool cts_open_rest(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len) {
    if (len <= 2 * BLOCK_LENGTH || !cts_open(c, in + BLOCK_LENGTH, out, len - BLOCK_LENGTH))
        return false;
    add(out, in, BLOCK_LENGTH); // which is the IV of what follows
    return true;
}
