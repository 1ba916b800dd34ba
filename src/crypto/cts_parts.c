// cts_parts.c: CBC with ciphertext stealing (RFC 3962 5) over a message that lies in parts. Whole
// blocks inside a part go through the cipher where they are; a block that lies in two parts, and
// the last two, which the stealing mixes, pass through a few bytes of ours. A short message goes
// there whole: a call of the cipher costs as much as copying hundreds of bytes.
//
// When sealing, a digest goes along in steps of its block. A cipher block waits for the one before,
// and so leaves most of the processor idle, which meanwhile digests what is next to it: with the
// SHA instructions both together take a sixth to a third less than one behind the other.
// (Deciphering waits for nothing, and gains nothing.)
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

static void skip(struct cursor *c, size_t n) {
    while (n) {
        size_t run = cursor_run(c), len = run < n ? run : n;
        c->offset += len;
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

// The digest takes all that stands in front of a place.
static void digest_to(struct cts_digest *d, const struct crypto_part *part, size_t offset) {
    while (d->part <= part) {
        const struct crypto_part *p = d->part;
        size_t end = p == part ? offset : p->len;
        if (end > d->offset)
            hmac_add(d->run, (d->sealed && !p->sign_only ? p->out : p->in) + d->offset,
                     end - d->offset);
        d->offset = end;
        if (p == part)
            return;
        d->part++;
        d->offset = 0;
    }
}

static void digest_rest(struct cts_digest *d, const struct crypto_part *parts, size_t count) {
    if (count)
        digest_to(d, &parts[count - 1], parts[count - 1].len);
}

// Whole blocks that lie in one part, with the digest a step ahead of what is changed where it
// stands, or a step behind what comes out, for which nothing then waits.
static bool seal_steps(struct cipher *c, const uint8_t *in, uint8_t *out, size_t len,
                       struct cts_digest *d) {
    size_t behind = 0;
    for (size_t at = 0, n; at < len; at += n) {
        size_t step = d->step - d->taken % d->step;
        n = step < len - at ? step : len - at;
        if (!d->sealed)
            hmac_add(d->run, in + at, n);
        if (!cipher_cbc_next(c, in + at, out + at, n))
            return false;
        if (d->sealed && at > behind) {
            hmac_add(d->run, out + behind, at - behind);
            behind = at;
        }
        d->taken += n;
    }
    d->offset += d->sealed ? behind : len;
    return true;
}

static bool seal_whole(struct cipher *c, struct cursor *at, size_t len, struct cts_digest *d) {
    const uint8_t *in = at->part->in + at->offset;
    uint8_t *out = at->part->out + at->offset;
    if (d)
        digest_to(d, at->part, at->offset);
    at->offset += len;
    return d ? seal_steps(c, in, out, len, d) : cipher_cbc_next(c, in, out, len);
}

// The first block, and one that lies in two parts.
static bool seal_one(struct cipher *c, struct cursor *at, bool fresh, struct cts_digest *d) {
    struct cursor after = *at;
    skip(&after, BLOCK_LENGTH);
    if (d && !d->sealed)
        digest_to(d, after.part, after.offset);
    if (d)
        d->taken += BLOCK_LENGTH;
    return seal_block(c, at, fresh);
}

static bool seal_head(struct cipher *c, struct cursor *at, size_t len, struct cts_digest *d) {
    for (bool fresh = true; len; fresh = false) {
        size_t run = cursor_run(at), whole = (run < len ? run : len) & ~(size_t)(BLOCK_LENGTH - 1);
        bool one = fresh || whole == 0;
        if (!(one ? seal_one(c, at, fresh, d) : seal_whole(c, at, whole, d)))
            return false;
        len -= one ? BLOCK_LENGTH : whole;
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

// Whole blocks: the last is filled with zeros.
static size_t padded_to_blocks(struct cts_short *s, size_t total) {
    size_t padded = (total + BLOCK_LENGTH - 1) & ~(size_t)(BLOCK_LENGTH - 1);
    if (padded != total)
        memset(cts_short_data(s) + total, 0, BLOCK_LENGTH);
    return padded;
}

bool cts_short_seal_to(struct cipher *c, struct cts_short *s, size_t total, uint8_t *out) {
    uint8_t sealed[CTS_SHORT_MAX];
    size_t padded = padded_to_blocks(s, total);
    uint8_t *to = padded == total ? out : sealed;
    if (!cipher_cbc_to(c, cts_short_data(s), to, padded))
        return false;
    if (total > BLOCK_LENGTH)
        steal(to, total);
    if (to != out)
        memcpy(out, to, total);
    return true;
}

bool cts_short_seal(struct cipher *c, struct cts_short *s, size_t total) {
    size_t padded = padded_to_blocks(s, total);
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

// The last two blocks, of `rest` bytes.
static bool seal_tail(struct cipher *c, struct cursor *at, size_t rest) {
    uint8_t end[2 * BLOCK_LENGTH] = {0};
    take(*at, end, rest);
    bool ok = cipher_cbc(c, end, sizeof end, false);
    if (ok) {
        put(at, end + BLOCK_LENGTH, BLOCK_LENGTH);
        put(at, end, rest - BLOCK_LENGTH);
    }
    wipe(end, sizeof end);
    return ok;
}

bool cts_seal_parts(struct cipher *c, const struct crypto_part *parts, size_t count, size_t total,
                    struct cts_digest *d) {
    struct cursor at = {parts, count, 0};
    bool is_short = total <= CTS_SHORT_MAX;
    if (total < BLOCK_LENGTH)
        return false;
    if (d) {
        d->part = parts;
        d->offset = 0;
    }
    if (!is_short && !seal_head(c, &at, plain_head(total), d))
        return false;
    if (d && !d->sealed)
        digest_rest(d, parts, count);
    if (!(is_short ? seal_short(c, &at, total) : seal_tail(c, &at, total - plain_head(total))))
        return false;
    if (d && d->sealed)
        digest_rest(d, parts, count);
    return true;
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
    if (total % BLOCK_LENGTH == 0 && total > BLOCK_LENGTH) { // nothing is stolen
        steal(cts_short_data(s), total);
        return cipher_cbc_open(c, cts_short_data(s), cts_short_data(s), total, true);
    }
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
