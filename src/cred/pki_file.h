// pki_file.h: certificates, keys and CRLs from where MIT krb5's settings say that they stand: FILE:
// (the prefix may be left out), DIR:, PKCS12:, PKCS11: (cred/pkcs11.h) and ENV: (a variable that
// holds one of the others).
#ifndef OBOL_CRED_PKI_FILE_H
#define OBOL_CRED_PKI_FILE_H

#include "base/secret.h"
#include "krb/pki.h"

// What stands before a private key.
enum pki_question_kind {
    PKI_ASK_PASSPHRASE,
    PKI_ASK_PIN,     // of a card
    PKI_ASK_PIN_PAD, // it is typed at the card's reader: say so, and give none
};
struct pki_question {
    enum pki_question_kind kind;
    struct slice place;        // a file; the label of a token
    struct slice identity;     // of a token, in the words of MIT krb5's responder
    bool count_low, final_try; // wrong PINs were given; the card locks itself at the next
};
// Asks; the caller clears what it put into `out`.
typedef enum obol_code pki_ask(void *ctx, const struct pki_question *question, struct secret *out,
                               struct error *err);
// pki_question_text is a prompt, without the colon at its end.
struct slice pki_question_text(const struct pki_question *question, struct arena *a);
// pki_identity_load reads "FILE:cert.pem,key.pem" (the key may stand in the certificate's file, and
// certificates of CAs behind it), "DIR:directory" (the first x.crt with an x.key), "PKCS12:file".
// CERTIFICATE_UNUSABLE, NOT_FOUND, IO. `ask` NULL: no key with a passphrase will do. UNSUPPORTED:
// "PKCS11:", for it is for those whose processes and rights change with the key in their hands.
MUST_USE enum obol_code pki_identity_load(struct pki_identity **out, struct slice place,
                                          pki_ask *ask, void *ask_ctx, struct arena *a,
                                          struct error *err);
// pki_identities_load reads all that stand in a place: of a directory each x.crt with an x.key that
// can be used, of cards each certificate. The caller clears them, whatever was returned.
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
