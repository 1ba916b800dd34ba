// fixture.h: a service key, a ticket for it and a pretended clock: both ends of a login in process.
#ifndef OBOL_TESTS_GSS_FIXTURE_H
#define OBOL_TESTS_GSS_FIXTURE_H

#include "../test.h"
#include "gss/acceptor.h"
#include "gss/initiator.h"
#include "krb/seal.h"
#include "proto/codes.h"
#include <string.h>

#define FIXTURE_NOW INT64_C(1790000000)

struct fixture {
    struct arena arena;
    struct env env;
    int64_t now_us;
    uint8_t next_random;
    struct crypto_key *service_key;
    struct principal client, service;
    struct cred ticket;
    struct ap_key_source keys;
    bool no_key; // the keytab holds nothing for the service
    struct ap_replay replay;
    uint8_t seen[8][64]; // how the authenticators began that the replay check remembers
    size_t seen_count;
    struct error error;
};

static int64_t fixture_now(void *ctx) {
    return ((struct fixture *)ctx)->now_us;
}

static void fixture_random(void *ctx, struct buf out) {
    struct fixture *f = ctx;
    for (size_t i = 0; i < out.len; i++)
        out.ptr[i] = f->next_random++;
}

static enum obol_code fixture_find(void *ctx, const struct principal *service, int32_t etype,
                                   uint32_t kvno, unsigned attempt, struct arena *a,
                                   struct crypto_key **key, struct error *err) {
    struct fixture *f = ctx;
    UNUSED(kvno);
    UNUSED(a);
    if (attempt > 0)
        return OBOL_NOT_FOUND;
    ENSURE(!f->no_key && principal_eq(service, &f->service) &&
               etype == enctype_number(crypto_key_enctype(f->service_key)),
           KRB_AP_ERR_NOKEY, "the keytab holds no such key");
    *key = f->service_key;
    return OBOL_OK;
}

static enum obol_code fixture_replay(void *ctx, struct slice tag, int64_t now, struct error *err) {
    struct fixture *f = ctx;
    UNUSED(now);
    assert_true(tag.len >= sizeof f->seen[0]);
    for (size_t i = 0; i < f->seen_count; i++)
        ENSURE(memcmp(f->seen[i], tag.ptr, sizeof f->seen[i]) != 0, KRB_AP_ERR_REPEAT,
               "seen before");
    assert_true(f->seen_count < COUNT_OF(f->seen));
    memcpy(f->seen[f->seen_count++], tag.ptr, sizeof f->seen[0]);
    return OBOL_OK;
}

static void fixture_ticket(struct fixture *f, int32_t etype) {
    static const uint8_t session[32] = "0123456789abcdef0123456789abcde";
    const struct enctype *e = enctype_find(etype);
    assert_non_null(e);
    struct encryption_key key = {etype, slice_of(session, enctype_key_length(e))};
    struct enc_ticket_part part = {
        .present = ENC_TICKET_PART_STARTTIME,
        .flags = (uint32_t)TKT_INITIAL,
        .key = key,
        .crealm = f->client.realm,
        .cname = f->client.name,
        .authtime = FIXTURE_NOW - 60,
        .starttime = FIXTURE_NOW - 60,
        .endtime = FIXTURE_NOW + 3600,
    };
    struct ticket t = {.tkt_vno = KRB_PVNO, .realm = f->service.realm, .sname = f->service.name};
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, f->service_key, KU_TICKET, 3, &f->env,
                       &f->arena, &t.enc_part, &f->error));
    f->ticket = (struct cred){
        .client = f->client, .server = f->service, .key = key, .endtime = part.endtime};
    assert_ok(der_encode(&TYPE_TICKET, &t, &f->arena, &f->ticket.ticket, &f->error));
}

static void fixture_init(struct fixture *f, int32_t etype) {
    memset(f, 0, sizeof *f);
    error_init(&f->error);
    assert_true(arena_init(&f->arena, 1 << 18, 1 << 22));
    f->now_us = FIXTURE_NOW * 1000000;
    f->env = (struct env){f, fixture_now, fixture_random};
    f->keys = (struct ap_key_source){f, fixture_find, NULL};
    f->replay = (struct ap_replay){.ctx = f, .check = fixture_replay};
    struct slice realm = SLICE_LITERAL("OBOL.TEST");
    assert_ok(principal_parse(SLICE_LITERAL("alice"), realm, NT_UNKNOWN, &f->arena, &f->client,
                              &f->error));
    assert_ok(principal_parse(SLICE_LITERAL("HTTP/localhost"), realm, NT_UNKNOWN, &f->arena,
                              &f->service, &f->error));
    static const uint8_t key[32] = "the key of the service HTTP/loc";
    assert_ok(crypto_key_new(&f->service_key, etype,
                             slice_of(key, enctype_key_length(enctype_find(etype))), &f->error));
    fixture_ticket(f, etype);
}

static void fixture_clear(struct fixture *f) {
    crypto_key_free(f->service_key);
    arena_clear(&f->arena);
}

#endif
