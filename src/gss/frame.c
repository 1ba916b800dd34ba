// frame.c: the framing of GSS-API tokens (RFC 2743 3.1); see frame.h.
#include "gss/frame.h"
#include "der/tlv.h"

#define TAG_FRAME 0x60 // [APPLICATION 0]
#define TAG_OID   0x06

const struct slice OID_KRB5 = {(const uint8_t *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9};
const struct slice OID_KRB5_MS = {(const uint8_t *)"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02", 9};
const struct slice OID_SPNEGO = {(const uint8_t *)"\x2b\x06\x01\x05\x05\x02", 6};
// 1.3.5.1.5.2, of the drafts of RFC 1964.
static const struct slice OID_KRB5_OLD = {(const uint8_t *)"\x2b\x05\x01\x05\x02", 5};
const struct slice OID_IAKERB = {(const uint8_t *)"\x2b\x06\x01\x05\x02\x05", 6};
const struct slice OID_NEGOEX = {(const uint8_t *)"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e", 10};
const struct slice OID_NTLMSSP = {(const uint8_t *)"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 10};

bool gss_oid_is_krb5(struct slice oid) {
    return slice_eq(oid, OID_KRB5) || slice_eq(oid, OID_KRB5_MS) || slice_eq(oid, OID_KRB5_OLD);
}

const char *gss_oid_name(struct slice oid) {
    if (gss_oid_is_krb5(oid))
        return "krb5";
    if (slice_eq(oid, OID_SPNEGO))
        return "SPNEGO";
    if (slice_eq(oid, OID_IAKERB))
        return "IAKERB";
    if (slice_eq(oid, OID_NEGOEX))
        return "NegoEx";
    return slice_eq(oid, OID_NTLMSSP) ? "NTLM" : "an unknown mechanism";
}

enum obol_code gss_frame_open(struct slice token, struct slice *oid, struct slice *inner,
                              struct error *err) {
    ENSURE(token.len != 0, TOKEN_MALFORMED, "the token is empty");
    // Browsers and Windows clients without a ticket fall back to NTLM, which people meet often.
    ENSURE(!slice_starts(token, slice_of("NTLMSSP", 8)), MECH_UNSUPPORTED,
           "the client sent an NTLM token: it has no Kerberos ticket for this service, or does not "
           "trust this site with one");
    struct reader outer = reader_of(token);
    uint8_t tag;
    struct slice body;
    ENSURE(tlv_next(&outer, &tag, &body) && tag == TAG_FRAME && reader_done(&outer),
           TOKEN_MALFORMED, "the token of %zu bytes begins with 0x%02x and is no GSS-API token",
           token.len, token.ptr[0]);
    struct reader r = reader_of(body);
    ENSURE(tlv_next(&r, &tag, oid) && tag == TAG_OID && oid->len != 0, TOKEN_MALFORMED,
           "the token names no mechanism");
    *inner = reader_rest(&r);
    return OBOL_OK;
}

static void write_head(struct writer *w, uint8_t tag, size_t len) {
    writer_u8(w, tag);
    if (len < 0x80) {
        writer_u8(w, (uint8_t)len);
        return;
    }
    unsigned octets = len > 0xffffff ? 4 : len > 0xffff ? 3 : len > 0xff ? 2 : 1;
    writer_u8(w, (uint8_t)(0x80 | octets));
    for (unsigned i = octets; i > 0; i--)
        writer_u8(w, (uint8_t)(len >> 8 * (i - 1)));
}

enum obol_code gss_frame_make(struct slice oid, struct slice inner, struct arena *a,
                              struct slice *out, struct error *err) {
    ENSURE(inner.len < UINT32_MAX / 2 && oid.len < 0x80, INVALID_ARGUMENT,
           "a token of %zu bytes is too long", inner.len);
    struct writer w = writer_to_arena(a);
    write_head(&w, TAG_FRAME, 2 + oid.len + inner.len);
    write_head(&w, TAG_OID, oid.len);
    writer_bytes(&w, oid);
    writer_bytes(&w, inner);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for a token of %zu bytes", inner.len);
    *out = writer_slice(&w);
    return OBOL_OK;
}

enum obol_code gss_krb5_make(struct slice oid, uint16_t token_id, struct slice message,
                             struct arena *a, struct slice *out, struct error *err) {
    struct writer w = writer_to_arena(a);
    writer_be16(&w, token_id);
    writer_bytes(&w, message);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for a token of %zu bytes", message.len);
    return gss_frame_make(oid, writer_slice(&w), a, out, err);
}

enum obol_code gss_krb5_open(struct slice token, struct slice *oid, uint16_t *token_id,
                             struct slice *message, struct error *err) {
    struct slice inner = token;
    *oid = (struct slice){0};
    if (token.len == 0 || token.ptr[0] == TAG_FRAME) {
        TRY(gss_frame_open(token, oid, &inner, err));
        ENSURE(gss_oid_is_krb5(*oid) || slice_eq(*oid, OID_IAKERB), MECH_UNSUPPORTED,
               "the token is of %s, not krb5", gss_oid_name(*oid));
    }
    struct reader r = reader_of(inner);
    *token_id = reader_be16(&r);
    *message = reader_rest(&r);
    ENSURE(reader_ok(&r), TOKEN_MALFORMED, "the krb5 token ends in its first two bytes");
    return OBOL_OK;
}
