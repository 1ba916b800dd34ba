// claims.h: which questions to the outside are asked by which worker, in memory that all workers
// share: a client that sends its request again may reach another worker, or come by TCP, and a
// one-time code must be asked about once. Whoever takes a question first asks it; the others wait
// for what comes of it. Logins of this kind are few: one lock holds the table.
#ifndef OBOL_SERVER_CLAIMS_H
#define OBOL_SERVER_CLAIMS_H

#include "base/env.h"
#include "base/siphash.h"

enum claim {
    CLAIM_MINE,  // nobody asked it before: the caller does, and says what came of it
    CLAIM_ASKED, // somebody does
    CLAIM_KNOWN, // somebody did: *verdict
    CLAIM_FULL,  // there is no room for another question
};

struct claims;
// claims_new maps a table that processes forked later share; NULL if there is no memory. A verdict
// is kept for `lifespan` seconds, an asker that says nothing is given up after them.
struct claims *claims_new(size_t questions, int64_t lifespan_us, const struct env *env);
void claims_free(struct claims *c); // NULL is fine
// claims_tag is the name of a question: a keyed hash of a request and the number of the question
// within it.
struct siphash_128 claims_tag(const struct claims *c, struct slice request, uint32_t number);
// claims_take is what is known of a question, which the caller takes if nobody has it.
MUST_USE enum claim claims_take(struct claims *c, struct siphash_128 tag, int64_t now_us,
                                unsigned *verdict);
// claims_look is claims_take without taking: CLAIM_FULL: the question is not there (any more).
MUST_USE enum claim claims_look(struct claims *c, struct siphash_128 tag, int64_t now_us,
                                unsigned *verdict);
// claims_settle says what came of a question; verdict is not 0.
void claims_settle(struct claims *c, struct siphash_128 tag, unsigned verdict, int64_t now_us);

#endif
