// fuzz_card: what is said of a smart card, and by it. The first octet is P: the place of an
// identity (PKCS11:); else a certificate (DER) follows, whose key signs what the card says that it
// signs.
#include "cred/pkcs11.h"
#include "fuzz.h"
#include "krb/pkinit.h"
#include <stdlib.h>

static enum obol_code sign(void *ctx, enum pki_key_kind kind, struct slice bytes, struct arena *a,
                           struct slice *signature, struct error *err) {
    const struct slice *all = ctx;
    UNUSED(kind);
    UNUSED(bytes);
    ENSURE(arena_copy(a, slice_sub(*all, all->len / 2, 64), signature), NO_MEMORY, "a signature");
    return OBOL_OK;
}
static void end(void *ctx) {
    UNUSED(ctx);
}

static void place(struct slice text, struct arena *a) {
    struct pkcs11_place p;
    struct error err;
    error_init(&err);
    if (pkcs11_place_parse(text, a, &p, &err) != OBOL_OK) {
        must_hold(err.code == OBOL_INVALID_ARGUMENT || err.code == OBOL_NO_MEMORY);
        return;
    }
    must_hold(p.module.len &&
              (p.module.ptr[0] == '/' || slice_find(p.module, '/') == p.module.len));
}

static void certificate(struct slice der, struct arena *a) {
    const struct pki_signer signer = {sign, end, &der};
    struct pki_identity *id;
    struct pki_names names;
    struct slice out;
    struct error err;
    bool fits;
    error_init(&err);
    if (pki_identity_signer(&id, der, &signer, &err) != OBOL_OK)
        return;
    struct x509_st *x = pki_identity_certificate(id);
    (void)!pki_names_read(x, a, &names, &err);
    (void)pki_purposes(x);
    (void)pki_may_sign(x);
    (void)pki_is_ca(x);
    (void)pki_subject(x, a);
    (void)!pki_match(SLICE_LITERAL("<SUBJECT>a|b"), x, a, &fits, &err);
    error_init(&err);
    // Bytes that nobody made with the key are no signature.
    must_hold(pki_message_sign(id, SLICE_LITERAL("x"), PKINIT_AUTH_DATA, a, &out, &err) != OBOL_OK);
    pki_identity_free(id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    if (!a.base && !arena_init(&a, 1 << 16, 16 << 20))
        abort();
    const struct slice rest = slice_of(data + (size > 0), size - (size > 0));
    if (size && data[0] == 'P')
        place(rest, &a);
    else
        certificate(rest, &a);
    arena_reset(&a);
    return 0;
}
