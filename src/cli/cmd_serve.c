// cmd_serve.c: obol serve: the KDC of a home directory.
#include "cli/commands.h"
#include "config/kdcconf.h"
#include "server/kdc_serve.h"

struct serve_options {
    struct slice_list listen;
    struct slice log, user;
    int64_t port, workers, ready_fd;
    bool log_json, no_sandbox, quiet;
};
static const struct cli_option SERVE_OPTIONS[] = {
    {"listen", 'l', CLI_LIST, offsetof(struct serve_options, listen), "ADDRESS:PORT",
     "serve here instead of kdc.conf's kdc_listen; port 0 picks a free one; may be given again", 0,
     0},
    {"port", 'p', CLI_NUMBER, offsetof(struct serve_options, port), "N",
     "serve on this port instead of the one of each address", 1, 65535},
    {"workers", 'w', CLI_NUMBER, offsetof(struct serve_options, workers), "N",
     "worker processes; one a core if not given", 0, SERVER_WORKERS_MAX},
    {"log", 0, CLI_TEXT, offsetof(struct serve_options, log), "FILE",
     "log here instead of kdc.conf's log: a file, stderr, syslog", 0, 0},
    {"log-json", 0, CLI_FLAG, offsetof(struct serve_options, log_json), NULL, "log lines are JSON",
     0, 0},
    {"user", 'u', CLI_TEXT, offsetof(struct serve_options, user), "NAME",
     "run as this user once the sockets are open", 0, 0},
    {"no-sandbox", 0, CLI_FLAG, offsetof(struct serve_options, no_sandbox), NULL,
     "leave the system call filter out, to debug", 0, 0},
    {"ready-fd", 0, CLI_NUMBER, offsetof(struct serve_options, ready_fd), "N",
     "write \"ready ADDRESS:PORT ...\" to this file descriptor when all workers serve", 1, 65535},
    {"quiet", 'q', CLI_FLAG, offsetof(struct serve_options, quiet), NULL,
     "do not say on standard error where it serves", 0, 0},
    {0}};

// with_port is an address with the port in place of its own; "[::1]:88", "127.0.0.1", ":88".
static const char *with_port(struct cli *c, struct slice address, int64_t port) {
    const uint8_t *colon = address.len ? memrchr(address.ptr, ':', address.len) : NULL;
    bool cut = colon && !memchr(colon, ']', address.len - (size_t)(colon - address.ptr));
    struct slice host = slice_sub(address, 0, cut ? (size_t)(colon - address.ptr) : address.len);
    return (const char *)arena_printf(c->arena, "%.*s:%d", SLICE_ARG(host), (int)port).ptr;
}

// listen_addresses is what the command line says instead of kdc.conf; none if it says nothing.
static enum obol_code listen_addresses(struct cli *c, const struct serve_options *o,
                                       struct kdc_serve_options *out, struct error *err) {
    struct slice_list from = o->listen;
    struct kdcconf conf;
    if (from.count == 0 && o->port) {
        const struct kdcconf_place place = {.home = cli_cstr(c->home)};
        TRY(kdcconf_load(&conf, &place, c->arena, err));
        from = conf.kdc_listen;
    }
    if (from.count == 0)
        return OBOL_OK;
    ENSURE(from.count <= SERVER_LISTEN_MAX, USAGE, "%zu addresses to serve on; %d are possible",
           from.count, SERVER_LISTEN_MAX);
    const char **texts = arena_zalloc(c->arena, from.count, sizeof *texts);
    ENSURE_MEMORY(texts);
    for (size_t i = 0; i < from.count; i++) {
        texts[i] =
            o->port ? with_port(c, from.items[i], o->port) : arena_cstr(c->arena, from.items[i]);
        ENSURE_MEMORY(texts[i]);
    }
    out->listen = texts;
    out->listen_count = from.count;
    return OBOL_OK;
}

static enum obol_code serve(struct cli *c, const void *options, struct error *err) {
    const struct serve_options *o = options;
    struct kdc_serve_options serve = {.home = cli_cstr(c->home),
                                      .workers = (unsigned)o->workers,
                                      .log = o->log.len ? cli_cstr(o->log) : NULL,
                                      .user = o->user.len ? cli_cstr(o->user) : NULL,
                                      .log_json = o->log_json || c->json,
                                      .no_sandbox = o->no_sandbox,
                                      .with_others = true,
                                      .ready_fd = o->ready_fd ? (int)o->ready_fd : -1,
                                      .quiet = o->quiet};
    TRY(listen_addresses(c, o, &serve, err));
    return kdc_serve(&serve, err);
}

const struct cli_command CMD_SERVE = {
    .name = "serve",
    .group = CLI_GROUP_REALM,
    .summary = "serve the realm: run its KDC",
    .arguments = "",
    .details =
        "Answers on UDP and TCP at the addresses that kdc.conf names, with a worker process a "
        "core, until SIGTERM or Ctrl-C. A worker that dies is replaced at once.\n\n"
        "SIGHUP reads kdc.conf again and opens the log again; a configuration with a mistake is "
        "refused and the old one stays. SIGUSR1 writes the counters to HOME/status.json. "
        "Readiness is told to systemd (Type=notify) and by --ready-fd.",
    .examples = "obol serve\tthe realm in /var/lib/obol\n"
                "obol serve --listen 127.0.0.1:8888 --log kdc.log\ttry it without root's ports\n",
    .options = SERVE_OPTIONS,
    .options_size = sizeof(struct serve_options),
    .min_args = 0,
    .max_args = 0,
    .wants = CLI_WANTS_HOME,
    .run = serve,
};
