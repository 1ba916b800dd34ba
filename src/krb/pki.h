// pki.h: certificates and what is signed with them (RFC 5280, RFC 5652) for PKINIT, on libcrypto's
// X.509 and CMS. No files: bytes come in. Nothing of a message is believed before pki_message_open
// has checked its signature and pki_trust_check its signer.
#ifndef OBOL_KRB_PKI_H
#define OBOL_KRB_PKI_H

#include "krb/principal.h"
#include "proto/pkinit.h"

enum { PKI_MESSAGE_MAX = 64 * 1024, PKI_CERTIFICATES_MAX = 16, PKI_NAMES_MAX = 64 };

struct x509_st;

// A certificate, its private key, and the certificates above it that are sent along.
struct pki_identity;
// pki_identity_new reads PEM: the first certificate is the identity's own; `key` may be the same
// bytes. CERTIFICATE_UNUSABLE: no certificate, no key, the key of another certificate, or a key
// that `password` (empty: none) does not open. The caller frees.
MUST_USE enum obol_code pki_identity_new(struct pki_identity **out, struct slice certificates,
                                         struct slice key, struct slice password,
                                         struct error *err);
MUST_USE enum obol_code pki_identity_pkcs12(struct pki_identity **out, struct slice bytes,
                                            struct slice password, struct error *err);
// A private key that signs where it is and does not leave it (a smart card, an HSM). `sign` makes
// the signature over the SHA-256 digest of some bytes, in the arena: PKCS#1 v1.5 of an RSA key, r
// and s, each half of the signature, of an EC key. `close` ends it.
enum pki_key_kind { PKI_KEY_RSA, PKI_KEY_EC };
struct pki_signer {
    enum obol_code (*sign)(void *ctx, enum pki_key_kind kind, struct slice bytes, struct arena *a,
                           struct slice *signature, struct error *err);
    void (*close)(void *ctx);
    void *ctx;
};
// pki_identity_signer takes a certificate (DER) whose key is the signer's. CERTIFICATE_UNUSABLE: it
// is none, or its key is neither RSA nor EC; then the signer remains the caller's.
MUST_USE enum obol_code pki_identity_signer(struct pki_identity **out, struct slice certificate,
                                            const struct pki_signer *signer, struct error *err);
void pki_identity_free(struct pki_identity *id); // NULL is fine
// pki_identity_certificate is borrowed.
struct x509_st *pki_identity_certificate(const struct pki_identity *id);

// Whom to believe: CAs, certificates between them and others' (the pool), and CRLs.
struct pki_trust;
MUST_USE enum obol_code pki_trust_new(struct pki_trust **out, struct error *err);
void pki_trust_free(struct pki_trust *t); // NULL is fine
enum pki_kind { PKI_ANCHORS, PKI_POOL, PKI_CRLS };
// pki_trust_add takes all that a PEM file holds. CERTIFICATE_UNUSABLE if that is nothing.
MUST_USE enum obol_code pki_trust_add(struct pki_trust *t, enum pki_kind kind, struct slice pem,
                                      struct error *err);
// pki_trust_is_empty: no anchor, so that nobody is believed.
bool pki_trust_is_empty(const struct pki_trust *t);

// A CMS SignedData. pki_message_clear is due after pki_message_open, whatever it returned.
struct pki_message {
    struct CMS_ContentInfo_st *cms;
    struct slice content;
    struct x509_st *signer; // borrowed from cms or own; NULL: nobody signed
    struct x509_st *own;    // of pki_message_unsigned
};
// pki_message_open takes a message of a content type apart and checks its signature. KRB_AP_ERR...
// KDC_ERR_INVALID_SIG, KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED, KDC_ERR_PREAUTH_FAILED (it is
// malformed, of another type, detached, has several signers). `content` borrows from the arena.
MUST_USE enum obol_code pki_message_open(struct pki_message *m, struct slice bytes,
                                         struct slice content_type, struct arena *a,
                                         struct error *err);
// pki_message_open_old also takes a signature over SHA-1: for peers that know no other.
MUST_USE enum obol_code pki_message_open_old(struct pki_message *m, struct slice bytes,
                                             struct slice content_type, struct arena *a,
                                             struct error *err);
void pki_message_clear(struct pki_message *m);
// pki_certificate_der is the first certificate of a PEM file. CERTIFICATE_UNUSABLE: there is none.
MUST_USE enum obol_code pki_certificate_der(struct slice pem, struct arena *a, struct slice *out,
                                            struct error *err);
// pki_message_unsigned is a certificate (DER) for pki_trust_check, of which `signer` has signed
// nothing. CERTIFICATE_UNUSABLE: it is none.
MUST_USE enum obol_code pki_message_unsigned(struct pki_message *m, struct slice certificate,
                                             struct error *err);
// pki_algorithms is the digests and signatures that pki_message_open takes, best first, in the
// words of supportedCMSTypes (RFC 4556 3.2.1).
struct algorithm_identifier_list pki_algorithms(void);
// pki_digests is the digests alone (TD-CMS-DIGEST-ALGORITHMS, RFC 8636 3).
struct algorithm_identifier_list pki_digests(void);
// pki_message_sign makes one, with the identity's chain; id NULL: unsigned (RFC 8062 4.1.1).
MUST_USE enum obol_code pki_message_sign(const struct pki_identity *id, struct slice content,
                                         struct slice content_type, struct arena *a,
                                         struct slice *out, struct error *err);

// pki_trust_check follows the chain of a message's signer to an anchor at a time.
// KDC_ERR_CANT_VERIFY_CERTIFICATE, _INVALID_CERTIFICATE, _REVOKED_CERTIFICATE,
// _REVOCATION_STATUS_UNKNOWN (only with need_crl), _DIGEST_IN_CERT_NOT_ACCEPTED.
MUST_USE enum obol_code pki_trust_check(const struct pki_trust *t, const struct pki_message *m,
                                        int64_t now, bool need_crl, struct error *err);

// What a KDC tells a client whose certificate it does not take (RFC 4556 3.2.2), for TYPED-DATA:
// the CAs that it trusts (TD-TRUSTED-CERTIFIERS), the certificate (TD-INVALID-CERTIFICATES).
MUST_USE enum obol_code pki_tell_anchors(const struct pki_trust *t, struct arena *a,
                                         struct slice *out, struct error *err);
MUST_USE enum obol_code pki_tell_certificate(struct x509_st *certificate, struct arena *a,
                                             struct slice *out, struct error *err);
// pki_told_text is either of them for a person; empty: it is neither.
struct slice pki_told_text(struct slice told, struct arena *a);

// What a certificate says of its owner.
struct pki_names {
    struct principal *principals; // id-pkinit-san, RFC 4556 3.2.2
    size_t principal_count;
    struct slice_list upns;  // user@suffix (MS-PKCA 3.1.5.2.1)
    struct slice_list hosts; // dNSName
};
MUST_USE enum obol_code pki_names_read(struct x509_st *certificate, struct arena *a,
                                       struct pki_names *out, struct error *err);
enum pki_purpose {
    PKI_PURPOSE_CLIENT = 1u << 0,      // id-pkinit-KPClientAuth
    PKI_PURPOSE_KDC = 1u << 1,         // id-pkinit-KPKdc
    PKI_PURPOSE_SMARTCARD = 1u << 2,   // id-ms-kp-sc-logon
    PKI_PURPOSE_SERVER_AUTH = 1u << 3, // id-kp-serverAuth
    PKI_PURPOSE_CLIENT_AUTH = 1u << 4, // id-kp-clientAuth
    PKI_PURPOSE_EMAIL = 1u << 5,       // id-kp-emailProtection
};
// pki_purposes is the purposes that a certificate is made for (extended key usage), of those above.
uint32_t pki_purposes(struct x509_st *certificate);
// pki_may_sign: its key usage, where it has one, lets its key sign.
bool pki_may_sign(struct x509_st *certificate);
// pki_is_ca: it may sign certificates of others (basicConstraints).
bool pki_is_ca(struct x509_st *certificate);
// pki_subject, pki_issuer: RFC 4514 text. pki_fingerprint: SHA-256, 64 hexadecimal digits.
struct slice pki_subject(struct x509_st *certificate, struct arena *a);
struct slice pki_issuer(struct x509_st *certificate, struct arena *a);
struct slice pki_fingerprint(struct x509_st *certificate, struct arena *a);

// A rule says which certificates are somebody's: "sha256:HEX", "subject:DN", "issuer:DN", or
// several of them with ";" between (a ";" of a name has a backslash before it): all must hold.
// pki_rule_check is INVALID_ARGUMENT for what is none.
MUST_USE enum obol_code pki_rule_check(struct slice rule, struct error *err);
bool pki_rule_matches(struct slice rule, struct x509_st *certificate, struct arena *a);
// pki_rule_of is the fingerprint rule for the first certificate of a PEM file.
MUST_USE enum obol_code pki_rule_of(struct slice pem, struct arena *a, struct slice *out,
                                    struct error *err);
// pki_match is whether a rule in MIT krb5's words (pki_match.c) fits. INVALID_ARGUMENT: it is none;
// with certificate NULL it is only checked.
MUST_USE enum obol_code pki_match(struct slice rule, struct x509_st *certificate, struct arena *a,
                                  bool *out, struct error *err);

#endif
