// login_pkinit.c: what a login by certificate (PKINIT, RFC 4556) or an anonymous one (RFC 8062)
// takes from files: the user's certificate and key, the CAs that are trusted with KDCs.
#include "net/login_pkinit.h"

static const struct krb5conf_pkinit *settings(const struct login_machine *l) {
    const struct krb5conf_realm *realm = krb5conf_realm(l->net.conf, l->params.client.realm);
    return realm ? &realm->pkinit : &l->net.conf->pkinit;
}

static enum obol_code load_identity(struct login_machine *l, const struct krb5conf_pkinit *conf,
                                    struct error *err) {
    const struct login_params *p = &l->params;
    if (p->anonymous)
        return OBOL_OK;
    if (p->identity.len)
        return pki_identity_load(&l->identity, p->identity, p->ask_passphrase, p->ask_ctx, l->arena,
                                 err);
    // Those of krb5.conf may be there, as a card is in its reader or not.
    for (size_t i = 0; i < conf->identities.count && !l->identity; i++) {
        struct error ignored;
        error_init(&ignored);
        if (pki_identity_load(&l->identity, conf->identities.items[i], p->ask_passphrase,
                              p->ask_ctx, l->arena, &ignored) != OBOL_OK)
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
    if (!l->identity && !l->params.anonymous)
        return OBOL_OK;
    TRY(load_trust(l, conf, err));
    l->pkinit = (struct client_pkinit){
        .identity = l->identity,
        .trust = l->trust,
        .purposes = PURPOSES[conf->eku_checking],
        .hosts = conf->kdc_hostname,
        .require_crl = conf->require_crl_checking,
        .group = pkinit_group_find(conf->dh_min_bits),
    };
    out->pkinit = &l->pkinit;
    if (l->params.anonymous)
        out->options |= (uint32_t)KDC_OPT_REQUEST_ANONYMOUS;
    return OBOL_OK;
}

void login_end_pkinit(struct login_machine *l) {
    pki_identity_free(l->identity);
    pki_trust_free(l->trust);
    l->identity = NULL;
    l->trust = NULL;
}
