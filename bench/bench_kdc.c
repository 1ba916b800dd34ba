// bench_kdc.c: nanoseconds of CPU that the KDC itself takes for a request, without sockets: AS with
// an encrypted timestamp, TGS by a TGT that was presented before and by one that is new to the KDC,
// and the answer that asks for preauthentication. Distinct requests of many users, made before. Each
// figure is the best of several runs.
//     ninja -C build bench/bench_kdc && build/bench/bench_kdc
// With the name of a kind and a count, and 20 for the enctype with SHA-384, it does just that many of
// these: for callgrind and perf.
#include "../tests/kdc/realm.h"
#include <time.h>

enum { USERS = 500, REQUESTS = 2000, RUNS = 9 };
enum kind { ASK, AS, TGS, TGS_NEW, KINDS };
static const char *const NAMES[] = {"preauth-required", "as", "tgs", "tgs-new"};

static struct realm r;
static struct slice requests[REQUESTS];

static double cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void add_users(const int32_t *etypes) {
    char name[64];
    for (int i = 0; i < USERS; i++) {
        snprintf(name, sizeof name, "user%d@" REALM_NAME, i);
        struct record rec = realm_record(&r, name, RECORD_REQUIRES_PREAUTH, 2, etypes);
        realm_put(&r, &rec);
        snprintf(name, sizeof name, "HTTP/host%d@" REALM_NAME, i);
        rec = realm_record(&r, name, RECORD_NO_CLIENT, 2, etypes);
        realm_put(&r, &rec);
    }
}

static void build(enum kind kind, int32_t etype) {
    char user[64], service[64];
    bool is_tgs = kind == TGS || kind == TGS_NEW;
    r.policy.opened_tickets = kind == TGS_NEW ? 0 : REQUESTS; // so that none is known
    realm_start_kdc(&r);
    struct session tgt = {0};
    for (int i = 0; i < REQUESTS; i++) {
        snprintf(user, sizeof user, "user%d", i % USERS);
        snprintf(service, sizeof service, "HTTP/host%d", i % USERS);
        if (is_tgs && i % 10 == 0)
            tgt = realm_login(&r, user);
        struct kdc_req req =
            is_tgs ? realm_tgs_req(&r, service) : realm_as_req(&r, user, "krbtgt/EXAMPLE.COM");
        req.req_body.kdc_options = 0x40810010; // as MIT's kinit asks
        if (kind == AS) {
            char full[80];
            snprintf(full, sizeof full, "%s@" REALM_NAME, user);
            struct crypto_key *key = realm_key(&r, full, 2, etype);
            realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, key, REALM_START));
            realm_add_padata(&r, &req, PA_REQ_ENC_PA_REP, (struct slice){0});
        }
        requests[i] = is_tgs ? realm_present(&r, &tgt, &req) : realm_encode(&r, &req);
    }
}

static void serve(enum kind kind, int count) {
    struct kdc_request request = {0};
    for (int i = 0; i < count; i++) {
        request.bytes = requests[i % REQUESTS];
        must(kdc_handle(r.kdc, &request, &r.kdc_arena, &r.result));
        bool ok = r.result.event.code == (kind == ASK ? OBOL_KDC_ERR_PREAUTH_REQUIRED : OBOL_OK);
        if (!ok || r.result.event.retransmission) {
            fprintf(stderr, "%s: %s\n", NAMES[kind], error_info(r.result.event.code)->name);
            exit(1);
        }
        arena_reset(&r.kdc_arena);
    }
}

static void measure(enum kind kind) {
    double best = 1e18;
    for (int run = 0; run < RUNS; run++) {
        double start = cpu_ns();
        serve(kind, REQUESTS);
        double spent = (cpu_ns() - start) / REQUESTS;
        best = spent < best ? spent : best;
    }
    printf("  %-18s %6.0f ns  (%zu bytes in, %zu out)\n", NAMES[kind], best, requests[0].len,
           r.result.reply.len);
}

static void system_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    env_random(env_system(), out);
}

static void open_realm(const int32_t *etypes) {
    realm_open(&r);
    add_users(etypes);
    r.env.random = system_random;
    r.policy.cache_records = 4 * USERS;
    r.policy.retransmission = 0; // it would answer every run but the first
    r.policy.enctype_count = 1;
    r.policy.enctypes[0] = etypes[0];
}

int main(int argc, char **argv) {
    static const int32_t SHA1[] = {18, 0}, SHA2[] = {20, 0};
    const int32_t *lists[] = {SHA1, SHA2};
    if (argc >= 3) {
        const int32_t *etypes = argc > 3 && strcmp(argv[3], "20") == 0 ? SHA2 : SHA1;
        open_realm(etypes);
        for (enum kind kind = ASK; kind < KINDS; kind++) {
            if (strcmp(argv[1], NAMES[kind]) != 0)
                continue;
            build(kind, etypes[0]);
            serve(kind, atoi(argv[2]));
        }
        return 0;
    }
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        open_realm(lists[i]);
        printf("%s\n", enctype_name(enctype_find(lists[i][0])));
        for (enum kind kind = ASK; kind < KINDS; kind++) {
            build(kind, lists[i][0]);
            measure(kind);
            arena_reset(&r.arena);
        }
        realm_close(&r);
    }
    return 0;
}
