// asker.h: questions to RADIUS servers about one-time codes, as a machine without sockets or a
// clock: datagrams in, datagrams out (asking.h moves them). A question goes to the servers of its
// service in their order, to each with retransmissions of the same bytes for as long as the
// service's timeout says; a server that did not answer is asked last for a while. Whatever is no
// genuine reply (radius.h) is dropped and counted, and the question goes on waiting. A server at a
// socket of this machine is sent a question once (radius_stream.h).
#ifndef OBOL_SERVER_ASKER_H
#define OBOL_SERVER_ASKER_H

#include "base/env.h"
#include "kdc/question.h"
#include "server/radius.h"
#include "server/service.h"

enum {
    ASKER_SERVERS_MAX = 4,    // of a service
    ASKER_SERVICES_MAX = 32,  // of all realms
    ASKER_PENDING_MAX = 256,  // the identifier of RADIUS is a byte
    ASKER_PER_USER = 4,       // questions that wait: guesses need not come all at once
    ASKER_QUIET_US = 60000000 // so long a server that did not answer is asked last
};

struct asker_server {
    union sock_address address; // family 0: its name was not found; AF_UNIX: at the path `text`
    struct slice text;          // as it was configured
};
struct asker_service { // a section of [otp]
    struct slice name;
    struct asker_server servers[ASKER_SERVERS_MAX];
    size_t server_count;
    struct slice secret;
    int64_t timeout_us; // of one server, all tries together
    unsigned tries;
};
struct asker;
// asker_new takes services that outlive it; NULL without memory. asker_free takes NULL.
struct asker *asker_new(const struct asker_service *const *services, size_t count, struct slice nas,
                        const struct env *env);
void asker_free(struct asker *a);
// asker_ask takes a question up and gives its number; -1: too many wait, of all or
// of the user's.
int asker_ask(struct asker *a, const struct kdc_question *q, int64_t now_us);
// asker_send gives the next datagram that is due now; false: none is. The bytes are the asker's.
struct asker_datagram {
    size_t service, server;
    struct slice bytes;
};
bool asker_send(struct asker *a, int64_t now_us, struct asker_datagram *out);
// asker_unsent puts one back: it did not go out, and is due again at once.
void asker_unsent(struct asker *a, const struct asker_datagram *d);
// asker_receive takes a datagram that came from a server; false: it was dropped.
bool asker_receive(struct asker *a, const struct asker_datagram *in);
// asker_unreachable says that the system knows no way to a server, or that it has hung up: what it
// was asked is not waited for; if that was nothing, nothing follows. What it is yet to be asked
// still goes there.
void asker_unreachable(struct asker *a, size_t service, size_t server, const char *why,
                       int64_t now_us);
// asker_finished gives the number of a question that is done, with its answer, and forgets it; -1:
// none is.
int asker_finished(struct asker *a, struct kdc_answer *out);
// asker_give_up ends all questions as not answered.
void asker_give_up(struct asker *a, const char *why);
// asker_wait_us is how long nothing is due; -1: for ever.
int64_t asker_wait_us(const struct asker *a, int64_t now_us);
size_t asker_pending(const struct asker *a);

#endif
