// login_pkinit.c: what a login by certificate (PKINIT, RFC 4556) or an anonymous one (RFC 8062)
// takes from files: the user's certificate and key, the CAs that are trusted with KDCs.
#include "net/login_pkinit.h"

static const struct krb5conf_pkinit *settings(const struct login_machine *l) {
    const struct krb5conf_realm *realm = krb5conf_realm(l->net.conf, l->params.client.realm);
    return realm ? &realm->pkinit : &l->net.conf->pkinit;
}

static bool names_client(const struct pki_identity *id, const struct principal *client,
                         struct arena *a) {
    struct pki_names names;
    struct error ignored;
    error_init(&ignored);
    if (pki_names_read(pki_identity_certificate(id), a, &names, &ignored) != OBOL_OK)
        return false;
    for (size_t i = 0; i < names.principal_count; i++)
        if (principal_eq(&names.principals[i], client))
            return true;
    for (size_t i = 0; i < names.upns.count; i++)
        if (slice_eq_nocase(names.upns.items[i], principal_text(client, a)))
            return true;
    return false;
}

// How well a certificate suits the client: it names it, it is for logins, its key may sign.
static unsigned suits(const struct login_machine *l, const struct pki_identity *id) {
    struct x509_st *c = pki_identity_certificate(id);
    return (names_client(id, &l->params.client, l->arena) ? 4u : 0) +
           (pki_purposes(c) & (PKI_PURPOSE_CLIENT | PKI_PURPOSE_SMARTCARD) ? 2u : 0) +
           (pki_may_sign(c) ? 1u : 0);
}

// The first rule of pkinit_cert_match that fits exactly one of them chooses it. Without rules it is
// the first of those that suit best: cards hold certificates of several purposes for one person.
static enum obol_code choose(struct login_machine *l, const struct slice_list *rules,
                             const struct pki_identities *from, size_t *out, struct error *err) {
    bool fits;
    for (size_t r = 0; r < rules->count; r++) {
        size_t fitting = 0;
        for (size_t i = 0; i < from->count; i++) {
            TRY(pki_match(rules->items[r], pki_identity_certificate(from->items[i]), l->arena,
                          &fits, err));
            if (fits && fitting++ == 0)
                *out = i;
        }
        if (fitting == 1)
            return OBOL_OK;
        error_fact(err, "rule", "%.*s fits %zu", SLICE_ARG(rules->items[r]), fitting);
    }
    ENSURE(!rules->count, CERTIFICATE_UNUSABLE,
           "no rule of pkinit_cert_match fits exactly one of %zu certificates", from->count);
    *out = 0;
    for (size_t i = 1; i < from->count; i++)
        if (suits(l, from->items[i]) > suits(l, from->items[*out]))
            *out = i;
    return OBOL_OK;
}

static enum obol_code load_from(struct login_machine *l, const struct krb5conf_pkinit *conf,
                                struct slice place, pki_ask *ask, struct error *err) {
    struct pki_identities found;
    size_t chosen = 0;
    enum obol_code code = pki_identities_load(&found, place, ask, l->params.ask_ctx, l->arena, err);
    if (code == OBOL_OK)
        code = choose(l, &conf->cert_match, &found, &chosen, err);
    if (code == OBOL_OK) {
        l->identity = found.items[chosen];
        found.items[chosen] = NULL;
    }
    pki_identities_clear(&found);
    return code;
}

// Nobody has no certificate; who has a name and wants an anonymous ticket may.
static bool is_nobody(const struct login_params *p) {
    return p->anonymous && principal_name_is_anonymous(&p->client.name);
}

static enum obol_code load_identity(struct login_machine *l, const struct krb5conf_pkinit *conf,
                                    struct error *err) {
    const struct login_params *p = &l->params;
    if (is_nobody(p))
        return OBOL_OK;
    if (p->identity.len)
        return load_from(l, conf, p->identity, p->ask_passphrase, err);
    // Those of krb5.conf may be there, as a card is in its reader or not. Who brings a key or a
    // password logs in with that: nobody is asked for a PIN.
    pki_ask *ask = p->keytab || p->password ? NULL : p->ask_passphrase;
    for (size_t i = 0; i < conf->identities.count && !l->identity; i++) {
        struct error ignored;
        error_init(&ignored);
        if (load_from(l, conf, conf->identities.items[i], ask, &ignored) != OBOL_OK)
            l->identity = NULL;
    }
    return OBOL_OK;
}

static enum obol_code load_trust(struct login_machine *l, const struct krb5conf_pkinit *conf,
                                 struct error *err) {
    const struct slice_list *anchors =
        l->params.anchors.count ? &l->params.anchors : &conf->anchors;
    const struct slice_list *lists[] = {anchors, &conf->pool, &conf->revoke};
    static const enum pki_kind KINDS[] = {PKI_ANCHORS, PKI_POOL, PKI_CRLS};
    ENSURE(anchors->count, KDC_ERR_KDC_NOT_TRUSTED, "no CA is named that a KDC is trusted by");
    TRY(pki_trust_new(&l->trust, err));
    for (size_t k = 0; k < COUNT_OF(lists); k++)
        for (size_t i = 0; i < lists[k]->count; i++)
            TRY(pki_trust_load(l->trust, KINDS[k], lists[k]->items[i], l->arena, err));
    return OBOL_OK;
}

enum obol_code login_take_pkinit(struct login_machine *l, struct as_params *out,
                                 struct error *err) {
    static const uint32_t PURPOSES[] = {
        [PKINIT_EKU_KDC] = PKI_PURPOSE_KDC,
        [PKINIT_EKU_SERVER] = PKI_PURPOSE_KDC | PKI_PURPOSE_SERVER_AUTH,
        [PKINIT_EKU_NONE] = 0,
    };
    const struct krb5conf_pkinit *conf = settings(l);
    TRY(load_identity(l, conf, err));
    if (!l->identity && !is_nobody(&l->params))
        return OBOL_OK;
    TRY(load_trust(l, conf, err));
    l->pkinit = (struct client_pkinit){
        .identity = l->identity,
        .trust = l->trust,
        .purposes = PURPOSES[conf->eku_checking],
        .hosts = conf->kdc_hostname,
        .require_crl = conf->require_crl_checking,
        .allow_sha1 = conf->allow_sha1,
        .group = pkinit_group_find(conf->dh_min_bits),
    };
    out->pkinit = &l->pkinit;
    return OBOL_OK;
}

void login_end_pkinit(struct login_machine *l) {
    pki_identity_free(l->identity);
    pki_trust_free(l->trust);
    l->identity = NULL;
    l->trust = NULL;
}
