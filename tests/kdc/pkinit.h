// pkinit.h: a realm whose KDC takes certificates, and a client's half of PKINIT made by hand, each
// part of which a test may get wrong. It knows nothing of cmocka: the fuzz target stands on it too.
#ifndef OBOL_TESTS_KDC_PKINIT_H
#define OBOL_TESTS_KDC_PKINIT_H

#include "../krb/certificates.h"
#include "crypto/primitive.h"
#include "krb/pkinit.h"
#include "proto/cms.h"
#include "realm.h"

struct pkinit_realm {
    struct realm r;
    struct arena arena; // of certificates
    struct certificate ca, kdc, alice;
    struct pki_trust *trust;
    struct kdc_pkinit settings;
};

UNUSED_OK static void pkinit_open(struct pkinit_realm *p) {
    *p = (struct pkinit_realm){0};
    if (!arena_init(&p->arena, 1 << 18, 1 << 22))
        abort();
    realm_open(&p->r);
    int64_t now = realm_time(&p->r);
    p->ca = certificate_ca("CA", now, NULL, &p->arena);
    p->kdc = certificate_for("krbtgt/EXAMPLE.COM", PKI_PURPOSE_KDC, now, &p->ca, &p->arena);
    p->alice = certificate_for("alice", PKI_PURPOSE_CLIENT, now, &p->ca, &p->arena);
    p->trust = certificate_trust(&p->ca);
    p->settings =
        (struct kdc_pkinit){.identity = p->kdc.identity, .trust = p->trust, .dh_min_bits = 2048};
    p->r.pkinit = &p->settings;
    static const int32_t none[] = {0};
    struct record anonymous = realm_record(&p->r, "WELLKNOWN/ANONYMOUS@EXAMPLE.COM",
                                           RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER, 1, none);
    struct record keyless = realm_record(&p->r, "keyless@EXAMPLE.COM",
                                         RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER, 1, none);
    realm_put(&p->r, &anonymous);
    realm_put(&p->r, &keyless);
    realm_start_kdc(&p->r);
}
UNUSED_OK static void pkinit_close(struct pkinit_realm *p) {
    realm_close(&p->r);
    pki_identity_free(p->ca.identity);
    pki_identity_free(p->kdc.identity);
    pki_identity_free(p->alice.identity);
    pki_trust_free(p->trust);
    arena_clear(&p->arena);
}

// What a request is made of; the defaults are those of an honest client.
struct pkinit_request {
    struct kdc_req req;
    struct auth_pack pack;
    struct pkinit_dh dh; // the caller clears
    struct slice bytes;  // of the request, as sent
};
UNUSED_OK static void pkinit_sum(struct pkinit_realm *p, struct pkinit_request *q) {
    uint8_t *sum = arena_alloc(&p->r.arena, HASH_MAX);
    q->req.req_body.raw = (struct slice){0};
    struct slice body = realm_body(&p->r, &q->req);
    hash_compute(HASH_SHA1, &body, 1, sum);
    q->pack.pk_authenticator.present |= PK_AUTHENTICATOR_PA_CHECKSUM;
    q->pack.pk_authenticator.pa_checksum = slice_of(sum, 20);
}
UNUSED_OK static void pkinit_begin(struct pkinit_realm *p, const char *client, const char *group,
                                   struct pkinit_request *q) {
    static struct kdf_algorithm_id kdfs[1];
    struct realm *r = &p->r;
    *q = (struct pkinit_request){.req = realm_as_req(r, client, "krbtgt/EXAMPLE.COM")};
    if (principal_name_is_anonymous(&q->req.req_body.cname))
        q->req.req_body.kdc_options |= (uint32_t)KDC_OPT_REQUEST_ANONYMOUS;
    kdfs[0].kdf_id = pkinit_kdf_oid(pkinit_kdf_at(0));
    q->pack = (struct auth_pack){
        .present = AUTH_PACK_CLIENT_PUBLIC_VALUE | AUTH_PACK_SUPPORTED_KDFS,
        .pk_authenticator = {.ctime = realm_time(r), .nonce = q->req.req_body.nonce},
        .supported_kdfs = {kdfs, 1},
    };
    must(pkinit_dh_start(&q->dh, pkinit_group_find(slice_str(group)), err));
    must(pkinit_dh_spki(&q->dh, &r->arena, &q->pack.client_public_value, err));
    pkinit_sum(p, q);
}
// pkinit_encode signs (who NULL: not) and makes the request.
UNUSED_OK static struct slice pkinit_encode(struct pkinit_realm *p, const struct certificate *who,
                                            struct pkinit_request *q) {
    struct pa_pk_as_req pa = {0};
    struct slice pack, value;
    must(der_encode(&TYPE_AUTH_PACK, &q->pack, &p->r.arena, &pack, err));
    must(pki_message_sign(who ? who->identity : NULL, pack, PKINIT_AUTH_DATA, &p->r.arena,
                          &pa.signed_auth_pack, err));
    must(der_encode(&TYPE_PA_PK_AS_REQ, &pa, &p->r.arena, &value, err));
    realm_add_padata(&p->r, &q->req, PA_PK_AS_REQ, value);
    q->bytes = realm_encode(&p->r, &q->req);
    return q->bytes;
}
UNUSED_OK static int pkinit_send(struct pkinit_realm *p, const struct certificate *who,
                                 struct pkinit_request *q) {
    return realm_send(&p->r, pkinit_encode(p, who, q));
}

// pkinit_send_sha1 is alice's request, signed as by an old client.
UNUSED_OK static int pkinit_send_sha1(struct pkinit_realm *p) {
    struct pkinit_request q;
    struct pa_pk_as_req pa = {0};
    struct slice pack, value;
    pkinit_begin(p, "alice", "P-256", &q);
    must(der_encode(&TYPE_AUTH_PACK, &q.pack, &p->r.arena, &pack, err));
    pa.signed_auth_pack = certificate_sign_sha1(&p->alice, pack, "1.3.6.1.5.2.3.1", &p->r.arena);
    must(der_encode(&TYPE_PA_PK_AS_REQ, &pa, &p->r.arena, &value, err));
    realm_add_padata(&p->r, &q.req, PA_PK_AS_REQ, value);
    int code = realm_send(&p->r, realm_encode(&p->r, &q.req));
    pkinit_dh_clear(&q.dh);
    return code;
}

static const struct padata *pkinit_find(const struct padata_list *list, int32_t type) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].padata_type == type)
            return &list->items[i];
    return NULL;
}

// pkinit_take finishes the agreement and opens the reply. The session key must be the mixed one.
UNUSED_OK static void pkinit_take(struct pkinit_realm *p, const struct pkinit_request *q,
                                  struct principal client, struct session *s) {
    struct realm *r = &p->r;
    struct kdc_rep rep;
    struct pa_pk_as_rep pa;
    struct pki_message m;
    struct kdc_dh_key_info info;
    struct slice reply;
    struct crypto_key *key, *contribution, *session;
    struct encrypted_data sealed;
    struct encryption_key drawn;
    if (!arena_copy(&r->arena, r->result.reply, &reply))
        abort();
    must(der_decode(&TYPE_AS_REP, reply, &r->arena, &rep, err));
    const struct padata *answer = pkinit_find(&rep.padata, PA_PK_AS_REP);
    const struct padata *mixed = pkinit_find(&rep.padata, PA_PKINIT_KX);
    if (!answer || !mixed)
        abort();
    must(der_decode(&TYPE_PA_PK_AS_REP, answer->padata_value, &r->arena, &pa, err));
    must(pki_message_open(&m, pa.dh_info.dh_signed_data, PKINIT_DH_KEY_DATA, &r->arena, err));
    must(pki_trust_check(p->trust, &m, realm_time(r), false, err));
    must(der_decode(&TYPE_KDC_DH_KEY_INFO, m.content, &r->arena, &info, err));
    pki_message_clear(&m);
    if (info.nonce != q->pack.pk_authenticator.nonce)
        abort();
    struct pkinit_reply_key in = {
        .kdf = pa.dh_info.present & DH_REP_INFO_KDF ? pkinit_kdf_find(pa.dh_info.kdf.kdf_id) : NULL,
        .etype = rep.enc_part.etype,
        .client = client,
        .server = {SLICE_LITERAL(REALM_NAME), q->req.req_body.sname},
        .as_req = q->bytes,
        .pk_as_rep = answer->padata_value,
    };
    must(pkinit_dh_finish(&q->dh, info.subject_public_key, &r->arena, &in.secret, err));
    must(pkinit_derive(&in, &r->arena, &key, err));
    realm_take_reply(r, key, KU_AS_REP, s);
    must(der_decode(&TYPE_ENCRYPTED_DATA, mixed->padata_value, &r->arena, &sealed, err));
    must(krb_open(&TYPE_ENCRYPTION_KEY, &sealed, key, KU_PA_PKINIT_KX, &r->arena, &drawn, err));
    must(crypto_key_in_arena(&contribution, &r->arena, drawn.keytype, drawn.keyvalue, err));
    must(pkinit_session_key(contribution, key, &r->arena, &session, err));
    if (!slice_eq(crypto_key_bytes(session), s->part.key.keyvalue))
        abort();
}

#endif
