// token.h: the one-time password tokens of a principal: secrets of HOTP (RFC 4226) or TOTP (RFC
// 6238), sealed under the master key as keys are; or what a RADIUS server is asked about. They
// stand in the record as the attribute "obol.tokens", in a codec of their own. Tokens of MIT's KDC,
// all of RADIUS, stand in the string attribute "otp" as JSON.
#ifndef OBOL_STORE_TOKEN_H
#define OBOL_STORE_TOKEN_H

#include "store/master.h"

#define TOKEN_MIT_ATTRIBUTE SLICE_LITERAL("otp")
enum {
    TOKENS_MAX = 4,
    TOKEN_LABEL_MAX = 64,
    TOKEN_TYPE_MAX = 64,
    TOKEN_USER_MAX = 253, // that RADIUS carries
    TOKEN_INDICATORS_MAX = 8,
    TOKEN_OF_MIT = 1000 // and above: numbers of tokens of MIT's
};
enum token_kind { TOKEN_TOTP = 1, TOKEN_HOTP = 2, TOKEN_RADIUS = 3 };

struct token {
    uint32_t number; // from 1, unique within the principal, never drawn again while others stand
    enum token_kind kind;
    uint32_t hash;      // 1, 256 or 512, of SHA
    uint32_t digits;    // of a code, 6 to 9
    uint32_t period;    // seconds that a code of TOTP counts; 0 with HOTP
    bool code_only;     // the code alone logs in: the password is not asked for beside it
    uint64_t next;      // the lowest counter, or step of time, whose code was not taken yet
    struct slice label; // as people call it
    uint32_t master;    // version of the master key it is sealed under
    struct slice sealed;
    // Of RADIUS, where hash, digits, period, next, master and sealed are nothing.
    struct slice type; // a section of [otp] in kdc.conf
    struct slice user; // as the server knows them; empty: by the principal's name
    struct slice indicators[TOKEN_INDICATORS_MAX]; // instead of the type's, if there are any
    size_t indicator_count;
};
struct token_list {
    struct token items[TOKENS_MAX];
    size_t count;
};

// tokens_held is whether the principal has any: a look at the attributes' names, no more.
// tokens_any is the same with those of MIT's.
bool tokens_held(const struct record *r);
bool tokens_any(const struct record *r);
// tokens_add_mit adds those of the attribute "otp" to the list (token_mit.c): FORMAT says what is
// wrong with it. The list borrows from the record and the arena.
MUST_USE enum obol_code tokens_add_mit(const struct record *r, struct token_list *list,
                                       struct arena *a, struct error *err);
// tokens_read borrows from the record: STORE_CORRUPT on damage.
MUST_USE enum obol_code tokens_read(const struct record *r, struct token_list *out,
                                    struct error *err);
// tokens_write puts the list into the record's attributes (all of it in the arena); an empty one
// takes the attribute off.
MUST_USE enum obol_code tokens_write(struct record *r, const struct token_list *list,
                                     struct arena *a, struct error *err);
// token_seal fills sealed and master; the sealing is bound to the record's id and the number.
// token_open gives the secret, in the arena: MASTER_KEY if it does not open.
MUST_USE enum obol_code token_seal(const struct master *m, const struct env *env, uint64_t id,
                                   struct token *t, struct slice secret, struct arena *a,
                                   struct error *err);
MUST_USE enum obol_code token_open(struct master *m, uint64_t id, const struct token *t,
                                   struct arena *a, struct slice *secret, struct error *err);

#endif
