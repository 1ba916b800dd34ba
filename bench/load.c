// load.c: the load generator of ./dev bench; bench.py calls it.
//
//   load obol-fill HOME REALM USERS ENCTYPE        makes our store
//   load mit-dump REALM USERS ENCTYPE PASSWORD     writes a dump for kdb5_util load -update
//   load run ADDRESS PORT REALM USERS ENCTYPE KIND COUNT WINDOW
//
// `run` builds COUNT requests of a kind (as, tgs, error), prints "ready", waits for a line on
// standard input, sends them, and prints a line of JSON.
#include "crypto/crypto.h"
#include "drive.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { TGTS_MAX = 500 };

static struct drive_result result;

struct run {
    struct bench_realm realm;
    struct sockaddr_in kdc;
    enum request_kind kind;
    size_t count;
    unsigned window;
    struct arena keep; // the TGTs
};

static double percentile_us(const struct drive_result *r, double share) {
    if (r->replies == 0)
        return 0;
    size_t at = (size_t)(share * (double)(r->replies - 1));
    return r->latency_ns[at] / 1000.0;
}

static enum obol_code check_samples(const struct requests *r, struct error *err) {
    struct arena a;
    ENSURE(arena_init(&a, 1 << 16, 1 << 24), NO_MEMORY, "the samples");
    for (size_t i = 0; i < result.sample_count; i++) {
        struct slice reply = slice_of(result.samples[i].bytes, result.samples[i].len);
        arena_reset(&a);
        TRY(requests_check(r, result.samples[i].request, reply, &a, NULL, err));
    }
    arena_clear(&a);
    ENSURE(result.sample_count > 0, KDC_UNREACHABLE, "no reply came");
    return OBOL_OK;
}

// TGTs of the first users, from the KDC under test.
static enum obol_code get_tgts(struct run *run, struct cred *tgts, unsigned count,
                               struct error *err) {
    struct requests r;
    struct bench_realm few = run->realm;
    few.users = count;
    TRY(requests_build(&r, REQUEST_AS, &few, count, NULL, 0, err));
    // One at a time: every reply is needed, and of many only samples are kept.
    for (unsigned i = 0; i < count; i++) {
        struct requests one = r;
        one.count = 1;
        one.offset = r.offset + i;
        TRY(drive(&one, &run->kdc, 1, &result, err));
        ENSURE(result.sample_count == 1, KDC_UNREACHABLE, "no reply to the login of user %u", i);
        struct slice reply, from = slice_of(result.samples[0].bytes, result.samples[0].len);
        ENSURE(arena_copy(&run->keep, from, &reply), NO_MEMORY, "the TGTs");
        TRY(requests_check(&r, i, reply, &run->keep, &tgts[i], err));
        drive_result_free(&result);
    }
    requests_free(&r);
    return OBOL_OK;
}

static void print_result(void) {
    const struct drive_result *r = &result;
    printf("{\"replies\":%zu,\"lost\":%zu,\"unexpected\":%zu,\"wall_s\":%.6f,\"p50_us\":%.1f,"
           "\"p99_us\":%.1f,\"p999_us\":%.1f,\"reply_bytes\":%zu,\"checked\":%zu}\n",
           r->replies, r->lost, r->unexpected, (double)r->wall_ns / 1e9, percentile_us(r, 0.5),
           percentile_us(r, 0.99), percentile_us(r, 0.999),
           r->replies ? r->reply_bytes / r->replies : 0, r->sample_count);
    fflush(stdout);
}

static enum obol_code run_load(struct run *run, struct error *err) {
    static struct cred tgts[TGTS_MAX];
    struct requests r;
    char line[16];
    unsigned tgt_count = run->realm.users < TGTS_MAX ? run->realm.users : TGTS_MAX;
    ENSURE(arena_init(&run->keep, 1 << 20, 1 << 30), NO_MEMORY, "the TGTs");
    if (run->kind == REQUEST_TGS)
        TRY(get_tgts(run, tgts, tgt_count, err));
    TRY(requests_build(&r, run->kind, &run->realm, run->count, tgts,
                       run->kind == REQUEST_TGS ? tgt_count : 0, err));
    printf("ready\n");
    fflush(stdout);
    ENSURE(fgets(line, sizeof line, stdin), IO, "nobody said go");
    TRY(drive(&r, &run->kdc, run->window, &result, err));
    TRY(check_samples(&r, err));
    print_result();
    requests_free(&r);
    arena_clear(&run->keep);
    return OBOL_OK;
}

static enum obol_code realm_of(char **argv, struct bench_realm *realm, struct error *err) {
    const struct enctype *enctype = enctype_by_name(slice_str(argv[2]));
    *realm = (struct bench_realm){slice_str(argv[0]), (unsigned)atoi(argv[1]),
                                  enctype ? enctype_number(enctype) : 0};
    ENSURE(enctype && realm->users > 0, USAGE, "REALM USERS ENCTYPE");
    return OBOL_OK;
}

static enum obol_code command(int argc, char **argv, struct error *err) {
    struct run run = {0};
    if (argc == 6 && strcmp(argv[1], "obol-fill") == 0) {
        TRY(realm_of(argv + 3, &run.realm, err));
        return bench_fill_obol(argv[2], &run.realm, err);
    }
    if (argc == 6 && strcmp(argv[1], "mit-dump") == 0) {
        TRY(realm_of(argv + 2, &run.realm, err));
        return bench_dump_mit(&run.realm, slice_str(argv[5]), err);
    }
    ENSURE(argc == 10 && strcmp(argv[1], "run") == 0, USAGE, "see the head of bench/load.c");
    TRY(realm_of(argv + 4, &run.realm, err));
    run.kdc.sin_family = AF_INET;
    run.kdc.sin_port = htons((uint16_t)atoi(argv[3]));
    ENSURE(inet_pton(AF_INET, argv[2], &run.kdc.sin_addr) == 1, USAGE, "address %s", argv[2]);
    run.kind = strcmp(argv[7], "as") == 0    ? REQUEST_AS
               : strcmp(argv[7], "tgs") == 0 ? REQUEST_TGS
                                             : REQUEST_ERROR;
    run.count = (size_t)atol(argv[8]);
    run.window = (unsigned)atoi(argv[9]);
    return run_load(&run, err);
}

int main(int argc, char **argv) {
    struct error err;
    error_init(&err);
    if (command(argc, argv, &err) == OBOL_OK)
        return 0;
    fprintf(stderr, "load: %s: %s\n", error_info(err.code)->text, err.detail);
    return 1;
}
