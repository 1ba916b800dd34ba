// rpc_record.c: see rpc_record.h.
#include "gss/rpc_record.h"
#include "base/reader.h"

#define LAST UINT32_C(0x80000000)

// Those of MIT krb5 have 4,000 bytes. Senders of very small ones would have each of them looked at
// again with every byte that comes.
enum { FRAGMENT_USUAL = 1024, FRAGMENTS_SPARE = 16 };

// Finds the end of a record; *count is its fragments and *length its bytes without marks.
static enum rpc_record_status scan(struct slice stream, size_t max, size_t *length, size_t *used) {
    struct reader r = reader_of(stream);
    size_t most = FRAGMENTS_SPARE + max / FRAGMENT_USUAL;
    *length = 0;
    for (size_t count = 1;; count++) {
        uint32_t mark = reader_be32(&r);
        uint32_t fragment = mark & ~LAST;
        if (!reader_ok(&r))
            return RPC_RECORD_MORE;
        if (fragment > max - *length || count > most)
            return RPC_RECORD_TOO_LONG;
        *length += fragment;
        reader_skip(&r, fragment);
        if (!reader_ok(&r))
            return RPC_RECORD_MORE;
        if (mark & LAST)
            break;
    }
    *used = stream.len - reader_left(&r);
    return *length ? RPC_RECORD_WHOLE : RPC_RECORD_EMPTY;
}

enum rpc_record_status rpc_record_next(struct buf stream, size_t max, struct slice *record,
                                       size_t *used) {
    size_t length, at = RPC_RECORD_MARK;
    enum rpc_record_status status = scan(slice_of_buf(stream), max, &length, used);
    if (status != RPC_RECORD_WHOLE)
        return status;
    // Each fragment is moved behind the one before it, over their marks.
    struct reader r = reader_of(slice_of(stream.ptr, *used));
    while (reader_left(&r)) {
        struct slice fragment = reader_bytes(&r, reader_be32(&r) & ~LAST);
        if (fragment.len)
            memmove(stream.ptr + at, fragment.ptr, fragment.len);
        at += fragment.len;
    }
    *record = slice_of(stream.ptr + RPC_RECORD_MARK, length);
    return RPC_RECORD_WHOLE;
}

size_t rpc_record_mark_begin(struct writer *w) {
    size_t at = w->len;
    writer_be32(w, 0);
    return at;
}

void rpc_record_mark_end(struct writer *w, size_t at) {
    size_t length = w->len - at - RPC_RECORD_MARK;
    if (length >= LAST)
        w->failed = true;
    if (!writer_ok(w))
        return;
    struct writer mark = writer_to_buf(buf_of(w->out.ptr + at, RPC_RECORD_MARK));
    writer_be32(&mark, LAST | (uint32_t)length);
}
