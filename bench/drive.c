// drive.c: see drive.h.
#include "drive.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW_MAX = 1024, LOST_NS = 1000000000, EVENTS = 128 };

struct lane {
    int fd;
    size_t request;
    int64_t sent_ns; // 0: idle
};

struct driver {
    const struct requests *r;
    struct drive_result *out;
    struct lane lanes[WINDOW_MAX];
    unsigned window, busy;
    size_t next, sample_every;
    int epoll;
};

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void send_next(struct driver *d, struct lane *lane, int64_t now) {
    d->busy -= lane->sent_ns != 0;
    lane->sent_ns = 0;
    if (d->next == d->r->count)
        return;
    lane->request = d->next++;
    struct slice request = requests_at(d->r, lane->request);
    lane->sent_ns = now;
    d->busy++;
    if (send(lane->fd, request.ptr, request.len, MSG_DONTWAIT) < 0)
        lane->sent_ns = now - LOST_NS; // counted as lost at the next look
}

static void keep_sample(struct driver *d, const struct lane *lane, const uint8_t *bytes, size_t n) {
    struct drive_result *out = d->out;
    if (lane->request % d->sample_every || out->sample_count == DRIVE_SAMPLES ||
        n > sizeof out->samples[0].bytes)
        return;
    out->samples[out->sample_count].request = lane->request;
    out->samples[out->sample_count].len = n;
    memcpy(out->samples[out->sample_count++].bytes, bytes, n);
}

static void take_reply(struct driver *d, struct lane *lane) {
    uint8_t bytes[8192];
    ssize_t n = recv(lane->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n <= 0 || lane->sent_ns == 0)
        return;
    int64_t now = now_ns();
    struct drive_result *out = d->out;
    if (bytes[0] != requests_expected(d->r->kind))
        out->unexpected++;
    out->latency_ns[out->replies++] = (uint32_t)(now - lane->sent_ns);
    out->reply_bytes += (size_t)n;
    keep_sample(d, lane, bytes, (size_t)n);
    send_next(d, lane, now);
}

static void give_up_lost(struct driver *d) {
    int64_t now = now_ns();
    for (unsigned i = 0; i < d->window; i++)
        if (d->lanes[i].sent_ns && now - d->lanes[i].sent_ns >= LOST_NS) {
            d->out->lost++;
            send_next(d, &d->lanes[i], now);
        }
}

static enum obol_code open_lane(struct driver *d, struct lane *lane, const struct sockaddr_in *kdc,
                                struct error *err) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = lane};
    lane->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ENSURE(lane->fd >= 0 && connect(lane->fd, (const struct sockaddr *)kdc, sizeof *kdc) == 0 &&
               epoll_ctl(d->epoll, EPOLL_CTL_ADD, lane->fd, &event) == 0,
           IO, "socket: %s", strerror(errno));
    return OBOL_OK;
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static enum obol_code loop(struct driver *d, const struct sockaddr_in *kdc, struct error *err) {
    struct epoll_event events[EVENTS];
    d->epoll = epoll_create1(EPOLL_CLOEXEC);
    ENSURE(d->epoll >= 0, IO, "epoll: %s", strerror(errno));
    for (unsigned i = 0; i < d->window; i++)
        TRY(open_lane(d, &d->lanes[i], kdc, err));
    int64_t start = now_ns(), look = start;
    for (unsigned i = 0; i < d->window; i++)
        send_next(d, &d->lanes[i], start);
    while (d->busy > 0) {
        int n = epoll_wait(d->epoll, events, EVENTS, 100);
        for (int i = 0; i < n; i++)
            take_reply(d, events[i].data.ptr);
        int64_t now = now_ns();
        if (now - look < 100000000)
            continue;
        look = now;
        give_up_lost(d);
    }
    d->out->wall_ns = now_ns() - start;
    qsort(d->out->latency_ns, d->out->replies, sizeof(uint32_t), by_size);
    return OBOL_OK;
}

enum obol_code drive(const struct requests *r, const struct sockaddr_in *kdc, unsigned window,
                     struct drive_result *out, struct error *err) {
    static struct driver d;
    ENSURE(window > 0 && window <= WINDOW_MAX, USAGE, "a window of 1 to %d", WINDOW_MAX);
    d = (struct driver){.r = r, .out = out, .window = window};
    d.sample_every = r->count / DRIVE_SAMPLES + 1;
    memset(out, 0, sizeof *out);
    out->latency_ns = calloc(r->count + 1, sizeof *out->latency_ns);
    ENSURE_MEMORY(out->latency_ns);
    enum obol_code code = loop(&d, kdc, err);
    for (unsigned i = 0; i < window; i++)
        if (d.lanes[i].fd > 0)
            close(d.lanes[i].fd);
    close(d.epoll);
    return code;
}

void drive_result_free(struct drive_result *result) {
    free(result->latency_ns);
    result->latency_ns = NULL;
}
