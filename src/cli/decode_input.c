// decode_input.c: telling apart what `obol decode` is given; see decode_input.h.
#include "cli/decode_input.h"
#include "base/hex.h"
#include "base/reader.h"
#include "gss/frame.h"
#include "gss/spnego.h"

static void note(struct decode_input *in, struct slice what) {
    if (in->wrapping_count < DECODE_WRAPPINGS_MAX)
        in->wrappings[in->wrapping_count++] = what;
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

static enum obol_code from_text(struct decode_input *in, struct arena *a, struct error *err) {
    struct slice text = slice_trim(in->bytes), bytes;
    bool header = strip_header(&text);
    ENSURE(join_lines(text, a, &text), NO_MEMORY, "no room for %zu bytes of text", text.len);
    bool hex = !header && hex_decode(text, a, &bytes);
    ENSURE(hex || base64_decode(text, a, &bytes), FORMAT,
           "the input is text, and neither base64 nor hexadecimal nor an HTTP header with a "
           "Negotiate token");
    in->bytes = bytes;
    note(in, slice_str(hex ? "hexadecimal" : header ? "HTTP Negotiate" : "base64"));
    return OBOL_OK;
}

// What is inside, or nothing: the last token of a negotiation may be empty.
static bool take_inside(struct decode_input *in, bool present, struct slice inside) {
    in->bytes = present ? inside : (struct slice){0};
    if (!present)
        in->kind = DECODE_EMPTY;
    return present;
}

static bool unwrap_spnego_resp(struct decode_input *in, struct arena *a) {
    static const char *const states[] = {"accept-completed", "accept-incomplete", "reject",
                                         "request-mic"};
    struct neg_token_resp t;
    if (spnego_resp_read(in->bytes, a, &t, NULL) != OBOL_OK)
        return false;
    struct writer w = writer_to_arena(a);
    writer_str(&w, "SPNEGO NegTokenResp");
    if (t.present & NEG_TOKEN_RESP_NEG_STATE && t.neg_state >= 0 &&
        t.neg_state < (int32_t)COUNT_OF(states))
        writer_printf(&w, ": %s", states[t.neg_state]);
    if (t.present & NEG_TOKEN_RESP_SUPPORTED_MECH)
        writer_printf(&w, ", %s", gss_oid_name(t.supported_mech));
    if (t.present & NEG_TOKEN_RESP_MECH_LIST_MIC)
        writer_printf(&w, ", a MIC of %zu bytes", t.mech_list_mic.len);
    note(in, writer_slice(&w));
    return take_inside(in, t.present & NEG_TOKEN_RESP_RESPONSE_TOKEN, t.response_token);
}

static bool unwrap_spnego(struct decode_input *in, struct arena *a) {
    struct neg_token_init t;
    struct slice_list mechs;
    if (spnego_is_resp(in->bytes))
        return unwrap_spnego_resp(in, a);
    if (spnego_init_read(in->bytes, a, &t, &mechs, NULL) != OBOL_OK)
        return false;
    struct writer w = writer_to_arena(a);
    writer_str(&w, "SPNEGO NegTokenInit");
    for (size_t i = 0; i < mechs.count; i++)
        writer_printf(&w, "%s%s", i ? ", " : ": ", gss_oid_name(mechs.items[i]));
    note(in, writer_slice(&w));
    return take_inside(in, t.present & NEG_TOKEN_INIT_MECH_TOKEN, t.mech_token);
}

static bool unwrap_krb5(struct decode_input *in, struct arena *a) {
    struct slice oid, inner;
    UNUSED(a);
    if (gss_frame_open(in->bytes, &oid, &inner, NULL) != OBOL_OK || !gss_oid_is_krb5(oid) ||
        inner.len < 2)
        return false;
    in->bytes = slice_sub(inner, 2, inner.len);
    note(in, SLICE_LITERAL("GSS-API krb5 token"));
    return true;
}

// A message as TCP carries it: behind its length (RFC 4120 7.2.2).
static bool unwrap_record(struct decode_input *in) {
    struct reader r = reader_of(in->bytes);
    struct slice body = reader_counted32(&r);
    if (!reader_done(&r) || body.len == 0)
        return false;
    in->bytes = body;
    note(in, SLICE_LITERAL("TCP record"));
    return true;
}

enum obol_code decode_recognise(struct slice given, struct arena *a, struct decode_input *out,
                                struct error *err) {
    *out = (struct decode_input){.bytes = given};
    ENSURE(given.len != 0, FORMAT, "there is nothing to decode: the input is empty");
    if (is_text(given))
        TRY(from_text(out, a, err));
    while (out->wrapping_count < DECODE_WRAPPINGS_MAX - 1)
        if (!unwrap_spnego(out, a) && !unwrap_krb5(out, a) && !unwrap_record(out))
            break;
    if (out->kind == DECODE_EMPTY)
        return OBOL_OK;
    ENSURE(
        !slice_starts(out->bytes, slice_of("NTLMSSP", 8)), FORMAT,
        "the input is an NTLM token: the client has no Kerberos ticket for this service, or does "
        "not trust this site with one");
    ENSURE(out->bytes.len >= 2, FORMAT, "%zu bytes are too few for a message", out->bytes.len);
    if (out->bytes.ptr[0] == 5)
        out->kind = out->bytes.ptr[1] <= 2 ? DECODE_KEYTAB : DECODE_CCACHE;
    ENSURE(out->kind != DECODE_MESSAGE || (out->bytes.ptr[0] & 0xe0) == 0x60, FORMAT,
           "the input begins with 0x%02x: it is no Kerberos message, token, credential cache or "
           "keytab, nor one of them as base64 or hexadecimal",
           out->bytes.ptr[0]);
    return OBOL_OK;
}
