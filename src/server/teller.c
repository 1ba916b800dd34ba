// teller.c: see teller.h. HTTP is libmicrohttpd's.
#include "server/teller.h"
#include "server/http.h"
#include "server/sandbox.h"
#include "server/worker.h"
#include <linux/sock_diag.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PAGE_MAX = 256 * 1024,
    CONNECTIONS = 64,
    SECONDS = 5, // a connection without a request
    POOL = 16 * 1024,
};

#ifndef SO_MEMINFO // linux/socket.h has it, libc's headers of some versions do not
#define SO_MEMINFO 55
#endif

void teller_look(const struct listen_set *sockets, unsigned workers, const char *store_path,
                 struct metrics_now *out) {
    struct stat st;
    *out = (struct metrics_now){.now_us = worker_clock_us()};
    for (unsigned worker = 0; worker < workers; worker++)
        for (size_t i = 0; i < sockets->count; i++) {
            uint32_t figures[SK_MEMINFO_VARS] = {0};
            socklen_t len = sizeof figures;
            // Sockets of the service manager are one for all workers.
            bool own = worker == 0 || !sockets->at[i].given;
            if (sockets->udp[worker][i] < 0 || !own ||
                getsockopt(sockets->udp[worker][i], SOL_SOCKET, SO_MEMINFO, figures, &len) != 0)
                continue;
            out->queue_bytes += figures[SK_MEMINFO_RMEM_ALLOC];
            out->queue_dropped += figures[SK_MEMINFO_DROPS];
        }
    if (store_path && stat(store_path, &st) == 0)
        out->store_bytes = (uint64_t)st.st_blocks * 512;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request) {
    static uint8_t page[PAGE_MAX]; // one thread serves
    static const struct {
        const char *path, *type;
        void (*write)(const struct metrics_view *v, struct writer *w);
    } pages[] = {{"/metrics", "text/plain; version=0.0.4; charset=utf-8", metrics_write_prometheus},
                 {"/status", "application/json", metrics_write_json},
                 {"/status.txt", "text/plain; charset=utf-8", metrics_write_text}};
    const struct teller_config *config = ctx;
    UNUSED(version);
    UNUSED(upload);
    if (!*request || *upload_size) { // the end of the request is waited for; a body is dropped
        *request = c;
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return http_answer(c, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
                           SLICE_LITERAL("GET only\n"), "Allow", "GET, HEAD");
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        if (strcmp(url, pages[i].path) != 0)
            continue;
        struct writer w = writer_to_buf(buf_of(page, sizeof page));
        struct metrics_view view = config->view;
        teller_look(config->sockets, config->workers, config->store_path, &view.now);
        pages[i].write(&view, &w);
        return http_answer(c, writer_ok(&w) ? MHD_HTTP_OK : MHD_HTTP_INTERNAL_SERVER_ERROR,
                           pages[i].type, writer_slice(&w), NULL, NULL);
    }
    return http_answer(c, MHD_HTTP_NOT_FOUND, "text/plain",
                       SLICE_LITERAL("there are /metrics, /status and /status.txt\n"), NULL, NULL);
}

static void accept_one(struct MHD_Daemon *daemon, int listener) {
    struct sockaddr_storage peer = {0};
    socklen_t len = sizeof peer;
    int fd = accept4(listener, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        (void)mhd.add_connection(daemon, fd, (struct sockaddr *)&peer, len);
}

int teller_run(const struct teller_config *config) {
    struct error err;
    sigset_t set;
    struct pollfd fds[TELLER_LISTEN_MAX + 1];
    error_init(&err);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    fds[0] = (struct pollfd){.fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN};
    if (http_start(&err) != OBOL_OK ||
        (!config->no_sandbox && sandbox_enter(SANDBOX_PROXY, &err) != OBOL_OK)) {
        fprintf(stderr, "obol: status: %s\n", err.detail);
        return 1;
    }
    struct MHD_Daemon *daemon = mhd.start_daemon(
        MHD_USE_NO_LISTEN_SOCKET | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_USE_ITC, 0,
        NULL, NULL, on_request, (void *)(uintptr_t)config, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL, MHD_OPTION_END);
    if (!daemon || fds[0].fd < 0) {
        fprintf(stderr, "obol: status: the service cannot be started\n");
        return 1;
    }
    for (size_t i = 0; i < config->listen_count; i++)
        fds[i + 1] = (struct pollfd){.fd = config->listen[i], .events = POLLIN};
    do {
        fds[0].revents = 0;
        if (poll(fds, config->listen_count + 1, -1) <= 0)
            continue;
        for (size_t i = 1; i <= config->listen_count; i++)
            if (fds[i].revents)
                accept_one(daemon, fds[i].fd);
    } while (!fds[0].revents);
    mhd.stop_daemon(daemon);
    return 0;
}
