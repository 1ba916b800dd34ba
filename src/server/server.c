// server.c: the parent's life: start, signals, reload, orderly stop; see server.h.
#include "server/server.h"
#include "base/env.h"
#include "base/secret.h"
#include "server/notify.h"
#include "server/parent.h"
#include "server/sandbox.h"
#include "server/scribe.h"
#include "server/teller.h"
#include "server/worker.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    SPARE_DESCRIPTORS = 64,
    RETIRE_US = 3000000, // a little more than a worker gives its connections
    STATUS_MAX = 256 * 1024,
};

static void set_default(unsigned *value, unsigned otherwise) {
    if (*value == 0)
        *value = otherwise;
}

// The cores that we may use: a service manager or container may keep us off some.
static unsigned core_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

static void fill_defaults(struct server_config *c) {
    set_default(&c->workers, core_count());
    if (c->workers > SERVER_WORKERS_MAX)
        c->workers = SERVER_WORKERS_MAX;
    set_default(&c->tcp_max_connections, 4096);
    set_default(&c->tcp_max_per_source, 1024);
    set_default(&c->tcp_idle_ms, 30000);
    set_default(&c->tcp_request_ms, 10000);
    set_default(&c->keep_interval_ms, 1000);
    set_default(&c->https.connections, 1024);
    set_default(&c->udp_stale_ms, 500);
    if (c->udp_max_reply == 0)
        c->udp_max_reply = 4096;
    if (c->udp_max_reply > 65507)
        c->udp_max_reply = 65507;
    if (c->tcp_max_request == 0)
        c->tcp_max_request = 64 * 1024;
}

// Sees that what a worker will do can be done: the service opens, the log can be written.
static enum obol_code check_config(const struct service *service, void *shared,
                                   const struct server_config *config, struct error *err) {
    void *state = NULL;
    TRY(service->open(config->service, shared, &state, err));
    service->close(state);
    return scribe_check(config, err);
}

// Descriptors for all connections a worker may have, so that accept never fails for want of them.
static void reserve_descriptors(struct server_config *c, size_t listeners) {
    struct rlimit limit;
    rlim_t own = SPARE_DESCRIPTORS + 2 * listeners * c->workers;
    rlim_t need = own + c->tcp_max_connections;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
        return;
    limit.rlim_cur = need;
    if (limit.rlim_max < need)
        limit.rlim_max = need; // root may
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    unsigned possible = limit.rlim_max > own + 16 ? (unsigned)(limit.rlim_max - own) : 16;
    fprintf(stderr, "obol: the limit of open files (%llu) allows %u TCP connections, not %u\n",
            (unsigned long long)limit.rlim_max, possible, c->tcp_max_connections);
    c->tcp_max_connections = possible;
}

static enum obol_code open_https(struct parent *p, struct error *err) {
    const struct server_config *c = p->config;
    const struct activation *given = p->options->given;
    if (c->https.certificate < 0)
        return OBOL_OK;
    for (size_t i = 0; given && i < given->count && p->https_count < COUNT_OF(p->https); i++)
        if (given->at[i].use == ACTIVATION_HTTPS && given->at[i].stream)
            p->https[p->https_count++] = given->at[i].fd;
    if (p->https_count > 0)
        return OBOL_OK;
    for (size_t i = 0; i < c->https.listen_count; i++) {
        union sock_address a[2];
        size_t n;
        TRY(listen_parse(c->https.listen[i], a, &n, err));
        for (size_t k = 0; k < n && p->https_count < COUNT_OF(p->https); k++)
            TRY(listen_bind(&a[k], &p->https[p->https_count++], err));
    }
    return OBOL_OK;
}

// Where the figures are told. The socket of this machine is made as the daemon's user, who owns the
// home directory; that it cannot be is no reason not to serve.
static enum obol_code open_status(struct parent *p, struct error *err) {
    const struct server_config *c = p->config;
    const struct activation *given = p->options->given;
    size_t most = COUNT_OF(p->status) - 1;
    for (size_t i = 0; given && i < given->count && p->status_count < most; i++)
        if (given->at[i].use == ACTIVATION_METRICS && given->at[i].stream)
            p->status[p->status_count++] = given->at[i].fd;
    for (size_t i = 0; p->status_count == 0 && i < c->metrics_listen_count; i++) {
        union sock_address a[2];
        size_t n;
        TRY(listen_parse(c->metrics_listen[i], a, &n, err));
        for (size_t k = 0; k < n && p->status_count < most; k++)
            TRY(listen_bind(&a[k], &p->status[p->status_count++], err));
    }
    return OBOL_OK;
}

static void open_status_socket(struct parent *p) {
    struct error err;
    error_init(&err);
    if (!p->config->status_socket)
        return;
    if (listen_path_open(p->config->status_socket, 0600, &p->status[p->status_count], &err) ==
        OBOL_OK) {
        p->status_socket = true;
        p->status_count++;
    } else
        fprintf(stderr, "obol: obol status will not work: %s\n", err.detail);
}

static void close_status(struct parent *p) {
    for (size_t i = 0; i < p->status_count; i++)
        close(p->status[i]);
    if (p->config && p->status_socket)
        unlink(p->config->status_socket);
}

static void tell_ready(struct parent *p) {
    uint8_t line[2048];
    struct writer w = writer_to_buf(buf_of(line, sizeof line));
    writer_str(&w, "ready ");
    listen_write(&p->listen, &w);
    writer_str(&w, "\n");
    struct slice text = writer_slice(&w);
    if (!p->options->quiet)
        fprintf(stderr, "obol: serving on %.*s, UDP and TCP, %u worker%s\n",
                (int)(text.len - strlen("ready \n")), (const char *)text.ptr + strlen("ready "),
                p->workers, p->workers == 1 ? "" : "s");
    notify_line(p->options->ready_fd, text);
    notify_manager("READY=1");
}

static void write_status(struct parent *p) {
    static uint8_t text[STATUS_MAX];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    struct metrics_view view = {p->metrics, 2 * (size_t)p->workers, p->figures, {0}};
    teller_look(&p->listen, p->workers, p->config->store_path, &view.now);
    metrics_write_json(&view, &w);
    struct slice json = writer_slice(&w);
    const char *path = p->config->status_path;
    if (!path) {
        fprintf(stderr, "obol: counters: %.*s", (int)json.len, (const char *)json.ptr);
        return;
    }
    char fresh[4096];
    int n = snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = n < (int)sizeof fresh
                 ? open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640)
                 : -1;
    bool ok = fd >= 0 && write(fd, json.ptr, json.len) == (ssize_t)json.len;
    if (fd >= 0)
        close(fd);
    if (!ok || rename(fresh, path) != 0)
        fprintf(stderr, "obol: counters cannot be written to %s: %s\n", path, strerror(errno));
}

// addresses_text is what the sockets were opened at, for comparing; the caller frees it, NULL
// without memory.
static char *addresses_text(const struct server_config *c) {
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    if (!f)
        return NULL;
    for (size_t i = 0; i < c->listen_count; i++)
        fprintf(f, "%s\n", c->listen[i]);
    fputs("tcp\n", f);
    for (size_t i = 0; i < c->tcp_listen_count; i++)
        fprintf(f, "%s\n", c->tcp_listen[i]);
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

// What a reload cannot change since the sockets and the user stay. It is compared with what was
// bound, not with what the last reload read: who goes back to that is told nothing.
static void keep_fixed(const struct parent *p, struct server_config *fresh) {
    char *wanted = addresses_text(fresh);
    if (fresh->workers != p->workers || !wanted || strcmp(wanted, p->bound) != 0)
        fprintf(stderr, "obol: listen addresses and the number of workers change only at a restart "
                        "of the daemon; the old ones stay\n");
    free(wanted);
    fresh->workers = p->workers;
    fresh->keep_off = !p->keeps;
    if (fresh->tcp_max_connections > p->config->tcp_max_connections)
        fresh->tcp_max_connections = p->config->tcp_max_connections; // descriptors are reserved
}

static enum obol_code take_config(struct parent *p, struct error *err) {
    struct server_config *fresh = NULL, *old = p->config;
    TRY(p->options->load(p->options->ctx, &fresh, err));
    fill_defaults(fresh);
    keep_fixed(p, fresh);
    enum obol_code code = check_config(p->options->service, p->shared, fresh, err);
    if (code == OBOL_OK) {
        p->config = fresh;
        code = children_start_workers(p, 1 - p->generation, err);
    }
    if (code != OBOL_OK) {
        p->config = old;
        p->options->unload(p->options->ctx, fresh);
        return code;
    }
    children_retire(p, p->generation, SIGHUP);
    p->generation = 1 - p->generation;
    p->options->unload(p->options->ctx, old);
    return OBOL_OK;
}

static void reload(struct parent *p) {
    struct error err;
    char reloading[64];
    error_init(&err);
    snprintf(reloading, sizeof reloading, "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)worker_clock_us());
    notify_manager(reloading);
    // A second reload on the heels of the first needs the slots of those that are still finishing.
    children_await_workers(p, 1 - p->generation, RETIRE_US);
    enum obol_code code = take_config(p, &err);
    // In either case the log is opened again: it may have been rotated.
    children_stop_others(p);
    children_start_others(p);
    // Certificates are renewed on their own time: one that is bad leaves the old one in use.
    if (code == OBOL_OK)
        code = children_start_proxy(p, &err);
    if (code == OBOL_OK) {
        p->figures->reloads++;
        fprintf(stderr, "obol: configuration reloaded\n");
    } else {
        p->figures->reloads_refused++;
        fprintf(stderr, "obol: reload refused, the old configuration stays: %s: %s\n",
                error_info(err.code)->text, err.detail);
    }
    notify_manager("READY=1");
}

static enum obol_code start(struct parent *p, struct error *err) {
    secret_harden_process();
    TRY(p->options->load(p->options->ctx, &p->config, err));
    fill_defaults(p->config);
    p->workers = p->config->workers;
    p->keeps = p->options->service->keep && !p->config->keep_off;
    p->bound = addresses_text(p->config);
    ENSURE_MEMORY(p->bound);
    TRY(listen_open(&p->listen, p->config, p->workers, p->options->given,
                    (enum activation_use)p->options->given_use, err));
    TRY(open_https(p, err));
    TRY(open_status(p, err));
    reserve_descriptors(p->config, p->listen.count);
    TRY(sandbox_become(p->config->user, err));
    if (p->options->service->share)
        TRY(p->options->service->share(p->config->service, &p->shared, err));
    TRY(check_config(p->options->service, p->shared, p->config, err));
    TRY(parent_open_memory(p, err));
    open_status_socket(p);
    children_start_others(p);
    children_start_teller(p);
    TRY(children_start_workers(p, p->generation, err));
    return children_start_proxy(p, err);
}

// Children end in the order of the flow: those who make events first.
static void stop(struct parent *p) {
    notify_manager("STOPPING=1");
    children_stop_proxy(p);
    children_stop_teller(p);
    children_retire(p, 0, SIGTERM);
    children_retire(p, 1, SIGTERM);
    children_await_workers(p, 0, RETIRE_US);
    children_await_workers(p, 1, RETIRE_US);
    children_stop_others(p);
    if (p->metrics && p->config->status_path)
        write_status(p);
}

static void watch(struct parent *p, const sigset_t *signals) {
    for (;;) {
        int64_t left = children_restart(p);
        struct timespec timeout = {left / 1000000, left % 1000000 * 1000};
        int signal = left < 0 ? sigwaitinfo(signals, NULL) : sigtimedwait(signals, NULL, &timeout);
        if (signal == SIGTERM || signal == SIGINT)
            return;
        if (signal == SIGHUP)
            reload(p);
        if (signal == SIGUSR1)
            write_status(p);
        children_reap(p);
    }
}

static void block_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGUSR1);
    sigaddset(set, SIGCHLD);
    sigprocmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a limit of files' sizes is as a full disk
}

enum obol_code server_run(const struct server_options *options, struct error *err) {
    sigset_t signals;
    struct parent *p = calloc(1, sizeof *p);
    ENSURE_MEMORY(p);
    *p =
        (struct parent){.options = options, .pid = getpid(), .log_wake.fd = -1, .keep_wake.fd = -1};
    block_signals(&signals);
    enum obol_code code = start(p, err);
    if (code == OBOL_OK) {
        tell_ready(p);
        watch(p, &signals);
    }
    if (p->config)
        stop(p);
    close_status(p);
    listen_remove_paths(&p->listen);
    listen_close(&p->listen);
    for (size_t i = 0; i < p->https_count; i++)
        close(p->https[i]);
    parent_close_memory(p);
    if (p->shared)
        options->service->unshare(p->shared);
    if (p->config)
        options->unload(options->ctx, p->config);
    free(p->bound);
    free(p);
    return code;
}
