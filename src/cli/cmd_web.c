// cmd_web.c: obol web: a web page that only a ticket opens (HTTP Negotiate, RFC 4559), to try
// single sign-on with browsers and libraries.
#include "cli/commands.h"
#include "cli/output.h"
#include "cred/keytab.h"
#include "cred/rcache.h"
#include "proto/codes.h"
#include "server/web.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define CLOCKSKEW 300 // seconds

struct web_command_options {
    struct slice keytab, service, listen, rcache;
    int64_t port, ready_fd;
};
static const struct cli_option WEB_OPTIONS[] = {
    {"keytab", 'k', CLI_TEXT, offsetof(struct web_command_options, keytab), "FILE",
     "the service's keys; KRB5_KTNAME or the system's keytab if not given", 0, 0},
    {"service", 's', CLI_TEXT, offsetof(struct web_command_options, service), "SPN",
     "take tickets for this name only; any name of the keytab if not given", 0, 0},
    {"listen", 0, CLI_TEXT, offsetof(struct web_command_options, listen), "ADDRESS",
     "127.0.0.1 if not given", 0, 0},
    {"port", 'p', CLI_NUMBER, offsetof(struct web_command_options, port), "N",
     "a free one if not given", 0, 65535},
    {"rcache", 0, CLI_TEXT, offsetof(struct web_command_options, rcache), "FILE",
     "the replay cache, shared by all processes of the service", 0, 0},
    {"ready-fd", 0, CLI_NUMBER, offsetof(struct web_command_options, ready_fd), "N",
     "write the URL to this file descriptor too when the page can be fetched", 1, 65535},
    {0}};

// What a running service holds.
struct running {
    struct web *web;
    struct rcache *rcache;
};

static void running_clear(struct running *r) {
    web_stop(r->web);
    rcache_close(r->rcache);
}

// A default that only this user can write: two services of the same user may share it.
static const char *rcache_path(struct cli *c, struct slice given) {
    if (given.len)
        return cli_cstr(given);
    const char *dir = getenv("XDG_RUNTIME_DIR");
    return (const char *)arena_printf(c->arena, "%s/obol_rc2_%u", dir && *dir ? dir : "/var/tmp",
                                      (unsigned)geteuid())
        .ptr;
}

static enum obol_code announce(struct cli *c, const struct web_command_options *o,
                               const struct web *web, const char *address, struct error *err) {
    bool v6 = strchr(address, ':') != NULL;
    struct slice url = arena_printf(c->arena, "http://%s%s%s:%u/", v6 ? "[" : "", address,
                                    v6 ? "]" : "", web_port(web));
    ENSURE_MEMORY(url.ptr);
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "url", url);
        json_end(&j);
    } else {
        cli_print(c, CLI_GOOD, "%.*s", SLICE_ARG(url));
        cli_print(c, CLI_PLAIN, "  opens with a ticket; Ctrl-C ends\n");
    }
    cli_flush(c);
    if (o->ready_fd == 0)
        return OBOL_OK;
    struct slice said = arena_printf(c->arena, "ready %.*s\n", SLICE_ARG(url));
    ssize_t n = write((int)o->ready_fd, said.ptr, said.len);
    ENSURE(n == (ssize_t)said.len, IO, "--ready-fd %d: %s", (int)o->ready_fd, strerror(errno));
    close((int)o->ready_fd);
    return OBOL_OK;
}

// wait_for_end sleeps until somebody wants this to stop. The signals were blocked before the web
// service made its thread, so no thread takes them.
static void wait_for_end(const sigset_t *ends) {
    int number;
    while (sigwait(ends, &number) != 0)
        ;
}

static enum obol_code web_serve(struct cli *c, const struct web_command_options *o,
                                struct keytab_keys *keys, struct error *err) {
    const struct ap_key_source source = keytab_key_source(keys);
    struct principal service;
    if (o->service.len) {
        const struct keytab_entry *first = keys->content->count ? keys->content->entries : NULL;
        struct slice realm = first ? first->principal.realm : (struct slice){0};
        TRY(principal_parse(o->service, realm, NT_UNKNOWN, c->arena, &service, err));
        TRY(keytab_find(keys->content, keys->path, &service, 0, 0, &first, err));
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    CLEANUP(running_clear) struct running r = {0};
    TRY(rcache_open(&r.rcache, rcache_path(c, o->rcache), 2 * CLOCKSKEW, c->env, err));
    const struct ap_replay replay = rcache_replay(r.rcache);
    const char *address = o->listen.len ? cli_cstr(o->listen) : "127.0.0.1";
    const struct web_options options = {.keys = &source,
                                        .replay = &replay,
                                        .service = o->service.len ? &service : NULL,
                                        .address = address,
                                        .port = (uint16_t)o->port,
                                        .clockskew = CLOCKSKEW};
    TRY(web_start(&r.web, &options, c->env, err));
    TRY(announce(c, o, r.web, address, err));
    wait_for_end(&ends);
    return OBOL_OK;
}

static enum obol_code web_command(struct cli *c, const void *options, struct error *err) {
    const struct web_command_options *o = options;
    const struct krb5conf *conf = NULL;
    if (o->keytab.len == 0)
        TRY(cli_config(c, &conf, err));
    struct keytab_content content;
    struct keytab_keys keys = {.content = &content};
    TRY(keytab_path(o->keytab, conf, c->arena, &keys.path, err));
    TRY(keytab_read(keys.path, c->arena, &content, err));
    return web_serve(c, o, &keys, err);
}

const struct cli_command CMD_WEB = {
    .name = "web",
    .group = CLI_GROUP_TOOLS,
    .summary = "serve a web page that only a ticket opens",
    .arguments = "",
    .details = "Shows single sign-on at work and tries a browser's or library's set-up: the page "
               "names who came and what was negotiated. It serves until it is interrupted.",
    .examples = "obol web --keytab http.keytab --port 8080\tat http://127.0.0.1:8080/\n"
                "curl --negotiate -u : http://localhost:8080/\tfetch it\n",
    .options = WEB_OPTIONS,
    .options_size = sizeof(struct web_command_options),
    .min_args = 0,
    .max_args = 0,
    .run = web_command,
};
