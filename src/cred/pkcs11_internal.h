// pkcs11_internal.h: what the files of pkcs11.h share: modules, and the cards (tokens) in them.
#ifndef OBOL_CRED_PKCS11_INTERNAL_H
#define OBOL_CRED_PKCS11_INTERNAL_H

#define CRYPTOKI_GNU 1
#include "cred/pkcs11.h"
#include <p11-kit/pkcs11.h>

// A module that is loaded, and started once in the process for all that use it.
struct pkcs11_module;
MUST_USE enum obol_code pkcs11_module_open(struct pkcs11_module **out, struct slice name,
                                           struct arena *a, struct error *err);
void pkcs11_module_share(struct pkcs11_module *m); // one pkcs11_module_close more is due
void pkcs11_module_close(struct pkcs11_module *m);
void pkcs11_modules_stop(void); // at the process's end: those that were started here
const struct ck_function_list *pkcs11_functions(const struct pkcs11_module *m);

// pkcs11_result records what a function of a module failed with; OBOL_OK for CKR_OK.
MUST_USE enum obol_code pkcs11_result(ck_rv_t rv, const char *function, struct error *err);
// pkcs11_result_name is "CKR_PIN_INCORRECT"; NULL for one that is not known here.
const char *pkcs11_result_name(ck_rv_t rv);

// A token with a session of ours. Its owners are the search and each key that came of it.
struct pkcs11_card {
    struct pkcs11_module *module;
    const struct ck_function_list *f;
    ck_slot_id_t slot;
    ck_session_handle_t session;
    unsigned owners;
    bool logged_in;     // by us
    char label[32 + 1]; // without the spaces behind it
    char module_name[256];
    pki_ask *ask;
    void *ask_ctx;
    struct secret pin; // of a login that succeeded, for keys that want it at each signature
};
// pkcs11_card_open opens a session; pkcs11_card_leave ends it with its last owner.
MUST_USE enum obol_code pkcs11_card_open(struct pkcs11_card **out, struct pkcs11_module *m,
                                         ck_slot_id_t slot, const struct ck_token_info *info,
                                         struct slice module_name, struct error *err);
void pkcs11_card_leave(struct pkcs11_card *card);
// pkcs11_label is a label without its padding.
struct slice pkcs11_label(const unsigned char label[32]);

// pkcs11_card_login gives the card the user's PIN, if it wants one and has none yet.
MUST_USE enum obol_code pkcs11_card_login(struct pkcs11_card *card, struct error *err);
// pkcs11_card_unlock gives it again for the signature that has begun (CKA_ALWAYS_AUTHENTICATE).
MUST_USE enum obol_code pkcs11_card_unlock(struct pkcs11_card *card, struct error *err);

// pkcs11_find has up to `max` objects that fit a template.
MUST_USE enum obol_code pkcs11_find(const struct pkcs11_card *card, struct ck_attribute *template,
                                    size_t count, ck_object_handle_t *out, size_t max,
                                    size_t *found, struct error *err);

// The private key of a certificate, where it is: the context of its identity's signer.
enum { PKCS11_ID_MAX = 256 };
struct pkcs11_key {
    struct pkcs11_card *card;
    uint8_t id[PKCS11_ID_MAX];
    size_t id_len;
};
// pkcs11_key_signer makes a signer that owns the card, too; its close gives both back.
MUST_USE enum obol_code pkcs11_key_signer(struct pkcs11_card *card, struct slice id,
                                          struct pki_signer *out, struct error *err);
// pkcs11_key_is_seen: the card shows the key, without a PIN if it was given none.
bool pkcs11_key_is_seen(const struct pkcs11_card *card, struct slice id);

#endif
