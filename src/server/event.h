// event.h: what happened to one request: the single record that the log line, the counters and the
// keeper of login times are made from. A worker writes it to a ring in shared memory (ring.h) in
// the codec below; the processes that read it take the bytes for foreign, since workers parse the
// network's.
#ifndef OBOL_SERVER_EVENT_H
#define OBOL_SERVER_EVENT_H

#include "base/error.h"

enum event_kind {
    EVENT_OTHER,
    EVENT_AS,
    EVENT_TGS,
    EVENT_MALFORMED,
    EVENT_KPASSWD,
    EVENT_KADMIN,
    EVENT_KIND_COUNT
};
enum event_account { // what it means for the account that asked
    EVENT_ACCOUNT_NONE,
    EVENT_ACCOUNT_SUCCESS, // proved its key
    EVENT_ACCOUNT_FAILURE, // sent a wrong proof
    EVENT_ACCOUNT_LOCKED,  // a failure, and now it is locked
};
enum event_transport { EVENT_UDP, EVENT_TCP, EVENT_HTTPS, EVENT_UNIX, EVENT_TRANSPORT_COUNT };

#define EVENT_TEXT_MAX  1024  // bytes of a name that are kept
#define EVENT_BYTES_MAX 16384 // an encoded event is never longer

struct event {
    int64_t time_us;      // wall clock when the request was taken up
    uint32_t duration_us; // until its reply was ready
    enum event_kind kind;
    enum event_account account;
    enum event_transport transport;
    bool answered;         // a reply goes back
    bool retransmitted;    // answered from the retransmission cache
    enum obol_code result; // OBOL_OK: a ticket was issued
    uint8_t address[16];   // of the peer, network order; address_len is 4, 16 or 0
    uint8_t address_len;
    uint16_t port;
    int32_t etype_ticket, etype_session, etype_reply; // 0: none
    uint32_t request_len, reply_len;
    bool proven; // nobody can have forged its sender
    uint32_t kdc_options, ticket_flags;
    int64_t authtime, starttime, endtime, renew_till; // of the ticket, seconds; 0: none
    uint32_t token;              // of one-time passwords, whose code was taken; 0: none
    uint64_t token_counter;      // of that code, for the keeper
    struct slice client, server; // names as text, with the realm; empty: not known
    struct slice requester;      // who presented the ticket, where that is another than the client
    // Digests that tie a ticket's events together: of the ticket issued, of the one presented and
    // of the additional one (the SHA-1 of its ciphertext, as in MIT krb5's audit); empty: none, or
    // no audit log is kept.
    struct slice ticket_id, presented_id, second_id;
    struct slice preauth;        // the mechanism that succeeded
    struct slice record;         // the name of the client's record in the store, for the keeper
    struct slice stage, section; // the stage that failed and its RFC section
    struct slice detail;         // the facts, for the realm's administrator
    struct slice worker;         // which worker, for the log: filled by the reader of the ring
    struct slice operation;      // of EVENT_KADMIN: what was asked for
};

// event_encode writes it; texts longer than EVENT_TEXT_MAX are cut. event_decode borrows from the
// bytes; false if they are not an event.
void event_encode(const struct event *e, struct writer *w);
MUST_USE bool event_decode(struct slice bytes, struct event *out);

// event_write_text and event_write_json write the log line, with its newline. What came from
// outside is escaped: no byte of it can forge a line or move a terminal.
void event_write_text(const struct event *e, struct writer *w);
void event_write_json(const struct event *e, struct writer *w);
// event_write_audit is event_write_json with what only the audit log has (docs/audit.md).
void event_write_audit(const struct event *e, struct writer *w);
#define EVENT_ID_BYTES 20
const char *event_kind_name(enum event_kind kind);                // "AS"
const char *event_transport_name(enum event_transport transport); // "udp"
// event_reason is an error's sentence with its facts behind it, for `detail`; it is in the arena.
struct slice event_reason(const struct error *error, struct arena *a);

#endif
