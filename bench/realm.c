// realm.c: see realm.h.
#include "realm.h"
#include "base/env.h"
#include "base/hex.h"
#include "crypto/crypto.h"
#include "proto/codes.h"
#include "store/master.h"
#include "store/store.h"
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
    MKEY_ENCTYPE = ENCTYPE_AES256_SHA1, // master_key_type in bench.py
    MIT_REQUIRES_PRE_AUTH = 0x80,
    DAY = 86400,
    LINE = 1024,
};

void bench_key(const char *label, unsigned number, struct buf out) {
    char text[64];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    int n = snprintf(text, sizeof text, "obol bench %s %u", label, number);
    SHA256((const uint8_t *)text, (size_t)n, digest);
    memcpy(out.ptr, digest, out.len < sizeof digest ? out.len : sizeof digest);
}

struct slice bench_user(unsigned number, struct arena *a) {
    return arena_printf(a, "u%u", number);
}

struct slice bench_service(unsigned number, struct arena *a) {
    return arena_printf(a, "HTTP/host%u.bench", number);
}

// A principal of the benchmark: what both databases are told.
struct entry {
    struct slice name; // with the realm
    bool user;
    struct slice key;
};

static struct entry entry_at(const struct bench_realm *realm, unsigned i, struct arena *a) {
    size_t length = enctype_key_length(enctype_find(realm->enctype));
    struct buf key = arena_buf(a, length);
    bool user = i >= BENCH_SERVICES;
    unsigned number = user ? i - BENCH_SERVICES : i;
    struct slice name = user ? bench_user(number, a) : bench_service(number, a);
    bench_key(user ? "user" : "service", number, key);
    name = arena_printf(a, "%.*s@%.*s", SLICE_ARG(name), SLICE_ARG(realm->name));
    return (struct entry){name, user, slice_of_buf(key)};
}

static enum obol_code put(struct store_write *w, const struct master *master,
                          const struct bench_realm *realm, const struct entry *e, uint64_t id,
                          struct arena *a, struct error *err) {
    int64_t now = env_now(env_system());
    struct record_key key = {.kvno = 1, .enctype = realm->enctype};
    struct record record = {.name = e->name,
                            .id = id,
                            .name_type = e->user ? NT_PRINCIPAL : NT_SRV_INST,
                            .flags = e->user ? RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER : 0,
                            .created = now,
                            .modified = now,
                            .password_changed = now,
                            .keys = {&key, 1}};
    TRY(master_seal(master, env_system(), id, &key, e->key, a, err));
    return store_put(w, &record, err);
}

static enum obol_code fill(struct store *store, const struct master *master,
                           const struct bench_realm *realm, struct arena *a, struct error *err) {
    struct store_write *w;
    uint64_t id;
    unsigned count = realm->users + BENCH_SERVICES;
    TRY(store_write_begin(store, &w, err));
    TRY(store_draw_ids(w, count + 1, &id, err));
    TRY(store_put_meta(w, "realm", realm->name, err));
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct slice krbtgt =
        arena_printf(a, "krbtgt/%.*s@%.*s", SLICE_ARG(realm->name), SLICE_ARG(realm->name));
    size_t length = enctype_key_length(enctype_find(realm->enctype));
    bench_key("krbtgt", 0, buf_of(bytes, length));
    const struct entry tgs = {krbtgt, false, slice_of(bytes, length)};
    TRY(put(w, master, realm, &tgs, id++, a, err));
    for (unsigned i = 0; i < count; i++) {
        arena_reset(a);
        struct entry e = entry_at(realm, i, a);
        TRY(put(w, master, realm, &e, id++, a, err));
    }
    return store_commit(w, err);
}

enum obol_code bench_fill_obol(const char *home, const struct bench_realm *realm,
                               struct error *err) {
    struct arena a;
    struct master *master;
    struct store *store;
    ENSURE(arena_init(&a, 1 << 16, 1 << 24), NO_MEMORY, "the realm");
    struct slice path = arena_printf(&a, "%s/store", home);
    struct slice key_path = arena_printf(&a, "%s/master.key", home);
    const struct store_options options = {.path = arena_cstr(&a, path), .create = true};
    TRY(store_open(&store, &STORE_LMDB, &options, err));
    TRY(master_create(&master, arena_cstr(&a, key_path), env_system(), err));
    TRY(fill(store, master, realm, &a, err));
    master_free(master);
    store_close(store);
    arena_clear(&a);
    return OBOL_OK;
}

// The key data of a dump: the key's length, little endian, and the key sealed with usage 0.
static enum obol_code dump_entry(const struct bench_realm *realm, const struct entry *e,
                                 struct crypto_key *mkey, struct arena *a, struct error *err) {
    struct buf sealed = arena_buf(a, enctype_sealed_length(crypto_key_enctype(mkey), e->key.len));
    struct writer w = writer_to_arena(a);
    ENSURE_MEMORY(sealed.ptr);
    TRY(crypto_seal(mkey, 0, env_system(), e->key, sealed, err));
    // princ, lengths, name, attributes, lives, expiries, logins; no tagged data; one key.
    writer_printf(&w, "princ\t38\t%zu\t0\t1\t0\t%.*s\t%d\t%d\t%d\t0\t0\t0\t0\t0\t1\t1\t%d\t%zu\t",
                  e->name.len, SLICE_ARG(e->name), e->user ? MIT_REQUIRES_PRE_AUTH : 0, DAY,
                  7 * DAY, realm->enctype, 2 + sealed.len);
    uint8_t length[2] = {(uint8_t)e->key.len, 0};
    hex_write(&w, slice_of(length, sizeof length));
    hex_write(&w, slice_of_buf(sealed));
    writer_str(&w, "\t-1;\n");
    struct slice line = writer_slice(&w);
    fwrite(line.ptr, 1, line.len, stdout);
    return OBOL_OK;
}

enum obol_code bench_dump_mit(const struct bench_realm *realm, struct slice password,
                              struct error *err) {
    struct arena a;
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct crypto_key *mkey;
    const struct enctype *enctype = enctype_find(MKEY_ENCTYPE);
    ENSURE(arena_init(&a, 1 << 16, 1 << 24), NO_MEMORY, "the realm");
    struct slice salt = arena_printf(&a, "%.*sKM", SLICE_ARG(realm->name));
    struct buf key = buf_of(bytes, enctype_key_length(enctype));
    TRY(crypto_string_to_key(enctype, password, salt, (struct slice){0}, 0, key, err));
    TRY(crypto_key_new(&mkey, MKEY_ENCTYPE, slice_of_buf(key), err));
    printf("kdb5_util load_dump version 7\n");
    for (unsigned i = 0; i < realm->users + BENCH_SERVICES; i++) {
        arena_reset(&a);
        struct entry e = entry_at(realm, i, &a);
        TRY(dump_entry(realm, &e, mkey, &a, err));
    }
    crypto_key_free(mkey);
    arena_clear(&a);
    return OBOL_OK;
}
