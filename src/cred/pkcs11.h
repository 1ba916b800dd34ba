// pkcs11.h: certificates whose private key is on a smart card or in an HSM, used where it is
// through a PKCS#11 module (OASIS PKCS#11 2.40), for logins by certificate. The module is a shared
// object that the user names; it is loaded when such a place is asked for, and by nothing else.
#ifndef OBOL_CRED_PKCS11_H
#define OBOL_CRED_PKCS11_H

#include "cred/pki_file.h"

// The module that knows all others of the system (p11-kit).
#define PKCS11_DEFAULT_MODULE "p11-kit-proxy.so"

// What stands behind "PKCS11:", as MIT krb5 has it: parts with ":" between, each "name=value" or
// the module's name alone; of two of a kind the later counts.
//     [module_name=]MODULE  slotid=NUMBER  token=LABEL  certid=HEX  certlabel=LABEL
struct pkcs11_place {
    struct slice module;            // PKCS11_DEFAULT_MODULE if none is named
    struct slice token, cert_label; // empty: any
    struct slice cert_id;           // bytes; empty: any
    bool has_slot;
    uint64_t slot;
};
// pkcs11_place_parse: INVALID_ARGUMENT for what is none; out borrows from the text and the arena.
MUST_USE enum obol_code pkcs11_place_parse(struct slice text, struct arena *a,
                                           struct pkcs11_place *out, struct error *err);
// pkcs11_identities_load finds the certificates of the tokens that are there (text: what stands
// behind "PKCS11:"). The PIN is asked for at the first signature, or here where a token shows no
// certificate without it; `ask` and its context outlive the identities. CERTIFICATE_UNUSABLE,
// INVALID_ARGUMENT, PASSWORD_NEEDED (`ask` NULL), and what `ask` fails with.
MUST_USE enum obol_code pkcs11_identities_load(struct pki_identities *out, struct slice text,
                                               pki_ask *ask, void *ask_ctx, struct arena *a,
                                               struct error *err);

#endif
