// cts_parts.c: CBC with ciphertext stealing (RFC 3962 5) over a message that lies in parts. Whole
// blocks inside a part go through the cipher where they are; a block that lies in two parts, and
// the last two, which the stealing mixes, pass through a few bytes of ours. A short message goes
// there whole: a call of the cipher costs as much as copying hundreds of bytes.
#include "base/ct.h"
#include "crypto/enctype.h"

struct cursor {
    const struct crypto_part *part;
    size_t left;   // parts, this one counted
    size_t offset; // in this one
};

// The next contiguous bytes to be enciphered: how many, 0 only at the end.
static size_t cursor_run(struct cursor *c) {
    while (c->left && (c->part->sign_only || c->offset == c->part->len)) {
        c->part++;
        c->left--;
        c->offset = 0;
    }
    return c->left ? c->part->len - c->offset : 0;
}

// Copies n bytes from the parts; the cursor is the caller's copy, who goes over them again.
static void take(struct cursor c, uint8_t *to, size_t n) {
    while (n) {
        size_t run = cursor_run(&c), len = run < n ? run : n;
        memcpy(to, c.part->in + c.offset, len);
        c.offset += len;
        to += len;
        n -= len;
    }
}

static void put(struct cursor *c, const uint8_t *from, size_t n) {
    while (n) {
        size_t run = cursor_run(c), len = run < n ? run : n;
        memcpy(c->part->out + c->offset, from, len);
        c->offset += len;
        from += len;
        n -= len;
    }
}

// The bytes in front of the last two blocks, which the stealing leaves alone.
static size_t plain_head(size_t total) {
    return (total - 1) / BLOCK_LENGTH * BLOCK_LENGTH - BLOCK_LENGTH;
}

static bool seal_block(struct cipher *c, struct cursor *at, bool fresh) {
    uint8_t block[BLOCK_LENGTH];
    take(*at, block, sizeof block);
    bool ok = cipher_cbc(c, block, sizeof block, fresh);
    if (ok)
        put(at, block, sizeof block);
    wipe(block, sizeof block);
    return ok;
}

static bool seal_head(struct cipher *c, struct cursor *at, size_t len) {
    bool fresh = true;
    while (len) {
        size_t run = cursor_run(at), whole = (run < len ? run : len) & ~(size_t)(BLOCK_LENGTH - 1);
        if (fresh || whole == 0) {
            if (!seal_block(c, at, fresh))
                return false;
            fresh = false;
            len -= BLOCK_LENGTH;
            continue;
        }
        if (!cipher_cbc_next(c, at->part->in + at->offset, at->part->out + at->offset, whole))
            return false;
        at->offset += whole;
        len -= whole;
    }
    return true;
}

// The end of a message that was enciphered whole, its last block padded: the last two blocks change
// places.
static void steal(uint8_t *data, size_t total) {
    uint8_t *end = data + plain_head(total), last[BLOCK_LENGTH];
    memcpy(last, end + BLOCK_LENGTH, BLOCK_LENGTH);
    memcpy(end + BLOCK_LENGTH, end, BLOCK_LENGTH);
    memcpy(end, last, BLOCK_LENGTH);
}

bool cts_short_fits(const struct crypto_part *parts, size_t count, size_t total) {
    bool fits = total >= BLOCK_LENGTH && total <= CTS_SHORT_MAX;
    for (size_t i = 0; i < count; i++)
        fits = fits && !(parts[i].sign_only && parts[i].len);
    return fits;
}

void cts_short_take(struct cts_short *s, const struct crypto_part *parts, size_t count,
                    size_t total) {
    take((struct cursor){parts, count, 0}, cts_short_data(s), total);
}

void cts_short_put(struct cts_short *s, const struct crypto_part *parts, size_t count,
                   size_t total) {
    struct cursor at = {parts, count, 0};
    put(&at, cts_short_data(s), total);
}

bool cts_short_seal(struct cipher *c, struct cts_short *s, size_t total) {
    size_t padded = (total + BLOCK_LENGTH - 1) & ~(size_t)(BLOCK_LENGTH - 1);
    memset(cts_short_data(s) + total, 0, padded - total);
    if (!cipher_cbc(c, cts_short_data(s), padded, true))
        return false;
    if (total > BLOCK_LENGTH)
        steal(cts_short_data(s), total);
    return true;
}

static bool seal_short(struct cipher *c, struct cursor *at, size_t total) {
    struct cts_short s;
    take(*at, cts_short_data(&s), total);
    bool ok = cts_short_seal(c, &s, total);
    if (ok)
        put(at, cts_short_data(&s), total);
    else
        wipe(&s, sizeof s);
    return ok;
}

bool cts_seal_parts(struct cipher *c, const struct crypto_part *parts, size_t count, size_t total) {
    struct cursor at = {parts, count, 0};
    if (total <= CTS_SHORT_MAX)
        return total >= BLOCK_LENGTH && seal_short(c, &at, total);
    size_t head = plain_head(total), rest = total - head;
    uint8_t end[2 * BLOCK_LENGTH] = {0};
    bool ok = seal_head(c, &at, head);
    if (ok) {
        take(at, end, rest);
        ok = cipher_cbc(c, end, sizeof end, false);
    }
    if (ok) {
        put(&at, end + BLOCK_LENGTH, BLOCK_LENGTH);
        put(&at, end, rest - BLOCK_LENGTH);
    }
    wipe(end, sizeof end);
    return ok;
}

static bool open_head(struct cipher *c, struct cursor *at, size_t len) {
    bool fresh = true;
    while (len) {
        size_t run = cursor_run(at), whole = (run < len ? run : len) & ~(size_t)(BLOCK_LENGTH - 1);
        uint8_t block[BLOCK_LENGTH];
        if (whole) {
            if (!cipher_cbc_open(c, at->part->in + at->offset, at->part->out + at->offset, whole,
                                 fresh))
                return false;
            at->offset += whole;
        } else {
            whole = BLOCK_LENGTH;
            take(*at, block, sizeof block);
            bool ok = cipher_cbc_open(c, block, block, sizeof block, fresh);
            if (ok)
                put(at, block, sizeof block);
            wipe(block, sizeof block);
            if (!ok)
                return false;
        }
        fresh = false;
        len -= whole;
    }
    return true;
}

static void add(uint8_t *to, const uint8_t *from, size_t len) {
    for (size_t i = 0; i < len; i++)
        to[i] ^= from[i];
}

// The last two blocks: `joined` is the first of them deciphered alone, which is the plaintext's
// tail added to the stolen block, whose own end it carries; `chain` is the cipher block in front.
static bool unsteal(struct cipher *c, const uint8_t joined[BLOCK_LENGTH], const uint8_t *tail,
                    size_t len, const uint8_t *chain, uint8_t *out) {
    uint8_t stolen[BLOCK_LENGTH];
    if (len > BLOCK_LENGTH)
        return false;
    memcpy(stolen, joined, BLOCK_LENGTH);
    memcpy(stolen, tail, len);
    for (size_t i = 0; i < len; i++)
        out[BLOCK_LENGTH + i] = joined[i] ^ stolen[i];
    bool ok = cipher_cbc_open(c, stolen, out, BLOCK_LENGTH, true);
    add(out, chain, BLOCK_LENGTH);
    return ok;
}

bool cts_short_open(struct cipher *c, struct cts_short *s, size_t total) {
    static const uint8_t zeros[BLOCK_LENGTH];
    uint8_t ends[2 * BLOCK_LENGTH], joined[BLOCK_LENGTH], chain[BLOCK_LENGTH];
    size_t whole = total == BLOCK_LENGTH ? total : (total - 1) / BLOCK_LENGTH * BLOCK_LENGTH;
    size_t tail = total - whole;
    memcpy(chain, whole > BLOCK_LENGTH ? cts_short_data(s) + whole - 2 * BLOCK_LENGTH : zeros,
           sizeof chain);
    memcpy(ends, cts_short_data(s) + whole, tail);
    // All whole blocks at once; the last of them belongs behind its neighbour.
    bool ok = cipher_cbc_open(c, cts_short_data(s), cts_short_data(s), whole, true);
    if (ok && tail) {
        uint8_t *end = cts_short_data(s) + whole - BLOCK_LENGTH;
        memcpy(joined, end, BLOCK_LENGTH);
        add(joined, chain, BLOCK_LENGTH);
        ok = unsteal(c, joined, ends, tail, chain, end);
    }
    return ok;
}

static bool open_short(struct cipher *c, struct cursor *at, size_t total) {
    struct cts_short s;
    take(*at, cts_short_data(&s), total);
    bool ok = cts_short_open(c, &s, total);
    if (ok)
        put(at, cts_short_data(&s), total);
    wipe(cts_short_data(&s), total);
    return ok;
}

bool cts_open_parts(struct cipher *c, const struct crypto_part *parts, size_t count, size_t total) {
    struct cursor at = {parts, count, 0};
    if (total <= CTS_SHORT_MAX)
        return total >= BLOCK_LENGTH && open_short(c, &at, total);
    size_t head = plain_head(total), rest = total - head;
    uint8_t in[2 * BLOCK_LENGTH], end[2 * BLOCK_LENGTH], joined[BLOCK_LENGTH], chain[BLOCK_LENGTH];
    if (!open_head(c, &at, head))
        return false;
    memcpy(chain, c->chain, sizeof chain); // the last cipher block
    take(at, in, rest);
    // A fresh call deciphers a block for itself: what it adds is zero.
    bool ok = cipher_cbc_open(c, in, joined, BLOCK_LENGTH, true) &&
              unsteal(c, joined, in + BLOCK_LENGTH, rest - BLOCK_LENGTH, chain, end);
    if (ok)
        put(&at, end, rest);
    wipe(end, sizeof end);
    return ok;
}
