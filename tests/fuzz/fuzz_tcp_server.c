// fuzz_tcp_server.c: the framings of TCP requests, fed in arbitrary pieces. The first bytes of the
// input say how the stream is cut; whatever the cut, the same requests come out, none is longer
// than the cap, and the buffer stays in proportion to what was fed.
#include "base/reader.h"
#include "fuzz.h"
#include "server/frame.h"
#include <stdlib.h>

enum { MAX_REQUEST = 1000 };

// A checksum over the requests of the stream, and how it ended.
struct outcome {
    uint64_t sum;
    enum frame_status end;
};

static void drain(struct frame *f, struct outcome *o) {
    struct slice request;
    while (o->end == FRAME_MORE) {
        enum frame_status status = frame_next(f, &request);
        if (status == FRAME_MORE)
            return;
        if (status != FRAME_REQUEST) {
            o->end = status;
            return;
        }
        if (request.len == 0 || request.len > MAX_REQUEST)
            abort();
        o->sum = o->sum * 31 + request.len;
        for (size_t i = 0; i < request.len; i++)
            o->sum = o->sum * 31 + request.ptr[i];
    }
}

static struct outcome feed(enum frame_kind kind, struct slice stream, struct slice cuts) {
    struct outcome o = {0, FRAME_MORE};
    struct frame f;
    frame_init(&f, kind, MAX_REQUEST);
    for (size_t at = 0, turn = 0; at < stream.len && o.end == FRAME_MORE; turn++) {
        struct buf room = frame_room(&f);
        size_t piece = cuts.len ? cuts.ptr[turn % cuts.len] + 1u : stream.len;
        piece = piece < room.len ? piece : room.len;
        struct slice part = slice_sub(stream, at, piece);
        memcpy(room.ptr, part.ptr, part.len);
        frame_received(&f, part.len);
        at += part.len;
        drain(&f, &o);
        if (f.size > 8 * (MAX_REQUEST + 4) && f.size > 4 * stream.len)
            abort();
    }
    frame_clear(&f);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct reader r = reader_of(slice_of(data, size));
    struct slice cuts = reader_bytes(&r, size < 8 ? 0 : 8);
    struct slice stream = reader_rest(&r);
    for (enum frame_kind kind = FRAME_KERBEROS; kind <= FRAME_RPC; kind++) {
        struct outcome whole = feed(kind, stream, (struct slice){0});
        struct outcome pieces = feed(kind, stream, cuts);
        if (whole.sum != pieces.sum || whole.end != pieces.end)
            abort();
    }
    return 0;
}
