// iakerb.c: tokens, conversation and finished checksum of IAKERB; see iakerb.h.
#include "gss/iakerb.h"
#include "base/reader.h"
#include "der/table.h"
#include "der/tlv.h"
#include "gss/frame.h"
#include "proto/codes.h"
#include "proto/types.h"

#define TALK_BYTES_MAX (1u << 20)

// IAKERB-HEADER, draft-ietf-kitten-iakerb 3
enum { IAKERB_HEADER_COOKIE = 1u << 0 };
struct iakerb_header {
    uint32_t present;
    struct slice target_realm;
    struct slice cookie;
};
static const struct der_field header_fields[] = {
    {"target-realm", EXPLICIT(1), &DER_UTF8, MEMBER(iakerb_header, target_realm)},
    {"cookie", EXPLICIT(2), &DER_OCTETS, MEMBER(iakerb_header, cookie),
     .present = IAKERB_HEADER_COOKIE},
};
static const struct der_type IAKERB_HEADER = {
    SEQUENCE("IAKERB-HEADER", iakerb_header, header_fields), .flags = DER_EXTENSIBLE};
// MIT krb5 before 1.22 followed draft-zhu-ws-kerb and has a dialect of its own, which a reader
// knows by the realm's being an OCTET STRING; neither side of the change reads the other's. Old
// ends frame their first token only, and the finished checksum has other numbers.
static const struct der_field old_header_fields[] = {
    {"target-realm", EXPLICIT(1), &DER_OCTETS, MEMBER(iakerb_header, target_realm)},
    {"cookie", EXPLICIT(2), &DER_OCTETS, MEMBER(iakerb_header, cookie),
     .present = IAKERB_HEADER_COOKIE},
};
static const struct der_type OLD_IAKERB_HEADER = {
    SEQUENCE("IAKERB-HEADER", iakerb_header, old_header_fields), .flags = DER_EXTENSIBLE};

// KRB-FINISHED, draft-ietf-kitten-iakerb 4
struct krb_finished {
    uint32_t present;
    struct checksum gss_mic;
};
static const struct der_field finished_fields[] = {
    {"gss-mic", EXPLICIT(1), &TYPE_CHECKSUM, MEMBER(krb_finished, gss_mic)},
};
static const struct der_type KRB_FINISHED = {
    SEQUENCE("KRB-FINISHED", krb_finished, finished_fields), .flags = DER_EXTENSIBLE};

static bool is_iakerb(struct slice oid, uint16_t id) {
    return (oid.len == 0 || slice_eq(oid, OID_IAKERB)) && id == GSS_TOKEN_IAKERB_PROXY;
}

bool iakerb_is_token(struct slice token) {
    uint16_t id;
    struct slice oid, body;
    return token.len != 0 && gss_krb5_open(token, &oid, &id, &body, NULL) == OBOL_OK &&
           is_iakerb(oid, id);
}

enum obol_code iakerb_token_read(struct slice token, struct arena *a, struct iakerb_token *out,
                                 struct error *err) {
    uint16_t id;
    struct slice oid, body, content;
    uint8_t tag;
    TRY(gss_krb5_open(token, &oid, &id, &body, err));
    ENSURE(is_iakerb(oid, id), TOKEN_MALFORMED,
           "the token is of %s with id %04x, one of IAKERB (%04x) is expected", gss_oid_name(oid),
           id, GSS_TOKEN_IAKERB_PROXY);
    struct reader r = reader_of(body);
    ENSURE(tlv_next(&r, &tag, &content), TOKEN_MALFORMED, "the IAKERB token has no header");
    out->message = reader_rest(&r);
    struct iakerb_header h;
    struct slice header = slice_sub(body, 0, body.len - out->message.len);
    out->old = der_decode(&OLD_IAKERB_HEADER, header, a, &h, NULL) == OBOL_OK;
    if (!out->old)
        TRY(der_decode(&IAKERB_HEADER, header, a, &h, err));
    out->realm = h.target_realm;
    out->cookie = h.present & IAKERB_HEADER_COOKIE ? h.cookie : (struct slice){0};
    return OBOL_OK;
}

enum obol_code iakerb_token_write(const struct iakerb_token *token, struct arena *a,
                                  struct slice *out, struct error *err) {
    const struct iakerb_header h = {
        .present = token->cookie.ptr ? IAKERB_HEADER_COOKIE : 0,
        .target_realm = token->realm,
        .cookie = token->cookie,
    };
    struct slice header;
    TRY(der_encode(token->old ? &OLD_IAKERB_HEADER : &IAKERB_HEADER, &h, a, &header, err));
    struct writer w = writer_to_arena(a);
    writer_bytes(&w, header);
    writer_bytes(&w, token->message);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for a message of %zu bytes", token->message.len);
    return gss_krb5_make(OID_IAKERB, GSS_TOKEN_IAKERB_PROXY, writer_slice(&w), a, out, err);
}

enum obol_code iakerb_talk_add(struct iakerb_talk *talk, struct slice token, struct arena *a,
                               struct error *err) {
    ENSURE(talk->count < IAKERB_TOKENS_MAX && token.len <= TALK_BYTES_MAX - talk->bytes,
           TOKEN_MALFORMED, "the IAKERB exchange does not end: %zu tokens of %zu bytes so far",
           talk->count, talk->bytes);
    ENSURE(arena_copy(a, token, &talk->tokens[talk->count]), NO_MEMORY,
           "no room for the IAKERB conversation");
    talk->count++;
    talk->bytes += token.len;
    return OBOL_OK;
}

enum obol_code iakerb_talk_join(const struct iakerb_talk *talk, struct arena *a, struct slice *out,
                                struct error *err) {
    struct writer w = writer_to_arena(a);
    for (size_t i = 0; i < talk->count; i++)
        writer_bytes(&w, talk->tokens[i]);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for the IAKERB conversation");
    *out = writer_slice(&w);
    return OBOL_OK;
}

static uint32_t finished_usage(bool old) {
    return old ? KU_IAKERB_FINISHED_OLD : KU_IAKERB_FINISHED;
}

enum obol_code iakerb_finished_make(struct crypto_key *key, bool old, struct slice conversation,
                                    struct arena *a, struct slice *out, struct error *err) {
    const struct enctype *e = crypto_key_enctype(key);
    struct buf mic = arena_buf(a, enctype_checksum_length(e));
    ENSURE_MEMORY(mic.ptr);
    TRY(crypto_checksum(key, finished_usage(old), conversation, mic, err));
    const struct krb_finished f = {
        .gss_mic = {enctype_checksum_type(e), slice_of_buf(mic)},
    };
    return der_encode(&KRB_FINISHED, &f, a, out, err);
}

enum obol_code iakerb_finished_verify(struct crypto_key *key, bool old, struct slice conversation,
                                      struct slice finished, struct arena *a, struct error *err) {
    struct krb_finished f;
    TRY(der_decode(&KRB_FINISHED, finished, a, &f, err));
    enum obol_code code = crypto_verify(key, finished_usage(old), f.gss_mic.cksumtype, conversation,
                                        f.gss_mic.checksum, NULL);
    ENSURE(code == OBOL_OK, KRB_AP_ERR_MODIFIED,
           "the IAKERB conversation was altered on the way: its checksum does not hold");
    return OBOL_OK;
}
