// mech.c: which mechanisms there are and what they can do (RFC 2744 5.17, 5.24; RFC 5587), and
// their names in SASL (RFC 5801).
#include "crypto/crypto.h"
#include "gssapi/handles.h"
#include "gssapi/status.h"

// A set of attributes is a bit for each of 1.3.6.1.5.5.13.1 to .27, and one more.
#define MA_COUNT 28
struct attribute {
    gss_const_OID *oid;
    const char *name, *brief, *text;
};
static const struct attribute attributes[MA_COUNT] = {
    {&GSS_C_MA_MECH_CONCRETE, "GSS_C_MA_MECH_CONCRETE", "concrete-mech",
     "Mechanism is neither a pseudo-mechanism nor a composite mechanism."},
    {&GSS_C_MA_MECH_PSEUDO, "GSS_C_MA_MECH_PSEUDO", "pseudo-mech", "It is a pseudo-mechanism."},
    {&GSS_C_MA_MECH_COMPOSITE, "GSS_C_MA_MECH_COMPOSITE", "composite-mech",
     "It is built of other mechanisms."},
    {&GSS_C_MA_MECH_NEGO, "GSS_C_MA_MECH_NEGO", "mech-negotiation-mech",
     "It negotiates which mechanism is used."},
    {&GSS_C_MA_MECH_GLUE, "GSS_C_MA_MECH_GLUE", "mech-glue",
     "The OID stands for the GSS-API itself, not for a mechanism."},
    {&GSS_C_MA_NOT_MECH, "GSS_C_MA_NOT_MECH", "not-mech",
     "The OID is known and is not that of a mechanism."},
    {&GSS_C_MA_DEPRECATED, "GSS_C_MA_DEPRECATED", "mech-deprecated", "It should not be used."},
    {&GSS_C_MA_NOT_DFLT_MECH, "GSS_C_MA_NOT_DFLT_MECH", "mech-not-default",
     "It must not be taken unless it is asked for by name."},
    {&GSS_C_MA_ITOK_FRAMED, "GSS_C_MA_ITOK_FRAMED", "initial-is-framed",
     "Its first token has the frame of RFC 2743 3.1."},
    {&GSS_C_MA_AUTH_INIT, "GSS_C_MA_AUTH_INIT", "auth-init-princ",
     "The initiator proves who it is to the acceptor."},
    {&GSS_C_MA_AUTH_TARG, "GSS_C_MA_AUTH_TARG", "auth-targ-princ",
     "The acceptor proves who it is to the initiator."},
    {&GSS_C_MA_AUTH_INIT_INIT, "GSS_C_MA_AUTH_INIT_INIT", "auth-init-princ-initial",
     "The initiator may use its first credentials, such as a password."},
    {&GSS_C_MA_AUTH_TARG_INIT, "GSS_C_MA_AUTH_TARG_INIT", "auth-target-princ-initial",
     "The acceptor may use its first credentials, such as a password."},
    {&GSS_C_MA_AUTH_INIT_ANON, "GSS_C_MA_AUTH_INIT_ANON", "auth-init-princ-anon",
     "The initiator may be anonymous."},
    {&GSS_C_MA_AUTH_TARG_ANON, "GSS_C_MA_AUTH_TARG_ANON", "auth-targ-princ-anon",
     "The acceptor may be anonymous."},
    {&GSS_C_MA_DELEG_CRED, "GSS_C_MA_DELEG_CRED", "deleg-cred",
     "The initiator can hand credentials on to the acceptor."},
    {&GSS_C_MA_INTEG_PROT, "GSS_C_MA_INTEG_PROT", "integ-prot",
     "Messages can be protected from alteration."},
    {&GSS_C_MA_CONF_PROT, "GSS_C_MA_CONF_PROT", "conf-prot", "Messages can be encrypted."},
    {&GSS_C_MA_MIC, "GSS_C_MA_MIC", "mic", "It makes integrity checks apart from the message."},
    {&GSS_C_MA_WRAP, "GSS_C_MA_WRAP", "wrap", "It wraps messages."},
    {&GSS_C_MA_PROT_READY, "GSS_C_MA_PROT_READY", "prot-ready",
     "Messages can be protected before the context is established."},
    {&GSS_C_MA_REPLAY_DET, "GSS_C_MA_REPLAY_DET", "replay-detection",
     "It notices messages that come twice."},
    {&GSS_C_MA_OOS_DET, "GSS_C_MA_OOS_DET", "oos-detection",
     "It notices messages that come out of order."},
    {&GSS_C_MA_CBINDINGS, "GSS_C_MA_CBINDINGS", "channel-bindings",
     "Mechanism supports channel bindings."},
    {&GSS_C_MA_PFS, "GSS_C_MA_PFS", "pfs",
     "Messages stay secret even if long-term keys are stolen later."},
    {&GSS_C_MA_COMPRESS, "GSS_C_MA_COMPRESS", "compress", "Wrapping compresses."},
    {&GSS_C_MA_CTX_TRANS, "GSS_C_MA_CTX_TRANS", "context-transfer",
     "A context can be exported to another process."},
    {&GSS_C_MA_NEGOEX_AND_SPNEGO, "GSS_C_MA_NEGOEX_AND_SPNEGO", "negoex-only",
     "A mechanism of NegoEx that SPNEGO may choose directly, too."},
};
#define MA(n) (1u << ((n)-1)) // by the last arc of the OID

#define MA_KRB5                                                                                    \
    (MA(1) | MA(9) | MA(10) | MA(11) | MA(16) | MA(17) | MA(18) | MA(19) | MA(20) | MA(21) |       \
     MA(22) | MA(23) | MA(24) | MA(27))

static const struct mech {
    unsigned mech;
    uint32_t attributes;
    const char *sasl, *name, *text;
} mechs[] = {
    {GSSAPI_KRB5, MA_KRB5, "GS2-KRB5", "krb5", "Kerberos 5 (RFC 4121)"},
    {GSSAPI_KRB5_OLD, MA_KRB5 | MA(7), "GS2-KRB5", "krb5",
     "Kerberos 5 under the OID it had before RFC 1964"},
    {GSSAPI_KRB5_WRONG, MA_KRB5 | MA(7), "GS2-KRB5", "krb5",
     "Kerberos 5 under the OID of Windows 2000"},
    {GSSAPI_IAKERB, MA_KRB5 | MA(12) | MA(8), "GS2-IAKERB", "iakerb",
     "Kerberos 5 with the service carrying messages to the KDC (IAKERB)"},
    {GSSAPI_SPNEGO, MA(4) | MA(9), "SPNEGO", "spnego", "Negotiation of a mechanism (RFC 4178)"},
};

static const struct mech *mech_find(gss_const_OID oid) {
    unsigned mech = gssapi_mech_of(oid);
    for (size_t i = 0; i < COUNT_OF(mechs); i++)
        if (mechs[i].mech == mech)
            return &mechs[i];
    return NULL;
}

static OM_uint32 bad_mech(OM_uint32 *minor) {
    return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                         "this library has krb5, IAKERB and SPNEGO");
}

OM_uint32 gss_indicate_mechs(OM_uint32 *minor, gss_OID_set *out) {
    if (out)
        *out = GSS_C_NO_OID_SET;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    return gssapi_mechs_set(minor, GSSAPI_KRB5 | GSSAPI_IAKERB | GSSAPI_SPNEGO, out);
}

static OM_uint32 attribute_set(OM_uint32 *minor, uint32_t bits, gss_OID_set *out) {
    gss_OID_set set;
    OM_uint32 major = gss_create_empty_oid_set(minor, &set);
    for (size_t i = 0; i < MA_COUNT && major == GSS_S_COMPLETE; i++)
        if (bits >> i & 1)
            major = gss_add_oid_set_member(minor, (gss_OID)(uintptr_t)*attributes[i].oid, &set);
    if (major != GSS_S_COMPLETE)
        (void)gss_release_oid_set(NULL, &set);
    *out = set;
    return major;
}

OM_uint32 gss_inquire_attrs_for_mech(OM_uint32 *minor, gss_const_OID oid, gss_OID_set *out,
                                     gss_OID_set *known) {
    if (out)
        *out = GSS_C_NO_OID_SET;
    if (known)
        *known = GSS_C_NO_OID_SET;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    const struct mech *mech = mech_find(oid);
    if (!mech)
        return bad_mech(minor);
    OM_uint32 major = out ? attribute_set(minor, mech->attributes, out) : GSS_S_COMPLETE;
    if (major == GSS_S_COMPLETE && known) {
        major = attribute_set(minor, (1u << MA_COUNT) - 1, known);
        if (major != GSS_S_COMPLETE)
            (void)gss_release_oid_set(NULL, out);
    }
    return major;
}

// The bits of a set of attributes; *unknown is whether it has one that has none.
static uint32_t attribute_bits(gss_const_OID_set set, bool *unknown) {
    uint32_t bits = 0;
    *unknown = false;
    for (size_t i = 0; set && set->elements && i < set->count; i++) {
        uint32_t before = bits;
        bool found = false;
        for (size_t j = 0; j < MA_COUNT && !found; j++)
            if (gss_oid_equal(&set->elements[i], *attributes[j].oid)) {
                bits |= 1u << j;
                found = true;
            }
        *unknown = *unknown || (!found && bits == before);
    }
    return bits;
}

OM_uint32 gss_indicate_mechs_by_attrs(OM_uint32 *minor, gss_const_OID_set desired,
                                      gss_const_OID_set except, gss_const_OID_set critical,
                                      gss_OID_set *out) {
    if (out)
        *out = GSS_C_NO_OID_SET;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    // RFC 5587 3.4.2: all that are desired, none that is excepted, and all critical ones known.
    bool unknown_desired, unknown_except, unknown_critical;
    uint32_t want = attribute_bits(desired, &unknown_desired);
    uint32_t avoid = attribute_bits(except, &unknown_except);
    (void)attribute_bits(critical, &unknown_critical);
    unsigned found = 0;
    for (size_t i = 0; i < COUNT_OF(mechs); i++)
        if ((mechs[i].attributes & want) == want && !(mechs[i].attributes & avoid) &&
            !(mechs[i].attributes & MA(7)))
            found |= mechs[i].mech;
    if (unknown_desired || unknown_critical)
        found = 0;
    return gssapi_mechs_set(minor, found, out);
}

// Fills a buffer that the program may not have asked for. False without memory.
static bool answer(gss_buffer_t out, const char *text) {
    return !out || gssapi_buffer_copy(out, slice_str(text));
}

static void answer_none(gss_buffer_t a, gss_buffer_t b, gss_buffer_t c) {
    if (a)
        *a = (gss_buffer_desc){0};
    if (b)
        *b = (gss_buffer_desc){0};
    if (c)
        *c = (gss_buffer_desc){0};
}

static OM_uint32 answer_failed(OM_uint32 *minor, gss_buffer_t a, gss_buffer_t b, gss_buffer_t c) {
    (void)gss_release_buffer(NULL, a);
    (void)gss_release_buffer(NULL, b);
    (void)gss_release_buffer(NULL, c);
    return gssapi_no_memory(minor);
}

OM_uint32 gss_display_mech_attr(OM_uint32 *minor, gss_const_OID oid, gss_buffer_t name,
                                gss_buffer_t brief, gss_buffer_t text) {
    answer_none(name, brief, text);
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!oid)
        return GSS_S_CALL_INACCESSIBLE_READ;
    for (size_t i = 0; i < MA_COUNT; i++) {
        const struct attribute *a = &attributes[i];
        if (!gss_oid_equal(oid, *a->oid))
            continue;
        return answer(name, a->name) && answer(brief, a->brief) && answer(text, a->text)
                   ? GSS_S_COMPLETE
                   : answer_failed(minor, name, brief, text);
    }
    return gssapi_refuse(minor, GSS_S_BAD_MECH_ATTR, OBOL_NOT_FOUND,
                         "the OID is none of a mechanism attribute (RFC 5587)");
}

OM_uint32 gss_inquire_saslname_for_mech(OM_uint32 *minor, gss_OID oid, gss_buffer_t sasl,
                                        gss_buffer_t name, gss_buffer_t text) {
    answer_none(sasl, name, text);
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    const struct mech *mech = mech_find(oid);
    if (!mech)
        return bad_mech(minor);
    return answer(sasl, mech->sasl) && answer(name, mech->name) && answer(text, mech->text)
               ? GSS_S_COMPLETE
               : answer_failed(minor, sasl, name, text);
}

// The name that RFC 5801 3.1 derives from an OID: "GS2-" and 11 characters of the base 32 of the
// SHA-1 of its DER. Writes 15 characters.
static bool derived_sasl_name(gss_const_OID oid, char out[15]) {
    uint8_t der[34] = {6, (uint8_t)oid->length}, digest[20];
    if (oid->length > sizeof der - 2)
        return false;
    memcpy(der + 2, oid->elements, oid->length);
    if (crypto_digest(CKSUMTYPE_SHA1, slice_of(der, 2 + oid->length), buf_of(digest, sizeof digest),
                      NULL) != OBOL_OK)
        return false;
    for (size_t i = 0; i < 4; i++)
        out[i] = "GS2-"[i];
    for (size_t i = 0; i < 11; i++) { // five bits each, of the first 55
        size_t bit = i * 5;
        unsigned pair = (unsigned)digest[bit / 8] << 8 | digest[bit / 8 + 1];
        out[4 + i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[pair >> (11 - bit % 8) & 31];
    }
    return true;
}

OM_uint32 gss_inquire_mech_for_saslname(OM_uint32 *minor, gss_buffer_t sasl, gss_OID *out) {
    if (out)
        *out = GSS_C_NO_OID;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!sasl || !sasl->value)
        return GSS_S_CALL_INACCESSIBLE_READ;
    for (size_t i = 0; i < COUNT_OF(mechs); i++) {
        char derived[15];
        gss_OID oid = gssapi_mech_oid(mechs[i].mech);
        struct slice asked = gssapi_slice(sasl);
        bool same = slice_eq_str(asked, mechs[i].sasl);
        if (!same && derived_sasl_name(oid, derived))
            same = slice_eq(asked, slice_of(derived, sizeof derived));
        if (!same)
            continue;
        if (out)
            *out = oid;
        return GSS_S_COMPLETE;
    }
    return bad_mech(minor);
}

// The name types of each mechanism (RFC 1964 2), GSS_C_NT_... as indices of this list.
static gss_OID name_type(size_t i) {
    gss_OID types[] = {
        GSS_C_NT_HOSTBASED_SERVICE,  GSS_C_NT_USER_NAME,
        GSS_C_NT_MACHINE_UID_NAME,   GSS_C_NT_STRING_UID_NAME,
        GSS_C_NT_ANONYMOUS,          GSS_C_NT_HOSTBASED_SERVICE_X,
        GSS_C_NT_EXPORT_NAME,        gss_nt_krb5_name,
        GSS_C_NT_COMPOSITE_EXPORT,   gss_nt_krb5_principal,
        GSS_KRB5_NT_ENTERPRISE_NAME, GSS_KRB5_NT_X509_CERT,
    };
    return i < COUNT_OF(types) ? types[i] : NULL;
}
#define NAME_TYPES_SPNEGO 5 // those that every mechanism could know

OM_uint32 gss_inquire_names_for_mech(OM_uint32 *minor, gss_OID oid, gss_OID_set *out) {
    if (out)
        *out = GSS_C_NO_OID_SET;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    const struct mech *mech = mech_find(oid);
    if (!mech)
        return bad_mech(minor);
    gss_OID_set set;
    OM_uint32 major = gss_create_empty_oid_set(minor, &set);
    for (size_t i = 0; major == GSS_S_COMPLETE && name_type(i); i++)
        if (mech->mech != GSSAPI_SPNEGO || i < NAME_TYPES_SPNEGO)
            major = gss_add_oid_set_member(minor, name_type(i), &set);
    if (major != GSS_S_COMPLETE)
        (void)gss_release_oid_set(NULL, &set);
    *out = set;
    return major;
}

OM_uint32 gss_inquire_mechs_for_name(OM_uint32 *minor, gss_name_t name, gss_OID_set *out) {
    if (out)
        *out = GSS_C_NO_OID_SET;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME;
    // A name of no type is one of the default mechanism.
    gss_const_OID type = name->mech || !name->type ? gss_nt_krb5_name : name->type;
    unsigned found = 0;
    for (size_t i = 0; name_type(i); i++)
        if (gss_oid_equal(type, name_type(i)))
            found = GSSAPI_KRB5 | GSSAPI_IAKERB | (i < NAME_TYPES_SPNEGO ? GSSAPI_SPNEGO : 0u);
    return gssapi_mechs_set(minor, found, out);
}
