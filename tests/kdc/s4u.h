// s4u.h: requests of services that act for their users (MS-SFU), in tests of the KDC.
#ifndef OBOL_TESTS_KDC_S4U_H
#define OBOL_TESTS_KDC_S4U_H

#include "pac.h"
#include "proto/s4u.h"

// proxy_req asks for a ticket to `service` in the name of the evidence's client (S4U2Proxy).
UNUSED_OK static struct kdc_req proxy_req(const struct ticket *evidence, const char *service,
                                          bool resource_based) {
    struct kdc_req req = realm_tgs_req(&r, service);
    struct ticket *copy = arena_zalloc(&r.arena, 1, sizeof *copy);
    const struct pa_pac_options bits = {(uint32_t)PAC_OPTION_RESOURCE_BASED_CONSTRAINED_DELEGATION};
    struct slice pa;
    assert_non_null(copy);
    *copy = *evidence;
    req.req_body.kdc_options = (uint32_t)KDC_OPT_CNAME_IN_ADDL_TKT | (uint32_t)KDC_OPT_FORWARDABLE;
    req.req_body.present |= KDC_REQ_BODY_ADDITIONAL_TICKETS;
    req.req_body.additional_tickets.items = copy;
    req.req_body.additional_tickets.count = 1;
    must(der_encode(&TYPE_PA_PAC_OPTIONS, &bits, &r.arena, &pa, err));
    if (resource_based)
        realm_add_padata(&r, &req, PA_PAC_OPTIONS, pa);
    return req;
}

#endif
