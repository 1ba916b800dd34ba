// preauth.h: preauthentication mechanisms (RFC 4120 5.2.7, RFC 6113) as const descriptors, one file
// each, and the one list of them.
#ifndef OBOL_KDC_PREAUTH_PREAUTH_H
#define OBOL_KDC_PREAUTH_PREAUTH_H

#include "kdc/exchange.h"

// Where a mechanism is offered and looked at.
enum preauth_where { PREAUTH_ANYWHERE, PREAUTH_IN_ARMOR };

struct preauth {
    int32_t type;        // PA-DATA that carries the client's proof
    int32_t offered_as;  // PA-DATA that offers it; 0: the same
    const char *name;    // as logs show it
    const char *setting; // as kdc.conf names it
    enum preauth_where where;
    bool hardware; // it shows that the client has a device: accounts with hw-auth take no other
    bool keyless;  // it does without a key of the client's
    bool password; // proves the password and nothing else
    // offer is whether the client's account could use it.
    bool (*offer)(const struct exchange *x);
    // advertise makes the value that stands in METHOD-DATA; NULL: it is empty.
    enum obol_code (*advertise)(struct exchange *x, struct slice *value);
    // verify checks the proof. Nothing but its OBOL_OK makes a client preauthenticated: it may set
    // x->reply_key, and x->preauth_data for the reply. KDC_ERR_MORE_PREAUTH_DATA_REQUIRED asks the
    // client to go on, with x->preauth_data and the cookie in x->cookie.
    enum obol_code (*verify)(struct exchange *x, struct slice value);
};
extern const struct preauth PREAUTH_ENC_TIMESTAMP, PREAUTH_ENC_CHALLENGE, PREAUTH_OTP,
    PREAUTH_SPAKE, PREAUTH_PKINIT;

// etype_info.c: METHOD-DATA of an error that asks for preauthentication, into x->methods; and the
// hint of an AS-REP about the key of its sealed part.
MUST_USE enum obol_code method_data(struct exchange *x);
MUST_USE enum obol_code etype_info_of_reply(struct exchange *x, struct padata *out);
// method_data_more is that of an error that asks the client to go on.
MUST_USE enum obol_code method_data_more(struct exchange *x);
// preauth_offered walks the mechanisms that the account could use: NULL past the end.
const struct preauth *preauth_offered(const struct exchange *x, size_t *at);

// preauth_keyless is whether the client showed who it is without a key of its own.
bool preauth_keyless(const struct exchange *x);

// pkinit_reply.c: the session key of a new ticket, drawn already, is mixed with x->mixed_key; and
// what METHOD-DATA says besides that there is PKINIT: that anonymous clients may come (RFC 8062
// 4.1.1), and a token of freshness for whoever asks (RFC 8070 2).
MUST_USE enum obol_code pkinit_mix_session(struct exchange *x);
MUST_USE enum obol_code pkinit_method_data(struct exchange *x, struct padata_list *list);

// enc_timestamp.c, for both mechanisms that seal the time: timestamp_check holds the client's clock
// against ours, preauth_wrong_key is the failure of a proof that no key opens.
MUST_USE enum obol_code timestamp_check(struct exchange *x, const struct pa_enc_ts_enc *ts);
enum obol_code preauth_wrong_key(struct exchange *x, const char *what);
// preauth_timestamp_bare is whether realm and account take an encrypted timestamp without armor.
bool preauth_timestamp_bare(const struct exchange *x);

#endif
