// suggest.c: the service that was probably meant, where the KDC has none of the name asked for: one
// of the cache's or, on the KDC's own machine, for those who may read the realm's home, one of the
// realm's.
#include "cli/client.h"
#include "cli/realm.h"
#include "config/nearest.h"

#define NAMES_LOOKED_AT 20000 // a person waits for it

struct suggestion {
    struct cli *c;
    struct nearest nearest;
    size_t seen;
};

// A host that was named without its service is that of the first service there.
static void offer(struct suggestion *s, struct slice name) {
    const char *bare = arena_cstr(s->c->arena, slice_sub(name, 0, slice_find(name, '@')));
    if (!bare)
        return;
    struct slice host = slice_sub(slice_str(bare), slice_find(slice_str(bare), '/') + 1, SIZE_MAX);
    if (slice_eq_nocase(s->nearest.word, host) && (!s->nearest.best || s->nearest.distance > 0)) {
        s->nearest.best = bare;
        s->nearest.distance = 0;
        return;
    }
    nearest_offer(&s->nearest, bare);
}

static void offer_cached(struct suggestion *s, struct ccache *cache) {
    struct ccache_content content;
    if (ccache_read(cache, s->c->arena, &content, NULL) != OBOL_OK)
        return;
    for (size_t i = 0; i < content.count; i++) {
        const struct cred *cred = &content.creds[i];
        if (!cred_is_config(cred) && !principal_is_krbtgt(&cred->server.name))
            offer(s, principal_text(&cred->server, s->c->arena));
    }
}

static enum obol_code offer_one(void *ctx, const struct admin_spn *spn, struct error *err) {
    UNUSED(err);
    struct suggestion *s = ctx;
    offer(s, spn->spn);
    return ++s->seen < NAMES_LOOKED_AT ? OBOL_OK : OBOL_NOT_FOUND;
}

static void offer_registered(struct suggestion *s, struct slice realm) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    struct error ignored;
    error_init(&ignored);
    if (realm_open(s->c, true, &adm, &ignored) != OBOL_OK || !slice_eq(adm->realm, realm))
        return;
    enum obol_code walked = admin_spn_list(adm, (struct slice){0}, s, offer_one, &ignored);
    UNUSED(walked); // what was seen before it ended counts
}

void client_suggest_service(struct cli *c, struct ccache *cache, const struct principal *asked,
                            struct error *err) {
    if (err->code != OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN || principal_is_krbtgt(&asked->name))
        return;
    struct principal bare = {.name = asked->name};
    struct slice text = principal_text(&bare, c->arena);
    struct suggestion s = {c, nearest_of(slice_sub(text, 0, slice_find(text, '@'))), 0};
    struct ccache_content content;
    offer_cached(&s, cache);
    if (ccache_read(cache, c->arena, &content, NULL) == OBOL_OK)
        offer_registered(&s, asked->realm.len ? asked->realm : content.principal.realm);
    if (!s.nearest.best)
        return;
    char detail[ERROR_DETAIL_MAX];
    memcpy(detail, err->detail, sizeof detail);
    (void)error_replace(err, err->code, err->where, "%s; did you mean %s?", detail, s.nearest.best);
}
