// gssapi_calls.h: what the calls of fuzz_gssapi_calls.c share: a small table of handles, how bytes
// of the input become arguments, and what must hold of every call whatever it was passed.
#ifndef OBOL_TESTS_FUZZ_GSSAPI_CALLS_H
#define OBOL_TESTS_FUZZ_GSSAPI_CALLS_H

#include "base/reader.h"
#include "cred/ccache.h"
#include "cred/keytab.h"
#include "crypto/crypto.h"
#include "fuzz.h"
#include "gssapi/name.h"
#include "krb/seal.h"
#include "proto/codes.h" // before krb5.h, whose macros have the same names
#include <gssapi/gssapi_krb5.h>

// A call's number is its place here: seeds and findings keep their meaning only if it stays.
// clang-format off
#define CALLS(X) \
    X(import_name) X(display_name) X(display_name_ext) X(compare_name) X(canonicalize_name) \
    X(duplicate_name) X(export_name) X(release_name) X(inquire_name) X(get_attribute) \
    X(set_attribute) X(delete_attribute) X(map_name) X(localname) X(authorize) X(mechs_for_name) \
    X(name_comes_back) X(acquire) X(acquire_from) X(acquire_password) X(impersonate) X(add_cred) \
    X(inquire_cred) X(inquire_cred_by_mech) X(inquire_cred_by_oid) X(set_cred_option) \
    X(set_neg_mechs) X(export_cred) X(import_cred) X(store_cred) X(store_cred_into) \
    X(release_cred) X(allow_enctypes) X(init) X(accept) X(handshake) X(process_token) X(delete) \
    X(context_time) X(inquire_context) X(export_context) X(import_context) X(context_by_oid) \
    X(set_context_option) X(lucid) X(ticket_facts) X(get_mic) X(verify_mic) X(wrap) X(unwrap) \
    X(size_limit) X(pseudo_random) X(iov) X(wrap_aead) X(unwrap_aead) X(buffer) X(oid_set) \
    X(oid_text) X(mechs) X(mech_attributes) X(saslname) X(status) X(frame) \
    X(configuration)
// clang-format on
enum call {
#define X(name) CALL_##name,
    CALLS(X)
#undef X
        CALL_COUNT
};
#define CALL_MASK     0x3f // of the byte that says which call
#define CALL_NO_MINOR 0xc0 // both bits: no minor status is passed
_Static_assert(CALL_COUNT <= CALL_MASK + 1, "a call's number has six bits");

// Of a byte that is an argument: which slot, or none at all.
#define ARG_NONE   0x80 // a handle: GSS_C_NO_...; of an output: it is not wanted
#define ARG_BUFFER 0x80 // bytes: they stand in a slot
#define ARG_INLINE 0x40 // bytes: they follow in the input, behind their length
#define ARG_NULL   0xff // bytes: no buffer at all

#define SLOTS   4
#define BUFFERS 8

struct bytes {
    gss_buffer_desc b;
    uint64_t sealed; // the hash of the message that this token was made of; 0: changed since
    bool is_cred;    // gss_export_cred made it
};

// One input's run. What a slot holds is owned by it.
struct play {
    struct reader in;
    gss_name_t names[SLOTS];
    gss_cred_id_t creds[SLOTS];
    gss_ctx_id_t ctxs[SLOTS];
    gss_OID_set sets[SLOTS];
    struct bytes buffers[BUFFERS];
    OM_uint32 last_major, last_minor;
    OM_uint32 minor, *m; // m: what is passed
    bool stored;         // a cache was written: the world is made anew
    bool configured;     // likewise of krb5.conf
};

static inline uint8_t next(struct play *p) {
    return reader_u8(&p->in);
}

// done is what holds of a status: the fields have values of RFC 2744 3.9.1, and without a minor
// status nothing is done. Buffers and sets are released without one too:
// done_freely.
static inline OM_uint32 done_freely(struct play *p, OM_uint32 major) {
    must_hold(GSS_CALLING_ERROR_FIELD(major) <= 3 && GSS_ROUTINE_ERROR_FIELD(major) <= 19 &&
              GSS_SUPPLEMENTARY_INFO_FIELD(major) <= 0x1f);
    must_hold(!p->m || GSS_ERROR(major) || p->minor == 0);
    p->last_major = major;
    p->last_minor = p->m ? p->minor : 0;
    return major;
}
static inline OM_uint32 done(struct play *p, OM_uint32 major) {
    must_hold(p->m || GSS_CALLING_ERROR(major) == GSS_S_CALL_INACCESSIBLE_WRITE);
    return done_freely(p, major);
}

// ---- handles

static const int POISON = 0;

// For each kind: in() chooses one that is there or none; want() an output, which holds an address
// that nobody may follow until the call sets it; take() puts it into its slot. A failed call leaves
// no handle.
#define HANDLES(kind, type, slots, release)                                                        \
    struct kind##_out {                                                                            \
        type value;                                                                                \
        uint8_t arg;                                                                               \
    };                                                                                             \
    static inline type kind##_in(struct play *p) {                                                 \
        uint8_t arg = next(p);                                                                     \
        return arg & ARG_NONE ? NULL : p->slots[arg % SLOTS];                                      \
    }                                                                                              \
    static inline type *kind##_want(struct play *p, struct kind##_out *o) {                        \
        o->value = (type)(uintptr_t)&POISON;                                                       \
        o->arg = next(p);                                                                          \
        return o->arg & ARG_NONE ? NULL : &o->value;                                               \
    }                                                                                              \
    static inline void kind##_drop(type *handle) {                                                 \
        OM_uint32 minor;                                                                           \
        must_hold(release(&minor, handle) == GSS_S_COMPLETE && !*handle);                          \
    }                                                                                              \
    static inline void kind##_take(struct play *p, struct kind##_out *o, OM_uint32 major) {        \
        if (o->arg & ARG_NONE)                                                                     \
            return;                                                                                \
        must_hold(o->value != (type)(uintptr_t)&POISON && (!GSS_ERROR(major) || !o->value));       \
        kind##_drop(&p->slots[o->arg % SLOTS]);                                                    \
        p->slots[o->arg % SLOTS] = o->value;                                                       \
    }
static inline OM_uint32 delete_quietly(OM_uint32 *minor, gss_ctx_id_t *ctx) {
    return gss_delete_sec_context(minor, ctx, GSS_C_NO_BUFFER);
}
HANDLES(name, gss_name_t, names, gss_release_name)
HANDLES(cred, gss_cred_id_t, creds, gss_release_cred)
HANDLES(set, gss_OID_set, sets, gss_release_oid_set)
HANDLES(ctx, gss_ctx_id_t, ctxs, delete_quietly)

// ---- bytes

static inline uint64_t hash(const gss_buffer_desc *b) { // FNV-1a, never 0
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < b->length; i++)
        h = (h ^ ((const uint8_t *)b->value)[i]) * UINT64_C(0x100000001b3);
    return h | 1;
}

struct buffer_out {
    gss_buffer_desc value;
    uint8_t arg;
};
static inline gss_buffer_t buffer_want(struct play *p, struct buffer_out *o) {
    o->value = (gss_buffer_desc){7, (void *)(uintptr_t)&POISON};
    o->arg = next(p);
    return o->arg & ARG_NONE ? NULL : &o->value;
}
static inline void buffer_drop(struct bytes *slot) {
    OM_uint32 minor;
    must_hold(gss_release_buffer(&minor, &slot->b) == GSS_S_COMPLETE && !slot->b.value &&
              !slot->b.length);
    *slot = (struct bytes){0};
}
// A token comes out of a failed call too, and tells the peer why. What is empty has no memory:
// gss_release_buffer would not free it.
static inline struct bytes *token_take(struct play *p, struct buffer_out *o) {
    static struct bytes nowhere;
    if (o->arg & ARG_NONE)
        return &nowhere;
    must_hold(o->value.value != &POISON && !o->value.value == !o->value.length);
    struct bytes *slot = &p->buffers[o->arg % BUFFERS];
    buffer_drop(slot);
    slot->b = o->value;
    return slot;
}
static inline struct bytes *buffer_take(struct play *p, struct buffer_out *o, OM_uint32 major) {
    must_hold((o->arg & ARG_NONE) || !GSS_ERROR(major) || (!o->value.value && !o->value.length));
    return token_take(p, o);
}

static const char *const TEXTS[] = {
    "HTTP@web.obol.test",
    "HTTP/web.obol.test@OBOL.TEST",
    "HTTP/web.obol.test",
    "alice@OBOL.TEST",
    "alice",
    "HTTP",
    "alice@obol.test@OBOL.TEST",
    "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS",
    "0",
    "local-login-user",
    "urn:mspac:logon-info",
    "urn:authdata:1",
    "correct horse",
    "HTTP@",
    "@",
    "root",
    "2.5.4.3",
    "{ 1 2 840 113554 1 2 2 }",
    "GS2-KRB5",
    "",
};

static inline struct bytes *bytes_at(struct play *p, uint8_t arg) {
    bool slot = arg != ARG_NULL && (arg & ARG_BUFFER);
    return slot ? &p->buffers[arg % BUFFERS] : NULL;
}
static inline gss_buffer_t bytes_of(struct play *p, uint8_t arg, gss_buffer_desc *hold) {
    if (arg == ARG_NULL)
        return GSS_C_NO_BUFFER;
    if (bytes_at(p, arg)) {
        *hold = bytes_at(p, arg)->b;
    } else if (arg & ARG_INLINE) {
        struct slice s = reader_bytes(&p->in, next(p));
        *hold = (gss_buffer_desc){s.len, (void *)(uintptr_t)s.ptr};
    } else {
        const char *text = TEXTS[arg % COUNT_OF(TEXTS)];
        *hold = (gss_buffer_desc){strlen(text), (void *)(uintptr_t)text};
    }
    return hold;
}
static inline gss_buffer_t bytes_in(struct play *p, gss_buffer_desc *hold) {
    return bytes_of(p, next(p), hold);
}
// The same with memory of its own and a NUL, for what takes a char pointer or writes.
static inline char *text_in(struct play *p, size_t *len) {
    gss_buffer_desc hold = {0};
    (void)bytes_in(p, &hold);
    char *copy = calloc(1, hold.length + 1);
    must_hold(copy);
    if (hold.length)
        memcpy(copy, hold.value, hold.length);
    *len = hold.length;
    return copy;
}

// ---- OIDs. The last is nobody's.

static gss_OID_desc STRANGE_OID = {4, (void *)"\x2a\x03\x04\x05"}, EMPTY_OID = {0, NULL};

static inline gss_OID oid_in(struct play *p) {
    gss_OID const oids[] = {
        gssapi_mech_oid(GSSAPI_KRB5),
        gssapi_mech_oid(GSSAPI_SPNEGO),
        GSS_C_NO_OID,
        gssapi_mech_oid(GSSAPI_KRB5_OLD),
        gssapi_mech_oid(GSSAPI_KRB5_WRONG),
        gssapi_mech_oid(GSSAPI_IAKERB),
        GSS_C_NT_HOSTBASED_SERVICE,
        gss_nt_krb5_name,
        GSS_C_NT_USER_NAME,
        GSS_C_NT_EXPORT_NAME,
        GSS_C_NT_COMPOSITE_EXPORT,
        GSS_C_NT_ANONYMOUS,
        GSS_C_NT_STRING_UID_NAME,
        GSS_C_NT_MACHINE_UID_NAME,
        GSS_C_NT_HOSTBASED_SERVICE_X,
        GSS_KRB5_NT_ENTERPRISE_NAME,
        GSS_KRB5_NT_X509_CERT,
        GSS_C_INQ_SSPI_SESSION_KEY,
        GSS_C_INQ_ODBC_SESSION_KEY,
        GSS_C_INQ_NEGOEX_KEY,
        GSS_C_INQ_NEGOEX_VERIFY_KEY,
        GSS_C_SEC_CONTEXT_SASL_SSF,
        GSS_KRB5_CRED_NO_CI_FLAGS_X,
        GSS_KRB5_GET_CRED_IMPERSONATOR,
        (gss_OID)(uintptr_t)GSS_C_MA_MECH_CONCRETE,
        (gss_OID)(uintptr_t)GSS_C_MA_MECH_NEGO,
        (gss_OID)(uintptr_t)GSS_C_MA_WRAP,
        &EMPTY_OID,
        &STRANGE_OID,
    };
    return oids[next(p) % COUNT_OF(oids)];
}

#endif
