// face_kswitch.c: kswitch and kdestroy: obol switch and obol logout as MIT krb5's tools.
#include "cli/client.h"
#include "cli/face.h"
#include "cli/output.h"

struct choice {
    bool all, quiet;
    const char *cache, *client;
};

static enum obol_code take(struct choice *o, struct face_args *g, const char *letters,
                           struct error *err) {
    int letter;
    while ((letter = face_next(g, letters, err)) > 0) {
        const char **text = letter == 'c' ? &o->cache : letter == 'p' ? &o->client : NULL;
        ENSURE(!text || !*text, USAGE, "-%c is given twice", letter);
        if (text)
            *text = g->value;
        o->all |= letter == 'A';
        o->quiet |= letter == 'q';
    }
    ENSURE(letter == 0 && g->at == g->argc, USAGE, "no words are expected behind the options");
    return OBOL_OK;
}

// open_choice opens the cache of -c, of -p, or the default one.
static enum obol_code open_choice(struct cli *c, const struct choice *o, struct ccache **out,
                                  struct error *err) {
    if (o->client)
        return client_match(c, slice_str(o->client), out, err);
    c->cache = slice_str(o->cache);
    return client_cache(c, out, err);
}

static enum obol_code kswitch(struct cli *c, int argc, char **argv, int *status,
                              struct error *err) {
    struct choice o = {0};
    struct face_args g = {.argv = argv, .argc = argc};
    CLEANUP(client_close) struct ccache *cache = NULL;
    UNUSED(status);
    TRY(take(&o, &g, "c:p:", err));
    ENSURE(!o.cache != !o.client, USAGE, "one of -c and -p is wanted");
    TRY(open_choice(c, &o, &cache, err));
    return ccache_make_primary(cache, err);
}

const struct face FACE_KSWITCH = {"kswitch", "{-c cache_name | -p principal}", 2, kswitch};

static enum obol_code destroy_all(struct cli *c, bool quiet, int *status, struct error *err) {
    struct client_caches caches;
    TRY(client_caches(c, &caches, err));
    for (size_t i = 0; i < caches.names.count; i++) {
        CLEANUP(client_close) struct ccache *cache = NULL;
        struct error one;
        error_init(&one);
        enum obol_code code = ccache_open(&cache, caches.names.items[i], caches.conf, &one);
        if (code == OBOL_OK)
            code = ccache_destroy(cache, &one);
        if (code != OBOL_OK && !quiet)
            face_say(c, "kdestroy: %s", one.detail);
        *status |= code != OBOL_OK;
    }
    return OBOL_OK;
}

static enum obol_code kdestroy(struct cli *c, int argc, char **argv, int *status,
                               struct error *err) {
    struct choice o = {0};
    struct face_args g = {.argv = argv, .argc = argc};
    CLEANUP(client_close) struct ccache *cache = NULL;
    TRY(take(&o, &g, "Aqc:p:", err));
    ENSURE(!o.all || !o.client, USAGE, "-A takes all caches, and -p one");
    if (o.all && o.cache)
        c->cache = slice_str(o.cache);
    if (o.all)
        return destroy_all(c, o.quiet, status, err);
    enum obol_code code = open_choice(c, &o, &cache, err);
    if (code == OBOL_OK)
        code = ccache_destroy(cache, err);
    if (code != OBOL_OK && o.quiet) {
        *status = 1;
        error_init(err);
        return OBOL_OK;
    }
    struct client_caches others;
    if (code == OBOL_OK && !o.quiet && !o.cache && client_caches(c, &others, NULL) == OBOL_OK &&
        others.names.count)
        face_say(c, "Other credential caches present, use -A to destroy all");
    return code;
}

const struct face FACE_KDESTROY = {"kdestroy", "[-A] [-q] [-c cache_name] [-p princ_name]", 2,
                                   kdestroy};
