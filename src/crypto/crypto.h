// crypto.h: Kerberos cryptography (RFC 3961, 3962, 4757, 6803, 8009): enctypes, prepared keys,
// sealing, checksums, string-to-key, PRF and key combination. Primitives are libcrypto's.
//
// A `struct crypto_key` is prepared once and used many times: the keys derived per usage (Ke, Ki,
// Kc) and the HMAC's inner and outer states are made at the first use of a usage and kept; the
// cipher's schedule is a thread's, and made when another key comes, unless the key keeps it. No
// operation allocates. A key is used by one thread at a time.
#ifndef OBOL_CRYPTO_CRYPTO_H
#define OBOL_CRYPTO_CRYPTO_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"

#define CRYPTO_KEY_MAX      32 // bytes of the longest key
#define CRYPTO_CKSUM_MAX    24 // bytes of the longest checksum
#define CRYPTO_OVERHEAD_MAX 48 // bytes that sealing adds at most (confounder and checksum)

enum { // RFC 3961 8, 3962 7, 4757, 6803, 8009: encryption types
    ENCTYPE_AES128_SHA1 = 17,
    ENCTYPE_AES256_SHA1 = 18,
    ENCTYPE_AES128_SHA256 = 19,
    ENCTYPE_AES256_SHA384 = 20,
    ENCTYPE_RC4_HMAC = 23,
    ENCTYPE_CAMELLIA128 = 25,
    ENCTYPE_CAMELLIA256 = 26,
};

enum {                     // RFC 3961 8, 3962 7, 6803 6, 8009 8, 4757: checksum types
    CKSUMTYPE_RSA_MD5 = 7, // not keyed
    CKSUMTYPE_SHA1 = 14,   // not keyed
    CKSUMTYPE_HMAC_SHA1_96_AES128 = 15,
    CKSUMTYPE_HMAC_SHA1_96_AES256 = 16,
    CKSUMTYPE_CMAC_CAMELLIA128 = 17,
    CKSUMTYPE_CMAC_CAMELLIA256 = 18,
    CKSUMTYPE_HMAC_SHA256_128_AES128 = 19,
    CKSUMTYPE_HMAC_SHA384_192_AES256 = 20,
    CKSUMTYPE_HMAC_MD5 = -138,
};

struct crypto_key;
struct enctype;

// enctype_find is the descriptor of an enctype number; NULL if it is not implemented.
const struct enctype *enctype_find(int32_t number);
// enctype_by_name knows the full name, aliases ("aes256-sha2", "aes256-cts") and MIT's spellings,
// whatever the case; NULL if there is none.
const struct enctype *enctype_by_name(struct slice name);
// enctype_at walks all implemented enctypes, strongest first; NULL at the end.
const struct enctype *enctype_at(size_t index);
int32_t enctype_number(const struct enctype *e);
const char *enctype_name(const struct enctype *e);       // "aes256-cts-hmac-sha384-192"
size_t enctype_key_length(const struct enctype *e);      // bytes
size_t enctype_seed_length(const struct enctype *e);     // bytes that random-to-key wants
int32_t enctype_checksum_type(const struct enctype *e);  // the mandatory keyed checksum
size_t enctype_checksum_length(const struct enctype *e); // bytes of it
size_t enctype_prf_length(const struct enctype *e);      // bytes of PRF output
// enctype_iterations is the count of string-to-key that a wish comes to, if it differs from the
// enctype's own: 0 where it is that, is below it, or the enctype takes none.
uint32_t enctype_iterations(const struct enctype *e, uint32_t wished);
// enctype_is_weak: refused unless the configuration allows it (rc4-hmac).
bool enctype_is_weak(const struct enctype *e);
// enctype_confounder_length is the bytes in front of a sealed plaintext.
size_t enctype_confounder_length(const struct enctype *e);
// enctype_sealed_length is how many bytes sealing n plaintext bytes gives.
size_t enctype_sealed_length(const struct enctype *e, size_t n);
// enctype_opened_length is the room that opening n sealed bytes takes: the plaintext and what is
// stripped from it; 0 if n is too short.
size_t enctype_opened_length(const struct enctype *e, size_t n);

// checksum types: the keyed ones of the enctypes, and rsa-md5, sha1 where a protocol names them.
const char *cksumtype_name(int32_t type); // NULL if unknown
size_t cksumtype_length(int32_t type);    // 0 if unknown
bool cksumtype_is_keyed(int32_t type);

// crypto_key_new prepares a key on the heap; `bytes` must have the enctype's length (KEY_LENGTH
// otherwise). The caller frees it with crypto_key_free, which wipes it and takes NULL.
MUST_USE enum obol_code crypto_key_new(struct crypto_key **out, int32_t enctype, struct slice bytes,
                                       struct error *err);
void crypto_key_free(struct crypto_key *key);
// crypto_key_in_arena is the same for a key that lives as long as a request: nothing on the heap,
// nothing to free.
MUST_USE enum obol_code crypto_key_in_arena(struct crypto_key **out, struct arena *a,
                                            int32_t enctype, struct slice bytes, struct error *err);
// crypto_key_new_scheduled is crypto_key_new for a key of many messages: the schedules of its
// ciphers stay with it, whatever other keys its thread uses.
MUST_USE enum obol_code crypto_key_new_scheduled(struct crypto_key **out, int32_t enctype,
                                                 struct slice bytes, struct error *err);
// crypto_key_lengths is what sealing with it adds in front of a plaintext and behind.
struct crypto_lengths {
    size_t confounder, mac;
};
struct crypto_lengths crypto_key_lengths(const struct crypto_key *key);
const struct enctype *crypto_key_enctype(const struct crypto_key *key);
struct slice crypto_key_bytes(const struct crypto_key *key); // borrowed from the key
// crypto_key_warm makes the derived keys of a usage now rather than at the first use.
void crypto_key_warm(struct crypto_key *key, uint32_t usage);
// crypto_key_fetch asks for the memory of a key that will be used soon (base/fetch.h).
void crypto_key_fetch(const struct crypto_key *key);

// crypto_seal encrypts and protects (RFC 3961 `encrypt`): `out` must have exactly
// enctype_sealed_length(plain.len) bytes and may not overlap `plain`, unless with the enctypes of
// AES and Camellia that stands behind the confounder's place already. The confounder is env's.
MUST_USE enum obol_code crypto_seal(struct crypto_key *key, uint32_t usage, const struct env *env,
                                    struct slice plain, struct buf out, struct error *err);
// crypto_seal_two is crypto_seal of two pieces, one behind the other; the second stands apart.
MUST_USE enum obol_code crypto_seal_two(struct crypto_key *key, uint32_t usage,
                                        const struct env *env, struct slice first,
                                        struct slice second, struct buf out, struct error *err);
// crypto_open is its reverse: DECRYPT_INTEGRITY unless the checksum holds. *plain is set to the
// part of `out` that was filled; `out` must have enctype_opened_length bytes, and on failure holds
// nothing of the plaintext. The plaintext of rc4 and of padded senders may be longer than what was
// meant: the DER inside tells.
MUST_USE enum obol_code crypto_open(struct crypto_key *key, uint32_t usage, struct slice sealed,
                                    struct buf out, struct slice *plain, struct error *err);
// crypto_checksum makes the enctype's mandatory checksum (get_mic); `out` has its exact length.
MUST_USE enum obol_code crypto_checksum(struct crypto_key *key, uint32_t usage, struct slice data,
                                        struct buf out, struct error *err);
// crypto_checksum_type is crypto_checksum with a keyed type of the caller's choice that belongs to
// the key (hmac-md5 goes with any key, MS-SFU).
MUST_USE enum obol_code crypto_checksum_type(struct crypto_key *key, uint32_t usage, int32_t type,
                                             struct slice data, struct buf out, struct error *err);
// crypto_verify checks a keyed checksum of the key's own type, in constant time.
// CKSUMTYPE_UNSUPPORTED for an unkeyed or foreign type, CHECKSUM_MISMATCH if it does not hold.
MUST_USE enum obol_code crypto_verify(struct crypto_key *key, uint32_t usage, int32_t type,
                                      struct slice data, struct slice checksum, struct error *err);
// crypto_verify_hmac_md5 checks a checksum hmac-md5 (-138) with a key of any enctype: only for the
// structures of MS-SFU that are defined so; crypto_verify takes it from rc4 keys alone.
MUST_USE enum obol_code crypto_verify_hmac_md5(struct crypto_key *key, uint32_t usage,
                                               struct slice data, struct slice checksum,
                                               struct error *err);
// crypto_digest is an unkeyed checksum (rsa-md5 7, sha1 14) for the rare protocol field that names
// one; it authenticates nothing.
MUST_USE enum obol_code crypto_digest(int32_t type, struct slice data, struct buf out,
                                      struct error *err);

// crypto_part is a piece of a message that lies scattered, for callers who cannot have it copied
// (GSS-API). `in` is read and `out` written; they are the same or apart. A part that is sign_only
// is covered by the checksum, in its place, and neither enciphered nor written.
struct crypto_part {
    const uint8_t *in;
    uint8_t *out;
    size_t len;
    bool sign_only;
};
// crypto_seal_parts is crypto_seal over parts: the first is the confounder's, of
// enctype_confounder_length bytes, in place, which are drawn here; `mac` takes the checksum, of
// enctype_checksum_length, which rc4 has in front and the others behind. GSS-API tokens of rc4 have
// a cryptography of their own (rc4_gss.h).
MUST_USE enum obol_code crypto_seal_parts(struct crypto_key *key, uint32_t usage,
                                          const struct env *env, const struct crypto_part *parts,
                                          size_t count, struct buf mac, struct error *err);
// crypto_open_parts is its reverse: DECRYPT_INTEGRITY unless the checksum holds, and then every
// `out` is wiped. The first part of what was sealed is the confounder again.
MUST_USE enum obol_code crypto_open_parts(struct crypto_key *key, uint32_t usage,
                                          const struct crypto_part *parts, size_t count,
                                          struct slice mac, struct error *err);
// crypto_checksum_parts and crypto_verify_parts: crypto_checksum, crypto_verify over parts, all of
// them covered.
MUST_USE enum obol_code crypto_checksum_parts(struct crypto_key *key, uint32_t usage,
                                              const struct crypto_part *parts, size_t count,
                                              struct buf out, struct error *err);
MUST_USE enum obol_code crypto_verify_parts(struct crypto_key *key, uint32_t usage,
                                            const struct crypto_part *parts, size_t count,
                                            struct slice checksum, struct error *err);

// crypto_string_to_key derives a key from a password (UTF-8) and salt. `params` is s2kparams of
// ETYPE-INFO2: empty for the default, else the enctype's form. Since the other side chose it, an
// iteration count is refused (CRYPTO_PARAMETER) above `max_iterations` (0: 1,000,000), where it
// would stop us, and below the enctype's default, where it would lay the password open.
// `out` has enctype_key_length bytes. Passwords have 1024 bytes at most, salts 2048.
MUST_USE enum obol_code crypto_string_to_key(const struct enctype *e, struct slice password,
                                             struct slice salt, struct slice params,
                                             uint32_t max_iterations, struct buf out,
                                             struct error *err);
// crypto_string_to_key_count is the same with an iteration count of the caller's own, of any size.
MUST_USE enum obol_code crypto_string_to_key_count(const struct enctype *e, struct slice password,
                                                   struct slice salt, uint32_t iterations,
                                                   struct buf out, struct error *err);
// crypto_random_to_key turns enctype_seed_length random bytes into a key.
MUST_USE enum obol_code crypto_random_to_key(const struct enctype *e, struct slice seed,
                                             struct buf out, struct error *err);
// crypto_random_key draws a fresh key of the enctype into `out` (enctype_key_length bytes).
MUST_USE enum obol_code crypto_random_key(const struct enctype *e, const struct env *env,
                                          struct buf out, struct error *err);
// crypto_prf is the enctype's pseudo-random function (RFC 3961 3, 8009 5); out has prf_length
// bytes.
MUST_USE enum obol_code crypto_prf(struct crypto_key *key, struct slice input, struct buf out,
                                   struct error *err);
// crypto_prf_plus is PRF+ of RFC 6113 5.1: up to 255 times prf_length; peppers to 256 bytes.
MUST_USE enum obol_code crypto_prf_plus(struct crypto_key *key, struct slice pepper, struct buf out,
                                        struct error *err);
// crypto_cf2 is KRB-FX-CF2 of RFC 6113 5.1: a key of k1's enctype in `out`.
MUST_USE enum obol_code crypto_cf2(struct crypto_key *k1, struct crypto_key *k2,
                                   struct slice pepper1, struct slice pepper2, struct buf out,
                                   struct error *err);
// crypto_derive is DK or KDF-HMAC-SHA2 of a constant: for the few protocols that derive by hand.
MUST_USE enum obol_code crypto_derive(struct crypto_key *key, struct slice constant, struct buf out,
                                      struct error *err);
// crypto_nfold stretches or shrinks bytes (RFC 3961 5.1).
void crypto_nfold(struct slice in, struct buf out);

#endif
