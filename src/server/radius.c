// radius.c: see radius.h.
#include "server/radius.h"
#include "base/ct.h"
#include "base/reader.h"
#include "crypto/primitive.h"

enum { // attributes (RFC 2865 5, RFC 3579 3)
    USER_NAME = 1,
    USER_PASSWORD = 2,
    SERVICE_TYPE = 6,
    REPLY_MESSAGE = 18,
    NAS_IDENTIFIER = 32,
    MESSAGE_AUTHENTICATOR = 80
};
enum { HEAD = 20, LENGTH_AT = 2, AUTHENTICATOR_AT = 4, MD5 = 16, AUTHENTICATE_ONLY = 8 };

bool radius_fits(struct slice user, struct slice password) {
    return user.len > 0 && user.len <= RADIUS_TEXT_MAX && password.len <= RADIUS_PASSWORD_MAX;
}

void radius_hide(struct slice password, struct slice secret, const uint8_t *authenticator,
                 struct buf out) {
    uint8_t mask[MD5];
    struct slice before = slice_of(authenticator, RADIUS_AUTHENTICATOR);
    memset(out.ptr, 0, out.len);
    if (password.len)
        memcpy(out.ptr, password.ptr, password.len < out.len ? password.len : out.len);
    for (size_t at = 0; at + MD5 <= out.len; at += MD5) {
        const struct slice parts[] = {secret, before};
        hash_compute(HASH_MD5, parts, COUNT_OF(parts), mask);
        for (size_t i = 0; i < MD5; i++)
            out.ptr[at + i] ^= mask[i];
        before = slice_of(out.ptr + at, MD5);
    }
    wipe(mask, sizeof mask);
}

static struct buf attribute(struct writer *w, uint8_t type, size_t len) {
    if (len > RADIUS_TEXT_MAX)
        w->failed = true;
    writer_u8(w, type);
    writer_u8(w, (uint8_t)(len + 2));
    return writer_room(w, len);
}

static void text_attribute(struct writer *w, uint8_t type, struct slice text) {
    struct buf room = attribute(w, type, text.len);
    if (room.ptr && text.len)
        memcpy(room.ptr, text.ptr, text.len);
}

// RFC 3579 3.2: over the whole packet, with zeros where it stands itself.
static void sum_message(struct slice secret, const struct slice *parts, size_t count,
                        uint8_t out[MD5]) {
    struct hmac m;
    hmac_prepare(&m, HASH_MD5, secret);
    hmac_compute(&m, HASH_MD5, parts, count, out);
    wipe(&m, sizeof m);
}

void radius_request_write(const struct radius_request *rq, struct slice secret, struct writer *w) {
    size_t hidden = rq->password.len ? (rq->password.len + MD5 - 1) / MD5 * MD5 : MD5;
    if (!radius_fits(rq->user, rq->password) || w->len != 0)
        w->failed = true;
    writer_u8(w, RADIUS_ACCESS_REQUEST);
    writer_u8(w, rq->id);
    writer_be16(w, 0);
    writer_bytes(w, slice_of(rq->authenticator, sizeof rq->authenticator));
    // First, where nothing that others chose stands before it.
    struct buf sum = attribute(w, MESSAGE_AUTHENTICATOR, MD5);
    text_attribute(w, USER_NAME, rq->user);
    struct buf password = attribute(w, USER_PASSWORD, hidden);
    writer_bytes(w, SLICE_LITERAL("\x06\x06\x00\x00\x00\x08")); // Service-Type: Authenticate-Only
    _Static_assert(SERVICE_TYPE == 6 && AUTHENTICATE_ONLY == 8, "as the bytes say");
    text_attribute(w, NAS_IDENTIFIER, rq->nas);
    if (!writer_ok(w) || !sum.ptr || !password.ptr)
        return;
    radius_hide(rq->password, secret, rq->authenticator, password);
    w->out.ptr[LENGTH_AT] = (uint8_t)(w->len >> 8);
    w->out.ptr[LENGTH_AT + 1] = (uint8_t)w->len;
    memset(sum.ptr, 0, sum.len);
    const struct slice whole = writer_slice(w);
    uint8_t made[MD5];
    sum_message(secret, &whole, 1, made);
    memcpy(sum.ptr, made, sizeof made);
}

static const char UNPROTECTED[] = "it has no Message-Authenticator, without which it can be forged "
                                  "(CVE-2024-3596): the server must send one";

const char *radius_fault_text(enum radius_fault fault) {
    static const char *const texts[] = {
        [RADIUS_FINE] = "it is fine",
        [RADIUS_MALFORMED] = "it is malformed",
        [RADIUS_OTHER] = "it answers another question",
        [RADIUS_UNPROTECTED] = UNPROTECTED,
        [RADIUS_FORGED] = "it was made with another secret",
    };
    return fault < RADIUS_FAULT_COUNT ? texts[fault] : "";
}

struct found {
    struct slice message, sum; // sum.ptr NULL: there is none
};

static bool read_attributes(struct slice attributes, struct found *out) {
    struct reader r = reader_of(attributes);
    while (reader_left(&r)) {
        uint8_t type = reader_u8(&r), len = reader_u8(&r);
        if (len < 2)
            reader_fail(&r);
        struct slice value = reader_bytes(&r, len - 2u);
        if (!reader_ok(&r))
            return false;
        if (type == REPLY_MESSAGE && !out->message.len)
            out->message = value;
        if (type != MESSAGE_AUTHENTICATOR)
            continue;
        if (out->sum.ptr || value.len != MD5)
            return false;
        out->sum = value;
    }
    return reader_ok(&r);
}

// Both are made over the request's authenticator in the place of the reply's own.
static bool is_genuine(struct slice packet, const uint8_t *authenticator, struct slice secret,
                       struct slice sum) {
    static const uint8_t zeros[MD5];
    uint8_t expected[MD5];
    struct slice head = slice_sub(packet, 0, AUTHENTICATOR_AT);
    struct slice asked = slice_of(authenticator, RADIUS_AUTHENTICATOR);
    struct slice rest = slice_sub(packet, HEAD, packet.len);
    const struct slice parts[] = {head, asked, rest, secret};
    hash_compute(HASH_MD5, parts, COUNT_OF(parts), expected);
    bool right = ct_equal(slice_sub(packet, AUTHENTICATOR_AT, MD5), slice_of(expected, MD5));
    if (!sum.ptr)
        return right;
    size_t at = (size_t)(sum.ptr - rest.ptr);
    const struct slice blanked[] = {head, asked, slice_sub(rest, 0, at), slice_of(zeros, MD5),
                                    slice_sub(rest, at + MD5, rest.len)};
    sum_message(secret, blanked, COUNT_OF(blanked), expected);
    return ct_equal(sum, slice_of(expected, MD5)) && right;
}

enum radius_fault radius_reply_read(struct slice packet, uint8_t id, const uint8_t *authenticator,
                                    struct slice secret, struct radius_reply *out) {
    struct found found = {0};
    struct reader r = reader_of(packet);
    uint8_t code = reader_u8(&r), its = reader_u8(&r);
    uint16_t len = reader_be16(&r);
    // RFC 2865 3: bytes behind the length are padding.
    if (!reader_ok(&r) || len < HEAD || len > RADIUS_PACKET_MAX || len > packet.len)
        return RADIUS_MALFORMED;
    packet = slice_sub(packet, 0, len);
    if (code != RADIUS_ACCESS_ACCEPT && code != RADIUS_ACCESS_REJECT &&
        code != RADIUS_ACCESS_CHALLENGE)
        return RADIUS_MALFORMED;
    if (its != id)
        return RADIUS_OTHER;
    if (!read_attributes(slice_sub(packet, HEAD, packet.len), &found))
        return RADIUS_MALFORMED;
    // Without a secret, as at a socket of this machine, it could not protect anything.
    if (!found.sum.ptr && secret.len)
        return RADIUS_UNPROTECTED;
    if (!is_genuine(packet, authenticator, secret, found.sum))
        return RADIUS_FORGED;
    *out = (struct radius_reply){code, found.message};
    return RADIUS_FINE;
}
