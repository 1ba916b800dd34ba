// cred.h: credentials: who we are when we begin a context, and which keys we accept with. What the
// calls on contexts need of them.
#ifndef OBOL_GSSAPI_CRED_H
#define OBOL_GSSAPI_CRED_H

#include "cred/ccache.h"
#include "cred/keytab.h"
#include "gssapi/handles.h"
#include "krb/ap.h"

struct gssapi_conf;
struct gssapi_keytab; // part.h: a keytab with its keys prepared
struct gssapi_part;   // part.h

// Whom a context is begun with: a name of any type (the realm and the host's name are made out as
// krb5.conf asks), or a principal.
struct gssapi_target {
    const struct gss_name_struct *name; // NULL: principal
    struct principal principal;
    bool anonymous;   // GSS_C_ANON_FLAG: anonymous tickets rather than others, where there are any
    int64_t lifetime; // seconds that a ticket of the KDC's is asked for; 0: as long as there is
};

// What gssapi_cred_ticket gives.
struct gssapi_ticket {
    struct cred cred;       // the ticket; borrows from the arena
    struct principal asked; // the target as it was asked for: the realm is empty if none was known
    int64_t clock_offset;   // seconds that the KDC's clock is ahead of ours
    bool ok_as_delegate;    // the KDC says that the service may be trusted with a TGT
};
// gssapi_cred_ticket gets a ticket for a service, from the credential's cache or the KDC; the
// credential is refreshed before (from its keytab or password) when it has run out. `cred` NULL:
// the default credential of this moment. `options`: KDC_OPT_... beyond the usual. CRED_EXPIRED,
// CRED_NOT_FOUND, CCACHE_NOT_FOUND, and what net_ticket says.
MUST_USE enum obol_code gssapi_cred_ticket(struct gss_cred_id_struct *cred,
                                           const struct gssapi_target *target, uint32_t options,
                                           struct arena *a, struct gssapi_ticket *out,
                                           struct error *err);
// gssapi_cred_forwarded gets a forwarded TGT for delegation: a fresh ticket that is the client's
// everywhere. The KRB-CRED around it is the caller's to make.
MUST_USE enum obol_code gssapi_cred_forwarded(struct gss_cred_id_struct *cred, struct arena *a,
                                              struct gssapi_ticket *out, struct error *err);
// gssapi_cred_initiator says who the initiator is: the principal, in the arena.
MUST_USE enum obol_code gssapi_cred_initiator(struct gss_cred_id_struct *cred, struct arena *a,
                                              struct principal *out, struct error *err);

// What an acceptor needs for one step of its exchange. The keys are this step's alone until
// gssapi_accept_done: prepared keys are not shared by threads.
struct gssapi_accept {
    struct ap_key_source keys; // knows which names may be accepted, too
    const struct ap_replay *replay;
    int64_t clockskew; // seconds
    // The rest is accept_keys.c's.
    struct principal service; // the name accepted for, if there is one
    struct keytab_keys chosen;
    struct gssapi_part *part, *held;
    struct gssapi_keytab *keytab;
    struct gssapi_conf *conf;
    struct arena *arena;
};
// gssapi_cred_accept begins it. `cred` NULL: the default keytab, any name in it. *out does not move
// until gssapi_accept_done. KEYTAB_NOT_FOUND and such; PERMISSION if the credential is for
// beginning contexts only.
MUST_USE enum obol_code gssapi_cred_accept(struct gss_cred_id_struct *cred,
                                           struct gssapi_accept *out, struct error *err);
void gssapi_accept_done(struct gssapi_accept *accept);

// gssapi_cred_of_tickets makes a credential of tickets that came to us (delegation): they stand in
// a memory cache of the client's that goes with the credential.
MUST_USE enum obol_code gssapi_cred_of_tickets(const struct principal *client,
                                               const struct cred *tickets, size_t count,
                                               struct gss_cred_id_struct **out, struct error *err);
// gssapi_cred_of_evidence makes a credential that acts for a client by constrained delegation
// (S4U2Proxy): `ticket` is that with which the client came to us, `cred` the one that accepted it,
// which must also be for beginning contexts.
MUST_USE enum obol_code gssapi_cred_of_evidence(struct gss_cred_id_struct *cred,
                                                const struct principal *client,
                                                const struct cred *ticket,
                                                struct gss_cred_id_struct **out, struct error *err);
// gssapi_cred_of_parts makes a credential of an open cache and a keytab, either of which may be
// missing (the libkrb5 face; it takes the cache over). `accept_as` NULL: any name of the keytab.
MUST_USE enum obol_code gssapi_cred_of_parts(struct ccache *cache, const char *keytab,
                                             const struct principal *accept_as,
                                             struct gss_cred_id_struct **out, struct error *err);
void gssapi_cred_free(struct gss_cred_id_struct *cred); // NULL is fine

// gssapi_cred_cache is the cache of an initiator's credential; NULL if it has none yet. It borrows.
struct ccache *gssapi_cred_cache(struct gss_cred_id_struct *cred);
// gssapi_cred_etypes are those set by gss_krb5_set_allowable_enctypes, for GSS_C_INITIATE or
// GSS_C_ACCEPT; empty: all permitted ones.
struct int32_list gssapi_cred_etypes(const struct gss_cred_id_struct *cred, gss_cred_usage_t usage);
// gssapi_cred_mechs are the mechanisms of the credential, gssapi_cred_neg_mechs those that SPNEGO
// may choose, in that order (at most `max` of them in out). NULL: all.
unsigned gssapi_cred_mechs(const struct gss_cred_id_struct *cred);
size_t gssapi_cred_neg_mechs(const struct gss_cred_id_struct *cred, unsigned *out, size_t max);
// gssapi_cred_no_ci_flags: GSS_KRB5_CRED_NO_CI_FLAGS_X was set.
bool gssapi_cred_no_ci_flags(const struct gss_cred_id_struct *cred);
// gssapi_cred_password: IAKERB logs in by itself with it; NULL if there is none.
const struct secret *gssapi_cred_password(const struct gss_cred_id_struct *cred);

// gssapi_thread_ccache is the cache that gss_krb5_ccache_name set for this thread; NULL: none.
const char *gssapi_thread_ccache(void);

#endif
