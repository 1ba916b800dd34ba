// fuzz_kadm5.c: kadmin's messages. The first byte names the procedure, and with its top bit the
// results in place of the arguments. What is read is written the same, byte for byte; and a server
// answers whatever its clients send with results that can be read.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/kadm5.h"
#include "fuzz.h"
#include "proto/codes.h"
#include "store/backend.h"

static struct arena arena;
static struct admin *adm;
static struct acl acl;
static int32_t one_enctype[] = {17};

static void make_realm(void) {
    static struct arena kept;
    char home[] = "/tmp/obol-fuzz-kadm5-XXXXXX", path[64];
    const struct admin_options o = {
        .home = home, .ops = &STORE_MEMORY, .realm = SLICE_LITERAL("EXAMPLE.COM")};
    if (!mkdtemp(home) || !arena_init(&arena, 1 << 18, 64 << 20) ||
        !arena_init(&kept, 1 << 12, 1 << 16))
        abort();
    must_ok(admin_realm_create(&adm, &o, env_system(), NULL));
    must_ok(acl_parse(SLICE_LITERAL("root/admin@EXAMPLE.COM *e\n"), o.realm, &kept, &acl, NULL));
    adm->enctypes = (struct int32_list){one_enctype, 1};
    adm->iterations = 4096; // string-to-key is not what is looked at
    snprintf(path, sizeof path, "%s/kdc.conf", home);
    unlink(path);
    snprintf(path, sizeof path, "%s/master.key", home);
    unlink(path);
    rmdir(home);
}

static void write_again(uint32_t procedure, enum kadm5_part part, struct slice bytes) {
    struct kadm5_message m;
    struct writer w = writer_to_arena(&arena);
    if (kadm5_read(procedure, part, bytes, &arena, &m, NULL) != OBOL_OK)
        return;
    must_ok(kadm5_write(procedure, part, &m, &w, NULL));
    if (!slice_eq(writer_slice(&w), bytes))
        abort();
}

static void serve(uint32_t procedure, struct slice bytes) {
    struct kadm5 k = {.adm = adm, .acl = &acl};
    struct kadm5_call call = {.procedure = procedure,
                              .arguments = bytes,
                              .client_text = SLICE_LITERAL("root/admin@EXAMPLE.COM"),
                              .initial = true,
                              .service = SLICE_LITERAL("kadmin/admin")};
    struct kadm5_done done;
    struct kadm5_message m;
    must_ok(principal_parse(call.client_text, adm->realm, NT_UNKNOWN, &arena, &call.client, NULL));
    enum obol_code code = kadm5_answer(&k, &call, &arena, &done, NULL);
    if ((code == OBOL_OK) != (done.outcome == KADM5_DONE && done.status == 0))
        abort();
    if (done.outcome != KADM5_DONE)
        return;
    must_ok(kadm5_read(procedure, KADM5_RESULTS, done.results, &arena, &m, NULL));
    if (m.status != done.status)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!adm)
        make_realm();
    if (size == 0)
        return 0;
    uint32_t procedure = data[0] & 0x7fu;
    struct slice bytes = slice_of(data + 1, size - 1);
    arena_reset(&arena);
    write_again(procedure, data[0] & 0x80 ? KADM5_RESULTS : KADM5_ARGUMENTS, bytes);
    if (!(data[0] & 0x80))
        serve(procedure, bytes);
    return 0;
}
