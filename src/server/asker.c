// asker.c: see asker.h.
#include "server/asker.h"
#include "base/ct.h"
#include <stdio.h>
#include <stdlib.h>

struct pending {
    bool used;
    size_t service;
    size_t server;           // that is asked now
    unsigned tried;          // a bit each server
    unsigned sent;           // to this one
    int64_t next_us;         // when it is sent again, or given up
    int64_t until_us;        // when this server is given up
    unsigned dropped;        // replies that were none
    enum radius_fault fault; // of the last of them
    uint8_t authenticator[RADIUS_AUTHENTICATOR];
    uint8_t packet[RADIUS_REQUEST_MAX];
    size_t len;
    struct kdc_answer answer;
};

struct asker {
    const struct asker_service *const *services;
    size_t service_count;
    struct slice nas;
    const struct env *env;
    size_t count, last; // questions; the number that was given last
    int64_t quiet_us[ASKER_SERVICES_MAX][ASKER_SERVERS_MAX]; // asked last until then
    struct pending pending[ASKER_PENDING_MAX];
};

struct asker *asker_new(const struct asker_service *const *services, size_t count, struct slice nas,
                        const struct env *env) {
    struct asker *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->services = services;
    a->service_count = count < ASKER_SERVICES_MAX ? count : ASKER_SERVICES_MAX;
    a->nas = slice_sub(nas, 0, RADIUS_TEXT_MAX);
    a->env = env;
    return a;
}

static void forget(struct asker *a, struct pending *p) {
    wipe(p, sizeof *p);
    a->count--;
}

void asker_free(struct asker *a) {
    if (!a)
        return;
    wipe(a->pending, sizeof a->pending);
    free(a);
}

static const struct asker_service *service_of(const struct asker *a, const struct pending *p) {
    return a->services[p->service];
}

static void finish(struct pending *p, enum kdc_verdict verdict) {
    p->answer.verdict = verdict;
}

// Seconds with a digit behind the point: what people set.
static void tell_unanswered(const struct asker *a, struct pending *p) {
    const struct asker_service *s = service_of(a, p);
    const struct slice who = s->servers[p->server].text;
    int len =
        snprintf(p->answer.detail, sizeof p->answer.detail,
                 "the RADIUS server %.*s did not answer %u request%s in %lld.%lld s",
                 SLICE_ARG(who), p->sent, p->sent == 1 ? "" : "s",
                 (long long)(s->timeout_us / 1000000), (long long)(s->timeout_us / 100000 % 10));
    if (p->dropped && len > 0 && (size_t)len < sizeof p->answer.detail)
        snprintf(p->answer.detail + len, sizeof p->answer.detail - (size_t)len,
                 "; %u dropped, of the last: %s", p->dropped, radius_fault_text(p->fault));
}

// The next server of the service that was not asked yet: in their order, those that are quiet last.
static bool choose_server(struct asker *a, struct pending *p, int64_t now_us) {
    const struct asker_service *s = service_of(a, p);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < s->server_count; i++) {
            bool quiet = a->quiet_us[p->service][i] > now_us;
            if ((p->tried & 1u << i) || (pass == 0 && quiet))
                continue;
            p->server = i;
            p->tried |= 1u << i;
            p->sent = 0;
            p->next_us = now_us;
            p->until_us = now_us + s->timeout_us;
            return true;
        }
    return false;
}

static void next_server(struct asker *a, struct pending *p, int64_t now_us) {
    const struct asker_service *s = service_of(a, p);
    while (choose_server(a, p, now_us)) {
        if (s->servers[p->server].address.any.sa_family)
            return;
        snprintf(p->answer.detail, sizeof p->answer.detail,
                 "the name of the RADIUS server %.*s was not found when the configuration was read",
                 SLICE_ARG(s->servers[p->server].text));
    }
    finish(p, KDC_UNANSWERED);
}

// Numbers come round, so that a late reply meets its own question or none.
static struct pending *free_place(struct asker *a, int *number) {
    for (size_t i = 1; i <= ASKER_PENDING_MAX; i++) {
        size_t at = (a->last + i) % ASKER_PENDING_MAX;
        if (a->pending[at].used)
            continue;
        a->last = at;
        *number = (int)at;
        return &a->pending[at];
    }
    return NULL;
}

// The user's name stands in the packet, behind the head and the Message-Authenticator.
static bool asks_too_often(const struct asker *a, const struct kdc_question *q) {
    unsigned same = 0;
    for (size_t i = 0; a->count && i < ASKER_PENDING_MAX; i++) {
        const struct pending *p = &a->pending[i];
        struct slice packet = slice_of(p->packet, p->len);
        same += p->used && p->service == q->service && packet.len > RADIUS_USER_AT &&
                slice_eq(slice_sub(packet, RADIUS_USER_AT, packet.ptr[RADIUS_USER_AT - 1] - 2u),
                         q->user);
    }
    return same >= ASKER_PER_USER;
}

int asker_ask(struct asker *a, const struct kdc_question *q, int64_t now_us) {
    int number;
    struct pending *p = asks_too_often(a, q) ? NULL : free_place(a, &number);
    if (!p)
        return -1;
    a->count++;
    p->used = true;
    p->service = q->service;
    if (q->service >= a->service_count) {
        snprintf(p->answer.detail, sizeof p->answer.detail, "no such RADIUS service");
        finish(p, KDC_UNANSWERED);
        return number;
    }
    struct radius_request rq = {
        .id = (uint8_t)number, .user = q->user, .password = q->code, .nas = a->nas};
    env_random(a->env, buf_of(rq.authenticator, sizeof rq.authenticator));
    memcpy(p->authenticator, rq.authenticator, sizeof p->authenticator);
    struct writer w = writer_to_buf(buf_of(p->packet, sizeof p->packet));
    radius_request_write(&rq, service_of(a, p)->secret, &w);
    p->len = w.len;
    if (writer_ok(&w)) {
        next_server(a, p, now_us);
    } else { // no server could know such a code
        snprintf(p->answer.detail, sizeof p->answer.detail,
                 "a name of %zu bytes with a code of %zu is more than RADIUS carries", q->user.len,
                 q->code.len);
        finish(p, KDC_REJECTED);
    }
    return number;
}

bool asker_send(struct asker *a, int64_t now_us, struct asker_datagram *out) {
    for (size_t i = 0; a->count && i < ASKER_PENDING_MAX; i++) {
        struct pending *p = &a->pending[i];
        if (!p->used || p->answer.verdict || p->next_us > now_us)
            continue;
        if (now_us >= p->until_us) {
            tell_unanswered(a, p);
            a->quiet_us[p->service][p->server] = now_us + ASKER_QUIET_US;
            next_server(a, p, now_us);
            if (p->answer.verdict)
                continue;
        }
        const struct asker_service *s = service_of(a, p);
        int64_t apart = s->timeout_us / (s->tries ? s->tries : 1);
        bool stream = s->servers[p->server].address.any.sa_family == AF_UNIX; // loses nothing
        p->sent++;
        p->next_us = p->sent < s->tries && !stream ? now_us + apart : p->until_us;
        *out = (struct asker_datagram){p->service, p->server, slice_of(p->packet, p->len)};
        return true;
    }
    return false;
}

// The identifier of a packet is the place of its question.
void asker_unsent(struct asker *a, const struct asker_datagram *d) {
    struct pending *p = &a->pending[d->bytes.ptr[1]];
    p->sent--;
    p->next_us = 0;
}

// What the server says goes to the log, which escapes it.
static void take(struct asker *a, struct pending *p, const struct radius_reply *reply,
                 size_t server) {
    const struct slice who = service_of(a, p)->servers[server].text;
    const struct slice says = slice_sub(reply->message, 0, 80);
    const char *what = reply->code == RADIUS_ACCESS_ACCEPT   ? "takes the one-time code"
                       : reply->code == RADIUS_ACCESS_REJECT ? "refuses the one-time code"
                                                             : "asks a question back, which a "
                                                               "login by Kerberos cannot carry";
    snprintf(p->answer.detail, sizeof p->answer.detail, "the RADIUS server %.*s %s%s%.*s",
             SLICE_ARG(who), what, says.len ? ": " : "", SLICE_ARG(says));
    finish(p, reply->code == RADIUS_ACCESS_ACCEPT   ? KDC_ACCEPTED
              : reply->code == RADIUS_ACCESS_REJECT ? KDC_REJECTED
                                                    : KDC_CHALLENGED);
    a->quiet_us[p->service][server] = 0;
}

bool asker_receive(struct asker *a, const struct asker_datagram *in) {
    struct pending *p = in->bytes.len > 1 ? &a->pending[in->bytes.ptr[1]] : NULL;
    struct radius_reply reply;
    // A server that was given up may still be the one that answers.
    if (!p || !p->used || p->answer.verdict || p->service != in->service ||
        in->server >= ASKER_SERVERS_MAX || !(p->tried & 1u << in->server))
        return false;
    enum radius_fault fault = radius_reply_read(in->bytes, in->bytes.ptr[1], p->authenticator,
                                                service_of(a, p)->secret, &reply);
    if (fault == RADIUS_FINE) {
        take(a, p, &reply, in->server);
        return true;
    }
    p->fault = fault;
    p->dropped++;
    return false;
}

void asker_unreachable(struct asker *a, size_t service, size_t server, const char *why,
                       int64_t now_us) {
    for (size_t i = 0; i < ASKER_PENDING_MAX; i++) {
        struct pending *p = &a->pending[i];
        if (!p->used || p->answer.verdict || p->service != service || p->server != server ||
            p->sent == 0)
            continue;
        a->quiet_us[service][server] = now_us + ASKER_QUIET_US;
        snprintf(p->answer.detail, sizeof p->answer.detail, "the RADIUS server %.*s: %s",
                 SLICE_ARG(service_of(a, p)->servers[server].text), why);
        next_server(a, p, now_us);
    }
}

int asker_finished(struct asker *a, struct kdc_answer *out) {
    for (size_t i = 0; a->count && i < ASKER_PENDING_MAX; i++) {
        struct pending *p = &a->pending[i];
        if (!p->used || !p->answer.verdict)
            continue;
        *out = p->answer;
        forget(a, p);
        return (int)i;
    }
    return -1;
}

void asker_give_up(struct asker *a, const char *why) {
    for (size_t i = 0; a->count && i < ASKER_PENDING_MAX; i++) {
        struct pending *p = &a->pending[i];
        if (!p->used || p->answer.verdict)
            continue;
        snprintf(p->answer.detail, sizeof p->answer.detail, "%s", why);
        finish(p, KDC_UNANSWERED);
    }
}

int64_t asker_wait_us(const struct asker *a, int64_t now_us) {
    int64_t wait = -1;
    for (size_t i = 0; a->count && i < ASKER_PENDING_MAX; i++) {
        const struct pending *p = &a->pending[i];
        if (!p->used)
            continue;
        int64_t left = p->answer.verdict || p->next_us < now_us ? 0 : p->next_us - now_us;
        wait = wait < 0 || left < wait ? left : wait;
    }
    return wait;
}

size_t asker_pending(const struct asker *a) {
    return a->count;
}
