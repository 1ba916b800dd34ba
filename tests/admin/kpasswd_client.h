// kpasswd_client.h: the client's end of the kpasswd protocol, for the tests and the fuzz target of
// its service: a ticket as the KDC would issue it, a request, and its reply taken apart.
#ifndef OBOL_TESTS_ADMIN_KPASSWD_CLIENT_H
#define OBOL_TESTS_ADMIN_KPASSWD_CLIENT_H

#include "admin/kpasswd.h"
#include "base/reader.h"
#include "krb/priv.h"
#include "krb/seal.h"
#include "proto/codes.h"
#include "proto/envelope.h"

struct kpasswd_wish {
    const char *client;      // "alice"
    const char *service;     // "kadmin/changepw"
    const char *sealed_with; // whose key opens the ticket; NULL: the service's
    uint32_t ticket_flags;
    uint16_t version;
    struct slice data;   // of the KRB-PRIV
    uint32_t seq_offset; // added to the number in the KRB-PRIV
    bool from_acceptor;  // as if the server had sent it
};

static const uint8_t KPASSWD_SESSION[32] = "the session key of the ticket..";
static const uint8_t KPASSWD_SUBKEY[32] = "the subkey of the authenticator";
enum { KPASSWD_SEQ = 77 };

static inline struct crypto_key *kpasswd_key(const uint8_t *bytes, struct arena *a) {
    struct crypto_key *key = NULL;
    if (crypto_key_in_arena(&key, a, ENCTYPE_AES256_SHA1, slice_of(bytes, 32), NULL) != OBOL_OK)
        abort();
    return key;
}

static inline void kpasswd_must(enum obol_code code) {
    if (code != OBOL_OK)
        abort();
}

static inline struct principal kpasswd_name(struct admin *admin, const char *name,
                                            struct arena *a) {
    struct principal p;
    kpasswd_must(principal_parse(slice_str(name), admin->realm, NT_UNKNOWN, a, &p, NULL));
    return p;
}

static inline struct slice kpasswd_ticket(struct admin *admin, const struct kpasswd_wish *w,
                                          struct arena *a) {
    struct principal client = kpasswd_name(admin, w->client, a),
                     service = kpasswd_name(admin, w->service, a);
    struct admin_keytab keys;
    struct slice from = slice_str(w->sealed_with ? w->sealed_with : w->service), out;
    struct crypto_key *key;
    kpasswd_must(admin_keytab_keys(admin, from, NULL, a, &keys, NULL));
    kpasswd_must(crypto_key_in_arena(&key, a, keys.items[0].enctype, keys.items[0].bytes, NULL));
    int64_t now = env_now(admin->env);
    const struct enc_ticket_part part = {
        .flags = w->ticket_flags,
        .key = {ENCTYPE_AES256_SHA1, slice_of(KPASSWD_SESSION, 32)},
        .crealm = client.realm,
        .cname = client.name,
        .authtime = now,
        .endtime = now + 300,
    };
    struct ticket t = {.tkt_vno = KRB_PVNO, .realm = service.realm, .sname = service.name};
    kpasswd_must(krb_seal(&TYPE_ENC_TICKET_PART, &part, key, KU_TICKET, keys.items[0].kvno,
                          admin->env, a, &t.enc_part, NULL));
    kpasswd_must(der_encode(&TYPE_TICKET, &t, a, &out, NULL));
    return out;
}

// kpasswd_request makes the whole request.
static inline struct slice kpasswd_request(struct admin *admin, const struct kpasswd_wish *w,
                                           struct arena *a, struct ap_req_sent *sent) {
    const struct encryption_key subkey = {ENCTYPE_AES256_SHA1, slice_of(KPASSWD_SUBKEY, 32)};
    const struct ap_req_params params = {
        .ticket = {.raw = kpasswd_ticket(admin, w, a)},
        .client = kpasswd_name(admin, w->client, a),
        .session = kpasswd_key(KPASSWD_SESSION, a),
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .subkey = &subkey,
        .with_seq_number = true,
        .seq_number = KPASSWD_SEQ,
    };
    const struct priv_params priv = {.key = kpasswd_key(KPASSWD_SUBKEY, a),
                                     .from_acceptor = w->from_acceptor,
                                     .seq_number = KPASSWD_SEQ + w->seq_offset};
    struct kpasswd_frame frame = {.version = w->version};
    struct slice out;
    kpasswd_must(ap_req_build(&params, admin->env, a, &frame.ap, sent, NULL));
    kpasswd_must(priv_make(w->data, &priv, admin->env, a, &frame.rest, NULL));
    kpasswd_must(kpasswd_frame_write(&frame, a, &out, NULL));
    return out;
}

#endif
