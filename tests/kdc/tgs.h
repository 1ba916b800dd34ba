// tgs.h: the fixture of the TGS tests: a realm, a TGT of alice in it, and a way to ask for tickets.
#ifndef OBOL_TESTS_KDC_TGS_H
#define OBOL_TESTS_KDC_TGS_H

#include "../test.h"
#include "realm.h"

static struct realm r;
static struct session tgt;
#define TGS "krbtgt/EXAMPLE.COM"
#define WEB "HTTP/web.example.com"

static int ask(const char *server, uint32_t options, struct session *out);
// setup_new has a TGT that was never presented, setup one that the KDC keeps opened (kdc/opened.h).
static int setup_new(void **state) {
    UNUSED(state);
    realm_open(&r);
    tgt = realm_login(&r, "alice");
    return 0;
}
UNUSED_OK static int setup(void **state) {
    struct session ignored;
    setup_new(state);
    for (int i = 0; i < 2; i++)
        must_(ask(TGS, 0, &ignored) ? OBOL_INTERNAL : OBOL_OK, NULL, "present the TGT");
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    realm_close(&r);
    return 0;
}

UNUSED_OK static int ask(const char *server, uint32_t options, struct session *out) {
    struct kdc_req req = realm_tgs_req(&r, server);
    req.req_body.kdc_options = options;
    return realm_ask(&r, &tgt, &req, out);
}
// detail_holds is whether the event's words hold the text.
UNUSED_OK static bool detail_holds(const char *text) {
    const struct error *e = r.result.event.error;
    return e && strstr(e->detail, text) != NULL;
}
// sealed_tgt makes a TGT of any content, as only the KDC can.
UNUSED_OK static struct session sealed_tgt(struct enc_ticket_part *part, const char *service,
                                           uint32_t kvno, int32_t etype) {
    struct session s = tgt;
    struct principal p = realm_name(&r, service);
    s.rep.ticket = (struct ticket){.tkt_vno = 5, .realm = p.realm, .sname = p.name};
    must(krb_seal(&TYPE_ENC_TICKET_PART, part, realm_key(&r, service, kvno, etype), KU_TICKET, kvno,
                  &r.env, &r.arena, &s.rep.ticket.enc_part, err));
    s.client = (struct principal){part->crealm, part->cname};
    return s;
}
UNUSED_OK static struct enc_ticket_part tgt_part(void) {
    return realm_ticket(&r, &tgt, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
}

#endif
