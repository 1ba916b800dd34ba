// priv.h: KRB-PRIV (RFC 4120 3.5, 5.7.1): bytes that go sealed between two ends of an AP exchange.
#ifndef OBOL_KRB_PRIV_H
#define OBOL_KRB_PRIV_H

#include "crypto/crypto.h"
#include "proto/types.h"

struct priv_params {
    struct crypto_key *key;
    bool from_acceptor;  // the sender: who accepted the AP-REQ
    uint32_t seq_number; // of the message to make; or what is expected, the authenticator's
    int64_t clockskew;   // priv_open: seconds, for a timestamp
    bool key_is_fresh;   // priv_open: the key is a subkey of this exchange alone
};
// priv_make seals. The sender's address is stated as a direction (RFC 4120 7.5.3, type 3), so that
// no message can be sent back to who sent it, and no translation of addresses is in the way.
MUST_USE enum obol_code priv_make(struct slice data, const struct priv_params *params,
                                  const struct env *env, struct arena *a, struct slice *out,
                                  struct error *err);
// priv_open opens, and checks sequence number (KRB_AP_ERR_BADORDER) or timestamp
// (KRB_AP_ERR_SKEW), and the direction if one is stated (KRB_AP_ERR_BADADDR). One of the two must
// tie the message to its exchange, unless a fresh key does: a sequence number of 0 is left out by
// some senders. *data borrows from the arena.
MUST_USE enum obol_code priv_open(struct slice message, const struct priv_params *params,
                                  const struct env *env, struct arena *a, struct slice *data,
                                  struct error *err);

#endif
