// pkcs11.c: the certificates of the tokens that a place names; see pkcs11.h.
#include "cred/pkcs11_internal.h"
#include <stdlib.h>

enum { SLOTS_MAX = 64, OBJECTS_MAX = 64, CERTIFICATE_MAX = 16 * 1024, LISTED_MAX = 8 };

struct search {
    const struct pkcs11_place *place;
    struct pkcs11_module *module;
    pki_ask *ask;
    void *ask_ctx;
    struct arena *arena;
    struct pki_identities *out;
    struct pkcs11_card
        *closed; // the token that may hold certificates that it shows only to its user
    unsigned closed_count;
    unsigned tokens, labelled, fitting; // there; initialized; and of the label that is asked for
    struct writer labels;               // of the tokens that are there
    struct error why;                   // the first certificate that cannot be used
};

// An attribute's value in the arena; empty: there is none.
static struct slice read_value(const struct search *s, const struct pkcs11_card *card,
                               ck_object_handle_t object, ck_attribute_type_t type, size_t max) {
    struct ck_attribute a = {type, NULL, 0};
    if (card->f->C_GetAttributeValue(card->session, object, &a, 1) != CKR_OK ||
        a.value_len == CK_UNAVAILABLE_INFORMATION || a.value_len == 0 || a.value_len > max)
        return (struct slice){0};
    struct buf room = arena_buf(s->arena, a.value_len);
    a.value = room.ptr;
    if (!room.ptr || card->f->C_GetAttributeValue(card->session, object, &a, 1) != CKR_OK ||
        a.value_len > room.len)
        return (struct slice){0};
    return slice_of(room.ptr, a.value_len);
}

// Certificates of CAs lie beside the user's on many a card, and so do those of a list of CAs
// (p11-kit's trust module): the former show it, the latter have no key. With a login due nobody
// sees keys yet.
static bool is_users(const struct search *s, const struct pkcs11_card *card,
                     const struct pki_identity *id, struct slice key_id, bool seen) {
    if (s->place->cert_id.len || s->place->cert_label.len)
        return true;
    return !pki_is_ca(pki_identity_certificate(id)) && (!seen || pkcs11_key_is_seen(card, key_id));
}

static enum obol_code take_certificate(struct search *s, struct pkcs11_card *card,
                                       ck_object_handle_t object, bool seen, struct error *err) {
    struct pki_identities *out = s->out;
    struct pki_signer signer;
    struct pki_identity *id;
    const struct slice key_id = read_value(s, card, object, CKA_ID, PKCS11_ID_MAX);
    const struct slice der = read_value(s, card, object, CKA_VALUE, CERTIFICATE_MAX);
    if (out->count == COUNT_OF(out->items))
        return OBOL_OK;
    TRY(pkcs11_key_signer(card, key_id, &signer, err));
    enum obol_code code = pki_identity_signer(&id, der, &signer, err);
    if (code != OBOL_OK) {
        signer.close(signer.ctx);
        return code;
    }
    if (is_users(s, card, id, key_id, seen))
        out->items[out->count++] = id;
    else
        pki_identity_free(id);
    return OBOL_OK;
}

// `seen`: private keys can be seen, since the user is logged in or need not be.
static enum obol_code take_certificates(struct search *s, struct pkcs11_card *card, bool seen,
                                        struct error *err) {
    const struct pkcs11_place *p = s->place;
    ck_object_class_t class = CKO_CERTIFICATE;
    ck_certificate_type_t type = CKC_X_509;
    ck_object_handle_t objects[OBJECTS_MAX];
    struct slice id, label;
    size_t found, count = 2;
    ENSURE(arena_copy(s->arena, p->cert_id, &id) && arena_copy(s->arena, p->cert_label, &label),
           NO_MEMORY, "what to search for");
    struct ck_attribute template[4] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_CERTIFICATE_TYPE, &type, sizeof type},
    };
    if (id.len)
        template[count++] = (struct ck_attribute){CKA_ID, (void *)(uintptr_t)id.ptr, id.len};
    if (label.len)
        template[count++] =
            (struct ck_attribute){CKA_LABEL, (void *)(uintptr_t)label.ptr, label.len};
    TRY(pkcs11_find(card, template, count, objects, COUNT_OF(objects), &found, err));
    for (size_t i = 0; i < found; i++) {
        enum obol_code one = take_certificate(s, card, objects[i], seen, &s->why);
        if (one == OBOL_NO_MEMORY)
            return error_set(err, one, __func__, "the certificates of a token");
    }
    return OBOL_OK;
}

static void keep_closed(struct search *s, struct pkcs11_card *card) {
    s->closed_count++;
    if (s->closed) {
        pkcs11_card_leave(card);
        return;
    }
    s->closed = card;
}

static enum obol_code take_token(struct search *s, ck_slot_id_t slot,
                                 const struct ck_token_info *info, struct error *err) {
    struct pkcs11_card *card;
    const bool seen = !(info->flags & CKF_LOGIN_REQUIRED);
    const size_t before = s->out->count;
    TRY(pkcs11_card_open(&card, s->module, slot, info, s->place->module, err));
    card->ask = s->ask;
    card->ask_ctx = s->ask_ctx;
    enum obol_code code = take_certificates(s, card, seen, err);
    if (code == OBOL_OK && s->out->count == before && !seen)
        keep_closed(s, card);
    else
        pkcs11_card_leave(card);
    return code;
}

// A token that cannot be read is passed over where there are others.
static void visit(struct search *s, ck_slot_id_t slot) {
    const struct ck_function_list *f = pkcs11_functions(s->module);
    struct ck_token_info info;
    struct error *why = &s->why;
    if ((s->place->has_slot && s->place->slot != slot) ||
        pkcs11_result(f->C_GetTokenInfo(slot, &info), "C_GetTokenInfo", why) != OBOL_OK)
        return;
    const struct slice label = pkcs11_label(info.label);
    s->tokens++;
    if (!(info.flags & CKF_TOKEN_INITIALIZED))
        return;
    if (s->labelled++ < LISTED_MAX)
        writer_printf(&s->labels, "%s'%.*s'", s->labels.len ? ", " : "", SLICE_ARG(label));
    if (s->place->token.len && !slice_eq(s->place->token, label))
        return;
    s->fitting++;
    if (take_token(s, slot, &info, why) != OBOL_OK)
        return;
}

static enum obol_code list_slots(const struct search *s, bool with_token,
                                 ck_slot_id_t slots[SLOTS_MAX], size_t *count, struct error *err) {
    const struct ck_function_list *f = pkcs11_functions(s->module);
    unsigned long n = 0;
    *count = 0;
    // A module that was started long ago looks for new readers when it is asked for their number
    // (PKCS#11 5.5).
    TRY(pkcs11_result(f->C_GetSlotList(with_token, NULL, &n), "C_GetSlotList", err));
    n = SLOTS_MAX;
    TRY(pkcs11_result(f->C_GetSlotList(with_token, slots, &n), "C_GetSlotList", err));
    *count = n < SLOTS_MAX ? n : SLOTS_MAX;
    return OBOL_OK;
}

// Why there is no token.
static enum obol_code no_token(const struct search *s, struct error *err) {
    const struct pkcs11_place *p = s->place;
    ck_slot_id_t slots[SLOTS_MAX];
    size_t count;
    bool known = !p->has_slot;
    TRY(list_slots(s, false, slots, &count, err));
    for (size_t i = 0; i < count; i++)
        known |= slots[i] == p->slot;
    error_fact(err, "module", "%.*s", SLICE_ARG(p->module));
    if (!known)
        error_remedy(
            err, "pkcs11-tool --list-slots lists them; or leave slotid= out, or say token=LABEL.");
    ENSURE(known, CERTIFICATE_UNUSABLE, "the PKCS#11 module %.*s has no slot %llu",
           SLICE_ARG(p->module), (unsigned long long)p->slot);
    error_remedy(err, "Put the card into its reader, and see that the reader is known (pkcs11-tool "
                      "--list-slots; for cards pcscd runs).");
    ENSURE(s->tokens || !p->has_slot, CERTIFICATE_UNUSABLE,
           "there is no token in slot %llu of the PKCS#11 module %.*s", (unsigned long long)p->slot,
           SLICE_ARG(p->module));
    ENSURE(s->tokens, CERTIFICATE_UNUSABLE,
           "there is no token in any of %zu slots of the PKCS#11 module %.*s", count,
           SLICE_ARG(p->module));
    error_remedy(err, "Initialize the token, and put the certificate and its key on it.");
    ENSURE(s->labelled, CERTIFICATE_UNUSABLE, "no token of the PKCS#11 module %.*s is initialized",
           SLICE_ARG(p->module));
    error_remedy(err, "Name one of those that are there, token=LABEL, or none.");
    ENSURE(false, CERTIFICATE_UNUSABLE, "no token is called '%.*s', there is %.*s",
           SLICE_ARG(p->token), SLICE_ARG(writer_slice(&s->labels)));
}

static enum obol_code no_certificate(const struct search *s, struct error *err) {
    const struct pkcs11_place *p = s->place;
    const bool chosen = p->cert_id.len || p->cert_label.len;
    if (s->why.code != OBOL_OK) {
        *err = s->why;
        return s->why.code;
    }
    error_fact(err, "tokens", "%.*s", SLICE_ARG(writer_slice(&s->labels)));
    error_remedy(err,
                 "Put the certificate on the card beside its key, both with one identifier "
                 "(pkcs11-tool --write-object cert.der --type cert --id 01)%s.",
                 chosen ? "; pkcs11-tool -O lists what is there" : "");
    ENSURE(false, CERTIFICATE_UNUSABLE, "there is no certificate%s on %.*s",
           chosen ? " with that identifier or label" : " of a user",
           SLICE_ARG(writer_slice(&s->labels)));
}

static enum obol_code search(struct search *s, struct error *err) {
    ck_slot_id_t slots[SLOTS_MAX];
    size_t count;
    TRY(list_slots(s, true, slots, &count, err));
    for (size_t i = 0; i < count; i++)
        visit(s, slots[i]);
    if (!s->fitting && s->why.code == OBOL_OK)
        return no_token(s, err);
    // Some cards show their certificates to nobody but their user.
    if (!s->out->count && s->closed_count == 1) {
        TRY(pkcs11_card_login(s->closed, err));
        TRY(take_certificates(s, s->closed, true, err));
    }
    return s->out->count ? OBOL_OK : no_certificate(s, err);
}

enum obol_code pkcs11_identities_load(struct pki_identities *out, struct slice text, pki_ask *ask,
                                      void *ask_ctx, struct arena *a, struct error *err) {
    struct pkcs11_place place;
    struct search s = {.place = &place,
                       .ask = ask,
                       .ask_ctx = ask_ctx,
                       .arena = a,
                       .out = out,
                       .labels = writer_to_arena(a)};
    *out = (struct pki_identities){0};
    error_init(&s.why);
    TRY(pkcs11_place_parse(text, a, &place, err));
    ENSURE(ask, PASSWORD_NEEDED, "nobody can be asked for the PIN of a card");
    TRY(pkcs11_module_open(&s.module, place.module, a, err));
    enum obol_code code = search(&s, err);
    pkcs11_card_leave(s.closed);
    pkcs11_module_close(s.module);
    if (code != OBOL_OK)
        pki_identities_clear(out);
    return code;
}
