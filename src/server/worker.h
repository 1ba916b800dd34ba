// worker.h: one worker process: an epoll loop over its own UDP and TCP sockets, its arena, its ring
// and its counters. udp.c and tcp.c bring requests; the service answers them.
#ifndef OBOL_SERVER_WORKER_H
#define OBOL_SERVER_WORKER_H

#include "server/limits.h"
#include "server/listen.h"
#include "server/metrics.h"
#include "server/ring.h"
#include "server/server.h"

struct asking;
struct claims;
struct udp;
struct tcp;

// What the parent hands to a worker over fork. The slot names its ring and counters: a worker and
// its successor at a reload live side by side, so they have different slots.
struct worker_start {
    const struct server_config *config;
    const struct service *service;
    void *shared; // the service's
    struct listen_set *listen;
    unsigned index; // which sockets
    unsigned slot;
    struct ring *log, *keep; // keep.head is NULL: nothing is kept
    const struct wake *log_wake, *keep_wake;
    int proxied[2];        // where the proxy and its successor ask; -1: there is none
    struct claims *claims; // which questions are asked by whom
    struct metrics *metrics;
    int ready_fd; // a byte is written when the worker serves, then it is closed
};

// What epoll's data points to.
enum source_kind {
    SOURCE_SIGNAL,
    SOURCE_UDP,
    SOURCE_LISTENER,
    SOURCE_SUCCESSION, // connections that the worker before us hands on
    SOURCE_PROXIED,    // what the proxy asks (proxied.h)
    SOURCE_OUTSIDE,    // a server that is asked (asking.h)
    SOURCE_CONNECTION,
    SOURCE_CLOSED
};
struct source {
    enum source_kind kind;
    int fd;
    uint32_t events; // that epoll waits for
};

struct worker {
    struct worker_start start;
    void *state; // the service's
    struct arena arena;
    struct limits limits;
    int epoll;
    struct source signals, proxied[2];
    struct udp *udp;
    struct tcp *tcp;
    struct asking *asking;        // NULL: nobody is asked
    struct kdc_question question; // of the request in hand: it waits; number 0: it does not
    int64_t clock_us;             // monotonic; when the last request was finished
    int64_t wall_us;              // wall clock minus monotonic clock, taken anew each turn
    bool fresh;                   // the snapshot was renewed in this turn
    bool wrote_log, wrote_keep;
    bool unlogged; // the request in hand is one of many that are only counted
    bool stopping;
    bool retiring; // stops for a successor, which takes the connections over
    int64_t stop_by_us;
    uint8_t event_bytes[EVENT_BYTES_MAX];
};

// worker_run serves until SIGTERM, or SIGHUP: it retires. Gives the process's exit status.
int worker_run(const struct worker_start *start);

// worker_answer has the service answer; *event is filled but for what the transport adds. The reply
// is valid until worker_finish, which counts and logs the event and empties the arena. If then
// w->question.number is not 0 the request must wait: the transport calls asking_park instead.
struct slice worker_answer(struct worker *w, struct slice request, const union sock_address *peer,
                           enum event_transport via, struct event *event);
void worker_finish(struct worker *w, struct event *event);
// worker_answer_known is worker_answer for a request that waited since `since_us` (wall clock).
struct slice worker_answer_known(struct worker *w, const struct service_request *rq,
                                 int64_t since_us, struct event *event);
struct slice worker_refuse(struct worker *w, enum obol_code code);
// worker_event_peer fills the event's transport and address.
void worker_event_peer(struct event *event, const union sock_address *peer,
                       enum event_transport via);
// worker_watch adds a source to epoll, worker_rewatch changes what is waited for.
MUST_USE bool worker_watch(struct worker *w, struct source *source, uint32_t events);
bool worker_rewatch(struct worker *w, struct source *source, uint32_t events);
int64_t worker_clock_us(void); // monotonic

// udp.c
MUST_USE bool udp_start(struct worker *w);
void udp_serve(struct worker *w, struct source *socket);
void udp_stop(struct worker *w); // answers what is queued, unless a successor does, and no more
void udp_free(struct worker *w);

// tcp.c
MUST_USE bool tcp_start(struct worker *w);
void tcp_accept(struct worker *w, struct source *listener);
void tcp_serve(struct worker *w, struct source *connection, uint32_t events);
// tcp_expire closes what is past its deadline, and gives the milliseconds until it wants to be
// called again, -1: not at all.
int tcp_expire(struct worker *w);
// tcp_end_turn frees what was closed: no event may point to it any more.
void tcp_end_turn(struct worker *w);
void tcp_succeed(struct worker *w); // takes the connections of the worker before us
void tcp_hand_on(struct worker *w); // gives ours to the one after us, as far as there is room
// tcp_stop accepts no more; idle connections are closed, or handed on if the worker retires.
void tcp_stop(struct worker *w);
bool tcp_is_idle(const struct worker *w);
void tcp_free(struct worker *w);

#endif
