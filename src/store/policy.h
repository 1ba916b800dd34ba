// policy.h: a password policy as the realm database keeps it: what a new password must be, how long
// it lasts, and how many failed logins lock its owner out. Principals name the policy that holds
// for them (record.policy); a name that leads to none means no policy.
//
// One table has every member: the codec, the command line and the faces read it.
#ifndef OBOL_STORE_POLICY_H
#define OBOL_STORE_POLICY_H

#include "store/store.h"

enum { // bounds, checked by the codec on both ways
    POLICY_NAME_MAX = 255,
    POLICY_HISTORY_MAX = 50,
    POLICY_BYTES_MAX = 4096, // encoded
};

struct policy {
    struct slice name;
    int64_t min_length, min_classes; // characters, and kinds of them out of five; 0: any
    int64_t history;                 // so many of the last passwords, the present one among them,
                                     // do not come again; 0 and 1: they may
    int64_t dictionary, similar;     // 1: no word of dict_file; nothing like the principal's name
    int64_t min_life, max_life;      // seconds of a password; 0: none
    int64_t max_failures;            // in a row, that lock the account; 0: none do
    int64_t failure_interval;        // seconds after which a failure is forgotten; 0: never
    int64_t lockout_duration;        // seconds; 0: until an administrator unlocks it
    struct slice allowed_keysalts;   // enctypes that its principals' keys may have, as in kdc.conf;
                                     // empty: all
};

enum policy_kind { POLICY_NUMBER, POLICY_DURATION, POLICY_SWITCH, POLICY_TEXT };
struct policy_member {
    const char *name; // "min-length"
    enum policy_kind kind;
    size_t offset; // in struct policy
    int64_t max;
    const char *help; // a clause
};
extern const struct policy_member POLICY_MEMBERS[];
extern const size_t POLICY_MEMBERS_COUNT;
// policy_number is where a member that is no POLICY_TEXT stands.
int64_t *policy_number(struct policy *p, const struct policy_member *m);

// policy_encode checks the bounds (INVALID_ARGUMENT names the member) and writes into the arena;
// policy_decode borrows. STORE_CORRUPT, or STORE_VERSION for a member that is not known.
MUST_USE enum obol_code policy_encode(const struct policy *p, struct arena *a, struct slice *out,
                                      struct error *err);
MUST_USE enum obol_code policy_decode(struct slice bytes, struct policy *out, struct error *err);

// policy_get: POLICY_NOT_FOUND. What comes out borrows from the snapshot.
MUST_USE enum obol_code policy_get(struct store_read *r, struct slice name, struct policy *out,
                                   struct error *err);
// policy_next walks the policies in byte order: start with out->name empty. NOT_FOUND at the end.
MUST_USE enum obol_code policy_next(struct store_read *r, struct policy *out, struct error *err);
MUST_USE enum obol_code policy_put(struct store_write *w, const struct policy *p, struct arena *a,
                                   struct error *err);
// policy_delete: POLICY_NOT_FOUND. Principals that name it then have no policy.
MUST_USE enum obol_code policy_delete(struct store_write *w, struct slice name, struct error *err);

#endif
