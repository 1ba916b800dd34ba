// token.h: a card in memory for the tests of PKCS#11: two slots, one with a token that holds
// certificates and keys, whose every mood the test sets. It counts the PINs that it is given.
#ifndef OBOL_TESTS_CRED_TOKEN_H
#define OBOL_TESTS_CRED_TOKEN_H

#include "../krb/certificates.h"
#include "cred/pkcs11_internal.h"
#include "krb/pkinit.h"
#include <dlfcn.h>
#include <openssl/ec.h>

enum { TOKEN_SLOT = 7, EMPTY_SLOT = 9, TOKEN_OBJECTS = 6, TOKEN_TRIES = 3 };
#define TOKEN_PIN "493817"

struct token_object {
    ck_object_class_t class;
    uint8_t id;
    const char *label;
    const struct certificate *of;
    bool no_sign, always;
};

static struct token {
    bool absent, open, pad, hides_certificates, shows_keys, wrong_key;
    unsigned tries;                // left
    ck_rv_t login, sign_init;      // what these say in any case; CKR_OK: as it is right
    ck_mechanism_type_t mechanism; // the only one; 0: those that take a digest
    struct token_object objects[TOKEN_OBJECTS];
    size_t count;
    // What happened.
    unsigned started, stopped, sessions, pins, unlocks;
    bool logged_in, unlocked, readers_known;
    const struct token_object *signing;
    struct ck_attribute searched[4];
    size_t searched_count, at;
    ck_mechanism_type_t used;
} token;

static ck_rv_t token_initialize(void *args) {
    UNUSED(args);
    if (token.started > token.stopped)
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    token.started++;
    return CKR_OK;
}
static ck_rv_t token_finalize(void *reserved) {
    UNUSED(reserved);
    if (token.started == token.stopped)
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    token.stopped++;
    return CKR_OK;
}
static ck_rv_t token_slots(unsigned char present, ck_slot_id_t *list, unsigned long *count) {
    const ck_slot_id_t slots[] = {TOKEN_SLOT, EMPTY_SLOT};
    const unsigned long n = !present ? 2 : !token.readers_known || token.absent ? 0 : 1;
    token.readers_known |= !list;
    assert_true(!list || *count >= n);
    if (list)
        memcpy(list, slots, n * sizeof *list);
    *count = n;
    return CKR_OK;
}
static ck_rv_t token_info(ck_slot_id_t slot, struct ck_token_info *info) {
    if (slot != TOKEN_SLOT || token.absent)
        return CKR_TOKEN_NOT_PRESENT;
    *info = (struct ck_token_info){.flags = CKF_TOKEN_INITIALIZED};
    memset(info->label, ' ', sizeof info->label);
    memcpy(info->label, "test card", 9);
    info->flags |= token.open ? 0 : CKF_LOGIN_REQUIRED;
    info->flags |= token.pad ? CKF_PROTECTED_AUTHENTICATION_PATH : 0;
    info->flags |= token.tries < TOKEN_TRIES ? CKF_USER_PIN_COUNT_LOW : 0;
    info->flags |= token.tries == 1 ? CKF_USER_PIN_FINAL_TRY : 0;
    info->flags |= token.tries == 0 ? CKF_USER_PIN_LOCKED : 0;
    return CKR_OK;
}
static ck_rv_t token_mechanism(ck_slot_id_t slot, ck_mechanism_type_t type,
                               struct ck_mechanism_info *info) {
    UNUSED(slot);
    const bool digests = type == CKM_RSA_PKCS || type == CKM_ECDSA;
    *info = (struct ck_mechanism_info){.flags = CKF_SIGN};
    return (token.mechanism ? type == token.mechanism : digests) ? CKR_OK : CKR_MECHANISM_INVALID;
}
static ck_rv_t token_open(ck_slot_id_t slot, ck_flags_t flags, void *app, ck_notify_t notify,
                          ck_session_handle_t *out) {
    UNUSED(slot);
    UNUSED(flags);
    UNUSED(app);
    UNUSED(notify);
    *out = 1;
    token.sessions++;
    return CKR_OK;
}
static ck_rv_t token_close(ck_session_handle_t session) {
    UNUSED(session);
    if (--token.sessions == 0)
        token.logged_in = false;
    return CKR_OK;
}
static ck_rv_t token_logout(ck_session_handle_t session) {
    UNUSED(session);
    token.logged_in = false;
    return CKR_OK;
}
static ck_rv_t token_session(ck_session_handle_t session, struct ck_session_info *info) {
    UNUSED(session);
    *info = (struct ck_session_info){.state = token.logged_in ? CKS_RO_USER_FUNCTIONS
                                                              : CKS_RO_PUBLIC_SESSION};
    return CKR_OK;
}
static ck_rv_t token_login(ck_session_handle_t session, ck_user_type_t whom, unsigned char *pin,
                           unsigned long len) {
    UNUSED(session);
    token.pins++;
    token.unlocks += whom == CKU_CONTEXT_SPECIFIC;
    if (token.login != CKR_OK)
        return token.login;
    if (token.tries == 0)
        return CKR_PIN_LOCKED;
    const bool right = token.pad ? !pin && !len : slice_eq_str(slice_of(pin, len), TOKEN_PIN);
    if (!right)
        return --token.tries ? CKR_PIN_INCORRECT : CKR_PIN_LOCKED;
    token.tries = TOKEN_TRIES;
    if (whom == CKU_CONTEXT_SPECIFIC)
        token.unlocked = true;
    else
        token.logged_in = true;
    return CKR_OK;
}

// ---- objects

static struct slice token_der(const struct certificate *c) {
    static uint8_t room[4096];
    uint8_t *at = room;
    return slice_of(room, (size_t)i2d_X509(c->identity->certificate, &at));
}
static ck_rv_t token_attribute(const struct token_object *o, struct ck_attribute *a) {
    static const ck_certificate_type_t type = CKC_X_509;
    const bool certificate = o->class == CKO_CERTIFICATE;
    const unsigned char flag = a->type == CKA_SIGN ? !o->no_sign : o->always;
    struct slice value = {0};
    if (a->type == CKA_CLASS)
        value = slice_of(&o->class, sizeof o->class);
    if (a->type == CKA_CERTIFICATE_TYPE && certificate)
        value = slice_of(&type, sizeof type);
    if (a->type == CKA_ID)
        value = slice_of(&o->id, o->id ? 1 : 0);
    if (a->type == CKA_LABEL)
        value = slice_str(o->label);
    if (a->type == CKA_VALUE && certificate)
        value = o->of ? token_der(o->of) : SLICE_LITERAL("no certificate");
    if ((a->type == CKA_SIGN || a->type == CKA_ALWAYS_AUTHENTICATE) && !certificate)
        value = slice_of(&flag, 1);
    const bool fits = value.ptr && (!a->value || a->value_len >= value.len);
    if (fits && a->value)
        memcpy(a->value, value.ptr, value.len);
    a->value_len = fits ? value.len : CK_UNAVAILABLE_INFORMATION;
    return fits ? CKR_OK : CKR_ATTRIBUTE_TYPE_INVALID;
}
static ck_rv_t token_get(ck_session_handle_t session, ck_object_handle_t object,
                         struct ck_attribute *list, unsigned long count) {
    UNUSED(session);
    assert_true(object >= 1 && object <= token.count);
    assert_int_equal(count, 1);
    return token_attribute(&token.objects[object - 1], list);
}
static ck_rv_t token_find(ck_session_handle_t session, struct ck_attribute *list,
                          unsigned long count) {
    UNUSED(session);
    assert_true(count <= COUNT_OF(token.searched));
    memcpy(token.searched, list, count * sizeof *list);
    token.searched_count = count;
    token.at = 0;
    return CKR_OK;
}
static bool token_fits(const struct token_object *o) {
    const bool shown = o->class == CKO_CERTIFICATE ? !token.hides_certificates : token.open;
    if (!shown && !token.logged_in)
        return false;
    for (size_t i = 0; i < token.searched_count; i++) {
        uint8_t room[4096];
        struct ck_attribute a = {token.searched[i].type, room, sizeof room};
        if (token_attribute(o, &a) != CKR_OK ||
            !slice_eq(slice_of(a.value, a.value_len),
                      slice_of(token.searched[i].value, token.searched[i].value_len)))
            return false;
    }
    return true;
}
static ck_rv_t token_found(ck_session_handle_t session, ck_object_handle_t *out, unsigned long max,
                           unsigned long *count) {
    UNUSED(session);
    for (*count = 0; token.at < token.count && *count < max; token.at++)
        if (token_fits(&token.objects[token.at]))
            out[(*count)++] = token.at + 1;
    return CKR_OK;
}
static ck_rv_t token_found_all(ck_session_handle_t session) {
    UNUSED(session);
    return CKR_OK;
}

// ---- signatures

static ck_rv_t token_sign_init(ck_session_handle_t session, struct ck_mechanism *m,
                               ck_object_handle_t key) {
    UNUSED(session);
    token.signing = &token.objects[key - 1];
    token.used = m->mechanism;
    token.unlocked = false;
    if (token.sign_init != CKR_OK)
        return token.sign_init;
    return token.signing->no_sign ? CKR_KEY_FUNCTION_NOT_PERMITTED : CKR_OK;
}

static unsigned long token_pair(const uint8_t *der, size_t len, uint8_t out[64]) {
    const uint8_t *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    assert_non_null(sig);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32);
    ECDSA_SIG_free(sig);
    return 64;
}
static ck_rv_t token_sign(ck_session_handle_t session, unsigned char *data, unsigned long len,
                          unsigned char *out, unsigned long *out_len) {
    UNUSED(session);
    uint8_t made[512], digest[32];
    size_t made_len = sizeof made;
    struct slice in = slice_of(data, len);
    const bool ec = token.used == CKM_ECDSA || token.used == CKM_ECDSA_SHA256;
    if (token.signing->always && !token.unlocked)
        return CKR_USER_NOT_LOGGED_IN;
    if (token.used == CKM_ECDSA_SHA256 || token.used == CKM_SHA256_RSA_PKCS) {
        EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL);
        in = slice_of(digest, sizeof digest);
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(token.signing->of->identity->key, NULL);
    assert_true(ctx && EVP_PKEY_sign_init(ctx) == 1);
    if (!ec) // a DigestInfo comes whole
        assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1);
    if (token.used == CKM_SHA256_RSA_PKCS)
        assert_true(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1);
    assert_int_equal(EVP_PKEY_sign(ctx, made, &made_len, in.ptr, in.len), 1);
    EVP_PKEY_CTX_free(ctx);
    *out_len = ec ? token_pair(made, made_len, out) : made_len;
    if (!ec)
        memcpy(out, made, made_len);
    out[0] ^= token.wrong_key;
    return CKR_OK;
}

static struct ck_function_list TOKEN_FUNCTIONS = {
    .version = {2, 40},
    .C_Initialize = token_initialize,
    .C_Finalize = token_finalize,
    .C_GetSlotList = token_slots,
    .C_GetTokenInfo = token_info,
    .C_GetMechanismInfo = token_mechanism,
    .C_OpenSession = token_open,
    .C_CloseSession = token_close,
    .C_GetSessionInfo = token_session,
    .C_Login = token_login,
    .C_Logout = token_logout,
    .C_GetAttributeValue = token_get,
    .C_FindObjectsInit = token_find,
    .C_FindObjects = token_found,
    .C_FindObjectsFinal = token_found_all,
    .C_SignInit = token_sign_init,
    .C_Sign = token_sign,
};

// The module is the file TOKEN_MODULE.
static inline void token_functions_set(struct ck_function_list *functions) {
    void *module = dlopen(TOKEN_MODULE, RTLD_NOW);
    assert_non_null(module);
    struct ck_function_list **list = dlsym(module, "token_functions");
    assert_non_null(list);
    *list = functions;
}
// token_insert puts the card in.
static inline void token_insert(struct ck_function_list *functions) {
    token_functions_set(functions);
    token = (struct token){.tries = TOKEN_TRIES};
}
static inline void token_add(ck_object_class_t class, uint8_t id, const char *label,
                             const struct certificate *of) {
    assert_true(token.count < TOKEN_OBJECTS);
    token.objects[token.count++] = (struct token_object){class, id, label, of, false, false};
}
static inline void token_add_pair(uint8_t id, const char *label, const struct certificate *of) {
    token_add(CKO_CERTIFICATE, id, label, of);
    token_add(CKO_PRIVATE_KEY, id, label, of);
}

#endif
