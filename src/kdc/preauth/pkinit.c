// pkinit.c: PKINIT (RFC 4556) at the KDC: the client signs its request with the key of its
// certificate, or, anonymous, with none (RFC 8062 4.1.1), and the two agree on a reply key. The
// other mode of RFC 4556, in which the KDC encrypts a key of its choice with the client's RSA key,
// is refused: it has no forward secrecy, and its padding was broken again and again.
#include "kdc/preauth/pkinit.h"
#include "base/ct.h"
#include "crypto/primitive.h"
#include "kdc/cookie.h"
#include "krb/times.h"
#include "proto/cms.h"

static bool is_anonymous(const struct exchange *x) {
    return principal_name_is_anonymous(&x->client_name.name);
}

static bool offer(const struct exchange *x) {
    const struct kdc_pkinit *p = x->kdc->pkinit;
    return p && (is_anonymous(x) || !pki_trust_is_empty(p->trust));
}

static enum obol_code malformed(struct exchange *x, const char *what) {
    return error_replace(&x->err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__, "the %s is malformed",
                         what);
}

static enum obol_code check_time(struct exchange *x, const struct pk_authenticator *auth) {
    struct error *err = &x->err;
    int64_t skew = krb_time_distance(auth->ctime, x->now);
    ENSURE(skew <= x->kdc->policy.clockskew, KRB_AP_ERR_SKEW,
           "the signed request is %lld seconds off this clock, %lld are allowed", (long long)skew,
           (long long)x->kdc->policy.clockskew);
    return OBOL_OK;
}

static const struct {
    struct slice oid;
    enum hash hash;
} DIGESTS[] = {
    {{(const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x02\x01", 9}, HASH_SHA256},
    {{(const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x02\x02", 9}, HASH_SHA384},
    {{(const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x02\x03", 9}, HASH_SHA512},
};

static bool sum_holds(const struct exchange *x, enum hash hash, struct slice sum) {
    uint8_t digest[HASH_MAX];
    hash_compute(hash, &x->req.req_body.raw, 1, digest);
    return ct_equal(slice_of(digest, hash_length(hash)), sum);
}

// The checksums tie the signature to the body of this request: that of RFC 4556 3.2.1 is SHA-1 (for
// which a second preimage would have to be found), that of MS-PKCA 2.2.3 of the client's choice.
static enum obol_code check_body(struct exchange *x, const struct pk_authenticator *auth) {
    struct error *err = &x->err;
    bool old = auth->present & PK_AUTHENTICATOR_PA_CHECKSUM, checked = false;
    ENSURE(!old || sum_holds(x, HASH_SHA1, auth->pa_checksum), KRB_AP_ERR_MODIFIED,
           "the request is not the one that was signed");
    if (auth->present & PK_AUTHENTICATOR_PA_CHECKSUM2) {
        const struct pa_checksum2 *sum = &auth->pa_checksum2;
        for (size_t i = 0; i < COUNT_OF(DIGESTS); i++)
            if (slice_eq(DIGESTS[i].oid, sum->algorithm_identifier.algorithm)) {
                checked = true;
                ENSURE(sum_holds(x, DIGESTS[i].hash, sum->checksum), KRB_AP_ERR_MODIFIED,
                       "the request is not the one that was signed");
            }
    }
    ENSURE(old || checked, KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED,
           "the signed request has no checksum that is known");
    return OBOL_OK;
}

// RFC 8070 4: who holds the key of the certificate held it a few minutes ago.
static enum obol_code check_freshness(struct exchange *x, const struct pk_authenticator *auth) {
    struct error *err = &x->err;
    struct slice state;
    if (!(auth->present & PK_AUTHENTICATOR_FRESHNESS_TOKEN)) {
        ENSURE(
            !x->kdc->pkinit->require_freshness || is_anonymous(x), KDC_ERR_PREAUTH_FAILED,
            "the signed request has no token of freshness, which `pkinit_require_freshness` asks "
            "for");
        return OBOL_OK;
    }
    enum obol_code code = cookie_read(x, PA_AS_FRESHNESS, auth->freshness_token, &state);
    ENSURE(code != OBOL_NOT_FOUND, KDC_ERR_PREAUTH_FAILED,
           "the token of freshness is none of this realm's");
    return code;
}

static enum obol_code check_pack(struct exchange *x, const struct auth_pack *pack) {
    struct error *err = &x->err;
    TRY(check_time(x, &pack->pk_authenticator));
    TRY(check_body(x, &pack->pk_authenticator));
    TRY(check_freshness(x, &pack->pk_authenticator));
    ENSURE(pack->present & AUTH_PACK_CLIENT_PUBLIC_VALUE,
           KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED,
           "the client asks for a key under its RSA key, not for Diffie-Hellman");
    return OBOL_OK;
}

static enum obol_code take(struct exchange *x, const struct pki_message *m) {
    struct error *err = &x->err;
    struct auth_pack pack;
    if (der_decode(&TYPE_AUTH_PACK, m->content, x->arena, &pack, err) != OBOL_OK)
        return malformed(x, "AuthPack");
    ENSURE((m->signer == NULL) == is_anonymous(x), KDC_ERR_PREAUTH_FAILED,
           m->signer ? "an anonymous request is signed" : "the request is not signed");
    if (m->signer)
        TRY(pkinit_check_signer(x, m));
    TRY(check_pack(x, &pack));
    if (m->signer)
        x->indicators = x->kdc->pkinit->indicators;
    else
        x->client_name = principal_anonymous(); // RFC 8062 4.1.1
    return pkinit_answer(x, &pack);
}

// RFC 8636 3: the client is told which digests will do.
static void tell_digests(struct exchange *x) {
    struct algorithm_identifier_list list = pki_digests();
    struct padata *typed = arena_zalloc(x->arena, 1, sizeof *typed);
    if (!typed || der_encode(&TYPE_ALGORITHM_IDENTIFIERS, &list, x->arena, &typed->padata_value,
                             NULL) != OBOL_OK)
        return;
    typed->padata_type = TD_CMS_DIGEST_ALGORITHMS;
    x->typed = (struct padata_list){typed, 1};
}

static enum obol_code verify(struct exchange *x, struct slice value) {
    struct pa_pk_as_req req;
    struct pki_message m = {0};
    if (der_decode(&TYPE_PA_PK_AS_REQ, value, x->arena, &req, &x->err) != OBOL_OK)
        return malformed(x, "PA-PK-AS-REQ");
    enum obol_code code = (x->kdc->pkinit->allow_sha1 ? pki_message_open_old : pki_message_open)(
        &m, req.signed_auth_pack, PKINIT_AUTH_DATA, x->arena, &x->err);
    if (code == OBOL_KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED)
        tell_digests(x);
    if (code == OBOL_OK)
        code = take(x, &m);
    pki_message_clear(&m);
    return code;
}

const struct preauth PREAUTH_PKINIT = {
    .type = PA_PK_AS_REQ,
    .name = "PKINIT",
    .setting = "pkinit",
    .where = PREAUTH_ANYWHERE,
    .keyless = true,
    .offer = offer,
    .verify = verify,
};
