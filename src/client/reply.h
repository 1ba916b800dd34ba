// reply.h: what the AS and TGS clients do alike with a KDC's answer (RFC 4120 3.1.5, 3.1.6, 3.3.4);
// for the files of this folder only.
#ifndef OBOL_CLIENT_REPLY_H
#define OBOL_CLIENT_REPLY_H

#include "client/client.h"
#include "client/clock.h"

enum client_reply_kind { CLIENT_REPLY_REP, CLIENT_REPLY_ERROR };

// client_etypes_set keeps what is implemented and allowed of `wanted`, without repetitions; all
// strong enctypes if it is empty. ENCTYPE_UNSUPPORTED if nothing is left.
MUST_USE enum obol_code client_etypes_set(struct int32_list wanted, bool allow_weak,
                                          int32_t out[CLIENT_ETYPES_MAX], size_t *count,
                                          struct error *err);
static inline bool client_etype_in(const int32_t *etypes, size_t count, int32_t etype) {
    for (size_t i = 0; i < count; i++)
        if (etypes[i] == etype)
            return true;
    return false;
}
// client_nonce draws 31 bits: some KDCs read a nonce as a signed number.
uint32_t client_nonce(const struct env *env);

// client_reply_decode tells a reply from an error by its first octet and decodes it; `type` and
// `msg_type` are those of the reply expected. DER_UNEXPECTED for anything else.
MUST_USE enum obol_code client_reply_decode(struct slice bytes, const struct der_type *type,
                                            int32_t msg_type, struct arena *a,
                                            enum client_reply_kind *kind, struct kdc_rep *rep,
                                            struct krb_error *error, struct error *err);
// client_reply_open opens the sealed part. Deployed KDCs tag it as of either exchange (RFC 4120
// 5.4.2), so both are read.
MUST_USE enum obol_code client_reply_open(const struct encrypted_data *in, struct crypto_key *key,
                                          uint32_t usage, struct arena *a,
                                          struct enc_kdc_rep_part *enc, struct error *err);
// client_reply_check does what is common to both exchanges: nonce, the ticket's plaintext names
// against the sealed ones, the session key's enctype and length, the order of the times, anonymity.
// `till` and `rtime` are what was asked, 0 for no limit.
struct client_reply_facts {
    uint32_t nonce;
    const int32_t *etypes;
    size_t etype_count;
    int64_t till, rtime;
    bool renewable_ok; // then the KDC may have made it renewable instead, up to `till`
    bool anonymous;    // it must not name its client
};
MUST_USE enum obol_code client_reply_check(const struct kdc_rep *rep,
                                           const struct enc_kdc_rep_part *enc,
                                           const struct client_reply_facts *asked, struct arena *a,
                                           struct error *err);
// client_reply_cred makes the cache entry of a checked reply. The service's name comes from the
// sealed part (Orpheus' Lyre, CVE-2017-11103).
MUST_USE enum obol_code client_reply_cred(const struct kdc_rep *rep,
                                          const struct enc_kdc_rep_part *enc,
                                          const struct principal *client, struct arena *a,
                                          struct cred *out, struct error *err);
// client_error_set turns a KRB-ERROR into ours: its code, a sentence, and as facts who was asked
// for what, the KDC's text and its clock.
struct client_error_facts {
    const struct principal *client, *service;
    struct slice realm;
    int64_t now; // our clock, corrected
    const int32_t *etypes;
    size_t etype_count;
    bool anonymous; // such a ticket was asked for
};
enum obol_code client_error_set(const struct krb_error *error,
                                const struct client_error_facts *facts, struct arena *a,
                                struct error *err);
// client_skew_set is KRB_AP_ERR_SKEW: our clock and the KDC's differ.
enum obol_code client_skew_set(int64_t ours, int64_t kdc, struct error *err);
// client_etypes_text lists enctypes by name, for facts.
struct slice client_etypes_text(const int32_t *etypes, size_t count, struct arena *a);

#endif
