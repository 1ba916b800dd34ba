// server.h: the daemon: a parent that owns the sockets and restarts what dies, a worker process a
// core, a scribe that writes the log and a keeper that writes login times to the store. Nothing
// that is shared is written on the path of a request but the worker's own ring and counters.
#ifndef OBOL_SERVER_SERVER_H
#define OBOL_SERVER_SERVER_H

#include "server/service.h"

#define SERVER_LISTEN_MAX  16
#define SERVER_WORKERS_MAX 64

struct asker_service;
struct server_config {
    // Numeric addresses, "127.0.0.1:88", "[::1]:88", "*:88" or ":88" (both families), a port of 88
    // left out; port 0: one free port is picked for all that say 0.
    const char *listen[SERVER_LISTEN_MAX];
    size_t listen_count;
    // The same for TCP alone; then the above is UDP's alone. 0: both on all of the above.
    const char *tcp_listen[SERVER_LISTEN_MAX];
    size_t tcp_listen_count;
    // Who says the address, for the error if it cannot be had; NULL: the daemon's own settings.
    const char *listen_by[SERVER_LISTEN_MAX], *tcp_listen_by[SERVER_LISTEN_MAX];
    unsigned workers;             // 0: one a core
    size_t udp_max_reply;         // bytes; larger ones become RESPONSE_TOO_BIG; 0: 4096, as MIT
    size_t tcp_max_request;       // bytes; 0: 64 KiB
    unsigned tcp_max_connections; // all workers together; 0: 4096
    unsigned tcp_max_per_source;  // from one IPv4 address or IPv6 /64; 0: 1024
    unsigned tcp_idle_ms;         // a kept connection without a request; 0: 30 s
    unsigned tcp_request_ms;      // from a request's first byte to its last; 0: 10 s
    unsigned udp_stale_ms; // under overload a datagram that waited longer is dropped; 0: 0.5 s
    // Requests a second that a worker takes from a source, and for an account; 0: any number.
    unsigned source_rate, account_rate;
    const char *metrics_listen[SERVER_LISTEN_MAX]; // "127.0.0.1:9749": figures by HTTP
    size_t metrics_listen_count;
    const char *status_socket; // the same at a socket of this machine; NULL: none
    const char *store_path;    // whose size is told; NULL: none
    const char *user;          // run as; NULL: as started
    const char *log_path;      // NULL: standard error; "syslog"
    bool log_json;
    bool log_failures_only;
    const char *audit_path;    // a second log, JSON, of every request; NULL: none
    const char *status_path;   // counters as JSON, written on SIGUSR1 and at the end; NULL: none
    bool no_sandbox;           // leave the system call filter out
    unsigned keep_interval_ms; // login times are committed so often; 0: 1 s
    bool keep_off;             // keep no login times and failures
    const void *service;       // what the service's open takes
    // The services outside that requests may wait for (asking.h), and as whom they are asked.
    const struct asker_service *const *outside;
    size_t outside_count;
    struct slice outside_as;
    // The proxy for clients behind firewalls (proxy.h); listen_count 0: none.
    struct {
        const char *listen[SERVER_LISTEN_MAX];
        size_t listen_count;
        int certificate, key;       // open files, PEM
        const struct slice *realms; // that are served
        size_t realm_count;
        unsigned connections; // 0: 1024
    } https;
};

struct activation;
struct server_options {
    const struct service *service;
    // The pairs over which a proxy asks this service, and kpasswd's beside it (proxied.h: of each
    // the workers' end and the proxy's); NULL: none.
    int (*proxied)[2][2], (*kpasswd)[2][2];
    const struct activation *given; // sockets of the service manager; NULL: none
    int given_use;                  // which of them are this service's: enum activation_use
    // load reads and checks the configuration; called at start and on SIGHUP. What it gives stays
    // until `unload` is called with it.
    void *ctx;
    enum obol_code (*load)(void *ctx, struct server_config **out, struct error *err);
    void (*unload)(void *ctx, struct server_config *config);
    // A line "ready ADDRESS:PORT ...\n" goes to this descriptor once all workers serve, and it is
    // closed; -1: none. NOTIFY_SOCKET is served in any case (sd_notify protocol).
    int ready_fd;
    bool quiet; // no "listening" line on standard error
};

// server_run serves until SIGTERM or SIGINT and returns OBOL_OK after an orderly stop. SIGHUP
// reads the configuration again: a bad one is reported and the old one stays; a good one is taken
// by new workers while the old ones finish. SIGUSR1 writes the counters. It changes the process's
// signal mask, so it is the last thing a program calls.
MUST_USE enum obol_code server_run(const struct server_options *options, struct error *err);

#endif
