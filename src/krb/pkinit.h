// pkinit.h: what client and KDC share of PKINIT (RFC 4556): the groups of Diffie-Hellman and of
// elliptic curves, and how a key of Kerberos is made of what the two ends agree on.
//
// Private keys are drawn by libcrypto, whose generator env_system() is: in tests they are the one
// thing that does not come from `struct env`.
#ifndef OBOL_KRB_PKINIT_H
#define OBOL_KRB_PKINIT_H

#include "crypto/crypto.h"
#include "krb/principal.h"
#include "proto/pkinit.h"

// Contents of object identifiers.
#define PKINIT_AUTH_DATA   SLICE_LITERAL("\x2b\x06\x01\x05\x02\x03\x01")
#define PKINIT_DH_KEY_DATA SLICE_LITERAL("\x2b\x06\x01\x05\x02\x03\x02")

enum { PKINIT_PUBLIC_MAX = 1100, PKINIT_SHARED_MAX = 1024, PKINIT_GROUPS_MAX = 8 };

// A group; strength in bits of a modulus of Diffie-Hellman (of curves, the one that is worth as
// much by NIST SP 800-57), which pkinit_dh_min_bits speaks of.
struct pkinit_group;
const struct pkinit_group *pkinit_group_at(size_t index); // weakest first; NULL past the end
const struct pkinit_group *pkinit_group_find(struct slice name);
const char *pkinit_group_name(const struct pkinit_group *g);
unsigned pkinit_group_strength(const struct pkinit_group *g);
bool pkinit_group_is_curve(const struct pkinit_group *g);
// pkinit_group_default is the weakest group of Diffie-Hellman that is strong enough, which every
// KDC knows; NULL if none is.
const struct pkinit_group *pkinit_group_default(unsigned min_bits);
// pkinit_group_algorithm is the AlgorithmIdentifier of a group (RFC 4556 3.1.4, RFC 5349 4).
MUST_USE enum obol_code pkinit_group_algorithm(const struct pkinit_group *g, struct arena *a,
                                               struct algorithm_identifier *out, struct error *err);
// pkinit_group_read is the group of an AlgorithmIdentifier; NULL if it is none of ours.
const struct pkinit_group *pkinit_group_read(const struct algorithm_identifier *algorithm,
                                             struct arena *a);

// One end's key pair, in libcrypto's memory: pkinit_dh_clear is due.
struct pkinit_dh {
    const struct pkinit_group *group;
    struct evp_pkey_st *key;
};
MUST_USE enum obol_code pkinit_dh_start(struct pkinit_dh *dh, const struct pkinit_group *g,
                                        struct error *err);
void pkinit_dh_clear(struct pkinit_dh *dh);
// pkinit_dh_public is what the BIT STRING of a SubjectPublicKeyInfo, or of KDCDHKeyInfo, holds;
// pkinit_dh_spki the former itself.
MUST_USE enum obol_code pkinit_dh_public(const struct pkinit_dh *dh, struct arena *a,
                                         struct slice *out, struct error *err);
MUST_USE enum obol_code pkinit_dh_spki(const struct pkinit_dh *dh, struct arena *a,
                                       struct slice *out, struct error *err);
// pkinit_dh_finish takes the other end's public value, which must be one of the group (RFC 2631
// 2.1.5, SEC 1 3.2.2): KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED. The secret is padded to the length
// of the modulus.
MUST_USE enum obol_code pkinit_dh_finish(const struct pkinit_dh *dh, struct slice public,
                                         struct arena *a, struct slice *secret, struct error *err);

// The key derivation functions of RFC 8636, best first; NULL: not one of ours.
struct pkinit_kdf;
const struct pkinit_kdf *pkinit_kdf_at(size_t index);
const struct pkinit_kdf *pkinit_kdf_find(struct slice oid);
struct slice pkinit_kdf_oid(const struct pkinit_kdf *kdf);

// What the reply key is made of. With kdf NULL, as RFC 4556 3.2.3.1 says: of the secret and the two
// nonces alone.
struct pkinit_reply_key {
    const struct pkinit_kdf *kdf;
    int32_t etype;
    struct slice secret, client_nonce, server_nonce;
    struct principal client, server; // as the request names them
    struct slice as_req, pk_as_rep;
};
MUST_USE enum obol_code pkinit_derive(const struct pkinit_reply_key *in, struct arena *a,
                                      struct crypto_key **out, struct error *err);
// pkinit_octetstring2key is the function of that name of RFC 4556, for any number of bytes.
void pkinit_octetstring2key(struct slice x, struct buf out);

// pkinit_session_key mixes the KDC's contribution with the reply key (RFC 8062 7).
MUST_USE enum obol_code pkinit_session_key(struct crypto_key *contribution,
                                           struct crypto_key *reply_key, struct arena *a,
                                           struct crypto_key **out, struct error *err);

#endif
