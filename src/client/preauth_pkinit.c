// preauth_pkinit.c: PKINIT (RFC 4556): the client signs its request with the key of a certificate,
// or, anonymous (RFC 8062), with none; the KDC answers with its own certificate, which must come
// from a trusted CA and be that of a KDC of the realm; the two agree on the reply key.
#include "base/ct.h"
#include "client/preauth.h"
#include "crypto/primitive.h"
#include "krb/seal.h"
#include "proto/cms.h"

enum { KDFS_MAX = 8 };

static bool is_anonymous(const struct as_client *c) {
    return c->params.pkinit->identity == NULL;
}

static bool can(const struct as_client *c) {
    return c->params.pkinit != NULL;
}

static bool needs_key(struct as_client *c, struct slice challenge) {
    UNUSED(c);
    UNUSED(challenge);
    return false;
}

static enum obol_code start_key(struct as_client *c, struct error *err) {
    struct client_pkinit_state *s = &c->pkinit;
    if (!s->group)
        s->group = c->params.pkinit->group;
    if (!s->group)
        s->group = pkinit_group_default(0);
    // A key pair is used once.
    pkinit_dh_clear(&s->dh);
    return pkinit_dh_start(&s->dh, s->group, err);
}

static enum obol_code fill_pack(struct as_client *c, struct auth_pack *pack, uint8_t sum[HASH_MAX],
                                struct kdf_algorithm_id kdfs[KDFS_MAX], struct error *err) {
    int64_t now = env_now_us(c->env);
    struct pk_authenticator *auth = &pack->pk_authenticator;
    const struct padata *fresh = client_preauth_find_padata(&c->method_data, PA_AS_FRESHNESS);
    hash_compute(HASH_SHA1, &c->body, 1, sum);
    *pack = (struct auth_pack){
        .present = AUTH_PACK_CLIENT_PUBLIC_VALUE | AUTH_PACK_SUPPORTED_CMS_TYPES |
                   AUTH_PACK_SUPPORTED_KDFS,
        .supported_cms_types = pki_algorithms(),
        .supported_kdfs = {kdfs, 0},
    };
    *auth = (struct pk_authenticator){
        .present = PK_AUTHENTICATOR_PA_CHECKSUM,
        .cusec = (int32_t)(now % 1000000),
        .ctime = now / 1000000 + c->offset,
        .nonce = c->nonce,
        .pa_checksum = slice_of(sum, hash_length(HASH_SHA1)),
    };
    if (fresh && fresh->padata_value.len && !is_anonymous(c)) {
        auth->present |= PK_AUTHENTICATOR_FRESHNESS_TOKEN;
        auth->freshness_token = fresh->padata_value;
    }
    const struct pkinit_kdf *kdf;
    while (pack->supported_kdfs.count < KDFS_MAX &&
           (kdf = pkinit_kdf_at(pack->supported_kdfs.count)) != NULL)
        kdfs[pack->supported_kdfs.count++].kdf_id = pkinit_kdf_oid(kdf);
    return pkinit_dh_spki(&c->pkinit.dh, c->arena, &pack->client_public_value, err);
}

static enum obol_code make(struct as_client *c, struct slice challenge, struct slice *value,
                           struct error *err) {
    UNUSED(challenge); // the KDC's is empty
    struct auth_pack pack;
    struct pa_pk_as_req req = {0};
    struct kdf_algorithm_id kdfs[KDFS_MAX];
    struct slice bytes;
    uint8_t sum[HASH_MAX];
    TRY(start_key(c, err));
    TRY(fill_pack(c, &pack, sum, kdfs, err));
    TRY(der_encode(&TYPE_AUTH_PACK, &pack, c->arena, &bytes, err));
    TRY(pki_message_sign(c->params.pkinit->identity, bytes, PKINIT_AUTH_DATA, c->arena,
                         &req.signed_auth_pack, err));
    c->proof_sent = true;
    return der_encode(&TYPE_PA_PK_AS_REQ, &req, c->arena, value, err);
}

// RFC 4556 3.2.4: the certificate is for a KDC, and names the realm's TGS or a host that the
// administrator has named.
static enum obol_code check_certificate(struct as_client *c, struct x509_st *certificate,
                                        struct error *err) {
    const struct client_pkinit *p = c->params.pkinit;
    struct principal tgs;
    struct pki_names names;
    ENSURE(!p->purposes || (pki_purposes(certificate) & p->purposes), KDC_ERR_KDC_NOT_TRUSTED,
           "the KDC's certificate lacks the extended key usage of a KDC");
    TRY(principal_krbtgt(c->client.realm, c->client.realm, c->arena, &tgs, err));
    TRY(pki_names_read(certificate, c->arena, &names, err));
    for (size_t i = 0; i < names.principal_count; i++)
        if (principal_eq(&names.principals[i], &tgs))
            return OBOL_OK;
    for (size_t i = 0; i < names.hosts.count; i++)
        for (size_t k = 0; k < p->hosts.count; k++)
            if (slice_eq_nocase(names.hosts.items[i], p->hosts.items[k]))
                return OBOL_OK;
    struct slice subject = pki_subject(certificate, c->arena);
    return error_set(err, OBOL_KDC_ERR_KDC_NOT_TRUSTED, __func__,
                     "the certificate %.*s is not that of a KDC of %.*s", SLICE_ARG(subject),
                     SLICE_ARG(c->client.realm));
}

static enum obol_code check_signer(struct as_client *c, const struct pki_message *m,
                                   struct error *err) {
    const struct client_pkinit *p = c->params.pkinit;
    struct error why;
    error_init(&why);
    ENSURE(m->signer, KDC_ERR_KDC_NOT_TRUSTED, "the KDC does not show who it is");
    if (pki_trust_check(p->trust, m, as_client_now(c), p->require_crl, &why) != OBOL_OK)
        return error_set(err, OBOL_KDC_ERR_KDC_NOT_TRUSTED, __func__, "%s", why.detail);
    return check_certificate(c, m->signer, err);
}

// By which name the reply key is derived: that of the request, but for anonymous clients.
static enum obol_code name_client(struct as_client *c, struct principal *out, struct error *err) {
    *out = c->client;
    if (!is_anonymous(c))
        return OBOL_OK;
    *out = principal_anonymous();
    const struct principal named = {c->rep.crealm, c->rep.cname};
    ENSURE(principal_eq(&named, out), REPLY_MISMATCH, "the reply is for %.*s, who is not anonymous",
           SLICE_ARG(principal_text(&named, c->arena)));
    return OBOL_OK;
}

static enum obol_code derive(struct as_client *c, const struct dh_rep_info *info,
                             const struct kdc_dh_key_info *key, struct slice rep,
                             struct error *err) {
    struct pkinit_reply_key in = {
        .etype = c->rep.enc_part.etype,
        .server = c->service,
        .as_req = c->request,
        .pk_as_rep = rep,
    };
    ENSURE(key->nonce == c->nonce, REPLY_MISMATCH,
           "the KDC's public value was signed for another request");
    if (info->present & DH_REP_INFO_KDF) {
        in.kdf = pkinit_kdf_find(info->kdf.kdf_id);
        ENSURE(in.kdf, REPLY_MISMATCH, "the KDC took a key derivation that was not offered");
    }
    if (info->present & DH_REP_INFO_SERVER_DH_NONCE)
        in.server_nonce = info->server_dh_nonce;
    TRY(name_client(c, &in.client, err));
    TRY(pkinit_dh_finish(&c->pkinit.dh, key->subject_public_key, c->arena, &in.secret, err));
    TRY(pkinit_derive(&in, c->arena, &c->reply_key, err));
    c->pkinit.reply_key = c->reply_key;
    return OBOL_OK;
}

static enum obol_code check(struct as_client *c, const struct padata_list *padata,
                            struct error *err) {
    const struct padata *pa = client_preauth_find_padata(padata, PA_PK_AS_REP);
    struct pa_pk_as_rep rep;
    struct kdc_dh_key_info key;
    struct pki_message m = {0};
    ENSURE(pa, REPLY_MISMATCH, "the reply to PKINIT holds no answer of it");
    TRY(der_decode(&TYPE_PA_PK_AS_REP, pa->padata_value, c->arena, &rep, err));
    ENSURE(rep.present & PA_PK_AS_REP_DH_INFO, REPLY_MISMATCH,
           "the KDC sends a key under an RSA key, for which nobody asked");
    enum obol_code code = (c->params.pkinit->allow_sha1 ? pki_message_open_old : pki_message_open)(
        &m, rep.dh_info.dh_signed_data, PKINIT_DH_KEY_DATA, c->arena, err);
    if (code == OBOL_OK)
        code = check_signer(c, &m, err);
    if (code == OBOL_OK)
        code = der_decode(&TYPE_KDC_DH_KEY_INFO, m.content, c->arena, &key, err);
    pki_message_clear(&m);
    TRY(code);
    code = derive(c, &rep.dh_info, &key, pa->padata_value, err);
    pkinit_dh_clear(&c->pkinit.dh);
    return code;
}

enum obol_code client_pkinit_check_session(struct as_client *c, struct error *err) {
    const struct padata_list *list = &c->rep.padata;
    const struct padata *pa =
        c->rep.present & KDC_REP_PADATA ? client_preauth_find_padata(list, PA_PKINIT_KX) : NULL;
    struct encrypted_data sealed;
    struct encryption_key drawn;
    struct crypto_key *contribution, *session;
    if (c->preauth != &CLIENT_PREAUTH_PKINIT)
        return OBOL_OK;
    ENSURE(pa || !is_anonymous(c), REPLY_MISMATCH,
           "the KDC does not show how the session key was made (PA-PKINIT-KX)");
    if (!pa)
        return OBOL_OK;
    TRY(der_decode(&TYPE_ENCRYPTED_DATA, pa->padata_value, c->arena, &sealed, err));
    TRY(krb_open(&TYPE_ENCRYPTION_KEY, &sealed, c->pkinit.reply_key, KU_PA_PKINIT_KX, c->arena,
                 &drawn, err));
    TRY(crypto_key_in_arena(&contribution, c->arena, drawn.keytype, drawn.keyvalue, err));
    TRY(pkinit_session_key(contribution, c->pkinit.reply_key, c->arena, &session, err));
    ENSURE(ct_equal(crypto_key_bytes(session), c->enc.key.keyvalue), REPLY_MISMATCH,
           "the session key is not mixed of both ends' parts (PA-PKINIT-KX)");
    return OBOL_OK;
}

// RFC 4556 3.2.2: the first group that we have, and that is no weaker than what was asked for.
bool client_pkinit_other_group(struct as_client *c, const struct padata_list *typed) {
    struct client_pkinit_state *s = &c->pkinit;
    const struct padata *pa = client_preauth_find_padata(typed, TD_DH_PARAMETERS);
    const struct pkinit_group *least = c->params.pkinit ? c->params.pkinit->group : NULL;
    struct algorithm_identifier_list list;
    if (c->preauth != &CLIENT_PREAUTH_PKINIT || s->retried || !pa ||
        der_decode(&TYPE_ALGORITHM_IDENTIFIERS, pa->padata_value, c->arena, &list, NULL) != OBOL_OK)
        return false;
    s->retried = true;
    for (size_t i = 0; i < list.count && i < PKINIT_GROUPS_MAX; i++) {
        const struct pkinit_group *g = pkinit_group_read(&list.items[i], c->arena);
        if (!g || g == s->group ||
            (least && pkinit_group_strength(g) < pkinit_group_strength(least)))
            continue;
        s->group = g;
        return true;
    }
    return false;
}

void client_pkinit_add_told(struct as_client *c, const struct padata_list *typed,
                            struct error *err) {
    static const struct {
        int32_t type;
        const char *fact;
    } TOLD[] = {
        {TD_TRUSTED_CERTIFIERS, "the KDC trusts"},
        {TD_INVALID_CERTIFICATES, "the KDC does not take"},
    };
    for (size_t i = 0; i < COUNT_OF(TOLD); i++) {
        const struct padata *pa = client_preauth_find_padata(typed, TOLD[i].type);
        struct slice text = pa ? pki_told_text(pa->padata_value, c->arena) : (struct slice){0};
        if (text.len)
            error_fact(err, TOLD[i].fact, "%.*s", SLICE_ARG(text));
    }
    if (c->preauth != &CLIENT_PREAUTH_PKINIT || is_anonymous(c))
        return;
    struct x509_st *ours = pki_identity_certificate(c->params.pkinit->identity);
    error_fact(err, "certificate", "%.*s, of %.*s", SLICE_ARG(pki_subject(ours, c->arena)),
               SLICE_ARG(pki_issuer(ours, c->arena)));
}

const struct client_preauth CLIENT_PREAUTH_PKINIT = {
    .name = "PKINIT",
    .section = "RFC 4556",
    .type = PA_PK_AS_REQ,
    .unasked = true,
    .keyless = true,
    .conclusive = true,
    .can = can,
    .needs_key = needs_key,
    .make = make,
    .check = check,
};
