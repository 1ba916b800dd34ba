// face_kvno.c: kvno: obol ticket as MIT krb5's tool.
#include "cli/client.h"
#include "cli/face.h"
#include "cli/output.h"
#include "net/ticket.h"

enum { LONG_CACHED_ONLY = 256, LONG_NO_STORE };
static const struct face_long KVNO_LONGS[] = {
    {"cached-only", LONG_CACHED_ONLY, false},
    {"no-store", LONG_NO_STORE, false},
    {0},
};

struct kvno {
    struct ticket_params params;
    struct slice service, etypes, keytab;
    bool quiet;
};

static enum obol_code take_kvno(struct cli *c, struct kvno *k, int letter, const char *value,
                                struct error *err) {
    switch (letter) {
    case 'c':
        c->cache = slice_str(value);
        return OBOL_OK;
    case 'e':
        k->etypes = slice_str(value);
        return OBOL_OK;
    case 'S':
        k->service = slice_str(value);
        return OBOL_OK;
    case 'q':
        k->quiet = true;
        return OBOL_OK;
    case LONG_CACHED_ONLY:
        k->params.cached_only = true;
        return OBOL_OK;
    case LONG_NO_STORE:
        k->params.no_store = true;
        return OBOL_OK;
    default:
        return error_set(err, OBOL_UNSUPPORTED, __func__, "kvno -%c", letter);
    }
}

static enum obol_code show_kvno(struct cli *c, const struct net *net, struct kvno *k,
                                struct slice word, struct error *err) {
    struct ticket_result r;
    if (k->service.len) {
        TRY(net_ticket_for_host(net, &k->params, k->service, word, c->arena, &r, err));
    } else {
        TRY(client_spn(c, k->params.cache, word, &k->params.service, err));
        TRY(net_ticket(net, &k->params, c->arena, &r, err));
    }
    int32_t etype;
    uint32_t number = 0;
    (void)client_sealed_with(c, r.ticket.ticket, &etype, &number);
    if (!k->quiet)
        cli_print(c, CLI_PLAIN, "%.*s: kvno = %u\n",
                  SLICE_ARG(principal_text(&r.ticket.server, c->arena)), number);
    return OBOL_OK;
}

static enum obol_code kvno(struct cli *c, int argc, char **argv, int *status, struct error *err) {
    struct kvno k = {0};
    struct face_args g = {.argv = argv, .argc = argc, .longs = KVNO_LONGS};
    int letter;
    while ((letter = face_next(&g, "c:e:S:q", err)) > 0)
        TRY(take_kvno(c, &k, letter, g.value, err));
    ENSURE(letter == 0 && g.at < argc, USAGE, "a service is needed");
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct net net;
    TRY(client_net(c, &net, err));
    TRY(client_cache(c, &cache, err));
    TRY(client_etypes(c, k.etypes, &k.params.etypes, err));
    k.params.cache = cache;
    // One that fails does not keep the others from being asked for.
    for (; g.at < argc; g.at++) {
        struct error one;
        error_init(&one);
        if (show_kvno(c, &net, &k, slice_str(argv[g.at]), &one) == OBOL_OK)
            continue;
        struct writer w = writer_to_arena(c->arena);
        error_write(&one, &w);
        cli_flush(c);
        cli_warn(c, "%.*s", SLICE_ARG(slice_trim(writer_slice(&w))));
        *status = 1;
    }
    return OBOL_OK;
}

const struct face FACE_KVNO = {
    "kvno",
    "[-c ccache] [-e etype] [-q] [-S sname] [--cached-only] [--no-store] service1 [service2 ...]",
    1,
    kvno,
};
