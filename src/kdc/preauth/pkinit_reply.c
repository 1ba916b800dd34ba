// pkinit_reply.c: the KDC's half of the key agreement of PKINIT (RFC 4556 3.2.3.1, RFC 8636 6, RFC
// 8062 7) and what METHOD-DATA says of it. A key pair is used once: there are no DH nonces.
#include "kdc/cookie.h"
#include "kdc/preauth/pkinit.h"
#include "krb/seal.h"
#include "proto/cms.h"

enum { ERROR_BYTES = 200 }; // of a KRB-ERROR with names, around the groups

// An answer to a stranger has less than twice the bytes of its question: of the larger groups,
// whose numbers are long, as many are named as that leaves room for.
static enum obol_code add_group(struct exchange *x, const struct pkinit_group *g, size_t *room,
                                struct algorithm_identifier_list *list) {
    struct algorithm_identifier one;
    TRY(pkinit_group_algorithm(g, x->arena, &one, &x->err));
    size_t bytes = one.parameters.len + 24;
    if (bytes > *room)
        return OBOL_OK;
    *room -= bytes;
    list->items[list->count++] = one;
    return OBOL_OK;
}

// RFC 4556 3.2.2: the client is told which groups will do, best first: those that all clients know
// before the curves.
static enum obol_code refuse_group(struct exchange *x) {
    struct error *err = &x->err;
    const unsigned least = x->kdc->pkinit->dh_min_bits;
    struct algorithm_identifier items[PKINIT_GROUPS_MAX];
    struct algorithm_identifier_list list = {items, 0};
    const struct pkinit_group *g;
    size_t asked = 2 * x->request->bytes.len, room = asked > ERROR_BYTES ? asked - ERROR_BYTES : 0;
    for (int curves = 0; curves < 2; curves++)
        for (size_t i = 0; (g = pkinit_group_at(i)) != NULL && list.count < COUNT_OF(items); i++)
            if (pkinit_group_strength(g) >= least && pkinit_group_is_curve(g) == (curves == 1))
                TRY(add_group(x, g, &room, &list));
    struct padata *typed = arena_zalloc(x->arena, 1, sizeof *typed);
    ENSURE_MEMORY(typed);
    typed->padata_type = TD_DH_PARAMETERS;
    TRY(der_encode(&TYPE_ALGORITHM_IDENTIFIERS, &list, x->arena, &typed->padata_value, err));
    x->typed = (struct padata_list){typed, 1};
    return error_set(err, OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED, __func__,
                     "the client's group for the key agreement is not known, or has less than %u "
                     "bits (pkinit_dh_min_bits)",
                     least);
}

static enum obol_code choose_kdf(struct exchange *x, const struct auth_pack *pack,
                                 const struct pkinit_kdf **out) {
    struct error *err = &x->err;
    *out = NULL;
    if (!(pack->present & AUTH_PACK_SUPPORTED_KDFS))
        return OBOL_OK;
    const struct kdf_algorithm_id_list *offered = &pack->supported_kdfs;
    for (size_t i = 0; (*out = pkinit_kdf_at(i)) != NULL; i++)
        for (size_t k = 0; k < offered->count; k++)
            if (slice_eq(pkinit_kdf_oid(*out), offered->items[k].kdf_id))
                return OBOL_OK;
    ENSURE(*out, KDC_ERR_NO_ACCEPTABLE_KDF, "none of the client's %zu key derivations is known",
           offered->count);
    return OBOL_OK;
}

// RFC 4556 3.2.3: the first of the client's enctypes; keys that it has do not matter.
static enum obol_code choose_etype(struct exchange *x) {
    struct error *err = &x->err;
    const struct int32_list *offered = &x->req.req_body.etype;
    size_t i = 0;
    while (i < offered->count && !etype_is_permitted(x->kdc, offered->items[i]))
        i++;
    ENSURE(i < offered->count, KDC_ERR_ETYPE_NOSUPP, "none of the client's enctypes is permitted");
    x->event->reply_etype = offered->items[i];
    return OBOL_OK;
}

static enum obol_code sign_public(struct exchange *x, const struct pkinit_dh *dh,
                                  const struct auth_pack *pack, struct slice *out) {
    struct kdc_dh_key_info info = {.nonce = pack->pk_authenticator.nonce};
    struct slice bytes;
    TRY(pkinit_dh_public(dh, x->arena, &info.subject_public_key, &x->err));
    TRY(der_encode(&TYPE_KDC_DH_KEY_INFO, &info, x->arena, &bytes, &x->err));
    return pki_message_sign(x->kdc->pkinit->identity, bytes, PKINIT_DH_KEY_DATA, x->arena, out,
                            &x->err);
}

static enum obol_code make_reply(struct exchange *x, const struct pkinit_dh *dh,
                                 const struct auth_pack *pack, struct pkinit_reply_key *key) {
    struct pa_pk_as_rep rep = {.present = PA_PK_AS_REP_DH_INFO};
    TRY(choose_kdf(x, pack, &key->kdf));
    TRY(sign_public(x, dh, pack, &rep.dh_info.dh_signed_data));
    if (key->kdf) {
        rep.dh_info.present |= DH_REP_INFO_KDF;
        rep.dh_info.kdf.kdf_id = pkinit_kdf_oid(key->kdf);
    }
    x->preauth_data.padata_type = PA_PK_AS_REP;
    TRY(der_encode(&TYPE_PA_PK_AS_REP, &rep, x->arena, &x->preauth_data.padata_value, &x->err));
    key->pk_as_rep = x->preauth_data.padata_value;
    return OBOL_OK;
}

static enum obol_code agree(struct exchange *x, const struct pkinit_dh *dh,
                            const struct auth_pack *pack, struct slice public) {
    struct pkinit_reply_key key = {
        .etype = x->event->reply_etype,
        .client = {x->kdc->realm, x->req.req_body.cname},
        .server = {x->kdc->realm, x->req.req_body.sname},
        .as_req = x->request->bytes,
    };
    // By its own name, not by that of the request, MIT's and our clients derive it, too.
    if (principal_is_anonymous(&x->client_name))
        key.client = principal_anonymous();
    TRY(pkinit_dh_finish(dh, public, x->arena, &key.secret, &x->err));
    TRY(make_reply(x, dh, pack, &key));
    TRY(pkinit_derive(&key, x->arena, &x->reply_key, &x->err));
    x->mixed_key = x->reply_key;
    return OBOL_OK;
}

enum obol_code pkinit_answer(struct exchange *x, const struct auth_pack *pack) {
    struct error *err = &x->err;
    struct subject_public_key_info info;
    struct pkinit_dh dh;
    TRY(choose_etype(x));
    if (der_decode(&TYPE_SUBJECT_PUBLIC_KEY_INFO, pack->client_public_value, x->arena, &info,
                   err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "the client's public value is malformed");
    const struct pkinit_group *g = pkinit_group_read(&info.algorithm, x->arena);
    if (!g || pkinit_group_strength(g) < x->kdc->pkinit->dh_min_bits)
        return refuse_group(x);
    TRY(pkinit_dh_start(&dh, g, err));
    enum obol_code code = agree(x, &dh, pack, info.subject_public_key);
    pkinit_dh_clear(&dh);
    return code;
}

// RFC 8062 7: neither end alone chooses the session key.
enum obol_code pkinit_mix_session(struct exchange *x) {
    struct error *err = &x->err;
    struct crypto_key *contribution, *session;
    struct encrypted_data sealed;
    const struct encryption_key drawn = x->ticket.key;
    TRY(crypto_key_in_arena(&contribution, x->arena, drawn.keytype, drawn.keyvalue, err));
    TRY(pkinit_session_key(contribution, x->mixed_key, x->arena, &session, err));
    TRY(krb_seal(&TYPE_ENCRYPTION_KEY, &drawn, x->mixed_key, KU_PA_PKINIT_KX, 0, x->kdc->env,
                 x->arena, &sealed, err));
    x->mixed_data.padata_type = PA_PKINIT_KX;
    TRY(der_encode(&TYPE_ENCRYPTED_DATA, &sealed, x->arena, &x->mixed_data.padata_value, err));
    x->ticket.key.keyvalue = crypto_key_bytes(session);
    return OBOL_OK;
}

enum obol_code pkinit_method_data(struct exchange *x, struct padata_list *list) {
    bool offered = false;
    for (size_t i = 0; i < list->count; i++)
        offered |= list->items[i].padata_type == PA_PK_AS_REQ;
    if (!offered)
        return OBOL_OK;
    if (principal_name_is_anonymous(&x->client_name.name))
        list->items[list->count++].padata_type = PA_PKINIT_KX;
    if (!exchange_padata(x, PA_AS_FRESHNESS))
        return OBOL_OK;
    struct padata *token = &list->items[list->count++];
    TRY(cookie_seal(x, PA_AS_FRESHNESS, (struct slice){0}, token));
    token->padata_type = PA_AS_FRESHNESS;
    return OBOL_OK;
}
