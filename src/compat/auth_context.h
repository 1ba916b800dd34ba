// auth_context.h: what both ends of an AP exchange remember (krb5_auth_context).
#ifndef OBOL_COMPAT_AUTH_CONTEXT_H
#define OBOL_COMPAT_AUTH_CONTEXT_H

#include "compat/context.h"
#include "compat/convert.h"
#include "krb/ap.h"

// A replay cache as programs hold one.
struct krb5_rc_st {
    const struct ap_replay *replay; // NULL: none is wanted (KRB5RCACHENAME=none:)
};

struct _krb5_auth_context {
    krb5_magic magic; // KV5M_AUTH_CONTEXT
    krb5_int32 flags; // KRB5_AUTH_CONTEXT_...
    bool initiator;
    krb5_address *local_addr, *remote_addr, *local_port, *remote_port;
    krb5_keyblock *key; // of the ticket; for user-to-user, what the program set
    krb5_keyblock *send_subkey, *recv_subkey;
    krb5_ui_4 local_seq, remote_seq;
    krb5_authenticator *authenticator; // sent or received
    struct ap_req_sent sent;           // to check the AP-REP with
    krb5_cksumtype req_cksumtype, safe_cksumtype;
    krb5_mk_req_checksum_func checksum_func;
    void *checksum_data;
    krb5_rcache rcache; // taken over from the program; NULL: the default one
};

static inline bool ac_is(krb5_auth_context ac) {
    return ac && ac->magic == KV5M_AUTH_CONTEXT;
}
// ac_send_key, ac_recv_key: the key that protects what is sent or received: the own subkey, else
// the other end's, else the ticket's session key; NULL if there is none yet.
const krb5_keyblock *ac_send_key(krb5_auth_context ac);
const krb5_keyblock *ac_recv_key(krb5_auth_context ac);
// ac_set_key replaces a key by a copy; NULL clears it. False without memory.
MUST_USE bool ac_set_key(krb5_keyblock **place, int32_t enctype, struct slice bytes);
// ac_random_seq draws a sequence number that even those can read who take it for signed.
krb5_ui_4 ac_random_seq(void);

#endif
