// trust.h: trust between realms (RFC 4120 1.2): a key that two realms share, once for each
// direction. krbtgt/OTHER@OURS takes our users there, krbtgt/OURS@OTHER lets theirs come here; the
// other realm has the same two principals with the same keys.
#ifndef OBOL_ADMIN_TRUST_H
#define OBOL_ADMIN_TRUST_H

#include "admin/admin.h"

enum admin_trust_way {
    ADMIN_TRUST_OUT = 1,  // our users get tickets of the other realm
    ADMIN_TRUST_IN = 2,   // users of the other realm get tickets here
    ADMIN_TRUST_BOTH = 3, // the usual
};
struct admin_new_trust {
    struct slice realm; // the other one
    unsigned ways;      // ADMIN_TRUST_...
    // Where the keys come from: a password, which the other realm is given too; a keytab that has
    // them; else they are drawn at random, and the other realm needs them from us.
    const struct slice *password;
    const struct admin_keytab *keys; // of both directions; those of others are passed over
    struct int32_list enctypes;      // empty: the realm's
    uint32_t kvno;                   // 0: 1
};
// admin_trust_add: EXISTS if there is trust in one of the directions, NOT_FOUND if the keytab lacks
// keys for one, NAME_MALFORMED.
MUST_USE enum obol_code admin_trust_add(struct admin *adm, const struct admin_new_trust *trust,
                                        struct error *err);
// admin_trust_remove: NOT_FOUND if there is none in the directions named.
MUST_USE enum obol_code admin_trust_remove(struct admin *adm, struct slice realm, unsigned ways,
                                           struct error *err);
struct admin_trust {
    struct slice realm;
    const struct record *out, *in; // NULL: not in this direction
};
// admin_trust_get: NOT_FOUND. The records live in the arena.
MUST_USE enum obol_code admin_trust_get(struct admin *adm, struct slice realm, struct arena *a,
                                        struct admin_trust *out, struct error *err);
// admin_trust_list calls `each` for every realm that there is trust with, in byte order; what it
// returns other than OBOL_OK ends the walk.
MUST_USE enum obol_code
admin_trust_list(struct admin *adm, struct arena *a, void *ctx,
                 enum obol_code (*each)(void *ctx, const struct admin_trust *t, struct error *err),
                 struct error *err);
// admin_trust_name is the name of the principal of one direction, as text in the arena.
MUST_USE enum obol_code admin_trust_name(const struct admin *adm, struct slice realm,
                                         enum admin_trust_way way, struct arena *a,
                                         struct slice *out, struct error *err);

#endif
