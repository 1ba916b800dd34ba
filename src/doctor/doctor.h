// doctor.h: finds out why a service cannot be reached by ticket. Each probe asks one question (does
// the KDC answer, does it know the name, does the keytab open its tickets ...) and writes findings:
// what is so, and what to type to mend it. doctor.c has the list of probes in their order.
#ifndef OBOL_DOCTOR_DOCTOR_H
#define OBOL_DOCTOR_DOCTOR_H

#include "net/ticket.h"

enum doctor_verdict {
    DOCTOR_GOOD,
    DOCTOR_NOTE, // may be what somebody's trouble comes of, and need not be mended
    DOCTOR_BAD,
};
struct doctor_finding {
    enum doctor_verdict verdict;
    enum obol_code code;  // of what is bad
    const char *probe;    // "KDC", "name" ...; static storage
    struct slice cause;   // what is so
    struct slice remedy;  // what to do; empty: nothing
    struct slice command; // of the remedy, to be typed as it stands; empty: none
};
#define DOCTOR_FINDINGS_MAX 32

// What was typed, taken apart: "HTTP/web.example.com@REALM", "HTTP@web", "https://web/x".
struct doctor_target {
    struct slice service, host, realm; // realm: empty where none was said
    struct slice port;                 // of MSSQLSvc/db:1433, or an instance's name; empty: none
    bool url, https;
    bool exact; // an SPN as it stands, and no rule of krb5.conf makes another of it
};
// doctor_target_parse takes it apart; NAME_MALFORMED for what names no service on a host.
MUST_USE enum obol_code doctor_target_parse(struct slice text, struct arena *a,
                                            struct doctor_target *out, struct error *err);

// What the doctor asks of the world outside; the caller's, or a test's.
struct doctor_world {
    void *ctx;
    // A ticket; with `cached` from the cache only, else from the KDC only and not kept.
    enum obol_code (*ticket)(void *ctx, const struct principal *service, bool cached,
                             struct ticket_result *out, struct error *err);
    // The KDC of a realm answers: where it is, in words, and the seconds that its clock is ahead.
    enum obol_code (*kdc)(void *ctx, struct slice realm, struct slice *where, int64_t *ahead,
                          struct error *err);
    const struct net_resolver *resolver; // NULL: the DNS is not asked
    const char *(*environment)(void *ctx, const char *name);
};

struct doctor {
    const struct doctor_world *world;
    const struct krb5conf *conf;
    const struct env *env;
    struct arena *arena;
    struct doctor_target target; // an empty host: only the realm is looked at
    struct slice realm;          // that we log in to
    struct ccache *cache;
    const char *keytab;          // of the service; NULL: it is not here
    const char *const *policies; // directories and files of browsers' policies, NULL at the end

    struct principal client; // no realm: nobody is logged in
    struct principal spn;    // as it was typed
    struct ticket_result ticket;
    bool has_ticket;
    bool silent; // no KDC answered: none is waited for again

    struct doctor_finding findings[DOCTOR_FINDINGS_MAX];
    size_t count;
};
extern const char *const DOCTOR_POLICIES[]; // where Chromium, Chrome and Firefox look

// doctor_examine runs all probes. What they find is in d->findings; false if any of it is bad.
bool doctor_examine(struct doctor *d);

// ---- for probes

// doctor_good, doctor_note and doctor_bad add a finding; its texts live in the arena. remedy and
// command may be empty.
void doctor_good(struct doctor *d, const char *probe, struct slice cause);
void doctor_note(struct doctor *d, const char *probe, struct slice cause, struct slice remedy,
                 struct slice command);
void doctor_bad(struct doctor *d, enum obol_code code, const char *probe, struct slice cause,
                struct slice remedy, struct slice command);
// doctor_failed adds an error as a bad finding, with its remedy, and with the addresses that were
// tried in vain.
void doctor_failed(struct doctor *d, const char *probe, const struct error *err);
// doctor_ask asks the KDC for a ticket, as doctor_world.ticket does; KDC_UNREACHABLE at once if
// none has answered before.
MUST_USE enum obol_code doctor_ask(struct doctor *d, const struct principal *service,
                                   struct ticket_result *out, struct error *err);
// doctor_name is the name of a service without a realm, for texts.
struct slice doctor_name(struct doctor *d, const struct principal *p);
// doctor_word is a word as a shell wants it, in quotes if need be: what stands in a command may
// come from the DNS or a KDC.
struct slice doctor_word(struct doctor *d, struct slice word);
// doctor_canonical is the name that the DNS has for the host, or for its address (reverse), in
// lower case; empty for none, and for what is no name of a host.
struct slice doctor_canonical(struct doctor *d, struct slice host, bool reverse);
// doctor_lower is the text in lower case.
struct slice doctor_lower(struct doctor *d, struct slice text);

// A name that may have been meant, and why.
struct doctor_candidate {
    struct principal name;
    const char *why; // "in lower case"; static storage
};
#define DOCTOR_CANDIDATES_MAX 16
// doctor_candidates lists names like that of the target, the likeliest first, and not that one.
size_t doctor_candidates(struct doctor *d, struct doctor_candidate out[DOCTOR_CANDIDATES_MAX]);

void doctor_probe_realm(struct doctor *d);
void doctor_probe_login(struct doctor *d);
void doctor_probe_ticket(struct doctor *d);
void doctor_probe_cached(struct doctor *d);
void doctor_probe_host(struct doctor *d);
void doctor_probe_keytab(struct doctor *d);
void doctor_probe_proxy(struct doctor *d);
void doctor_probe_browser(struct doctor *d);

#endif
