// pkcs11_key.c: a private key signs where it is (PKCS#11 5.11). The mechanisms that leave the
// digest to us come first: every card has them, and few digest themselves.
#include "cred/pkcs11_internal.h"
#include "crypto/primitive.h"
#include <stdlib.h>

enum { DIGEST_LEN = 32, SIGNATURE_MAX = 1024, KEYS_MAX = 8 };

static const struct way {
    enum pki_key_kind kind;
    ck_mechanism_type_t mechanism;
    bool digested; // what is handed over: the digest
    bool named;    // in a DigestInfo (RFC 8017 9.2)
} WAYS[] = {
    {PKI_KEY_RSA, CKM_RSA_PKCS, true, true},
    {PKI_KEY_RSA, CKM_SHA256_RSA_PKCS, false, false},
    {PKI_KEY_EC, CKM_ECDSA, true, false},
    {PKI_KEY_EC, CKM_ECDSA_SHA256, false, false},
};

static const struct way *choose_way(const struct pkcs11_card *card, enum pki_key_kind kind) {
    for (size_t i = 0; i < COUNT_OF(WAYS); i++) {
        struct ck_mechanism_info info;
        if (WAYS[i].kind == kind &&
            card->f->C_GetMechanismInfo(card->slot, WAYS[i].mechanism, &info) == CKR_OK &&
            (info.flags & CKF_SIGN))
            return &WAYS[i];
    }
    return NULL;
}

static size_t find_keys(const struct pkcs11_card *card, struct slice id,
                        ck_object_handle_t out[KEYS_MAX]) {
    ck_object_class_t class = CKO_PRIVATE_KEY;
    uint8_t bytes[PKCS11_ID_MAX];
    size_t found;
    struct error ignored;
    error_init(&ignored);
    memcpy(bytes, id.ptr, id.len);
    struct ck_attribute template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_ID, bytes, id.len},
    };
    if (pkcs11_find(card, template, COUNT_OF(template), out, KEYS_MAX, &found, &ignored) != OBOL_OK)
        return 0;
    return found;
}

bool pkcs11_key_is_seen(const struct pkcs11_card *card, struct slice id) {
    ck_object_handle_t keys[KEYS_MAX];
    return find_keys(card, id, keys) > 0;
}

// Whether an object says that it has a property; `silent` is what it means if it does not say.
static bool says(const struct pkcs11_card *card, ck_object_handle_t key, ck_attribute_type_t type,
                 bool silent) {
    unsigned char value = 0;
    struct ck_attribute a = {type, &value, sizeof value};
    if (card->f->C_GetAttributeValue(card->session, key, &a, 1) != CKR_OK ||
        a.value_len != sizeof value)
        return silent;
    return value != 0;
}

static enum obol_code find_key(const struct pkcs11_card *card, struct slice id,
                               ck_object_handle_t *out, struct error *err) {
    ck_object_handle_t keys[KEYS_MAX];
    const size_t count = find_keys(card, id, keys);
    if (!count)
        error_remedy(err, "Choose a certificate whose key is on the card (certid=, certlabel=, "
                          "pkinit_cert_match); pkcs11-tool --login -O lists both.");
    ENSURE(count, CERTIFICATE_UNUSABLE,
           "the token '%s' holds no private key with the identifier of the certificate",
           card->label);
    for (size_t i = 0; i < count; i++)
        if (says(card, keys[i], CKA_SIGN, true)) {
            *out = keys[i];
            return OBOL_OK;
        }
    error_remedy(err, "Choose the certificate of a key that signs (certid=, certlabel=, "
                      "pkinit_cert_match): that one is for something else, as decryption.");
    ENSURE(false, CERTIFICATE_UNUSABLE, "the key of the certificate on the token '%s' may not sign",
           card->label);
}

// What the mechanism takes: the bytes, their digest, or that with its algorithm's name.
static struct slice prepare(const struct way *way, struct slice bytes, uint8_t room[64]) {
    static const uint8_t sha256[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                     0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    const size_t before = way->named ? sizeof sha256 : 0;
    if (!way->digested)
        return bytes;
    memcpy(room, sha256, before);
    hash_compute(HASH_SHA256, &bytes, 1, room + before);
    return slice_of(room, before + DIGEST_LEN);
}

static enum obol_code begin(struct pkcs11_card *card, const struct way *way, struct slice id,
                            struct error *err) {
    struct ck_mechanism mechanism = {.mechanism = way->mechanism};
    ck_object_handle_t key;
    TRY(find_key(card, id, &key, err));
    const ck_rv_t rv = card->f->C_SignInit(card->session, &mechanism, key);
    ENSURE(rv != CKR_KEY_FUNCTION_NOT_PERMITTED, CERTIFICATE_UNUSABLE,
           "the key of the certificate on the token '%s' may not sign", card->label);
    TRY(pkcs11_result(rv, "C_SignInit", err));
    return says(card, key, CKA_ALWAYS_AUTHENTICATE, false) ? pkcs11_card_unlock(card, err)
                                                           : OBOL_OK;
}

static enum obol_code sign(void *ctx, enum pki_key_kind kind, struct slice bytes, struct arena *a,
                           struct slice *signature, struct error *err) {
    const struct pkcs11_key *key = ctx;
    struct pkcs11_card *card = key->card;
    const struct way *way = choose_way(card, kind);
    uint8_t room[64], made[SIGNATURE_MAX], data[4096];
    unsigned long len = sizeof made;
    if (!way)
        error_remedy(err,
                     "Use a card and a module that sign with such keys; pkcs11-tool -M lists what "
                     "they can.");
    ENSURE(way, CERTIFICATE_UNUSABLE, "the token '%s' cannot sign with %s keys", card->label,
           kind == PKI_KEY_RSA ? "RSA" : "EC");
    TRY(pkcs11_card_login(card, err));
    TRY(begin(card, way, slice_of(key->id, key->id_len), err));
    const struct slice in = prepare(way, bytes, room);
    ENSURE(in.len <= sizeof data, INVALID_ARGUMENT, "%zu bytes are to be signed", in.len);
    memcpy(data, in.ptr, in.len); // the interface does not promise to leave them as they are
    TRY(pkcs11_result(card->f->C_Sign(card->session, data, in.len, made, &len), "C_Sign", err));
    ENSURE(len <= sizeof made, CERTIFICATE_UNUSABLE, "a signature of %lu bytes came", len);
    ENSURE(arena_copy(a, slice_of(made, len), signature), NO_MEMORY, "a signature");
    return OBOL_OK;
}

static void end(void *ctx) {
    struct pkcs11_key *key = ctx;
    pkcs11_card_leave(key->card);
    free(key);
}

enum obol_code pkcs11_key_signer(struct pkcs11_card *card, struct slice id, struct pki_signer *out,
                                 struct error *err) {
    if (!id.len)
        error_remedy(err, "Give the certificate the identifier of its key (CKA_ID).");
    ENSURE(id.len && id.len <= PKCS11_ID_MAX, CERTIFICATE_UNUSABLE,
           "the certificate has an identifier of %zu bytes on the token '%s'", id.len, card->label);
    struct pkcs11_key *key = calloc(1, sizeof *key);
    ENSURE_MEMORY(key);
    key->card = card;
    key->id_len = id.len;
    memcpy(key->id, id.ptr, id.len);
    card->owners++;
    *out = (struct pki_signer){sign, end, key};
    return OBOL_OK;
}
