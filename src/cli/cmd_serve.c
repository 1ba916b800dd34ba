// cmd_serve.c: obol serve: the KDC of a home directory.
#include "cli/commands.h"
#include "server/kdc_serve.h"

struct serve_options {
    struct slice_list listen;
    struct slice log, user;
    int64_t workers, ready_fd;
    bool log_json, no_sandbox, quiet;
};
static const struct cli_option SERVE_OPTIONS[] = {
    {"listen", 'l', CLI_LIST, offsetof(struct serve_options, listen), "ADDRESS:PORT",
     "serve here instead of kdc.conf's kdc_listen; port 0 picks a free one; may be given again", 0,
     0},
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

static enum obol_code serve(struct cli *c, const void *options, struct error *err) {
    const struct serve_options *o = options;
    const char *listen[SERVER_LISTEN_MAX];
    ENSURE(o->listen.count <= SERVER_LISTEN_MAX, USAGE,
           "--listen was given %zu times; %d are possible", o->listen.count, SERVER_LISTEN_MAX);
    for (size_t i = 0; i < o->listen.count; i++)
        listen[i] = cli_cstr(o->listen.items[i]);
    const struct kdc_serve_options serve = {.home = cli_cstr(c->home),
                                            .listen = listen,
                                            .listen_count = o->listen.count,
                                            .workers = (unsigned)o->workers,
                                            .log = o->log.len ? cli_cstr(o->log) : NULL,
                                            .user = o->user.len ? cli_cstr(o->user) : NULL,
                                            .log_json = o->log_json,
                                            .no_sandbox = o->no_sandbox,
                                            .ready_fd = o->ready_fd ? (int)o->ready_fd : -1,
                                            .quiet = o->quiet};
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
    .examples = "obol serve\t\n"
                "obol serve --listen 127.0.0.1:8888 --log kdc.log\ttry it without root's ports\n",
    .options = SERVE_OPTIONS,
    .options_size = sizeof(struct serve_options),
    .min_args = 0,
    .max_args = 0,
    .wants = CLI_WANTS_HOME,
    .run = serve,
};
