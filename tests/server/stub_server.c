// stub_server.c: the daemon around a service that is no KDC: the end-to-end tests of sockets,
// processes, limits and logs (tests/e2e/test_server.py) tell it by the first byte of a request what
// to do. Its configuration is a file of "name value" lines.
#include "base/reader.h"
#include "server/server.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct stub_config {
    struct server_config server; // first: server_run gives it back
    char mark[256];              // what 'C' answers: which configuration a worker has
    char keep_path[256];
    char text[16][256];
    size_t texts;
};

struct stub_state {
    const struct stub_config *config;
    unsigned taken, failures; // of the keeper
};

static const char *keep_text(struct stub_config *c, const char *value) {
    if (c->texts == COUNT_OF(c->text))
        abort();
    snprintf(c->text[c->texts], sizeof c->text[0], "%s", value);
    return c->text[c->texts++];
}

static unsigned number_of(const char *text) {
    return (unsigned)strtoul(text, NULL, 10);
}

static bool set(struct stub_config *c, const char *name, const char *value) {
    struct server_config *s = &c->server;
    const struct {
        const char *name;
        unsigned *value;
    } numbers[] = {{"workers", &s->workers},
                   {"connections", &s->tcp_max_connections},
                   {"per_source", &s->tcp_max_per_source},
                   {"idle_ms", &s->tcp_idle_ms},
                   {"request_ms", &s->tcp_request_ms},
                   {"source_rate", &s->source_rate},
                   {"account_rate", &s->account_rate},
                   {"stale_ms", &s->udp_stale_ms},
                   {"keep_ms", &s->keep_interval_ms}};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (strcmp(name, numbers[i].name) == 0)
            return *numbers[i].value = number_of(value), true;
    if (strcmp(name, "listen") == 0)
        s->listen[s->listen_count++] = keep_text(c, value);
    else if (strcmp(name, "log") == 0)
        s->log_path = keep_text(c, value);
    else if (strcmp(name, "audit") == 0)
        s->audit_path = keep_text(c, value);
    else if (strcmp(name, "failures_only") == 0)
        s->log_failures_only = true;
    else if (strcmp(name, "tcp_listen") == 0)
        s->tcp_listen[s->tcp_listen_count++] = keep_text(c, value);
    else if (strcmp(name, "status") == 0)
        s->status_path = keep_text(c, value);
    else if (strcmp(name, "metrics_listen") == 0)
        s->metrics_listen[s->metrics_listen_count++] = keep_text(c, value);
    else if (strcmp(name, "status_socket") == 0)
        s->status_socket = keep_text(c, value);
    else if (strcmp(name, "json") == 0)
        s->log_json = true;
    else if (strcmp(name, "udp_max") == 0)
        s->udp_max_reply = number_of(value);
    else if (strcmp(name, "mark") == 0)
        snprintf(c->mark, sizeof c->mark, "%s", value);
    else if (strcmp(name, "keep") == 0)
        snprintf(c->keep_path, sizeof c->keep_path, "%s", value);
    else
        return false;
    return true;
}

static enum obol_code stub_load(void *ctx, struct server_config **out, struct error *err) {
    char name[32], value[256];
    FILE *file = fopen(ctx, "re");
    ENSURE(file, IO, "%s", (const char *)ctx);
    struct stub_config *c = calloc(1, sizeof *c);
    if (!c)
        fclose(file);
    ENSURE_MEMORY(c);
    while (fscanf(file, "%31s %255[^\n]", name, value) == 2)
        if (!set(c, name, value)) {
            fclose(file);
            free(c);
            ENSURE(false, CONFIG_SYNTAX, "there is no setting \"%s\"", name);
        }
    fclose(file);
    c->server.service = c;
    *out = &c->server;
    return OBOL_OK;
}

static void stub_unload(void *ctx, struct server_config *config) {
    UNUSED(ctx);
    free(config);
}

static enum obol_code stub_open(const void *config, void *shared, void **state, struct error *err) {
    UNUSED(shared);
    struct stub_state *s = calloc(1, sizeof *s);
    ENSURE_MEMORY(s);
    s->config = config;
    if (strcmp(s->config->mark, "unusable") == 0) {
        free(s);
        ENSURE(false, STORE_NOT_FOUND, "the stub was told so");
    }
    *state = s;
    return OBOL_OK;
}

static enum obol_code stub_renew(void *state, struct error *err) {
    UNUSED(state);
    UNUSED(err);
    return OBOL_OK;
}

static struct slice filled(struct arena *a, size_t n) {
    struct buf bytes = arena_buf(a, n);
    memset(bytes.ptr, 'b', n);
    return slice_of_buf(bytes);
}

static struct slice stub_answer(void *state, const struct service_request *rq, struct arena *a,
                                struct event *event) {
    struct stub_state *s = state;
    struct slice rest = slice_sub(rq->bytes, 1, rq->bytes.len);
    event->kind = EVENT_AS;
    event->client = rest;
    event->proven = true;
    switch (rq->bytes.len ? rq->bytes.ptr[0] : 0) {
    case 'E': // echo
        return rq->bytes;
    case 'B': // a big reply
        return filled(a, 10000);
    case 'U': // of a sender who proved nothing: the reply is so many bytes
        event->proven = false;
        return filled(a, number_of((const char *)arena_cstr(a, rest)));
    case 'C':
        return slice_str(s->config->mark);
    case 'P':
        return arena_printf(a, "%d", (int)getpid());
    case 'F': // a failure
        event->account = EVENT_ACCOUNT_FAILURE;
        event->result = OBOL_KDC_ERR_PREAUTH_FAILED;
        event->stage = SLICE_LITERAL("check proof");
        event->section = SLICE_LITERAL("RFC 4120 3.1.3");
        event->detail = SLICE_LITERAL("no key \"opens\" it");
        return rq->bytes;
    case 'K':
        raise(SIGKILL);
        return (struct slice){0};
    case 'W': // takes a while, and says so as it begins
        fputs("the stub is at work\n", stderr);
        usleep(300000);
        return rq->bytes;
    case 'L': // takes a little
        usleep(2000);
        return rq->bytes;
    default: // garbage, and a reply that is longer than it
        event->kind = EVENT_MALFORMED;
        event->result = OBOL_DER_MALFORMED;
        return filled(a, rq->bytes.len + 10);
    }
}

static struct slice stub_refuse(void *state, enum obol_code code, struct arena *a) {
    UNUSED(state);
    return arena_printf(a, "refused %s", error_info(code)->name);
}

static struct slice stub_subject(void *state, struct slice request) {
    UNUSED(state);
    return slice_sub(request, 1, request.len);
}

static void stub_keep(void *state, const struct event *event) {
    struct stub_state *s = state;
    s->taken++;
    s->failures += event->account == EVENT_ACCOUNT_FAILURE;
}

static enum obol_code stub_keep_commit(void *state, struct error *err) {
    struct stub_state *s = state;
    FILE *file = fopen(s->config->keep_path, "ae");
    ENSURE(file, IO, "%s", s->config->keep_path);
    fprintf(file, "%u %u\n", s->taken, s->failures);
    fclose(file);
    return OBOL_OK;
}

static const struct service STUB = {
    .name = "stub",
    .open = stub_open,
    .renew = stub_renew,
    .answer = stub_answer,
    .refuse = stub_refuse,
    .subject = stub_subject,
    .close = free,
    .keep_open = stub_open,
    .keep = stub_keep,
    .keep_commit = stub_keep_commit,
    .keep_close = free,
};

int main(int argc, char **argv) {
    struct error err;
    error_init(&err);
    if (argc != 3)
        return 2;
    const struct server_options options = {.service = &STUB,
                                           .ctx = argv[1],
                                           .load = stub_load,
                                           .unload = stub_unload,
                                           .ready_fd = (int)number_of(argv[2])};
    if (server_run(&options, &err) == OBOL_OK)
        return 0;
    fprintf(stderr, "stub: %s: %s\n", error_info(err.code)->text, err.detail);
    return 1;
}
