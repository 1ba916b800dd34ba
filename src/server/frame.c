// frame.c: see frame.h.
#include "server/frame.h"
#include "base/reader.h"
#include "gss/rpc_record.h"
#include <stdlib.h>

enum { HEADER = 4, FIRST_SIZE = 2048, KEEP_SIZE = 4096 };

void frame_init(struct frame *f, enum frame_kind kind, size_t max_request) {
    *f = (struct frame){.max = max_request, .kind = kind};
}

void frame_clear(struct frame *f) {
    free(f->bytes);
    *f = (struct frame){.max = f->max, .kind = f->kind};
}

static bool frame_grow(struct frame *f) {
    size_t size = f->size ? f->size * 2 : FIRST_SIZE;
    uint8_t *bytes = realloc(f->bytes, size);
    if (!bytes)
        return false;
    f->bytes = bytes;
    f->size = size;
    return true;
}

struct buf frame_room(struct frame *f) {
    if (f->at == f->end) {
        f->at = f->end = 0;
        if (f->size > KEEP_SIZE) // one large request must not hold memory for a connection's life
            frame_clear(f);
    } else if (f->at) {
        memmove(f->bytes, f->bytes + f->at, f->end - f->at);
        f->end -= f->at;
        f->at = 0;
    }
    if (f->end == f->size && !frame_grow(f))
        return (struct buf){0};
    return buf_of(f->bytes + f->end, f->size - f->end);
}

void frame_received(struct frame *f, size_t n) {
    f->end += n;
}

bool frame_append(struct frame *f, struct slice bytes) {
    while (bytes.len) {
        struct buf room = frame_room(f);
        if (!room.ptr)
            return false;
        size_t n = bytes.len < room.len ? bytes.len : room.len;
        memcpy(room.ptr, bytes.ptr, n);
        frame_received(f, n);
        bytes = slice_sub(bytes, n, bytes.len);
    }
    return true;
}

static enum frame_status next_record(struct frame *f, struct slice *request) {
    static const enum frame_status statuses[] = {[RPC_RECORD_MORE] = FRAME_MORE,
                                                 [RPC_RECORD_WHOLE] = FRAME_REQUEST,
                                                 [RPC_RECORD_TOO_LONG] = FRAME_TOO_LONG,
                                                 [RPC_RECORD_EMPTY] = FRAME_EMPTY};
    size_t used;
    if (f->at == f->end)
        return FRAME_MORE;
    enum rpc_record_status status =
        rpc_record_next(buf_of(f->bytes + f->at, f->end - f->at), f->max, request, &used);
    if (status == RPC_RECORD_WHOLE)
        f->at += used;
    return statuses[status];
}

enum frame_status frame_next(struct frame *f, struct slice *request) {
    if (f->kind == FRAME_RPC)
        return next_record(f, request);
    struct reader r = reader_of(slice_of(f->bytes + f->at, f->end - f->at));
    if (reader_left(&r) < HEADER)
        return FRAME_MORE;
    uint32_t length = reader_be32(&r);
    if (length > f->max) // the high bit is above any cap
        return FRAME_TOO_LONG;
    if (length == 0)
        return FRAME_EMPTY;
    if (reader_left(&r) < length)
        return FRAME_MORE;
    *request = reader_bytes(&r, length);
    f->at += HEADER + length;
    return FRAME_REQUEST;
}
