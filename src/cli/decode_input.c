// decode_input.c: telling apart what `obol decode` is given; see decode_input.h.
#include "cli/decode_input.h"
#include "base/hex.h"
#include "base/reader.h"
#include "gss/frame.h"
#include "gss/spnego.h"

#define WRAPPINGS_MAX 8

static void note(struct decode_input *in, struct arena *a, const char *what) {
    in->wrappings = in->wrappings.len ? arena_printf(a, "%.*s, %s", SLICE_ARG(in->wrappings), what)
                                      : slice_str(what);
}

// A header as a client or server writes it: "Authorization: Negotiate BASE64".
static bool strip_header(struct slice *text) {
    struct slice negotiate = SLICE_LITERAL("negotiate ");
    for (size_t i = 0; i + negotiate.len <= text->len && i < 64; i++)
        if (slice_eq_nocase(slice_sub(*text, i, negotiate.len), negotiate)) {
            *text = slice_trim(slice_sub(*text, i + negotiate.len, text->len));
            return true;
        }
    return false;
}

static bool is_text(struct slice s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] >= 0x7f ||
            (s.ptr[i] < 0x20 && s.ptr[i] != '\n' && s.ptr[i] != '\r' && s.ptr[i] != '\t'))
            return false;
    return s.len != 0;
}

static bool join_lines(struct slice text, struct arena *a, struct slice *out) {
    struct writer w = writer_to_arena(a);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] > ' ')
            writer_u8(&w, text.ptr[i]);
    *out = writer_slice(&w);
    return writer_ok(&w);
}

static void from_text(struct decode_input *in, struct arena *a) {
    struct slice text = slice_trim(in->bytes), bytes;
    bool header = strip_header(&text);
    if (!join_lines(text, a, &text))
        return;
    if (!header && hex_decode(text, a, &bytes)) {
        in->bytes = bytes;
        note(in, a, "hexadecimal");
    } else if (base64_decode(text, a, &bytes)) {
        in->bytes = bytes;
        note(in, a, header ? "HTTP Negotiate" : "base64");
    }
}

static bool unwrap_spnego(struct decode_input *in, struct arena *a) {
    struct neg_token_init init;
    struct neg_token_resp resp;
    struct slice_list mechs;
    if (spnego_is_resp(in->bytes)) {
        if (spnego_resp_read(in->bytes, a, &resp, NULL) != OBOL_OK ||
            !(resp.present & NEG_TOKEN_RESP_RESPONSE_TOKEN))
            return false;
        in->bytes = resp.response_token;
        note(in, a, "SPNEGO NegTokenResp");
        return true;
    }
    if (spnego_init_read(in->bytes, a, &init, &mechs, NULL) != OBOL_OK ||
        !(init.present & NEG_TOKEN_INIT_MECH_TOKEN))
        return false;
    in->bytes = init.mech_token;
    note(in, a, "SPNEGO NegTokenInit");
    return true;
}

static bool unwrap_krb5(struct decode_input *in, struct arena *a) {
    struct slice oid, inner;
    if (gss_frame_open(in->bytes, &oid, &inner, NULL) != OBOL_OK || !gss_oid_is_krb5(oid) ||
        inner.len < 2)
        return false;
    in->bytes = slice_sub(inner, 2, inner.len);
    note(in, a, "GSS-API krb5 token");
    return true;
}

// A message as TCP carries it: behind its length (RFC 4120 7.2.2).
static bool unwrap_record(struct decode_input *in, struct arena *a) {
    struct reader r = reader_of(in->bytes);
    struct slice body = reader_counted32(&r);
    if (!reader_done(&r) || body.len == 0)
        return false;
    in->bytes = body;
    note(in, a, "TCP record");
    return true;
}

enum obol_code decode_recognise(struct slice given, struct arena *a, struct decode_input *out,
                                struct error *err) {
    *out = (struct decode_input){.bytes = given};
    ENSURE(given.len != 0, FORMAT, "there is nothing to decode: the input is empty");
    if (is_text(given))
        from_text(out, a);
    for (int i = 0; i < WRAPPINGS_MAX; i++)
        if (!unwrap_spnego(out, a) && !unwrap_krb5(out, a) && !unwrap_record(out, a))
            break;
    ENSURE(out->bytes.len >= 2, FORMAT, "%zu bytes are too few for a message", out->bytes.len);
    if (out->bytes.ptr[0] == 5)
        out->kind = out->bytes.ptr[1] <= 2 ? DECODE_KEYTAB : DECODE_CCACHE;
    ENSURE(out->kind != DECODE_MESSAGE || (out->bytes.ptr[0] & 0xe0) == 0x60, FORMAT,
           "the input begins with 0x%02x: it is no Kerberos message, token, credential cache or "
           "keytab, nor one of them as base64 or hexadecimal",
           out->bytes.ptr[0]);
    return OBOL_OK;
}
