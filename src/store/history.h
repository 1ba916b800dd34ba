// history.h: the former passwords of a principal: of each the strongest key, sealed as the keys in
// use are, so that a new password can be held against them. They stand in the record as one string
// of bytes, which only a change of the password takes apart: the KDC has no use for them.
#ifndef OBOL_STORE_HISTORY_H
#define OBOL_STORE_HISTORY_H

#include "store/record.h"

// history_encode writes keys, newest first, into the arena; none gives no bytes. history_decode
// borrows; the list lives in the arena. STORE_CORRUPT.
MUST_USE enum obol_code history_encode(const struct record_key_list *keys, struct arena *a,
                                       struct slice *out, struct error *err);
MUST_USE enum obol_code history_decode(struct slice bytes, struct arena *a,
                                       struct record_key_list *out, struct error *err);

#endif
