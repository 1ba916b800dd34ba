// kdc.h: the key distribution center (RFC 4120 3.1, 3.3): bytes of a request in, bytes of a reply
// and what is to be told about it out. No I/O: the store is read through its interface, time and
// randomness come from `struct env`, sockets and logs belong to the server.
//
//     TRY(kdc_new(&kdc, &config, err));
//     for each batch:    TRY(kdc_renew(kdc, err));
//         for each request:  kdc_handle(kdc, &request, &arena, &result); send; arena_reset(&arena);
//     before sleeping:   kdc_release(kdc);
//
// A struct kdc belongs to one thread.
#ifndef OBOL_KDC_KDC_H
#define OBOL_KDC_KDC_H

#include "base/env.h"
#include "kdc/lockout.h"
#include "kdc/question.h"
#include "krb/realm_path.h"
#include "pac/pac.h"
#include "proto/messages.h"
#include "store/master.h"
#include "store/store.h"

enum { KDC_ENCTYPES_MAX = 16, KDC_PREAUTH_MAX = 8, KDC_SPAKE_GROUPS_MAX = 4 };

// Who knows the realm of a host by its name; empty: nobody said.
struct kdc_host_realm {
    const void *ctx;
    struct slice (*find)(const void *ctx, struct slice host);
};
// A kind of RADIUS token: whom the KDC has asked about its codes (question.h). Borrowed.
struct kdc_otp_type {
    struct slice name;
    size_t service;   // kdc_question.service
    bool strip_realm; // the user's name goes out without @REALM
    struct slice_list indicators;
};
// What the realm's administrator decides; seconds everywhere. kdc_policy_default fills it.
struct kdc_policy {
    int64_t clockskew;
    int64_t max_life, max_renew;        // the most that any ticket of the realm gets
    int32_t enctypes[KDC_ENCTYPES_MAX]; // permitted; count 0: every one that is not weak
    size_t enctype_count;
    bool allow_weak;                  // rc4 among the permitted ones counts
    bool require_preauth;             // of every client, whatever its record says
    bool encrypted_timestamp;         // offer and accept PA-ENC-TIMESTAMP
    bool announce_fast;               // say that there is FAST; armor is taken in any case
    int32_t preauth[KDC_PREAUTH_MAX]; // PA-DATA types of the mechanisms offered, in this order
    size_t preauth_count;             // 0: all, what lays the password least open first
    int32_t spake_groups[KDC_SPAKE_GROUPS_MAX];
    size_t spake_group_count; // 0: edwards25519 and P-256
    int32_t spake_challenge;  // group of a challenge before the client said its own; 0: none
    // What a login by these mechanisms earns its ticket (RFC 8129); borrowed.
    struct slice_list spake_indicators, encrypted_challenge_indicators, otp_indicators;
    const struct kdc_otp_type *otp_types;
    size_t otp_type_count;
    bool hide_unknown_users; // answer a client that cannot log in as one with a wrong password
    // What the realm's new passwords get, for that answer; 0: the defaults, all that is permitted.
    uint32_t iterations;
    int32_t new_enctypes[KDC_ENCTYPES_MAX];
    size_t new_enctype_count;
    bool restrict_anonymous;          // anonymous clients get tickets for the TGS only
    bool check_addresses;             // hold the addresses in tickets against the sender's
    bool pac;                         // tickets bear a PAC, and those presented must
    struct sid domain_sid;            // of the realm; count 0: the one that the store has
    bool reject_bad_transit;          // no ticket for a client whose path of realms is not trusted
    struct realm_path_source path;    // which are; find NULL: those of the hierarchy of names
    struct kdc_host_realm host_realm; // to which realm clients are referred; find NULL: by names
    struct slice_list host_based;     // services with a host in their name, whatever its type;
    struct slice_list no_host_referral; // those that are not referred; "*": all. Borrowed
    bool case_insensitive_services;     // a name that is not there is looked for in other cases
    bool require_body_checksum;         // of a TGS-REQ
    bool postdated;                     // tickets that begin later may be had
    struct lockout_policy lockout;
    int64_t retransmission;      // for how long a repeated request gets its old reply; 0: never
    size_t retransmission_slots; // replies that are remembered
    size_t cache_records;        // decoded records that are kept
    size_t opened_tickets;       // TGTs that are kept opened; 0: none
};
void kdc_policy_default(struct kdc_policy *policy);

struct pki_identity;
struct pki_trust;
enum kdc_pkinit_purpose { // that a client's certificate must be made for
    KDC_PKINIT_CLIENT,    // id-pkinit-KPClientAuth
    KDC_PKINIT_SMARTCARD, // that, or the one of smart cards of Windows
    KDC_PKINIT_ANY,
};
// PKINIT (RFC 4556): the KDC's certificate, and whose certificates log in. All borrowed.
struct kdc_pkinit {
    const struct pki_identity *identity;
    const struct pki_trust *trust; // without an anchor only anonymous clients may come
    enum kdc_pkinit_purpose purpose;
    unsigned dh_min_bits;
    bool allow_upn;                      // a UPN in a certificate counts as the client's name
    bool allow_sha1;                     // requests may be signed over SHA-1
    bool require_crl, require_freshness; // RFC 8070
    struct slice_list indicators;
};

struct kdc_config {
    struct slice realm;
    struct kdc_policy policy;
    struct store *store;     // the caller's, must outlive the kdc
    struct master *master;   // the caller's
    struct lockout *lockout; // shared by all workers, made before they fork; NULL: one of its own
    const struct kdc_pkinit *pkinit; // outlives the kdc; NULL: no PKINIT
    const struct env *env;
};
struct kdc;
// kdc_new allocates all that the kdc will ever use but for prepared keys of records:
// INVALID_ARGUMENT names what is wrong with the configuration. The caller frees with kdc_free (NULL
// is fine).
MUST_USE enum obol_code kdc_new(struct kdc **out, const struct kdc_config *config,
                                struct error *err);
void kdc_free(struct kdc *kdc);
// kdc_renew moves to the store's newest state. kdc_release gives the snapshot up before a pause.
MUST_USE enum obol_code kdc_renew(struct kdc *kdc, struct error *err);
void kdc_release(struct kdc *kdc);

struct kdc_request {
    struct slice bytes;
    struct host_address sender;      // addr_type 2: IPv4, 24: IPv6; address empty: not known
    size_t max_reply;                // bytes that the transport takes; 0: any size (TCP)
    const struct kdc_answer *answer; // to the question that this request raised; NULL: none yet
};

// What a request says about a client's password, for last-login and failure counters.
enum kdc_login { KDC_LOGIN_NONE, KDC_LOGIN_SUCCESS, KDC_LOGIN_FAILURE };

// What log, audit and metrics need. Slices borrow from the arena or the kdc, until the next
// request.
struct kdc_event {
    int32_t msg_type;          // KRB_AS_REQ or KRB_TGS_REQ; 0: the bytes were no request
    enum obol_code code;       // OBOL_OK: a ticket was issued
    const char *stage;         // that failed, "find client"; NULL after success. Static storage
    const char *section;       // of the RFC that asks for it, "RFC 4120 3.1.3"; or NULL
    const struct error *error; // with detail and facts; NULL after success
    bool retransmission;       // an old reply was sent again: nothing else below is filled
    struct slice client;       // as text, as asked for; empty if the request names none
    struct slice service;
    struct slice requester; // TGS: who presented the ticket, as text
    struct slice act_for;   // S4U: whom the new ticket names, as text; empty: the requester
    // Ciphertexts of the ticket that was issued, of the one that was presented and of the
    // additional one: what ties the events of a login together. Empty if it did not come to that.
    struct slice ticket, presented, second;
    bool proven; // the request shows that its sender has a key: it cannot have been forged
    struct slice client_principal; // the record's own name: another one if an alias was used
    uint64_t client_id;            // the record's, 0 if it was not found
    bool hidden; // the client cannot log in, and was answered as if its password were wrong
    struct slice hidden_why;                          // for the log
    struct int32_list etypes;                         // the client offered
    int32_t reply_etype, ticket_etype, session_etype; // chosen; 0 if it did not come to that
    uint32_t client_kvno, service_kvno;
    uint32_t kdc_options, ticket_flags;
    const char *preauth; // mechanism that succeeded, or NULL
    struct slice armor;  // client of the ticket whose armor a FAST request had; or empty
    enum kdc_login login;
    uint32_t token;         // number of the one-time password token whose code was taken; 0: none
    uint64_t token_counter; // of that code
    int64_t now, authtime, starttime, endtime, renew_till;
};

struct exchange;
struct kdc_result {
    struct slice reply; // empty: stay silent. Borrows from the arena or the kdc.
    struct kdc_event event;
    struct exchange *pending; // after OBOL_NEED
    // After OBOL_NEED: what must be asked outside; number 0: the store must fetch a record. It
    // borrows from the arena.
    struct kdc_question question;
};

// kdc_handle answers one request. OBOL_OK whatever the answer is; OBOL_NEED when the store must
// fetch a record first: then kdc_resume goes on at the stage that asked, with the same request
// and arena (both must still be there, unchanged) or kdc_abandon drops it. If there is a question
// outside it is dropped in any case, and the request is handled anew once there is an answer.
MUST_USE enum obol_code kdc_handle(struct kdc *kdc, const struct kdc_request *request,
                                   struct arena *a, struct kdc_result *result);
MUST_USE enum obol_code kdc_resume(struct kdc *kdc, struct kdc_result *result);
void kdc_abandon(struct kdc *kdc, struct kdc_result *result);
// kdc_refuse makes the KRB-ERROR for what the transport itself refuses (KRB_ERR_FIELD_TOOLONG).
struct slice kdc_refuse(struct kdc *kdc, enum obol_code code, struct arena *a);
// kdc_preauth_find is the PA-DATA type of a mechanism as kdc.conf names it ("spake"); 0: none.
int32_t kdc_preauth_find(struct slice name);
// kdc_count gives the figures of the record cache since the kdc was made.
struct kdc_counts {
    uint64_t lookups, decoded; // of records: a lookup that decoded none was a hit
};
void kdc_count(const struct kdc *kdc, struct kdc_counts *out);
// kdc_stage_name walks the names of all stages, for metrics; NULL past the end.
const char *kdc_stage_name(size_t index);

#endif
