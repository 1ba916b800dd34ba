// acting.c: see acting.h.
#include "net/acting.h"

enum obol_code net_evidence(const struct net *net, struct ccache *cache,
                            const struct principal *user, struct slice certificate, struct arena *a,
                            struct ticket_result *out, struct error *err) {
    struct ccache_content content;
    TRY(ccache_read(cache, a, &content, err));
    const struct ticket_params params = {
        .cache = cache,
        .service = content.principal,
        .act_for = user,
        .certificate = certificate,
        .s4u_self = true,
        .no_cached = true,
        .no_store = true,
    };
    return net_ticket(net, &params, a, out, err);
}

enum obol_code net_ticket_acting(const struct net *net, const struct ticket_params *params,
                                 const struct cred *evidence, struct arena *a,
                                 struct ticket_result *out, struct error *err) {
    struct ticket_params acting = *params;
    acting.options |= (uint32_t)KDC_OPT_CNAME_IN_ADDL_TKT;
    acting.second_ticket = evidence->ticket;
    acting.act_for = &evidence->client;
    acting.no_cached = acting.no_store = true;
    return net_ticket(net, &acting, a, out, err);
}
