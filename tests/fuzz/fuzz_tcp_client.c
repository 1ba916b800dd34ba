// fuzz_tcp_client.c: the framing of a reply by TCP, fed in arbitrary pieces: however the stream is
// cut, the outcome is the same, and memory stays in proportion to what came.
#include "fuzz.h"
#include "net/frame.h"
#include "net/transport.h"
#include <stdlib.h>

struct outcome {
    enum net_frame_status status;
    size_t used;
    struct slice reply;
};

static struct outcome feed(struct slice stream, struct slice cuts, struct arena *a) {
    struct net_frame f;
    struct outcome o = {NET_FRAME_MORE, 0, {0}};
    net_frame_init(&f, a);
    for (size_t turn = 0; o.used < stream.len && o.status == NET_FRAME_MORE; turn++) {
        size_t piece = cuts.len ? cuts.ptr[turn % cuts.len] + 1u : stream.len;
        struct buf room = net_frame_room(&f);
        if (!room.len)
            abort(); // neither whole nor refused, and yet nothing to receive
        struct slice part = slice_sub(stream, o.used, piece < room.len ? piece : room.len);
        memcpy(room.ptr, part.ptr, part.len);
        o.used += part.len;
        o.status = net_frame_received(&f, part.len);
    }
    if (o.status == NET_FRAME_WHOLE)
        o.reply = net_frame_reply(&f);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    size_t n = size ? data[0] % 8 : 0;
    if (size < 1 + n || !arena_init(&a, 4096, 1 << 22))
        return 0;
    struct slice cuts = slice_of(data + 1, n), stream = slice_of(data + 1 + n, size - 1 - n);
    struct outcome whole = feed(stream, (struct slice){0}, &a), cut = feed(stream, cuts, &a);
    if (whole.status != cut.status || whole.used != cut.used || !slice_eq(whole.reply, cut.reply))
        abort();
    if (whole.status == NET_FRAME_WHOLE &&
        (whole.reply.len == 0 || whole.reply.len > NET_REPLY_MAX ||
         whole.reply.len != whole.used - 4))
        abort();
    arena_clear(&a);
    return 0;
}
