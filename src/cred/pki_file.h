// pki_file.h: certificates, keys and CRLs from where MIT krb5's settings say that they stand: FILE:
// (the prefix may be left out), DIR:, PKCS12: and ENV: (a variable that holds one of the others).
#ifndef OBOL_CRED_PKI_FILE_H
#define OBOL_CRED_PKI_FILE_H

#include "base/secret.h"
#include "krb/pki.h"

// Asks for the passphrase of a key; the caller clears what it put into `out`.
typedef enum obol_code pki_ask(void *ctx, struct slice place, struct secret *out,
                               struct error *err);
// pki_identity_load reads "FILE:cert.pem,key.pem" (the key may stand in the certificate's file, and
// certificates of CAs behind it), "DIR:directory" (the first x.crt with an x.key), "PKCS12:file".
// CERTIFICATE_UNUSABLE, NOT_FOUND, IO. `ask` NULL: no key with a passphrase will do.
MUST_USE enum obol_code pki_identity_load(struct pki_identity **out, struct slice place,
                                          pki_ask *ask, void *ask_ctx, struct arena *a,
                                          struct error *err);
// pki_identities_load reads all that stand in a place: of a directory each x.crt with an x.key that
// can be used. The caller clears them, whatever was returned.
enum { PKI_IDENTITIES_MAX = 16 };
struct pki_identities {
    struct pki_identity *items[PKI_IDENTITIES_MAX];
    size_t count;
};
MUST_USE enum obol_code pki_identities_load(struct pki_identities *out, struct slice place,
                                            pki_ask *ask, void *ask_ctx, struct arena *a,
                                            struct error *err);
void pki_identities_clear(struct pki_identities *ids);
// pki_trust_load adds "FILE:certificates.pem" or all files of "DIR:directory".
MUST_USE enum obol_code pki_trust_load(struct pki_trust *t, enum pki_kind kind, struct slice place,
                                       struct arena *a, struct error *err);
// pki_file_read reads a file of at most 1 MiB into the arena.
MUST_USE enum obol_code pki_file_read(struct slice path, struct arena *a, struct slice *out,
                                      struct error *err);

#endif
