// inquire_context.c: questions about a context that an OID names (gss_inquire_sec_context_by_oid),
// and the krb5 mechanism's own calls that ask the same: keys, ticket flags, authorization data.
#include "der/table.h"
#include "gssapi/protect.h"
#include "proto/codes.h"
#include "proto/types.h"
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>

#define CONTAINER_DEPTH 8 // AD-IF-RELEVANT within another

// The OIDs of MIT krb5's questions, as content octets: 1.2.840.113554.1.2.2.5.n; that of
// authorization data ends in the type.
#define KRB5_QUESTION "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05"
#define KEY_TYPE      "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x04"

static OM_uint32 add(OM_uint32 *minor, struct slice s, gss_buffer_set_t *set) {
    gss_buffer_desc b = {s.len, (void *)(uintptr_t)s.ptr};
    return gss_add_buffer_set_member(minor, &b, set);
}

// X.690 8.19.2: seven bits a byte, the first ones marked.
static size_t write_arc(uint8_t *out, uint32_t arc) {
    size_t n = 1;
    for (uint32_t rest = arc >> 7; rest; rest >>= 7)
        n++;
    for (size_t i = n; i > 0; i--, arc >>= 7)
        out[i - 1] = (uint8_t)((arc & 0x7f) | (i == n ? 0 : 0x80));
    return n;
}

static bool read_arc(struct slice s, uint32_t *arc) {
    *arc = 0;
    for (size_t i = 0; i < s.len && i < 5; i++) {
        *arc = *arc << 7 | (s.ptr[i] & 0x7f);
        if (!(s.ptr[i] & 0x80))
            return i + 1 == s.len;
    }
    return false;
}

// The key that protects messages, and its enctype as an OID.
static OM_uint32 add_key(OM_uint32 *minor, const struct crypto_key *key, gss_buffer_set_t *set) {
    uint8_t oid[sizeof KEY_TYPE + 5] = KEY_TYPE;
    size_t len = sizeof KEY_TYPE - 1;
    len += write_arc(oid + len, (uint32_t)enctype_number(crypto_key_enctype(key)));
    OM_uint32 major = add(minor, crypto_key_bytes(key), set);
    return major ? major : add(minor, slice_of(oid, len), set);
}

static OM_uint32 ask_session_key(OM_uint32 *minor, struct gss_context *core, struct slice suffix,
                                 gss_buffer_set_t *set) {
    UNUSED(suffix);
    return add_key(minor, core->key, set);
}

// The key of the ticket, whatever keys the ends took later: for ODBC drivers.
static OM_uint32 ask_ticket_key(OM_uint32 *minor, struct gss_context *core, struct slice suffix,
                                gss_buffer_set_t *set) {
    UNUSED(suffix);
    if (!core->session)
        return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_NOT_FOUND,
                             "the key of the ticket is not known to this context");
    return add_key(minor, core->session, set);
}

// A pointer to a lucid context, which gss_krb5_free_lucid_sec_context frees.
static OM_uint32 ask_lucid(OM_uint32 *minor, struct gss_context *core, struct slice suffix,
                           gss_buffer_set_t *set) {
    uint32_t version;
    void *lucid;
    if (!read_arc(suffix, &version))
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "the OID does not end in a version of lucid contexts");
    OM_uint32 ignored, major = gssapi_lucid(minor, core, version, &lucid);
    if (major)
        return major;
    major = add(minor, slice_of((const uint8_t *)&lucid, sizeof lucid), set);
    if (major)
        (void)gss_krb5_free_lucid_sec_context(&ignored, lucid);
    return major;
}

static OM_uint32 ask_ticket_flags(OM_uint32 *minor, struct gss_context *core, struct slice suffix,
                                  gss_buffer_set_t *set) {
    UNUSED(suffix);
    return add(minor, slice_of(&core->ticket_flags, sizeof core->ticket_flags), set);
}

static OM_uint32 ask_authtime(OM_uint32 *minor, struct gss_context *core, struct slice suffix,
                              gss_buffer_set_t *set) {
    UNUSED(suffix);
    krb5_timestamp authtime = (krb5_timestamp)core->authtime;
    return add(minor, slice_of(&authtime, sizeof authtime), set);
}

// The strength of the channel in bits, as SASL counts it: the key's of the cipher.
static OM_uint32 ask_sasl_ssf(OM_uint32 *minor, struct gss_context *core, struct slice suffix,
                              gss_buffer_set_t *set) {
    UNUSED(suffix);
    const struct enctype *e = crypto_key_enctype(core->key);
    uint16_t bits = enctype_is_weak(e) ? 64 : (uint16_t)(8 * enctype_key_length(e));
    const uint8_t ssf[4] = {0, 0, (uint8_t)(bits >> 8), (uint8_t)bits};
    return add(minor, slice_of(ssf, sizeof ssf), set);
}

static OM_uint32 find_authdata(OM_uint32 *minor, const struct authdata_list *list, int32_t type,
                               unsigned depth, struct arena *a, gss_buffer_set_t *set) {
    OM_uint32 major = GSS_S_COMPLETE;
    for (size_t i = 0; i < list->count && !major; i++) {
        const struct authdata *ad = &list->items[i];
        struct authdata_list inner;
        if (ad->ad_type == type)
            major = add(minor, ad->ad_data, set);
        else if (ad->ad_type == AD_IF_RELEVANT && depth < CONTAINER_DEPTH &&
                 der_decode(&TYPE_AUTHORIZATION_DATA, ad->ad_data, a, &inner, NULL) == OBOL_OK)
            major = find_authdata(minor, &inner, type, depth + 1, a, set);
    }
    return major;
}

static OM_uint32 ask_authdata(OM_uint32 *minor, struct gss_context *core, struct slice suffix,
                              gss_buffer_set_t *set) {
    uint32_t type;
    if (!read_arc(suffix, &type))
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "the OID does not end in a type of authorization data");
    struct arena *a = gssapi_arena_take();
    if (!a)
        return gssapi_no_memory(minor);
    OM_uint32 major = find_authdata(minor, &core->authdata, (int32_t)type, 0, a, set);
    gssapi_arena_give(a);
    return major;
}

static const struct question {
    struct slice oid; // what stands behind it is the answer's to read
    bool suffix;
    OM_uint32 (*ask)(OM_uint32 *minor, struct gss_context *core, struct slice suffix,
                     gss_buffer_set_t *set);
} questions[] = {
    {{(const uint8_t *)KRB5_QUESTION "\x01", 11}, false, ask_ticket_flags},
    {{(const uint8_t *)KRB5_QUESTION "\x05", 11}, false, ask_session_key},
    {{(const uint8_t *)KRB5_QUESTION "\x06", 11}, true, ask_lucid},
    {{(const uint8_t *)KRB5_QUESTION "\x0a", 11}, true, ask_authdata},
    {{(const uint8_t *)KRB5_QUESTION "\x0c", 11}, false, ask_authtime},
    {{(const uint8_t *)KRB5_QUESTION "\x0f", 11}, false, ask_sasl_ssf},
    {{(const uint8_t *)KRB5_QUESTION "\x13", 11}, false, ask_ticket_key},
};

static const struct question *question_of(struct slice oid) {
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        const struct question *q = &questions[i];
        if (q->suffix ? slice_starts(oid, q->oid) : slice_eq(oid, q->oid))
            return q;
    }
    return NULL;
}

OM_uint32 gss_inquire_sec_context_by_oid(OM_uint32 *minor, gss_ctx_id_t ctx, gss_OID oid,
                                         gss_buffer_set_t *set) {
    if (set)
        *set = GSS_C_NO_BUFFER_SET;
    if (gssapi_begin(minor) || !set)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major, ignored;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    if (!oid || !oid->elements)
        return GSS_S_CALL_INACCESSIBLE_READ;
    struct slice bytes = slice_of(oid->elements, oid->length);
    const struct question *q = question_of(bytes);
    if (!q)
        return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                             "the OID of %zu bytes names no question that contexts answer",
                             bytes.len);
    major = q->ask(minor, core, slice_sub(bytes, q->oid.len, bytes.len), set);
    if (major)
        (void)gss_release_buffer_set(&ignored, set);
    return major;
}

// No option of a context is known: those of krb5 go with the credential.
OM_uint32 gss_set_sec_context_option(OM_uint32 *minor, gss_ctx_id_t *ctx, gss_OID oid,
                                     gss_buffer_t value) {
    UNUSED(value);
    if (gssapi_begin(minor) || !ctx)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!oid)
        return GSS_S_CALL_INACCESSIBLE_READ;
    return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                         "the OID of %u bytes names no option of contexts", oid->length);
}

OM_uint32 gss_krb5_get_tkt_flags(OM_uint32 *minor, gss_ctx_id_t ctx, krb5_flags *flags) {
    if (gssapi_begin(minor) || !flags)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    *flags = (krb5_flags)core->ticket_flags;
    return GSS_S_COMPLETE;
}

OM_uint32 gsskrb5_extract_authtime_from_sec_context(OM_uint32 *minor, gss_ctx_id_t ctx,
                                                    krb5_timestamp *authtime) {
    if (gssapi_begin(minor) || !authtime)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, ctx, &major);
    if (!core)
        return major;
    *authtime = (krb5_timestamp)core->authtime;
    return GSS_S_COMPLETE;
}

OM_uint32 gsskrb5_extract_authz_data_from_sec_context(OM_uint32 *minor, gss_ctx_id_t ctx, int type,
                                                      gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    uint8_t oid[sizeof KRB5_QUESTION + 6] = KRB5_QUESTION "\x0a";
    size_t len = sizeof KRB5_QUESTION + write_arc(oid + sizeof KRB5_QUESTION, (uint32_t)type);
    gss_buffer_set_t set;
    OM_uint32 ignored,
        major =
            gss_inquire_sec_context_by_oid(minor, ctx, &(gss_OID_desc){(OM_uint32)len, oid}, &set);
    if (major)
        return major;
    if (!set || set->count == 0)
        major = gssapi_refuse(minor, GSS_S_FAILURE, OBOL_NOT_FOUND,
                              "the client's ticket has no authorization data of type %d", type);
    else if (!gssapi_buffer_copy(out, gssapi_slice(&set->elements[0])))
        major = gssapi_no_memory(minor);
    (void)gss_release_buffer_set(&ignored, &set);
    return major;
}
