// bench_der.c: nanoseconds of CPU to decode and to encode the messages of an AS and a TGS exchange.
// Each figure is the best of several runs. Built by name: ninja -C build bench/bench_der.
#include "proto/codes.h"
#include "proto/types.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 20000, RUNS = 15 };

static struct arena arena;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(enum obol_code code) {
    if (code == OBOL_OK)
        return;
    fprintf(stderr, "%s\n", error_info(code)->name);
    exit(1);
}

static void measure(const char *name, const struct der_type *type, struct slice in) {
    _Alignas(16) uint8_t value[1024];
    double decode = 1e9, encode = 1e9;
    struct slice out;
    for (int run = 0; run < RUNS; run++) {
        double start = now();
        for (int i = 0; i < ROUNDS; i++) {
            arena.used = 0; // the wiping of arena_reset is not what is measured
            must(der_decode(type, in, &arena, value, NULL));
        }
        double spent = (now() - start) / ROUNDS;
        decode = spent < decode ? spent : decode;
    }
    size_t kept = arena.used;
    for (int run = 0; run < RUNS; run++) {
        double start = now();
        for (int i = 0; i < ROUNDS; i++) {
            arena.used = kept;
            must(der_encode_fields(type, value, &arena, &out, NULL));
        }
        double spent = (now() - start) / ROUNDS;
        encode = spent < encode ? spent : encode;
    }
    printf("%-8s %4zu bytes  decode %6.0f ns  encode %6.0f ns\n", name, in.len, decode, encode);
}

static struct slice encoded(const struct der_type *type, const void *value) {
    struct slice out, copy;
    static uint8_t kept[4][4096];
    static size_t used;
    must(der_encode(type, value, &arena, &out, NULL));
    memcpy(kept[used], out.ptr, out.len);
    copy = slice_of(kept[used++], out.len);
    return copy;
}

static uint8_t filler[1024];

static struct kdc_req request(bool tgs, struct padata_list padata) {
    static struct slice cname[] = {{(const uint8_t *)"alice", 5}};
    static struct slice krbtgt[] = {{(const uint8_t *)"krbtgt", 6},
                                    {(const uint8_t *)"EXAMPLE.COM", 11}};
    static struct slice http[] = {{(const uint8_t *)"HTTP", 4},
                                  {(const uint8_t *)"www.example.com", 15}};
    static int32_t etypes[] = {20, 19, 18, 17};
    struct kdc_req q = {.present = KDC_REQ_PADATA, .pvno = 5, .padata = padata};
    q.msg_type = tgs ? KRB_TGS_REQ : KRB_AS_REQ;
    q.req_body = (struct kdc_req_body){
        .present = KDC_REQ_BODY_SNAME | KDC_REQ_BODY_RTIME | (tgs ? 0 : KDC_REQ_BODY_CNAME),
        .kdc_options = 0x50810010,
        .cname = {NT_PRINCIPAL, {cname, 1}},
        .realm = SLICE_LITERAL("EXAMPLE.COM"),
        .sname = {tgs ? NT_SRV_HST : NT_SRV_INST, {tgs ? http : krbtgt, 2}},
        .till = 1800000000,
        .rtime = 1800600000,
        .nonce = 1234567890,
        .etype = {etypes, 4},
    };
    return q;
}

static struct kdc_rep reply(struct kdc_req *q, struct padata_list padata) {
    struct kdc_rep r = {.present = KDC_REP_PADATA, .pvno = 5, .msg_type = KRB_AS_REP};
    r.padata = padata;
    r.crealm = q->req_body.realm;
    r.cname = q->req_body.cname;
    r.ticket = (struct ticket){.tkt_vno = 5,
                               .realm = q->req_body.realm,
                               .sname = q->req_body.sname,
                               .enc_part = {ENCRYPTED_DATA_KVNO, 20, 1, slice_of(filler, 260)}};
    r.enc_part = (struct encrypted_data){0, 20, 0, slice_of(filler, 300)};
    return r;
}

int main(void) {
    if (!arena_init(&arena, 1 << 20, 1 << 20))
        return 1;
    struct padata as_padata[] = {{PA_ENC_TIMESTAMP, slice_of(filler, 65)},
                                 {PA_REQ_ENC_PA_REP, {0}}};
    struct padata tgs_padata[] = {{PA_TGS_REQ, slice_of(filler, 560)}};
    struct padata rep_padata[] = {{PA_ETYPE_INFO2, slice_of(filler, 30)}};
    struct kdc_req as = request(false, (struct padata_list){as_padata, 2});
    struct kdc_req tgs = request(true, (struct padata_list){tgs_padata, 1});
    struct kdc_rep rep = reply(&as, (struct padata_list){rep_padata, 1});
    measure("AS-REQ", &TYPE_AS_REQ, encoded(&TYPE_AS_REQ, &as));
    measure("TGS-REQ", &TYPE_TGS_REQ, encoded(&TYPE_TGS_REQ, &tgs));
    measure("AS-REP", &TYPE_AS_REP, encoded(&TYPE_AS_REP, &rep));
    return 0;
}
