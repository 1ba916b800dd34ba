// iakerb.h: IAKERB (draft-ietf-kitten-iakerb): a client that can reach no KDC sends its requests to
// the service, which carries them there and back; then krb5 goes on as usual. What was said before
// is authenticated at the end, by a checksum over the whole conversation.
#ifndef OBOL_GSS_IAKERB_H
#define OBOL_GSS_IAKERB_H

#include "client/as.h"
#include "client/tgs.h"
#include "cred/keytab.h"

#define IAKERB_TOKENS_MAX 64u // in both directions together

// What a client logs in with. All borrows and outlives the exchange.
struct iakerb_login {
    struct as_params as; // an empty realm: the service is asked for its own
    const struct secret *password;
    const struct keytab_content *keytab; // where there is no password
    const char *keytab_path;             // for errors
    const struct cred *tgt;              // that is there already; NULL: log in first
    struct principal service;            // an empty realm: the KDC is to find it
    struct int32_list tgs_etypes;
    uint32_t tgs_options;
    enum {
        IAKERB_DELEGATE_NEVER,
        IAKERB_DELEGATE_TRUSTED, // if the KDC trusts the service with it (OK-AS-DELEGATE)
        IAKERB_DELEGATE_ALWAYS,
    } delegate; // a forwarded TGT, fetched through the service as well
    bool old;   // begin in the tokens of MIT krb5 before 1.22; later ones follow the service
};

// IAKERB-HEADER and the message behind it.
struct iakerb_token {
    struct slice realm;   // whose KDC; empty: which realm is it?
    struct slice cookie;  // to be given back; ptr NULL: none
    struct slice message; // of Kerberos
    bool old;             // the realm is an OCTET STRING: MIT krb5 before 1.22
};
MUST_USE enum obol_code iakerb_token_read(struct slice token, struct arena *a,
                                          struct iakerb_token *out, struct error *err);
MUST_USE enum obol_code iakerb_token_write(const struct iakerb_token *token, struct arena *a,
                                           struct slice *out, struct error *err);
// iakerb_is_token: it is framed as one.
bool iakerb_is_token(struct slice token);

// The conversation: every token as it went over the wire, in order.
struct iakerb_talk {
    struct slice tokens[IAKERB_TOKENS_MAX];
    size_t count, bytes;
};
// iakerb_talk_add remembers a token, whose bytes are copied into the arena. TOKEN_MALFORMED when
// there were too many.
MUST_USE enum obol_code iakerb_talk_add(struct iakerb_talk *talk, struct slice token,
                                        struct arena *a, struct error *err);
// iakerb_talk_join is the conversation in one piece; empty if there was none.
MUST_USE enum obol_code iakerb_talk_join(const struct iakerb_talk *talk, struct arena *a,
                                         struct slice *out, struct error *err);

// iakerb_finished_make is the KRB-FINISHED over a conversation, with the initiator's subkey; `old`
// is that of MIT krb5 before 1.22. iakerb_finished_verify checks one: KRB_AP_ERR_MODIFIED unless
// it holds.
MUST_USE enum obol_code iakerb_finished_make(struct crypto_key *key, bool old,
                                             struct slice conversation, struct arena *a,
                                             struct slice *out, struct error *err);
MUST_USE enum obol_code iakerb_finished_verify(struct crypto_key *key, bool old,
                                               struct slice conversation, struct slice finished,
                                               struct arena *a, struct error *err);

// The client's machine, in the arena of its exchange.
struct iakerb_client {
    enum { IAKERB_REALM, IAKERB_AS, IAKERB_TGS, IAKERB_FORWARD, IAKERB_AP } phase;
    struct as_params as_params;
    struct slice cookie;
    bool old; // speak as MIT krb5 before 1.22: it is what the service understands
    struct as_client as;
    struct tgs_client tgs;
    struct cred tgt, forwarded;
    bool logged_in; // `as` has brought tgt
    struct iakerb_talk talk;
};

#endif
