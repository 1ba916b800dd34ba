// exchange.h: one request on its way through the stages, and what the files of this folder share.
//
// An exchange is an ordered table of stages in the RFC's order (as.c, tgs.c). A stage reads earlier
// fields of the exchange and fills its own; the driver knows which one failed.
#ifndef OBOL_KDC_EXCHANGE_H
#define OBOL_KDC_EXCHANGE_H

#include "kdc/cache.h"
#include "kdc/kdc.h"
#include "kdc/opened.h"
#include "kdc/replay.h"
#include "krb/ap.h"
#include "pac/pac.h"
#include "proto/codes.h"
#include "proto/s4u.h"

struct kdc {
    struct kdc_policy policy;
    const struct env *env;
    const struct kdc_pkinit *pkinit; // NULL: none
    struct slice realm;
    struct principal tgs; // krbtgt/REALM@REALM
    struct cache *cache;
    struct master *master;
    struct replay *replay; // NULL: none
    struct opened_table *opened;
    struct lockout *lockout;
    struct lockout *own_lockout;
    int32_t etypes[KDC_ENCTYPES_MAX]; // permitted, strongest first
    size_t etype_count;
    // For hide_unknown_users: of the enctypes that a new password gets.
    struct crypto_key *decoy_keys[KDC_ENCTYPES_MAX];
    int32_t decoy_etypes[KDC_ENCTYPES_MAX];
    size_t decoy_count;
    struct slice tgs_parts[2];
    uint8_t realm_bytes[1024];
    // Of the PAC (MS-PAC 2.5): count 0 in `domain`: the realm has no SID, and its PACs no logon
    // info.
    struct sid domain;
    struct slice tgs_text;              // of `tgs`, as the store knows it
    struct slice netbios, upper, lower; // the realm's name as Windows knows it; for DNS; in UPNs
    struct arena names;
    struct crypto_key *pac_key; // derived from krbtgt's key, which stood sealed as in pac_sealed
    uint8_t pac_sealed[RECORD_SEALED_MAX];
    size_t pac_sealed_len;
};

struct exchange;
// STAGE_UNHIDDEN, STAGE_HIDING: without hide_unknown_users only, and with it only.
enum stage_when { STAGE_ALWAYS, STAGE_UNHIDDEN, STAGE_HIDING };
struct stage {
    const char *name;
    const char *section; // of the RFC that asks for it
    enum obol_code (*run)(struct exchange *x);
    enum stage_when when;
};
extern const struct stage AS_STAGES[], TGS_STAGES[]; // they end in a row without run

enum { EXCHANGE_HELD_MAX = 12 };
struct exchange {
    struct kdc *kdc;
    const struct kdc_request *request;
    struct arena *arena;
    struct kdc_event *event;
    const struct stage *stages;
    size_t stage;         // where the driver is
    enum stage_when when; // what this realm runs beside STAGE_ALWAYS
    int64_t now_us, now;
    struct siphash_128 tag;

    // What was asked for.
    struct kdc_req req;
    struct principal client_name, server_name; // the ticket will carry them
    struct entry *client;                      // NULL: of another realm
    struct entry *server;
    struct slice referred; // the realm that knows the client, of KDC_ERR_WRONG_REALM; or empty

    // FAST (RFC 6113 5.4). With armor, x->req is what was inside it.
    struct crypto_key *armor; // NULL: the request came bare
    bool hide_names;          // in what of the answer is not sealed

    // AS
    struct principal_name sought;   // by which the client was looked up: cname, or a certificate's
    const struct preauth *preauth;  // that succeeded
    struct pa_enc_ts_enc timestamp; // that opened; patimestamp 0: none
    size_t reply_key_index;         // SIZE_MAX: the client has no key that it can use
    struct padata preauth_data;   // of the mechanism: in the error that asks for more, or the reply
    struct crypto_key *mixed_key; // goes into the session key (RFC 8062 7); NULL: none
    struct padata mixed_data;     // by which the client sees that it did; type 0: none
    struct padata_list typed;     // TYPED-DATA of the KRB-ERROR
    struct padata cookie;         // PA-FX-COOKIE of an error; type 0: one that holds nothing
    struct slice_list indicators; // that the ticket will carry (RFC 8129)
    struct padata_list methods;   // METHOD-DATA of the KRB-ERROR
    bool wrong_key;               // a proof did not open: a wrong password, to be counted
    struct kdc_question question; // that must be asked outside; number 0: none
    bool decoy;                   // the keys of x->client are made up: nothing opens with them
    bool absent;                  // so is x->client: nobody logs in as it, whatever he shows
    bool anonymize;               // the client is known here, and the ticket does not name it

    // Authorization data
    struct entry *tgs_entry;            // the realm's own krbtgt, once it was looked up
    const struct pac *held_pac;         // of the presented ticket, verified; NULL: none
    struct authdata_list held_authdata; // of the presented ticket, without its PAC
    uint32_t pac_attributes;            // PAC_WAS_...: what the client said of a PAC at its login
    const struct pac_buffer *pac_items; // of the new ticket; pac_count 0: it gets none
    size_t pac_count;

    // TGS
    struct ap_accepted header; // PA-TGS-REQ
    struct opened *opened;     // its ticket, if it was kept
    struct entry *header_server;
    bool header_is_tgt;
    struct enc_ticket_part second;     // what the additional ticket says
    struct crypto_key *second_session; // user-to-user
    // The ticket whose flags, times and path the new one takes over: the presented one, or what a
    // service shows of its user.
    const struct enc_ticket_part *basis;
    // MS-SFU: x->client is whom it acts for. _ABROAD: another realm has let the service act.
    enum { S4U_NONE, S4U_SELF, S4U_PROXY, S4U_PROXY_ABROAD } s4u;
    // Whom the PAC of the new ticket is of, where that is not the client that the ticket names: a
    // TGT on the way to the realm that a user or the service acted towards is of. Without a name:
    // nobody else.
    struct principal subject;
    struct entry *requester;                    // the service that does
    const struct pa_s4u_x509_user *s4u_request; // to be answered; NULL: none

    // The answer.
    struct crypto_key *reply_key, *ticket_key;     // a mechanism may have set reply_key
    uint32_t reply_usage, reply_kvno, ticket_kvno; // kvno 0: none on the wire
    int32_t session_etype;
    struct enc_ticket_part ticket;
    struct kdc_rep rep;
    struct enc_kdc_rep_part enc_part;
    struct slice reply;

    struct entry *held[EXCHANGE_HELD_MAX];
    size_t held_count;
    struct error err; // last: it is not zeroed with the rest
};

// exchange_run drives the stages from x->stage on; OBOL_NEED leaves it where it can go on.
enum obol_code exchange_run(struct exchange *x);
// exchange_find looks a principal up and holds its entry until the exchange ends; *text is its
// name. PRINCIPAL_NOT_FOUND leaves x->err without a failure, so that the caller can say what it
// means.
MUST_USE enum obol_code exchange_find(struct exchange *x, const struct principal *p,
                                      struct slice *text, struct entry **out);
// exchange_find_text is exchange_find by the name as text.
MUST_USE enum obol_code exchange_find_text(struct exchange *x, struct slice text,
                                           struct entry **out);
void exchange_end(struct exchange *x);
// exchange_find_client is exchange_find for a name that may be an enterprise name, user@suffix: an
// alias, or with the realm as its suffix (RFC 6806 5).
MUST_USE enum obol_code exchange_find_client(struct exchange *x, const struct principal *p,
                                             struct slice *text, struct entry **out);
// exchange_in_case is ASCII text in upper or lower case; empty without memory.
struct slice exchange_in_case(struct exchange *x, struct slice from, bool upper);
// exchange_padata is the first PA-DATA of a type in the request, NULL if there is none.
const struct padata *exchange_padata(const struct exchange *x, int32_t type);
static inline bool exchange_option(const struct exchange *x, int option) {
    return (x->req.req_body.kdc_options & (uint32_t)option) != 0;
}
// client_flags is what the client's record forbids; a protected user is not delegated.
static inline uint32_t client_flags(const struct record *r) {
    return r->flags |
           (r->flags & RECORD_PROTECTED ? RECORD_NO_FORWARDABLE | RECORD_NO_PROXIABLE : 0);
}
// exchange_flags is the flags of both records, for restrictions that either imposes, or the realm.
static inline uint32_t exchange_flags(const struct exchange *x) {
    return (x->client ? client_flags(&x->client->record) : 0) |
           (x->server ? x->server->record.flags : 0) |
           (x->kdc->policy.postdated ? 0 : (uint32_t)RECORD_NO_POSTDATED);
}

// exchange_lockout is the rule of failed logins that holds for the client: its password policy's,
// or the realm's.
static inline const struct lockout_policy *exchange_lockout(const struct exchange *x) {
    return x->client->lockout.failures ? &x->client->lockout : &x->kdc->policy.lockout;
}

// request.c: what both exchanges ask of a KDC-REQ.
MUST_USE enum obol_code request_check(struct exchange *x, int32_t msg_type);
MUST_USE enum obol_code request_check_server(struct exchange *x);

// keys.c: which key does what.
bool etype_is_permitted(const struct kdc *kdc, int32_t etype);
// key_is_outdone is whether a weak key of the TGS stands beside one of its kvno that is used in its
// place. Then nothing that the KDC reads back was sealed or signed with it, but by who guessed it.
bool key_is_outdone(const struct kdc *kdc, const struct entry *e, size_t index);
// key_first is the first key of a kvno that is not: it makes what only the KDC reads back.
// SIZE_MAX: there is none of that kvno.
size_t key_first(const struct kdc *kdc, const struct entry *e, uint32_t kvno);
// etype_is_for is whether a client's key of an enctype may log it in: a protected user's weak ones
// may not, whatever the realm allows.
bool etype_is_for(const struct exchange *x, int32_t etype);
// key_find is the index of the newest key of an enctype; SIZE_MAX if there is none.
size_t key_find(const struct entry *e, int32_t etype);
MUST_USE enum obol_code keys_choose_session(struct exchange *x);
MUST_USE enum obol_code keys_choose_ticket(struct exchange *x);
enum obol_code keys_no_common(struct exchange *x, const struct entry *e, const char *what);

// anonymous.c: tickets that do not name their client (RFC 8062). The first two look at the option,
// the client and the policy; anonymous_name_ticket writes the client's name into the ticket, or
// not.
MUST_USE enum obol_code anonymous_check_login(struct exchange *x);
MUST_USE enum obol_code anonymous_check_presented(struct exchange *x);
void anonymous_name_ticket(struct exchange *x);

// decoy.c: clients who must not be told from others (hide_unknown_users). decoy_absent puts one
// into x->client that nobody can log in as; `why` is for the log. decoy_keyless gives keys that
// open nothing to a client that has none.
MUST_USE enum obol_code decoy_keys_new(struct kdc *kdc, struct error *err);
void decoy_keys_free(struct kdc *kdc);
MUST_USE enum obol_code decoy_absent(struct exchange *x, struct slice why);
MUST_USE enum obol_code decoy_keyless(struct exchange *x);
uint32_t decoy_iterations(const struct exchange *x, int32_t etype);

// lifetimes.c: starttime, endtime and renew-till, with the flags that go with them.
struct lifetime_bounds {
    int64_t endtime, renew_till; // KRB_TIME_MAX: no bound
    bool may_renew, may_postdate;
};
MUST_USE enum obol_code lifetimes_set(struct exchange *x, const struct lifetime_bounds *bounds);

// ticket.c: the ticket and the reply around it.
MUST_USE enum obol_code ticket_issue(struct exchange *x);
void reply_fill_part(struct exchange *x);
MUST_USE enum obol_code reply_seal(struct exchange *x, const struct der_type *part,
                                   const struct der_type *rep);

// error_reply.c: KRB-ERROR. An empty slice if it cannot be made.
struct slice error_reply(struct kdc *kdc, struct exchange *x, enum obol_code code, int64_t now_us,
                         struct arena *a);

// referral.c: what this realm does not know, another one may (RFC 6806 7, 8).
// referral_server puts the TGS of the realm on the way to an unknown service into x->server and
// x->server_name; PRINCIPAL_NOT_FOUND if there is none.
MUST_USE enum obol_code referral_server(struct exchange *x);
// referral_client is the realm of a client user@suffix that is not known here; empty: not known.
MUST_USE enum obol_code referral_client(struct exchange *x, struct slice *realm);
// referral_suffix parts user@suffix at its last '@': false if it has none, or nothing on a side.
bool referral_suffix(struct slice whole, struct slice *user, struct slice *suffix);
// referral_is_here is whether a suffix stands for this realm.
bool referral_is_here(const struct kdc *kdc, struct slice suffix);

// nt_status.c: the e-data of an error for Windows' clients; empty: none.
MUST_USE enum obol_code nt_status_data(struct exchange *x, enum obol_code code, struct slice *out);

// server_check.c is what both exchanges ask of the server's record.
MUST_USE enum obol_code server_find(struct exchange *x);
MUST_USE enum obol_code server_check(struct exchange *x);
// server_check_hardware is whether the ticket's flags will do for a service with hw-auth.
MUST_USE enum obol_code server_check_hardware(struct exchange *x);

#endif
