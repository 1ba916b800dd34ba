// passwd.c: a change of one's own password (RFC 3244); see passwd.h.
#include "cli/passwd.h"
#include "krb/kpasswd.h"

// Whose cache it is changes his, unless another is named.
static enum obol_code take_name(struct cli *c, struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct ccache_content content;
    if (c->arg_count)
        return OBOL_OK;
    TRY(client_cache(c, &cache, err));
    if (ccache_read(cache, c->arena, &content, NULL) != OBOL_OK ||
        principal_is_anonymous(&content.principal))
        return OBOL_OK; // the user's own name
    c->args = arena_zalloc(c->arena, 1, sizeof *c->args);
    ENSURE_MEMORY(c->args);
    c->args[0] = principal_text(&content.principal, c->arena);
    c->arg_count = 1;
    return OBOL_OK;
}

// The service takes nothing but a ticket that comes straight from the password; the cache that
// programs use is not touched.
enum obol_code passwd_begin(struct cli *c, struct cred *ticket, struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct login_done done;
    const struct login_options o = {.service = SLICE_LITERAL(KPASSWD_PRINCIPAL)};
    TRY(take_name(c, err));
    TRY(ccache_open(&cache, SLICE_LITERAL("MEMORY:passwd"), NULL, err));
    TRY(login_perform(c, &o, &cache, &done, err));
    *ticket = done.ticket;
    return OBOL_OK;
}

enum obol_code passwd_change(struct cli *c, const struct cred *ticket,
                             const struct secret *password, struct kpasswd_reply *out,
                             struct error *err) {
    struct net net;
    const struct kpasswd_params params = {.ticket = ticket, .password = password};
    TRY(client_net(c, &net, err));
    TRY(net_kpasswd(&net, &params, c->arena, out, err));
    out->text = kpasswd_text(out->text);
    return OBOL_OK;
}
