// children.c: starting, watching and ending the daemon's processes; see parent.h.
#include "base/env.h"
#include "base/secret.h"
#include "server/claims.h"
#include "server/parent.h"
#include "server/proxy.h"
#include "server/scribe.h"
#include "server/teller.h"
#include "server/worker.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// How long a question that was asked is known: longer than any client sends its request again, and
// than all servers of a service together may take.
static const int64_t CLAIMS_US = INT64_C(180000000);
enum {
    LOG_RING = 1 << 22, // bytes: some fifteen thousand events, while the disk is slow
    KEEP_RING = 1 << 18,
    CLAIMS = 4096, // questions to the outside that are known of
    READY_MS = 30000,
    LOOK_MS = 20,       // how often children are looked at while the parent waits for some of them
    QUICK_US = 1000000, // a child that lives shorter failed at once
    FREE_RESTARTS = 3,  // quick failures before there is a pause
    PAUSE_US = 50000,   // the first; doubles
    PAUSE_MAX_US = 5000000,
    OTHERS_PATIENCE_US = 5000000,
    PROXY_PATIENCE_US = 4000000, // a little more than it gives its connections
};

enum obol_code parent_open_memory(struct parent *p, struct error *err) {
    size_t slots = 2 * (size_t)p->workers;
    size_t blocks = slots * sizeof *p->metrics;
    void *map = mmap(NULL, blocks + sizeof *p->figures, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ENSURE(map != MAP_FAILED, NO_MEMORY, "the workers' counters");
    p->metrics = map;
    p->figures = (struct metrics_parent *)((uint8_t *)map + blocks);
    *p->figures = (struct metrics_parent){.workers = p->workers, .started_us = worker_clock_us()};
    p->claims = claims_new(CLAIMS, CLAIMS_US, env_system());
    ENSURE(p->claims, NO_MEMORY, "the table of questions");
    ENSURE(wake_init(&p->log_wake) && wake_init(&p->keep_wake), NO_MEMORY, "the wake-up events");
    for (size_t i = 0; i < slots; i++) {
        ENSURE(ring_init(&p->log[i], LOG_RING), NO_MEMORY, "a ring of %d bytes", LOG_RING);
        ENSURE(!p->keeps || ring_init(&p->keep[i], KEEP_RING), NO_MEMORY, "a ring of %d bytes",
               KEEP_RING);
    }
    return OBOL_OK;
}

void parent_close_memory(struct parent *p) {
    for (size_t i = 0; i < PARENT_SLOTS; i++) {
        ring_clear(&p->log[i]);
        ring_clear(&p->keep[i]);
    }
    wake_clear(&p->log_wake);
    wake_clear(&p->keep_wake);
    claims_free(p->claims);
    if (p->metrics)
        munmap(p->metrics, 2 * (size_t)p->workers * sizeof *p->metrics + sizeof *p->figures);
}

// Of the pairs a process keeps the ends that it needs.
static void close_pairs(int (*pairs)[2][2], int end) {
    for (size_t slot = 0; pairs && slot < 2; slot++)
        close((*pairs)[slot][end]);
}

static int run_worker(struct parent *p, const struct child *c, int ready_fd) {
    struct worker_start start = {
        .config = c->config,
        .service = p->options->service,
        .shared = p->shared,
        .listen = &p->listen,
        .index = c->index,
        .slot = c->slot,
        .log = &p->log[c->slot],
        .keep = &p->keep[c->slot],
        .log_wake = &p->log_wake,
        .keep_wake = &p->keep_wake,
        .claims = p->claims,
        .metrics = &p->metrics[c->slot],
        .proxied = {-1, -1},
        .ready_fd = ready_fd,
    };
    for (size_t slot = 0; p->options->proxied && slot < 2; slot++)
        start.proxied[slot] = (*p->options->proxied)[slot][0];
    close_pairs(p->options->proxied, 1);
    close_pairs(p->options->kpasswd, 1);
    listen_keep_only(&p->listen, c->index);
    return worker_run(&start);
}

static int run_proxy(struct parent *p, const struct child *c, int ready_fd) {
    const struct server_config *s = c->config;
    struct proxy_config proxy = {
        .listen_count = p->https_count,
        .certificate = s->https.certificate,
        .key = s->https.key,
        .kdc = (*p->options->proxied)[c->slot][1],
        .kpasswd = p->options->kpasswd ? (*p->options->kpasswd)[c->slot][1] : -1,
        .realms = s->https.realms,
        .realm_count = s->https.realm_count,
        .connections = s->https.connections,
        .per_source = s->tcp_max_per_source,
        .deadline_ms = s->tcp_request_ms,
        .no_sandbox = s->no_sandbox,
    };
    memcpy(proxy.listen, p->https, p->https_count * sizeof *p->https);
    close_pairs(p->options->proxied, 0);
    close_pairs(p->options->kpasswd, 0);
    listen_close(&p->listen);
    return proxy_run(&proxy, ready_fd);
}

static int run_teller(struct parent *p) {
    struct teller_config teller = {
        .listen_count = p->status_count,
        .view = {.blocks = p->metrics, .count = 2 * (size_t)p->workers, .parent = p->figures},
        .sockets = &p->listen,
        .workers = p->workers,
        .store_path = p->config->store_path,
        .no_sandbox = p->config->no_sandbox,
    };
    memcpy(teller.listen, p->status, p->status_count * sizeof *p->status);
    return teller_run(&teller);
}

static int run_other(struct parent *p, const struct child *c) {
    static struct drain drain;
    bool keeper = c->kind == CHILD_KEEPER;
    drain.rings = keeper ? p->keep : p->log;
    drain.count = 2 * (size_t)p->workers;
    drain.workers = p->workers;
    drain.wake = keeper ? &p->keep_wake : &p->log_wake;
    drain.parent = p->pid;
    listen_close(&p->listen);
    return keeper ? keeper_run(p->config, p->options->service, p->shared, &drain)
                  : scribe_run(p->config, &drain, p->figures);
}

static const char *kind_name(const struct child *c) {
    static const char *const names[] = {"worker", "log writer", "keeper", "proxy",
                                        "status service"};
    return names[c->kind];
}

// What the service shares may hold keys (kadmind_contexts.h): who neither serves nor keeps has none
// of it from the beginning, before a byte from elsewhere is read.
static void give_up_shared(struct parent *p, const struct child *c) {
    if (c->kind == CHILD_WORKER || c->kind == CHILD_KEEPER || !p->shared)
        return;
    p->options->service->unshare(p->shared);
    p->shared = NULL;
}

static void spawn(struct parent *p, struct child *c, int ready_fd) {
    c->started_us = worker_clock_us();
    c->start_at_us = 0;
    c->wanted = true;
    pid_t pid = fork();
    if (pid < 0) {
        fprintf(stderr, "obol: cannot start a %s: %s\n", kind_name(c), strerror(errno));
        c->start_at_us = c->started_us + PAUSE_MAX_US;
        return;
    }
    if (pid > 0) {
        c->pid = pid;
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != p->pid) // it died before we could ask to be told
        _exit(1);
    static const char *const names[] = {"obol-worker", "obol-log", "obol-keeper", "obol-proxy",
                                        "obol-status"};
    prctl(PR_SET_NAME, names[c->kind]);
    secret_harden_process(); // a change of user makes a process dumpable again
    give_up_shared(p, c);
    exit(c->kind == CHILD_WORKER   ? run_worker(p, c, ready_fd)
         : c->kind == CHILD_PROXY  ? run_proxy(p, c, ready_fd)
         : c->kind == CHILD_TELLER ? run_teller(p)
                                   : run_other(p, c));
}

// Reads a byte from each worker that serves; the end of the pipe means that the rest is dead. Those
// who serve meanwhile, the old generation at a reload, are started again if they die.
static unsigned count_ready(struct parent *p, int fd, unsigned wanted) {
    unsigned ready = 0;
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    int64_t until = worker_clock_us() + READY_MS * INT64_C(1000);
    while (ready < wanted && worker_clock_us() < until) {
        char bytes[SERVER_WORKERS_MAX];
        children_reap(p);
        children_restart(p);
        if (poll(&pfd, 1, LOOK_MS) <= 0)
            continue;
        ssize_t n = read(fd, bytes, wanted - ready);
        if (n <= 0)
            break;
        ready += (unsigned)n;
    }
    return ready;
}

void children_start_others(struct parent *p) {
    p->scribe = (struct child){CHILD_SCRIBE, .wanted = true};
    p->keeper = (struct child){CHILD_KEEPER, .wanted = true};
    spawn(p, &p->scribe, -1);
    if (p->keeps)
        spawn(p, &p->keeper, -1);
}

static struct child *child_of(struct parent *p, pid_t pid) {
    for (size_t i = 0; i < PARENT_SLOTS; i++)
        if (p->worker[i].pid == pid)
            return &p->worker[i];
    struct child *others[] = {&p->scribe, &p->keeper, &p->proxy[0], &p->proxy[1], &p->teller};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (others[i]->pid == pid)
            return others[i];
    return NULL;
}

static void tell_end(const struct child *c, pid_t pid, int status) {
    if (WIFSIGNALED(status))
        fprintf(stderr, "obol: %s %u (pid %d) was ended by signal %d (%s)\n", kind_name(c),
                c->index, (int)pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        fprintf(stderr, "obol: %s %u (pid %d) ended with status %d\n", kind_name(c), c->index,
                (int)pid, WEXITSTATUS(status));
}

// A child that died is started again at once, but one that cannot stay up is given growing pauses.
static void plan_restart(struct parent *p, struct child *c) {
    int64_t now = worker_clock_us(), pause = 0;
    c->quick_ends = now - c->started_us < QUICK_US ? c->quick_ends + 1 : 0;
    if (c->quick_ends > FREE_RESTARTS) {
        unsigned doublings = c->quick_ends - FREE_RESTARTS - 1;
        pause = doublings < 7 ? (int64_t)PAUSE_US << doublings : PAUSE_MAX_US;
    }
    if (pause)
        fprintf(stderr,
                "obol: %s %u starts again in %lld ms: it has ended soon after its start %u "
                "times in a row\n",
                kind_name(c), c->index, (long long)(pause / 1000), c->quick_ends);
    c->start_at_us = now + pause;
    p->figures->restarts++;
}

enum obol_code children_start_workers(struct parent *p, unsigned generation, struct error *err) {
    int ready[2];
    ENSURE(pipe(ready) == 0, IO, "pipe: %s", strerror(errno));
    for (unsigned i = 0; i < p->workers; i++) {
        struct child *c = &p->worker[generation * p->workers + i];
        *c = (struct child){CHILD_WORKER, .index = i, .slot = generation * p->workers + i,
                            .config = p->config};
        spawn(p, c, ready[1]);
        c->wanted = false; // one that cannot start is not started again, but reported
    }
    close(ready[1]);
    unsigned serving = count_ready(p, ready[0], p->workers);
    close(ready[0]);
    for (unsigned i = 0; serving == p->workers && i < p->workers; i++) {
        struct child *c = &p->worker[generation * p->workers + i];
        c->wanted = true;
        if (c->pid == 0) // it has died since
            plan_restart(p, c);
    }
    if (serving == p->workers)
        return OBOL_OK;
    children_retire(p, generation, SIGHUP); // what it has taken up goes to those who stay
    children_await_workers(p, generation, 1000000);
    ENSURE(false, INTERNAL, "only %u of %u workers could start; their messages say why", serving,
           p->workers);
    return OBOL_OK;
}

void children_reap(struct parent *p) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct child *c = child_of(p, pid);
        if (!c)
            continue;
        c->pid = 0;
        if (!c->wanted)
            continue;
        tell_end(c, pid, status);
        plan_restart(p, c);
    }
}

static int64_t restart_one(struct parent *p, struct child *c, int64_t soonest) {
    if (!c->wanted || c->start_at_us == 0)
        return soonest;
    int64_t left = c->start_at_us - worker_clock_us();
    if (left <= 0)
        spawn(p, c, -1);
    if (c->start_at_us == 0)
        return soonest;
    left = left > 0 ? left : PAUSE_MAX_US;
    return soonest < 0 || left < soonest ? left : soonest;
}

int64_t children_restart(struct parent *p) {
    int64_t soonest = -1;
    for (size_t i = 0; i < PARENT_SLOTS; i++)
        soonest = restart_one(p, &p->worker[i], soonest);
    for (size_t i = 0; i < COUNT_OF(p->proxy); i++)
        soonest = restart_one(p, &p->proxy[i], soonest);
    soonest = restart_one(p, &p->teller, soonest);
    soonest = restart_one(p, &p->scribe, soonest);
    return restart_one(p, &p->keeper, soonest);
}

static void end_child(struct child *c, int signal) {
    c->wanted = false;
    c->start_at_us = 0;
    if (c->pid > 0)
        kill(c->pid, signal);
}

void children_retire(struct parent *p, unsigned generation, int signal) {
    for (unsigned i = 0; i < p->workers; i++)
        end_child(&p->worker[generation * p->workers + i], signal);
}

// Waits for the children to end; those that do not are killed. The rest is looked after meanwhile.
static void await(struct parent *p, struct child *children, size_t n, int64_t patience_us) {
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    int64_t until = worker_clock_us() + patience_us;
    for (size_t i = 0; i < n;) {
        children_reap(p);
        children_restart(p);
        if (children[i].pid <= 0) {
            i++;
            continue;
        }
        if (worker_clock_us() >= until)
            end_child(&children[i], SIGKILL);
        struct timespec moment = {.tv_nsec = LOOK_MS * 1000000L};
        sigtimedwait(&chld, NULL, &moment);
    }
}

void children_await_workers(struct parent *p, unsigned generation, int64_t patience_us) {
    await(p, &p->worker[generation * p->workers], p->workers, patience_us);
}

void children_stop_others(struct parent *p) {
    end_child(&p->keeper, SIGTERM);
    end_child(&p->scribe, SIGTERM);
    await(p, &p->keeper, 1, OTHERS_PATIENCE_US);
    await(p, &p->scribe, 1, OTHERS_PATIENCE_US);
}

enum obol_code children_start_proxy(struct parent *p, struct error *err) {
    int ready[2];
    struct child *old = &p->proxy[p->proxy_at], *next = &p->proxy[1 - p->proxy_at];
    if (p->https_count == 0)
        return OBOL_OK;
    if (next->pid > 0) // it retires still, from the reload before
        await(p, next, 1, PROXY_PATIENCE_US);
    ENSURE(pipe(ready) == 0, IO, "pipe: %s", strerror(errno));
    *next = (struct child){CHILD_PROXY, .slot = 1 - p->proxy_at, .config = p->config};
    spawn(p, next, ready[1]);
    next->wanted = false;
    close(ready[1]);
    bool serves = count_ready(p, ready[0], 1) == 1;
    close(ready[0]);
    if (!serves)
        end_child(next, SIGKILL);
    ENSURE(serves, IO, "the proxy for https could not start; its message says why");
    next->wanted = true;
    end_child(old, SIGTERM);
    p->proxy_at = 1 - p->proxy_at;
    return OBOL_OK;
}

void children_stop_proxy(struct parent *p) {
    for (size_t i = 0; i < COUNT_OF(p->proxy); i++)
        end_child(&p->proxy[i], SIGTERM);
    await(p, p->proxy, COUNT_OF(p->proxy), PROXY_PATIENCE_US);
}

void children_start_teller(struct parent *p) {
    p->teller = (struct child){CHILD_TELLER, .config = p->config};
    if (p->status_count > 0)
        spawn(p, &p->teller, -1);
}

void children_stop_teller(struct parent *p) {
    end_child(&p->teller, SIGTERM);
    await(p, &p->teller, 1, OTHERS_PATIENCE_US);
}
