// frame.c: one reply out of a TCP stream (RFC 4120 7.2.2).
#include "net/frame.h"

#include "net/transport.h"

#define FRAME_STEP 16384 // bytes of memory that may be ahead of what came

void net_frame_init(struct net_frame *f, struct arena *a) {
    *f = (struct net_frame){.body = writer_to_arena(a)};
}

struct buf net_frame_room(struct net_frame *f) {
    if (f->head_len < sizeof f->head) {
        f->room = buf_of(f->head + f->head_len, sizeof f->head - f->head_len);
        return f->room;
    }
    size_t left = f->want - f->body.len;
    size_t step = left < FRAME_STEP ? left : FRAME_STEP;
    f->room = step ? writer_room(&f->body, step) : (struct buf){NULL, 0};
    if (!f->room.ptr)
        f->room.len = 0;
    // Counted as it comes.
    f->body.len -= f->room.len;
    return f->room;
}

static enum net_frame_status head_done(struct net_frame *f) {
    f->want = (uint32_t)f->head[0] << 24 | (uint32_t)f->head[1] << 16 | (uint32_t)f->head[2] << 8 |
              f->head[3];
    return f->want == 0 || f->want > NET_REPLY_MAX ? NET_FRAME_REFUSED : NET_FRAME_MORE;
}

enum net_frame_status net_frame_received(struct net_frame *f, size_t n) {
    if (n > f->room.len)
        return NET_FRAME_REFUSED;
    if (f->head_len < sizeof f->head) {
        f->head_len += n;
        return f->head_len < sizeof f->head ? NET_FRAME_MORE : head_done(f);
    }
    if (!writer_ok(&f->body))
        return NET_FRAME_MEMORY;
    f->body.len += n;
    return f->body.len == f->want ? NET_FRAME_WHOLE : NET_FRAME_MORE;
}

struct slice net_frame_reply(const struct net_frame *f) {
    return writer_slice(&f->body);
}
