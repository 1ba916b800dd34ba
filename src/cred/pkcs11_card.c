// pkcs11_card.c: a token and its PIN. A wrong PIN is one of few that a card takes before it locks
// itself: each that goes to the card was typed for it, none is tried twice, and whoever is asked is
// told beforehand how few are left (PKCS#11 5.5, CKF_USER_PIN_...).
#include "cred/pkcs11_internal.h"
#include <stdio.h>
#include <stdlib.h>

struct slice pkcs11_label(const unsigned char label[32]) {
    struct slice s = slice_of(label, 32);
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\0'))
        s.len--;
    return s;
}

enum obol_code pkcs11_card_open(struct pkcs11_card **out, struct pkcs11_module *m,
                                ck_slot_id_t slot, const struct ck_token_info *info,
                                struct slice module_name, struct error *err) {
    struct pkcs11_card *card = calloc(1, sizeof *card);
    const struct slice label = pkcs11_label(info->label);
    *out = NULL;
    ENSURE_MEMORY(card);
    *card = (struct pkcs11_card){.f = pkcs11_functions(m), .slot = slot, .owners = 1};
    memcpy(card->label, label.ptr, label.len);
    snprintf(card->module_name, sizeof card->module_name, "%.*s", SLICE_ARG(module_name));
    enum obol_code code =
        pkcs11_result(card->f->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &card->session),
                      "C_OpenSession", err);
    if (code != OBOL_OK) {
        free(card);
        return code;
    }
    pkcs11_module_share(m);
    card->module = m;
    *out = card;
    return OBOL_OK;
}

void pkcs11_card_leave(struct pkcs11_card *card) {
    if (!card || --card->owners)
        return;
    // All of a process's sessions with a token are logged in together (PKCS#11 5.6), and stay so
    // until the last is closed: whoever gave the PIN takes it back.
    if (card->logged_in)
        (void)card->f->C_Logout(card->session);
    (void)card->f->C_CloseSession(card->session);
    pkcs11_module_close(card->module);
    secret_clear(&card->pin);
    free(card);
}

static enum obol_code check_state(const struct pkcs11_card *card, ck_flags_t flags,
                                  struct error *err) {
    if (flags & CKF_USER_PIN_LOCKED)
        error_remedy(err,
                     "Unlock the card with its PUK or by its administrator (OpenSC: pkcs15-tool "
                     "--unblock-pin), or take it out and log in with a password.");
    ENSURE(!(flags & CKF_USER_PIN_LOCKED), CERTIFICATE_UNUSABLE,
           "the PIN of the token '%s' is locked: too many wrong ones were given", card->label);
    return OBOL_OK;
}

static enum obol_code ask(const struct pkcs11_card *card, ck_flags_t flags, struct secret *pin,
                          struct error *err) {
    char identity[512];
    const bool pad = (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    snprintf(identity, sizeof identity, "PKCS11:module_name=%s:slotid=%lu:token=%s",
             card->module_name, card->slot, card->label);
    const struct pki_question question = {
        .kind = pad ? PKI_ASK_PIN_PAD : PKI_ASK_PIN,
        .place = slice_str(card->label),
        .identity = slice_str(identity),
        .count_low = (flags & CKF_USER_PIN_COUNT_LOW) != 0,
        .final_try = (flags & CKF_USER_PIN_FINAL_TRY) != 0,
    };
    ENSURE(card->ask, PASSWORD_NEEDED, "for the token '%s': its PIN", card->label);
    TRY(card->ask(card->ask_ctx, &question, pin, err));
    // An empty one would be counted, too.
    ENSURE(pad || pin->len, PASSWORD_NEEDED, "no PIN was given for the token '%s'", card->label);
    return OBOL_OK;
}

// What the card said to a PIN, and what is left.
static enum obol_code refused(const struct pkcs11_card *card, ck_rv_t rv, struct error *err) {
    struct ck_token_info now = {.flags = 0};
    if (card->f->C_GetTokenInfo(card->slot, &now) != CKR_OK)
        now.flags = 0;
    const bool locked = rv == CKR_PIN_LOCKED || (now.flags & CKF_USER_PIN_LOCKED);
    const bool wrong = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE;
    const char *name = pkcs11_result_name(rv);
    if (locked || wrong)
        error_fact(err, "PKCS#11", "C_Login: %s", name ? name : "CKR_...");
    if (locked)
        return check_state(card, now.flags | CKF_USER_PIN_LOCKED, err);
    if (wrong)
        error_remedy(err, "Log in again with the right PIN%s.",
                     now.flags & CKF_USER_PIN_FINAL_TRY
                         ? "; the card takes one more, and locks itself if that is wrong, too"
                     : now.flags & CKF_USER_PIN_COUNT_LOW
                         ? "; after a few wrong ones the card locks itself"
                         : "");
    ENSURE(!wrong, CERTIFICATE_UNUSABLE, "the PIN of the token '%s' is not right", card->label);
    if (rv == CKR_USER_PIN_NOT_INITIALIZED)
        error_remedy(err, "Set a PIN first (OpenSC: pkcs11-tool --init-pin).");
    ENSURE(rv != CKR_USER_PIN_NOT_INITIALIZED, CERTIFICATE_UNUSABLE,
           "the token '%s' has no PIN for its user yet", card->label);
    if (rv == CKR_PIN_EXPIRED)
        error_remedy(err, "Change the PIN first (OpenSC: pkcs11-tool --change-pin).");
    ENSURE(rv != CKR_PIN_EXPIRED, CERTIFICATE_UNUSABLE, "the PIN of the token '%s' has expired",
           card->label);
    ENSURE(rv != CKR_FUNCTION_CANCELED, PASSWORD_NEEDED,
           "no PIN was typed at the reader of the token '%s'", card->label);
    return pkcs11_result(rv, "C_Login", err);
}

static enum obol_code give_pin(struct pkcs11_card *card, ck_user_type_t whom, struct error *err) {
    struct ck_token_info info;
    struct secret pin = card->pin;
    TRY(pkcs11_result(card->f->C_GetTokenInfo(card->slot, &info), "C_GetTokenInfo", err));
    TRY(check_state(card, info.flags, err));
    card->pin = (struct secret){0};
    enum obol_code code = pin.len ? OBOL_OK : ask(card, info.flags, &pin, err);
    if (code == OBOL_OK) {
        const ck_rv_t rv = card->f->C_Login(card->session, whom, pin.ptr, pin.len);
        if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
            code = refused(card, rv, err);
        card->logged_in |= rv == CKR_OK && whom == CKU_USER;
    }
    if (code == OBOL_OK)
        card->pin = pin;
    else
        secret_clear(&pin);
    return code;
}

enum obol_code pkcs11_card_login(struct pkcs11_card *card, struct error *err) {
    struct ck_session_info session;
    struct ck_token_info info;
    TRY(pkcs11_result(card->f->C_GetTokenInfo(card->slot, &info), "C_GetTokenInfo", err));
    TRY(pkcs11_result(card->f->C_GetSessionInfo(card->session, &session), "C_GetSessionInfo", err));
    if (!(info.flags & CKF_LOGIN_REQUIRED) || session.state == CKS_RO_USER_FUNCTIONS)
        return OBOL_OK;
    return give_pin(card, CKU_USER, err);
}

enum obol_code pkcs11_card_unlock(struct pkcs11_card *card, struct error *err) {
    return give_pin(card, CKU_CONTEXT_SPECIFIC, err);
}

enum obol_code pkcs11_find(const struct pkcs11_card *card, struct ck_attribute *template,
                           size_t count, ck_object_handle_t *out, size_t max, size_t *found,
                           struct error *err) {
    unsigned long got = 0;
    *found = 0;
    TRY(pkcs11_result(card->f->C_FindObjectsInit(card->session, template, count),
                      "C_FindObjectsInit", err));
    ck_rv_t rv = card->f->C_FindObjects(card->session, out, max, &got);
    (void)card->f->C_FindObjectsFinal(card->session);
    TRY(pkcs11_result(rv, "C_FindObjects", err));
    *found = got < max ? got : max;
    return OBOL_OK;
}
