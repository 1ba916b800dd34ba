// pac.h: PACs in tests of the KDC: taken out of tickets, altered, signed again and put back, as
// only those can who hold the keys.
#ifndef OBOL_TESTS_KDC_PAC_H
#define OBOL_TESTS_KDC_PAC_H

#include "kdc/authdata/pac.h"
#include "pac/logon_info.h"
#include "tgs.h"

#define TGS_NAME "krbtgt/EXAMPLE.COM@EXAMPLE.COM"
#define WEB_NAME "HTTP/web.example.com@EXAMPLE.COM"

// A PAC to be altered: its buffers without the signatures.
struct parts {
    struct pac_buffer items[PAC_BUFFERS_MAX];
    size_t count;
};
UNUSED_OK static struct parts parts_of(const struct enc_ticket_part *t) {
    struct parts p = {.count = 0};
    struct pac pac;
    assert_true(realm_pac(&r, t, &pac));
    for (size_t i = 0; i < pac.count; i++)
        if (!pac_is_signature(pac.items[i].type))
            p.items[p.count++] = pac.items[i];
    return p;
}
UNUSED_OK static void parts_drop(struct parts *p, uint32_t type) {
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].type != type)
            p->items[kept++] = p->items[i];
    p->count = kept;
}
UNUSED_OK static void parts_set(struct parts *p, uint32_t type, struct slice data) {
    parts_drop(p, type);
    p->items[p->count++] = (struct pac_buffer){type, data};
}
// put_pac signs the buffers and makes them the ticket's PAC.
UNUSED_OK static void put_pac(struct enc_ticket_part *t, const struct parts *p,
                              struct crypto_key *server, struct crypto_key *kdc,
                              bool signed_ticket) {
    struct authdata *first = arena_zalloc(&r.arena, 1, sizeof *first);
    struct pac_seal seal = {p->items, p->count, server, kdc, {0}};
    struct slice bytes;
    t->present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    t->authorization_data = (struct authdata_list){first, 1};
    if (signed_ticket) {
        must(pac_wrap(SLICE_LITERAL("\0"), &r.arena, first, err));
        must(der_encode(&TYPE_ENC_TICKET_PART, t, &r.arena, &seal.ticket, err));
    }
    must(pac_seal(&seal, &r.arena, &bytes, err));
    must(pac_wrap(bytes, &r.arena, first, err));
}
// The bytes of a ticket's PAC, to be altered in place.
UNUSED_OK static uint8_t *pac_bytes(const struct enc_ticket_part *t, uint32_t type) {
    struct pac pac;
    assert_true(realm_pac(&r, t, &pac));
    assert_non_null(pac_find(&pac, type));
    return (uint8_t *)(uintptr_t)pac_find(&pac, type)->data.ptr;
}
// Whose login a ticket's PAC says that it is of.
UNUSED_OK static struct slice pac_user(const struct enc_ticket_part *t) {
    struct pac pac;
    struct pac_client_info info;
    assert_true(realm_pac(&r, t, &pac));
    must(pac_client_info_read(pac_find(&pac, PAC_CLIENT_INFO)->data, &r.arena, &info, err));
    assert_int_equal(info.authtime, t->authtime);
    return info.name;
}
static inline struct crypto_key *tgt_key(void) {
    return realm_key(&r, TGS_NAME, 2, 20);
}
static inline struct crypto_key *kdc_key(void) {
    return realm_key(&r, TGS_NAME, 2, 18);
}
UNUSED_OK static int present_tgt(struct enc_ticket_part *t, struct session *out) {
    struct session s = sealed_tgt(t, TGS_NAME, 2, 20);
    struct kdc_req req = realm_tgs_req(&r, WEB);
    return realm_ask(&r, &s, &req, out);
}

#endif
