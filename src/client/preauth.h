// preauth.h: a preauthentication mechanism of the client (RFC 4120 5.2.7, RFC 6113 2): a const
// descriptor in a file of its own, and a row in the ordered list in preauth.c. For the files of
// this folder only.
#ifndef OBOL_CLIENT_PREAUTH_H
#define OBOL_CLIENT_PREAUTH_H

#include "client/as.h"

enum client_preauth_where {
    CLIENT_PREAUTH_ANYWHERE,
    CLIENT_PREAUTH_IN_ARMOR, // of FAST
    CLIENT_PREAUTH_BARE,
};

struct client_preauth {
    const char *name;
    const char *section;
    int32_t type;       // of its PA-DATA in the request
    int32_t offered_as; // and in METHOD-DATA; 0: the same
    enum client_preauth_where where;
    bool keyless; // the reply is sealed with a key that `check` sets c->reply_key to
    // can is whether the caller gave what it takes; NULL: a password or key, which all can have.
    bool (*can)(const struct as_client *c);
    bool unasked; // it can be begun before the KDC has offered it
    // prepare sees to what `make` will need, in place of needs_key: it may leave the machine in
    // AS_KEY_WANTED or AS_CODE_WANTED. NULL: needs_key says it all.
    enum obol_code (*prepare)(struct as_client *c, struct slice challenge, struct error *err);
    // needs_key is whether `make` wants the client's long-term key for this challenge: then the
    // machine sees to it first.
    bool (*needs_key)(struct as_client *c, struct slice challenge);
    // A proof that the KDC did not take is the last: another mechanism could only lay the password
    // open, and whoever forged the refusal wants just that.
    bool conclusive;
    // Makes the value of the PA-DATA. `challenge` is the value that the KDC sent along with the
    // type; empty when nothing was asked yet. c->body is the encoded body of the request. It may
    // set c->reply_key, and says by c->proof_sent that the KDC's answer will be about the key.
    enum obol_code (*make)(struct as_client *c, struct slice challenge, struct slice *value,
                           struct error *err);
    // check looks at what the KDC put into its reply; NULL: nothing is expected there.
    enum obol_code (*check)(struct as_client *c, const struct padata_list *padata,
                            struct error *err);
};

// The mechanisms, best first; NULL at the end.
extern const struct client_preauth *const CLIENT_PREAUTHS[];

// client_preauth_choose picks the best mechanism that the KDC offers in METHOD-DATA, that the
// caller allows and that was not tried; NULL if there is none.
const struct client_preauth *client_preauth_choose(const struct as_client *c);
// client_preauth_unasked is the mechanism to begin with before the KDC has said anything; NULL:
// none of those that the caller named can be used so.
const struct client_preauth *client_preauth_unasked(const struct as_client *c);
// client_preauth_challenge is the value that the KDC sent for a mechanism; or empty.
struct slice client_preauth_challenge(const struct as_client *c, const struct client_preauth *m);
bool client_preauth_always_needs_key(struct as_client *c, struct slice challenge);
// client_preauth_find_padata is the first PA-DATA of a type; NULL if there is none.
const struct padata *client_preauth_find_padata(const struct padata_list *list, int32_t type);

// client_hints_set lists how the client's key may be derived, from the ETYPE-INFO2, ETYPE-INFO or
// PW-SALT among `padata` (RFC 4120 5.2.7.3 to 5.2.7.5), else with the default salt. Only enctypes
// that were offered are kept: ENCTYPE_UNSUPPORTED if none is left.
MUST_USE enum obol_code client_hints_set(struct as_client *c, const struct padata_list *padata,
                                         struct error *err);

// preauth_enc_timestamp.c, preauth_enc_challenge.c, preauth_spake.c, preauth_pkinit.c,
// preauth_otp.c
extern const struct client_preauth CLIENT_PREAUTH_ENC_TIMESTAMP, CLIENT_PREAUTH_ENC_CHALLENGE,
    CLIENT_PREAUTH_SPAKE, CLIENT_PREAUTH_PKINIT, CLIENT_PREAUTH_OTP;

// client_pkinit_check_session: the session key of an opened reply is mixed of what both ends gave
// (RFC 8062 7); other mechanisms pass.
MUST_USE enum obol_code client_pkinit_check_session(struct as_client *c, struct error *err);
// client_pkinit_other_group takes a group that the KDC names in TYPED-DATA; false: none will do.
bool client_pkinit_other_group(struct as_client *c, const struct padata_list *typed);
// client_pkinit_add_told adds to a refusal what the KDC says of certificates, and ours.
void client_pkinit_add_told(struct as_client *c, const struct padata_list *typed,
                            struct error *err);

#endif
