// rpc_record.h: record marking (RFC 5531 11): in a stream a message stands in one or more
// fragments, each behind four bytes that say its length and whether it is the last.
#ifndef OBOL_GSS_RPC_RECORD_H
#define OBOL_GSS_RPC_RECORD_H

#include "base/slice.h"
#include "base/writer.h"

enum { RPC_RECORD_MARK = 4 };

enum rpc_record_status {
    RPC_RECORD_MORE,     // it is not whole yet
    RPC_RECORD_WHOLE,    // *record is the next one
    RPC_RECORD_TOO_LONG, // above the bound, or in more fragments than make sense: of no use any
                         // more
    RPC_RECORD_EMPTY,    // it has no bytes: likewise
};
// rpc_record_next looks for a record at the beginning of what came of a stream. Its fragments are
// put together where they are: `stream` is written to, and *record lies in it. *used is how many
// bytes of the stream it took. `max` bounds its bytes without marks.
MUST_USE enum rpc_record_status rpc_record_next(struct buf stream, size_t max, struct slice *record,
                                                size_t *used);
// rpc_record_mark_begin reserves the mark of a record of one fragment, which rpc_record_mark_end
// fills in once the message stands behind it. A message above 2 GiB fails the writer.
size_t rpc_record_mark_begin(struct writer *w);
void rpc_record_mark_end(struct writer *w, size_t at);

#endif
