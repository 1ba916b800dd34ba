// crypto_iov.c: krb5_c_*_iov: sealing and checksums over a message that lies in pieces: a header
// (the confounder), data, pieces that are only covered, and a trailer (the checksum).
#include "compat/convert.h"
#include "compat/keys.h"
#include <errno.h>

#define PIECES_MAX 1024u

// rc4's checksum stands before the data, the others' behind it.
static bool is_rc4(const struct enctype *e) {
    return enctype_number(e) == ENCTYPE_RC4_HMAC;
}
static size_t header_of(const struct enctype *e) {
    return enctype_confounder_length(e) + (is_rc4(e) ? enctype_checksum_length(e) : 0);
}
static size_t trailer_of(const struct enctype *e) {
    return is_rc4(e) ? 0 : enctype_checksum_length(e);
}

krb5_error_code krb5_c_crypto_length(krb5_context context, krb5_enctype number,
                                     krb5_cryptotype type, unsigned *out) {
    UNUSED(context);
    const struct enctype *e;
    krb5_error_code code = enctype_asked(number, out, &e);
    if (code)
        return code;
    switch (type) {
    case KRB5_CRYPTO_TYPE_EMPTY:
    case KRB5_CRYPTO_TYPE_SIGN_ONLY:
    case KRB5_CRYPTO_TYPE_PADDING: // no enctype here pads
        *out = 0;
        return 0;
    case KRB5_CRYPTO_TYPE_DATA:
        *out = (unsigned)~0; // of any length
        return 0;
    case KRB5_CRYPTO_TYPE_HEADER:
        *out = (unsigned)header_of(e);
        return 0;
    case KRB5_CRYPTO_TYPE_TRAILER:
        *out = (unsigned)trailer_of(e);
        return 0;
    case KRB5_CRYPTO_TYPE_CHECKSUM:
        *out = (unsigned)enctype_checksum_length(e);
        return 0;
    default:
        return EINVAL;
    }
}

krb5_error_code krb5_c_padding_length(krb5_context context, krb5_enctype number, size_t data,
                                      unsigned *out) {
    UNUSED(data);
    return krb5_c_crypto_length(context, number, KRB5_CRYPTO_TYPE_PADDING, out);
}

krb5_error_code krb5_c_crypto_length_iov(krb5_context context, krb5_enctype number,
                                         krb5_crypto_iov *iov, size_t count) {
    for (size_t i = 0; iov && i < count; i++) {
        krb5_cryptotype type = iov[i].flags;
        bool ours = type == KRB5_CRYPTO_TYPE_HEADER || type == KRB5_CRYPTO_TYPE_TRAILER ||
                    type == KRB5_CRYPTO_TYPE_PADDING || type == KRB5_CRYPTO_TYPE_CHECKSUM;
        krb5_error_code code =
            ours ? krb5_c_crypto_length(context, number, type, &iov[i].data.length) : 0;
        if (code)
            return code;
    }
    return iov && enctype_find(number) ? 0 : KRB5_BAD_ENCTYPE;
}

// ---- the pieces of a message

struct message {
    krb5_crypto_iov *header, *trailer, *stream;
    struct crypto_part *parts; // [0] is the header's
    size_t count;
};

static enum obol_code gather(struct call *c, krb5_crypto_iov *iov, size_t count,
                             struct message *out) {
    struct error *err = &c->err;
    ENSURE(iov && count <= PIECES_MAX, INVALID_ARGUMENT, "the message is NULL or in %zu pieces",
           count);
    *out = (struct message){.parts = arena_zalloc(&c->arena, count + 2, sizeof *out->parts),
                            .count = 1};
    ENSURE_MEMORY(out->parts);
    for (size_t i = 0; i < count; i++) {
        krb5_cryptotype type = iov[i].flags;
        krb5_crypto_iov **one = type == KRB5_CRYPTO_TYPE_HEADER    ? &out->header
                                : type == KRB5_CRYPTO_TYPE_TRAILER ? &out->trailer
                                : type == KRB5_CRYPTO_TYPE_STREAM  ? &out->stream
                                                                   : NULL;
        ENSURE(!one || !*one, INVALID_ARGUMENT, "the message has two pieces of type %u", type);
        if (one)
            *one = &iov[i];
        if (type == KRB5_CRYPTO_TYPE_PADDING)
            iov[i].data.length = 0;
        if (type != KRB5_CRYPTO_TYPE_DATA && type != KRB5_CRYPTO_TYPE_SIGN_ONLY)
            continue;
        uint8_t *at = (uint8_t *)iov[i].data.data;
        bool signs = type == KRB5_CRYPTO_TYPE_SIGN_ONLY;
        out->parts[out->count++] = (struct crypto_part){at, at, iov[i].data.length, signs};
    }
    return OBOL_OK;
}

// A piece that the enctype asks for, of its length.
static enum obol_code fit(struct call *c, krb5_crypto_iov *piece, size_t len, const char *what) {
    struct error *err = &c->err;
    if (!piece && len == 0)
        return OBOL_OK;
    if (!piece || piece->data.length < len) {
        c->as = KRB5_BAD_MSIZE;
        ENSURE(false, INVALID_ARGUMENT, "the %s has %u bytes, and %zu are needed", what,
               piece ? piece->data.length : 0, len);
    }
    piece->data.length = (unsigned)len;
    return OBOL_OK;
}

static struct buf bytes_of(const krb5_crypto_iov *piece) {
    return piece ? buf_of(piece->data.data, piece->data.length) : (struct buf){0};
}

// The confounder becomes the first part; where the checksum stands is said by `mac`.
static enum obol_code begin_parts(struct call *c, const struct enctype *e, struct message *m,
                                  struct buf *mac) {
    struct error *err = &c->err;
    TRY(fit(c, m->header, header_of(e), "header"));
    TRY(fit(c, m->trailer, trailer_of(e), "trailer"));
    struct buf header = bytes_of(m->header);
    *mac = bytes_of(m->trailer);
    if (is_rc4(e)) {
        ENSURE(header.ptr, INVALID_ARGUMENT, "the header's piece has no memory");
        *mac = buf_of(header.ptr, enctype_checksum_length(e));
        header = buf_of(header.ptr + mac->len, header.len - mac->len);
    }
    m->parts[0] = (struct crypto_part){header.ptr, header.ptr, header.len, false};
    return OBOL_OK;
}

static enum obol_code encrypt(struct call *c, const krb5_keyblock *keyblock, krb5_keyusage usage,
                              krb5_crypto_iov *iov, size_t count) {
    struct message m;
    struct buf mac;
    struct crypto_key *key;
    TRY(key_in(c, keyblock, &key));
    TRY(gather(c, iov, count, &m));
    const struct enctype *e = crypto_key_enctype(key);
    TRY(begin_parts(c, e, &m, &mac));
    return crypto_seal_parts(key, (uint32_t)usage, env_system(), m.parts, m.count, mac, &c->err);
}

// A stream is header, data and trailer in one; the data's piece is set to its middle.
static enum obol_code cut_stream(struct call *c, const struct enctype *e, krb5_crypto_iov *iov,
                                 size_t count, krb5_crypto_iov cut[3]) {
    struct error *err = &c->err;
    krb5_crypto_iov *stream = NULL, *data = NULL;
    for (size_t i = 0; i < count; i++) {
        if (iov[i].flags == KRB5_CRYPTO_TYPE_STREAM)
            stream = &iov[i];
        ENSURE(iov[i].flags != KRB5_CRYPTO_TYPE_DATA || !data, INVALID_ARGUMENT,
               "beside a stream stands one piece of data");
        if (iov[i].flags == KRB5_CRYPTO_TYPE_DATA)
            data = &iov[i];
    }
    size_t header = header_of(e), trailer = trailer_of(e);
    ENSURE(stream && data, INVALID_ARGUMENT, "beside a stream stands a piece for its data");
    if (stream->data.length < header + trailer) {
        c->as = KRB5_BAD_MSIZE;
        ENSURE(false, INVALID_ARGUMENT, "the stream has %u bytes, less than what protects it",
               stream->data.length);
    }
    char *at = stream->data.data;
    unsigned middle = stream->data.length - (unsigned)(header + trailer);
    data->data = (krb5_data){.length = middle, .data = at + header};
    cut[0].data = (krb5_data){.length = (unsigned)header, .data = at};
    cut[1].data = (krb5_data){.length = (unsigned)trailer, .data = at + header + middle};
    return OBOL_OK;
}

static enum obol_code decrypt(struct call *c, const krb5_keyblock *keyblock, krb5_keyusage usage,
                              krb5_crypto_iov *iov, size_t count) {
    struct message m;
    struct buf mac;
    struct crypto_key *key;
    krb5_crypto_iov cut[3] = {0};
    TRY(key_in(c, keyblock, &key));
    const struct enctype *e = crypto_key_enctype(key);
    TRY(gather(c, iov, count, &m));
    if (m.stream) {
        TRY(cut_stream(c, e, iov, count, cut));
        TRY(gather(c, iov, count, &m)); // the data is set now
        m.header = &cut[0];
        m.trailer = &cut[1];
    }
    TRY(begin_parts(c, e, &m, &mac));
    return crypto_open_parts(key, (uint32_t)usage, m.parts, m.count, slice_of_buf(mac), &c->err);
}

krb5_error_code krb5_c_encrypt_iov(krb5_context context, const krb5_keyblock *keyblock,
                                   krb5_keyusage usage, const krb5_data *state,
                                   krb5_crypto_iov *iov, size_t count) {
    CALL(call, context);
    if (state)
        return EINVAL;
    return call_end(&call, encrypt(&call, keyblock, usage, iov, count));
}

krb5_error_code krb5_c_decrypt_iov(krb5_context context, const krb5_keyblock *keyblock,
                                   krb5_keyusage usage, const krb5_data *state,
                                   krb5_crypto_iov *iov, size_t count) {
    CALL(call, context);
    if (state)
        return EINVAL;
    return call_end(&call, decrypt(&call, keyblock, usage, iov, count));
}

// ---- checksums

// What a checksum covers: data and pieces that are only covered.
static enum obol_code covered(struct call *c, const krb5_crypto_iov *iov, size_t count,
                              struct slice *bytes, size_t *at) {
    struct error *err = &c->err;
    struct writer w = writer_to_arena(&c->arena);
    *at = count;
    ENSURE(iov && count <= PIECES_MAX, INVALID_ARGUMENT, "the message is NULL or in %zu pieces",
           count);
    for (size_t i = 0; i < count; i++) {
        if (iov[i].flags == KRB5_CRYPTO_TYPE_CHECKSUM)
            *at = i;
        if (iov[i].flags == KRB5_CRYPTO_TYPE_DATA || iov[i].flags == KRB5_CRYPTO_TYPE_SIGN_ONLY)
            writer_bytes(&w, data_in(&iov[i].data));
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "the message does not fit the memory set aside");
    ENSURE(*at < count, INVALID_ARGUMENT, "the message has no piece for the checksum");
    *bytes = writer_slice(&w);
    return OBOL_OK;
}

static enum obol_code make_checksum(struct call *c, krb5_cksumtype type,
                                    const krb5_keyblock *keyblock, krb5_keyusage usage,
                                    krb5_crypto_iov *iov, size_t count) {
    struct error *err = &c->err;
    struct crypto_key *key = NULL;
    struct slice bytes;
    krb5_checksum made;
    size_t at;
    if (keyblock)
        TRY(key_in(c, keyblock, &key));
    TRY(covered(c, iov, count, &bytes, &at));
    TRY(checksum_with(c, key, type, usage, bytes, &made));
    krb5_data *out = &iov[at].data;
    bool fits = out->data && out->length >= made.length;
    if (fits) {
        memcpy(out->data, made.contents, made.length);
        out->length = made.length;
    }
    krb5_free_checksum_contents(c->context, &made);
    c->as = fits ? 0 : KRB5_BAD_MSIZE;
    ENSURE(fits, INVALID_ARGUMENT, "the piece for the checksum has %u bytes, too few", out->length);
    return OBOL_OK;
}

krb5_error_code krb5_c_make_checksum_iov(krb5_context context, krb5_cksumtype type,
                                         const krb5_keyblock *keyblock, krb5_keyusage usage,
                                         krb5_crypto_iov *iov, size_t count) {
    CALL(call, context);
    return call_end(&call, make_checksum(&call, type, keyblock, usage, iov, count));
}

static enum obol_code verify_checksum(struct call *c, krb5_cksumtype type,
                                      const krb5_keyblock *keyblock, krb5_keyusage usage,
                                      const krb5_crypto_iov *iov, size_t count,
                                      krb5_boolean *valid) {
    struct crypto_key *key = NULL;
    struct slice bytes;
    size_t at;
    if (keyblock)
        TRY(key_in(c, keyblock, &key));
    TRY(covered(c, iov, count, &bytes, &at));
    if (type == 0 && key)
        type = enctype_checksum_type(crypto_key_enctype(key));
    const krb5_checksum given = {.checksum_type = type,
                                 .length = iov[at].data.length,
                                 .contents = (krb5_octet *)iov[at].data.data};
    return checksum_holds(c, key, usage, bytes, &given, valid);
}

krb5_error_code krb5_c_verify_checksum_iov(krb5_context context, krb5_cksumtype type,
                                           const krb5_keyblock *keyblock, krb5_keyusage usage,
                                           const krb5_crypto_iov *iov, size_t count,
                                           krb5_boolean *valid) {
    CALL(call, context);
    if (!valid)
        return EINVAL;
    return call_end(&call, verify_checksum(&call, type, keyblock, usage, iov, count, valid));
}
