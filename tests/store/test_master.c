// Master keys: sealing and its binding, the file, damage, permissions, replacement.
#include "../test.h"
#include "store/master.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static char dir[64], path[96];

static int setup(void **state) {
    UNUSED(state);
    strcpy(dir, "/tmp/obol-master-XXXXXX");
    if (!mkdtemp(dir) || !arena_init(&arena, 1 << 16, 1 << 20))
        return -1;
    snprintf(path, sizeof path, "%s/master.key", dir);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    unlink(path);
    rmdir(dir);
    arena_clear(&arena);
    return 0;
}

static struct master *created(void) {
    struct master *m;
    assert_ok(master_create(&m, path, env_system(), NULL));
    return m;
}
static struct record_key sealed(struct master *m, uint64_t id, const char *bytes) {
    struct record_key key = {.kvno = 3, .enctype = 20};
    assert_ok(master_seal(m, env_system(), id, &key, slice_str(bytes), &arena, NULL));
    return key;
}
static enum obol_code opens(struct master *m, uint64_t id, const struct record_key *key,
                            const char *expected) {
    struct slice bytes;
    enum obol_code code = master_open(m, id, key, &arena, &bytes, NULL);
    if (code == OBOL_OK)
        assert_slice_str(bytes, expected);
    return code;
}

static void what_was_sealed_opens_also_after_loading(void **state) {
    UNUSED(state);
    struct master *m = created(), *again;
    struct record_key key = sealed(m, 7, "0123456789abcdef0123456789abcdef");
    assert_int_equal(key.master, 1);
    assert_ok(opens(m, 7, &key, "0123456789abcdef0123456789abcdef"));
    assert_ok(master_load(&again, path, NULL));
    assert_ok(opens(again, 7, &key, "0123456789abcdef0123456789abcdef"));
    struct record_key other = sealed(m, 7, "0123456789abcdef0123456789abcdef");
    assert_false(slice_eq(key.sealed, other.sealed));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    struct master *second;
    assert_code(master_create(&second, path, env_system(), NULL), OBOL_EXISTS);
    assert_null(second);
    master_free(again);
    master_free(m);
    master_free(NULL);
}

static void a_key_opens_only_where_it_was_sealed(void **state) {
    UNUSED(state);
    struct master *m = created();
    struct record_key key = sealed(m, 7, "0123456789abcdef"), moved = key;
    assert_code(opens(m, 8, &key, ""), OBOL_MASTER_KEY);
    moved.kvno = 4;
    assert_code(opens(m, 7, &moved, ""), OBOL_MASTER_KEY);
    moved = key;
    moved.enctype = 18;
    assert_code(opens(m, 7, &moved, ""), OBOL_MASTER_KEY);
    moved = key;
    moved.master = 2;
    assert_code(opens(m, 7, &moved, ""), OBOL_MASTER_KEY);
    struct slice copy;
    assert_true(arena_copy(&arena, key.sealed, &copy));
    for (size_t i = 0; i < copy.len; i++) {
        moved = key;
        moved.sealed = copy;
        ((uint8_t *)(uintptr_t)copy.ptr)[i] ^= 1;
        assert_code(opens(m, 7, &moved, ""), OBOL_MASTER_KEY);
        moved.sealed.len = i;
        assert_code(opens(m, 7, &moved, ""), OBOL_MASTER_KEY);
        ((uint8_t *)(uintptr_t)copy.ptr)[i] ^= 1;
    }
    assert_code(master_seal(m, env_system(), 7, &key, (struct slice){0}, &arena, NULL),
                OBOL_KEY_LENGTH);
    master_free(m);
}

static size_t read_back(uint8_t bytes[512]) {
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(bytes, 1, 512, f);
    fclose(f);
    return n;
}
static void write_back(const uint8_t *bytes, size_t n) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void a_damaged_or_cut_file_is_refused(void **state) {
    UNUSED(state);
    uint8_t bytes[512];
    struct master *m = created();
    master_free(m);
    size_t n = read_back(bytes);
    for (size_t i = 0; i < n; i++) {
        bytes[i] ^= 0x10;
        write_back(bytes, n);
        assert_code(master_load(&m, path, NULL), OBOL_MASTER_KEY);
        assert_null(m);
        bytes[i] ^= 0x10;
        write_back(bytes, i);
        assert_code(master_load(&m, path, NULL), OBOL_MASTER_KEY);
    }
    write_back(bytes, n);
    assert_ok(master_load(&m, path, NULL));
    master_free(m);
    bytes[n] = 0;
    write_back(bytes, n + 1);
    assert_code(master_load(&m, path, NULL), OBOL_MASTER_KEY);
    assert_int_equal(truncate(path, 1 << 24), 0);
    assert_code(master_load(&m, path, NULL), OBOL_MASTER_KEY);
    unlink(path);
    assert_code(master_load(&m, path, NULL), OBOL_MASTER_KEY);
    assert_code(master_load(&m, dir, NULL), OBOL_MASTER_KEY);
}

static void a_file_that_others_can_read_is_refused(void **state) {
    UNUSED(state);
    static const mode_t bad[] = {0604, 0640, 0660, 0602, 0601, 0610};
    struct master *m = created();
    struct error err;
    master_free(m);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        error_init(&err);
        assert_int_equal(chmod(path, bad[i]), 0);
        assert_code(master_load(&m, path, &err), OBOL_PERMISSION);
        assert_non_null(strstr(err.detail, path));
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_ok(master_load(&m, path, NULL));
    master_free(m);
}

static void a_strangers_file_is_refused(void **state) {
    UNUSED(state);
    struct master *m = created();
    master_free(m);
    if (geteuid() != 0) // only root can make a stranger's file; its mode is tested above
        return;
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_code(master_load(&m, path, NULL), OBOL_PERMISSION);
    // A daemon's own home: root may use it, and leaves it the daemon's.
    assert_int_equal(chown(dir, 12345, 12345), 0);
    assert_ok(master_load(&m, path, NULL));
    assert_ok(master_add(m, env_system(), NULL));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 12345);
    master_free(m);
}

static void a_new_version_is_met_without_loading_again(void **state) {
    UNUSED(state);
    struct master *writer = created(), *reader;
    struct record_key old = sealed(writer, 7, "0123456789abcdef");
    assert_ok(master_load(&reader, path, NULL));
    assert_ok(master_add(writer, env_system(), NULL));
    assert_int_equal(master_current(writer), 2);
    struct record_key new = sealed(writer, 7, "fedcba9876543210");
    assert_int_equal(new.master, 2);
    assert_ok(opens(reader, 7, &new, "fedcba9876543210"));
    assert_code(master_retire(writer, 3, NULL), OBOL_INVALID_ARGUMENT);
    assert_ok(master_retire(writer, 2, NULL));
    assert_ok(master_refresh(reader, NULL));
    assert_ok(opens(reader, 7, &old, "0123456789abcdef")); // an old snapshot may hold it
    struct master *fresh;
    assert_ok(master_load(&fresh, path, NULL));
    assert_code(opens(fresh, 7, &old, ""), OBOL_MASTER_KEY);
    assert_ok(opens(fresh, 7, &new, "fedcba9876543210"));
    // What was retired does not come back with the next version.
    assert_ok(master_add(writer, env_system(), NULL));
    master_free(fresh);
    assert_ok(master_load(&fresh, path, NULL));
    assert_code(opens(fresh, 7, &old, ""), OBOL_MASTER_KEY);
    master_free(fresh);
    master_free(reader);
    master_free(writer);
}

// A KDC that runs for years sees more versions than it has places for.
static void a_reader_outlives_any_number_of_replacements(void **state) {
    UNUSED(state);
    struct master *writer = created(), *reader;
    struct record_key first = sealed(writer, 7, "0123456789abcdef"), last = first;
    assert_ok(master_load(&reader, path, NULL));
    for (uint32_t version = 2; version < 100; version++) {
        struct record_key before = last;
        assert_ok(master_add(writer, env_system(), NULL));
        assert_true(master_is_changing(writer));
        last = sealed(writer, 7, "fedcba9876543210");
        assert_int_equal(last.master, version);
        assert_ok(opens(reader, 7, &last, "fedcba9876543210"));
        assert_ok(master_retire(writer, version, NULL));
        assert_false(master_is_changing(writer));
        assert_ok(opens(reader, 7, &before,
                        before.master == 1 ? "0123456789abcdef" : "fedcba9876543210"));
    }
    assert_code(opens(reader, 7, &first, ""), OBOL_MASTER_KEY); // it was long gone
    master_free(reader);
    master_free(writer);
}

static void versions_that_are_in_use_are_never_forgotten(void **state) {
    UNUSED(state);
    struct master *m = created();
    struct record_key first = sealed(m, 7, "0123456789abcdef");
    struct error err;
    error_init(&err);
    enum obol_code code = OBOL_OK;
    for (uint32_t n = 1; n < 100 && code == OBOL_OK; n++)
        code = master_add(m, env_system(), &err);
    assert_int_equal(code, OBOL_MASTER_KEY);
    assert_non_null(strstr(err.detail, "retire"));
    assert_ok(opens(m, 7, &first, "0123456789abcdef"));
    assert_ok(master_retire(m, master_current(m), NULL));
    assert_ok(master_add(m, env_system(), NULL));
    master_free(m);
}

static void what_a_killed_writer_left_is_swept(void **state) {
    UNUSED(state);
    struct master *m = created();
    static const char *const names[] = {".1.new", ".4711.new", ".new", ".x.new", ".1.old", "x"};
    char name[160];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(name, sizeof name, "%s%s", path, names[i]);
        fclose(fopen(name, "w"));
    }
    assert_ok(master_add(m, env_system(), NULL));
    assert_ok(master_retire(m, 2, NULL));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(name, sizeof name, "%s%s", path, names[i]);
        assert_int_equal(access(name, F_OK), i < 2 ? -1 : 0);
        unlink(name);
    }
    master_free(m);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(what_was_sealed_opens_also_after_loading),
        CASE(a_key_opens_only_where_it_was_sealed),
        CASE(a_damaged_or_cut_file_is_refused),
        CASE(a_file_that_others_can_read_is_refused),
        CASE(a_strangers_file_is_refused),
        CASE(a_new_version_is_met_without_loading_again),
        CASE(a_reader_outlives_any_number_of_replacements),
        CASE(versions_that_are_in_use_are_never_forgotten),
        CASE(what_a_killed_writer_left_is_swept),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
