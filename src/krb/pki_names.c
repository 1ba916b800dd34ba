// pki_names.c: what a certificate says of its owner: names for Kerberos (RFC 4556 3.2.2, 3.2.4;
// MS-PKCA), purposes, and the rules that map it to a principal without any.
#include "der/der.h"
#include "krb/pki_internal.h"
#include "proto/pkinit.h"
#include <openssl/x509v3.h>

#define OID_PKINIT_SAN SLICE_LITERAL("\x2b\x06\x01\x05\x02\x02")
#define OID_UPN        SLICE_LITERAL("\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03")

static struct slice oid_of(const ASN1_OBJECT *o) {
    return slice_of(OBJ_get0_data(o), OBJ_length(o));
}

static enum obol_code read_principal(const ASN1_TYPE *value, struct arena *a, struct pki_names *out,
                                     struct error *err) {
    struct krb5_principal_name name;
    struct slice bytes;
    ENSURE(value->type == V_ASN1_SEQUENCE &&
               arena_copy(a,
                          slice_of(ASN1_STRING_get0_data(value->value.sequence),
                                   (size_t)ASN1_STRING_length(value->value.sequence)),
                          &bytes),
           KDC_ERR_INVALID_CERTIFICATE, "an id-pkinit-san of the certificate is malformed");
    if (der_decode(&TYPE_KRB5_PRINCIPAL_NAME, bytes, a, &name, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_INVALID_CERTIFICATE, __func__,
                             "an id-pkinit-san of the certificate is malformed");
    out->principals[out->principal_count++] = (struct principal){name.realm, name.principal_name};
    return OBOL_OK;
}

static enum obol_code add_text(const ASN1_STRING *text, struct arena *a, struct slice_list *list,
                               struct error *err) {
    struct slice bytes = slice_of(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
    ENSURE(bytes.len && !memchr(bytes.ptr, 0, bytes.len), KDC_ERR_INVALID_CERTIFICATE,
           "a name in the certificate is malformed");
    ENSURE(arena_copy(a, bytes, &list->items[list->count]), NO_MEMORY, "a name of a certificate");
    list->count++;
    return OBOL_OK;
}

static enum obol_code read_name(const GENERAL_NAME *n, struct arena *a, struct pki_names *out,
                                struct error *err) {
    if (n->type == GEN_DNS)
        return add_text(n->d.dNSName, a, &out->hosts, err);
    if (n->type != GEN_OTHERNAME)
        return OBOL_OK;
    struct slice type = oid_of(n->d.otherName->type_id);
    const ASN1_TYPE *value = n->d.otherName->value;
    if (slice_eq(type, OID_PKINIT_SAN))
        return read_principal(value, a, out, err);
    if (slice_eq(type, OID_UPN) && value->type == V_ASN1_UTF8STRING)
        return add_text(value->value.utf8string, a, &out->upns, err);
    return OBOL_OK;
}

static enum obol_code read_names(const GENERAL_NAMES *list, struct arena *a, struct pki_names *out,
                                 struct error *err) {
    int count = list ? sk_GENERAL_NAME_num(list) : 0;
    ENSURE(count <= PKI_NAMES_MAX, KDC_ERR_INVALID_CERTIFICATE, "the certificate has %d names",
           count);
    out->principals = arena_zalloc(a, (size_t)count + 1, sizeof *out->principals);
    out->upns.items = arena_zalloc(a, (size_t)count + 1, sizeof(struct slice));
    out->hosts.items = arena_zalloc(a, (size_t)count + 1, sizeof(struct slice));
    ENSURE_MEMORY(out->principals && out->upns.items ? out->hosts.items : NULL);
    for (int i = 0; i < count; i++)
        TRY(read_name(sk_GENERAL_NAME_value(list, i), a, out, err));
    return OBOL_OK;
}

enum obol_code pki_names_read(struct x509_st *certificate, struct arena *a, struct pki_names *out,
                              struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    int critical;
    *out = (struct pki_names){0};
    GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
    // -1: there is none. Else it is malformed, or there are several.
    enum obol_code code = list || critical == -1
                              ? read_names(list, a, out, err)
                              : error_set(err, OBOL_KDC_ERR_INVALID_CERTIFICATE, __func__,
                                          "the alternative names of the certificate are malformed");
    GENERAL_NAMES_free(list);
    return code;
}

#define PURPOSE(bytes, bit)                                                                        \
    { {(const uint8_t *)(bytes), sizeof(bytes) - 1}, bit }
static const struct {
    struct slice oid;
    uint32_t bit;
} PURPOSES[] = {
    PURPOSE("\x2b\x06\x01\x05\x02\x03\x04", PKI_PURPOSE_CLIENT),
    PURPOSE("\x2b\x06\x01\x05\x02\x03\x05", PKI_PURPOSE_KDC),
    PURPOSE("\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02", PKI_PURPOSE_SMARTCARD),
    PURPOSE("\x2b\x06\x01\x05\x05\x07\x03\x01", PKI_PURPOSE_SERVER_AUTH),
    PURPOSE("\x2b\x06\x01\x05\x05\x07\x03\x02", PKI_PURPOSE_CLIENT_AUTH),
    PURPOSE("\x2b\x06\x01\x05\x05\x07\x03\x04", PKI_PURPOSE_EMAIL),
};

uint32_t pki_purposes(struct x509_st *certificate) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    uint32_t found = 0;
    EXTENDED_KEY_USAGE *list = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
    for (int i = 0; list && i < sk_ASN1_OBJECT_num(list); i++)
        for (size_t p = 0; p < COUNT_OF(PURPOSES); p++)
            if (slice_eq(oid_of(sk_ASN1_OBJECT_value(list, i)), PURPOSES[p].oid))
                found |= PURPOSES[p].bit;
    EXTENDED_KEY_USAGE_free(list);
    return found;
}

bool pki_may_sign(struct x509_st *certificate) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    return (X509_get_key_usage(certificate) & (X509v3_KU_DIGITAL_SIGNATURE)) != 0;
}

bool pki_is_ca(struct x509_st *certificate) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    return (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
}

struct slice pki_name_text(const struct X509_name_st *name, struct arena *a) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    struct slice out = {0};
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
        long len = BIO_get_mem_data(bio, &text);
        if (len > 0 && !arena_copy(a, slice_of(text, (size_t)len), &out))
            out = (struct slice){0};
    }
    BIO_free(bio);
    return out;
}

struct slice pki_subject(struct x509_st *certificate, struct arena *a) {
    return pki_name_text(X509_get_subject_name(certificate), a);
}

struct slice pki_issuer(struct x509_st *certificate, struct arena *a) {
    return pki_name_text(X509_get_issuer_name(certificate), a);
}

struct slice pki_fingerprint(struct x509_st *certificate, struct arena *a) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct writer w = writer_to_arena(a);
    if (X509_digest(certificate, EVP_sha256(), digest, &len) != 1)
        return (struct slice){0};
    for (unsigned i = 0; i < len; i++)
        writer_printf(&w, "%02x", digest[i]);
    return writer_ok(&w) ? writer_slice(&w) : (struct slice){0};
}

// The next part of a rule, up to a ";" that no backslash stands before.
static struct slice next_part(struct slice *rest) {
    size_t i = 0;
    while (i < rest->len && (rest->ptr[i] != ';' || (i > 0 && rest->ptr[i - 1] == '\\')))
        i++;
    struct slice part = slice_sub(*rest, 0, i);
    *rest = slice_sub(*rest, i < rest->len ? i + 1 : i, rest->len);
    return part;
}

static const struct {
    struct slice prefix;
    struct slice (*value)(struct x509_st *certificate, struct arena *a);
} PARTS[] = {
    {{(const uint8_t *)"sha256:", 7}, pki_fingerprint},
    {{(const uint8_t *)"subject:", 8}, pki_subject},
    {{(const uint8_t *)"issuer:", 7}, pki_issuer},
};

static bool part_matches(struct slice part, struct x509_st *certificate, struct arena *a) {
    for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
        if (!slice_starts(part, PARTS[i].prefix))
            continue;
        struct slice wanted = slice_sub(part, PARTS[i].prefix.len, part.len);
        struct slice has = PARTS[i].value(certificate, a);
        return has.len && (i == 0 ? slice_eq_nocase(has, wanted) : slice_eq(has, wanted));
    }
    return false;
}

bool pki_rule_matches(struct slice rule, struct x509_st *certificate, struct arena *a) {
    bool owner = false;
    while (rule.len) {
        struct slice part = next_part(&rule);
        // An issuer alone would make everybody's certificate everybody's.
        owner |= !slice_starts(part, SLICE_LITERAL("issuer:"));
        if (!part_matches(part, certificate, a))
            return false;
    }
    return owner;
}

static bool is_hex(struct slice s) {
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.ptr[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F'))
            return false;
    }
    return true;
}

enum obol_code pki_rule_check(struct slice rule, struct error *err) {
    bool owner = false;
    while (rule.len) {
        struct slice part = next_part(&rule);
        bool hash = slice_starts(part, SLICE_LITERAL("sha256:"));
        bool subject = slice_starts(part, SLICE_LITERAL("subject:")) && part.len > 8;
        bool issuer = slice_starts(part, SLICE_LITERAL("issuer:")) && part.len > 7;
        ENSURE(hash || subject || issuer, INVALID_ARGUMENT,
               "\"%.*s\" is none of sha256:HEX, subject:DN and issuer:DN", SLICE_ARG(part));
        ENSURE(!hash || (part.len == 7 + 64 && is_hex(slice_sub(part, 7, part.len))),
               INVALID_ARGUMENT, "a SHA-256 fingerprint has 64 hexadecimal digits");
        owner |= hash || subject;
    }
    ENSURE(owner, INVALID_ARGUMENT, "a rule needs sha256:HEX or subject:DN");
    return OBOL_OK;
}

enum obol_code pki_certificate_der(struct slice pem, struct arena *a, struct slice *out,
                                   struct error *err) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    STACK_OF(X509) *list = pki_read_pem(pem);
    ENSURE(list, CERTIFICATE_UNUSABLE, "there is no certificate in it (BEGIN CERTIFICATE)");
    uint8_t *der = NULL;
    int len = i2d_X509(sk_X509_value(list, 0), &der);
    bool copied = len > 0 && arena_copy(a, slice_of(der, (size_t)len), out);
    OPENSSL_free(der);
    sk_X509_pop_free(list, X509_free);
    ENSURE(copied, NO_MEMORY, "a certificate");
    return OBOL_OK;
}

enum obol_code pki_rule_of(struct slice pem, struct arena *a, struct slice *out,
                           struct error *err) {
    STACK_OF(X509) *list = pki_read_pem(pem);
    ENSURE(list, CERTIFICATE_UNUSABLE, "there is no certificate in it (BEGIN CERTIFICATE)");
    struct slice hash = pki_fingerprint(sk_X509_value(list, 0), a);
    sk_X509_pop_free(list, X509_free);
    *out = arena_printf(a, "sha256:%.*s", SLICE_ARG(hash));
    ENSURE_MEMORY(hash.len ? out->ptr : NULL);
    return OBOL_OK;
}
