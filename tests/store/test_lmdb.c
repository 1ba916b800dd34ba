// The embedded store across processes and accidents: kill -9, damage, permissions, limits.
#include "../test.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct arena arena;
static char dir[64], path[96], data[128];

static int setup(void **state) {
    UNUSED(state);
    strcpy(dir, "/tmp/obol-lmdb-XXXXXX");
    if (!mkdtemp(dir) || !arena_init(&arena, 1 << 20, 64 << 20))
        return -1;
    snprintf(path, sizeof path, "%s/store", dir);
    snprintf(data, sizeof data, "%s/data.mdb", path);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    char lock[128];
    snprintf(lock, sizeof lock, "%s/lock.mdb", path);
    unlink(data);
    unlink(lock);
    rmdir(path);
    rmdir(dir);
    arena_clear(&arena);
    return 0;
}

static enum obol_code open_as(struct store **s, struct store_options o, struct error *err) {
    o.path = path;
    if (err)
        error_init(err);
    return store_open(s, &STORE_LMDB, &o, err);
}
static struct store *create(void) {
    struct store *s;
    assert_ok(open_as(&s, (struct store_options){.create = true}, NULL));
    return s;
}
static struct store *reopen(void) {
    struct store *s;
    assert_ok(open_as(&s, (struct store_options){0}, NULL));
    return s;
}

// Record n, large enough to need several pages now and then; its bytes tell whether it is whole.
static enum obol_code put_numbered(struct store *s, uint32_t n) {
    char name[32];
    static uint8_t filler[3000];
    memset(filler, (int)(n & 0xff), sizeof filler);
    struct record_attribute a = {SLICE_LITERAL("filler"), slice_of(filler, n * 37 % 3000 + 1)};
    struct slice alias = arena_printf(&arena, "alias/%u@R", n);
    snprintf(name, sizeof name, "user%u@R", n);
    struct record r = {
        .name = slice_str(name), .id = n + 1, .aliases = {&alias, 1}, .attributes = {&a, 1}};
    struct store_write *w;
    TRY(store_write_begin(s, &w, NULL));
    enum obol_code code = store_put(w, &r, NULL);
    if (code == OBOL_OK)
        return store_commit(w, NULL);
    store_abort(w);
    return code;
}
// Whether record n is there, by its name and by its alias; it must be whole.
static bool has_numbered(struct store_read *r, uint32_t n) {
    struct slice name = arena_printf(&arena, "user%u@R", n), bytes, by_alias;
    struct slice alias = arena_printf(&arena, "alias/%u@R", n);
    enum obol_code code = store_get(r, name, &bytes, NULL);
    assert_int_equal(store_get(r, alias, &by_alias, NULL), code);
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        return false;
    assert_int_equal(code, OBOL_OK);
    assert_slice_equal(by_alias, bytes);
    struct record out;
    assert_ok(record_decode(bytes, &arena, &out, NULL));
    assert_int_equal(out.id, n + 1);
    assert_int_equal(out.attributes.items[0].value.len, n * 37 % 3000 + 1);
    return true;
}

// Writes records from `from` on until it is killed; each number goes to the pipe after its commit.
static void write_until_killed(uint32_t from, int out) {
    struct store *s;
    if (open_as(&s, (struct store_options){0}, NULL) != OBOL_OK)
        _exit(2);
    for (uint32_t n = from;; n++) {
        if (put_numbered(s, n) != OBOL_OK || write(out, &n, sizeof n) != sizeof n)
            _exit(3);
    }
}

// Kills a writer some microseconds after it has acknowledged `wanted` records; gives the number
// behind the last that it acknowledged. However slow the machine is, each round sees its writes.
static uint32_t kill_one_writer(uint32_t from, uint32_t wanted, unsigned microseconds) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        write_until_killed(from, ends[1]);
    }
    close(ends[1]);
    uint32_t n, acknowledged = from;
    while (acknowledged < from + wanted && read(ends[0], &n, sizeof n) == sizeof n)
        acknowledged = n + 1;
    struct timespec pause = {0, (long)microseconds * 1000};
    nanosleep(&pause, NULL);
    assert_int_equal(kill(pid, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    while (read(ends[0], &n, sizeof n) == sizeof n)
        acknowledged = n + 1;
    close(ends[0]);
    return acknowledged;
}

static void what_was_acknowledged_survives_kill_9_a_hundred_times(void **state) {
    UNUSED(state);
    store_close(create());
    uint32_t count = 0, torn = 0;
    unsigned seed = 42;
    for (int round = 0; round < 100; round++) {
        uint32_t wanted = (uint32_t)rand_r(&seed) % 8;
        uint32_t acknowledged = kill_one_writer(count, wanted, (unsigned)rand_r(&seed) % 4000);
        assert_true(acknowledged >= count + wanted);
        struct store *s = reopen();
        struct store_read *r;
        assert_ok(store_read_begin(s, &r, NULL));
        for (uint32_t n = count; n < acknowledged; n++)
            assert_true(has_numbered(r, n));
        // The one that was under way is there wholly or not at all; none is behind it.
        bool last = has_numbered(r, acknowledged);
        torn += last;
        assert_false(has_numbered(r, acknowledged + 1));
        count = acknowledged + last;
        store_read_end(r);
        store_close(s);
        arena_reset(&arena);
    }
    print_message("%u records, %u of them committed but not yet acknowledged at the kill\n", count,
                  torn);
    assert_true(count > 100);
    struct store *s = reopen();
    struct store_read *r;
    assert_ok(store_read_begin(s, &r, NULL));
    for (uint32_t n = 0; n < count; n++) {
        assert_true(has_numbered(r, n));
        arena_reset(&arena);
    }
    store_read_end(r);
    store_close(s);
}

static void another_process_sees_each_commit_by_the_counter(void **state) {
    UNUSED(state);
    enum { COMMITS = 50 };
    store_close(create());
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct store *s;
        char byte;
        close(ends[1]);
        if (open_as(&s, (struct store_options){0}, NULL) != OBOL_OK)
            _exit(2);
        for (uint32_t n = 0; n < COMMITS; n++)
            if (read(ends[0], &byte, 1) != 1 || put_numbered(s, n) != OBOL_OK)
                _exit(3);
        store_close(s);
        _exit(0);
    }
    struct store *s;
    assert_ok(open_as(&s, (struct store_options){.read_only = true}, NULL));
    struct store_read *r;
    assert_ok(store_read_begin(s, &r, NULL));
    for (uint32_t n = 0; n < COMMITS; n++) {
        uint64_t before = store_changes(s);
        assert_ok(store_read_renew(r, NULL));
        assert_false(has_numbered(r, n));
        assert_int_equal(write(ends[1], "x", 1), 1);
        for (int wait = 0; store_changes(s) == before && wait < 5000; wait++)
            nanosleep(&(struct timespec){0, 1000000}, NULL);
        assert_true(store_changes(s) > before);
        assert_false(has_numbered(r, n)); // the snapshot is still the old one
        assert_ok(store_read_renew(r, NULL));
        assert_true(has_numbered(r, n));
    }
    struct store_write *w;
    assert_code(store_write_begin(s, &w, NULL), OBOL_PERMISSION);
    store_read_end(r);
    store_close(s);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
}

static void a_killed_reader_does_not_hold_old_pages_for_ever(void **state) {
    UNUSED(state);
    struct store *s = create();
    assert_ok(put_numbered(s, 0));
    store_close(s);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct store_read *r;
        if (open_as(&s, (struct store_options){0}, NULL) != OBOL_OK ||
            store_read_begin(s, &r, NULL) != OBOL_OK || write(ends[1], "x", 1) != 1)
            _exit(2);
        pause();
    }
    char byte;
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    s = reopen();
    struct stat before, after;
    for (uint32_t n = 0; n < 20; n++)
        assert_ok(put_numbered(s, n % 3));
    assert_int_equal(stat(data, &before), 0);
    for (uint32_t n = 0; n < 300; n++)
        assert_ok(put_numbered(s, n % 3));
    assert_int_equal(stat(data, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    store_close(s);
    close(ends[0]);
}

static void files_are_their_owners_alone(void **state) {
    UNUSED(state);
    struct store *s = create();
    struct stat st;
    struct error err;
    char lock[128];
    snprintf(lock, sizeof lock, "%s/lock.mdb", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(data, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(lock, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    store_close(s);
    assert_int_equal(chmod(data, 0640), 0);
    assert_code(open_as(&s, (struct store_options){0}, &err), OBOL_PERMISSION);
    assert_non_null(strstr(err.detail, "640"));
    assert_int_equal(chmod(data, 0600), 0);
    assert_int_equal(chmod(path, 0755), 0);
    assert_code(open_as(&s, (struct store_options){0}, &err), OBOL_PERMISSION);
    assert_int_equal(chmod(path, 0700), 0);
    store_close(reopen());
}

static void a_store_is_made_once_and_opened_once(void **state) {
    UNUSED(state);
    struct store *s, *second;
    struct error err;
    assert_code(open_as(&s, (struct store_options){0}, &err), OBOL_STORE_NOT_FOUND);
    assert_null(s);
    s = create();
    assert_code(open_as(&second, (struct store_options){0}, &err), OBOL_INVALID_ARGUMENT);
    store_close(s);
    assert_code(open_as(&second, (struct store_options){.create = true}, &err), OBOL_EXISTS);
    store_close(reopen());
    store_close(NULL);
}

static void a_full_store_says_how_full_it_is(void **state) {
    UNUSED(state);
    struct store *s;
    struct error err;
    struct store_options small = {.create = true, .size_limit = 128 * 1024};
    assert_ok(open_as(&s, small, NULL));
    enum obol_code code = OBOL_OK;
    uint32_t n = 0;
    for (; code == OBOL_OK && n < 1000; n++)
        code = put_numbered(s, n);
    assert_int_equal(code, OBOL_STORE_FULL);
    uint8_t value[16384] = {0};
    struct store_write *w;
    error_init(&err);
    assert_ok(store_write_begin(s, &w, NULL));
    code = OBOL_OK;
    for (int i = 0; code == OBOL_OK && i < 100; i++) {
        char key[16];
        snprintf(key, sizeof key, "filler%d", i);
        code = store_put_meta(w, key, slice_of(value, sizeof value), &err);
    }
    assert_int_equal(code, OBOL_STORE_FULL);
    assert_non_null(strstr(err.detail, path));
    size_t at = 0;
    const char *name, *fact;
    assert_true(error_fact_next(&err, &at, &name, &fact));
    assert_string_equal(name, "bytes used");
    assert_true(error_fact_next(&err, &at, &name, &fact));
    assert_string_equal(name, "limit");
    assert_string_equal(fact, "131072");
    store_abort(w);
    store_close(s);
    s = reopen(); // with the usual limit it goes on
    assert_ok(put_numbered(s, n));
    store_close(s);
}

static void a_cut_or_foreign_file_is_refused(void **state) {
    UNUSED(state);
    struct store *s = create();
    struct error err;
    for (uint32_t n = 0; n < 50; n++)
        assert_ok(put_numbered(s, n));
    store_close(s);
    struct stat st;
    assert_int_equal(stat(data, &st), 0);
    for (off_t size = st.st_size - 4096; size > 0; size -= 16384) {
        assert_int_equal(truncate(data, size), 0);
        assert_code(open_as(&s, (struct store_options){0}, &err), OBOL_STORE_CORRUPT);
        assert_true(err.detail[0]);
    }
    for (off_t size = 4096; size >= 0; size -= 512) {
        assert_int_equal(truncate(data, size), 0);
        assert_code(open_as(&s, (struct store_options){0}, &err), OBOL_STORE_CORRUPT);
    }
    FILE *f = fopen(data, "w");
    for (int i = 0; i < 3000; i++)
        fprintf(f, "this is not a store\n");
    fclose(f);
    assert_code(open_as(&s, (struct store_options){0}, &err), OBOL_STORE_CORRUPT);
}

// Damage to the bytes of records in the file is found by their checksums, one by one.
static void a_damaged_record_is_refused_and_can_be_deleted(void **state) {
    UNUSED(state);
    struct store *s = create();
    for (uint32_t n = 0; n < 20; n++)
        assert_ok(put_numbered(s, n));
    store_close(s);
    int fd = open(data, O_RDWR);
    static uint8_t page[4096];
    bool hit = false;
    // The filler of record 9 is a run of 9s in the middle of a page.
    for (off_t at = 0; pread(fd, page, sizeof page, at) == sizeof page; at += sizeof page) {
        static const uint8_t run[64] = {[0 ... 63] = 9};
        uint8_t *found = memmem(page, sizeof page, run, sizeof run);
        if (!found)
            continue;
        found[10] ^= 4;
        assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
        hit = true;
    }
    close(fd);
    assert_true(hit);
    s = reopen();
    struct store_read *r;
    struct slice bytes, name = {0};
    struct record out;
    assert_ok(store_read_begin(s, &r, NULL));
    assert_ok(store_get(r, slice_str("user9@R"), &bytes, NULL));
    assert_code(record_decode(bytes, &arena, &out, NULL), OBOL_STORE_CORRUPT);
    size_t seen = 0;
    while (store_next(r, &name, &bytes, NULL) == OBOL_OK)
        seen++;
    assert_int_equal(seen, 20);
    store_read_end(r);
    struct store_write *w;
    assert_ok(store_write_begin(s, &w, NULL));
    assert_ok(store_delete(w, slice_str("user9@R"), NULL));
    assert_ok(store_commit(w, NULL));
    assert_ok(store_read_begin(s, &r, NULL));
    assert_false(has_numbered(r, 9)); // with its alias
    assert_true(has_numbered(r, 8));
    store_read_end(r);
    store_close(s);
}

static void a_fast_load_is_there_after_its_sync(void **state) {
    UNUSED(state);
    struct store *s;
    store_close(create());
    assert_ok(open_as(&s, (struct store_options){.fast_load = true}, NULL));
    for (uint32_t n = 0; n < 200; n++)
        assert_ok(put_numbered(s, n));
    assert_ok(store_sync(s, NULL));
    store_close(s);
    s = reopen();
    struct store_read *r;
    assert_ok(store_read_begin(s, &r, NULL));
    for (uint32_t n = 0; n < 200; n++)
        assert_true(has_numbered(r, n));
    store_read_end(r);
    store_close(s);
}

static void a_copy_is_a_store_of_that_moment(void **state) {
    UNUSED(state);
    char first[sizeof path];
    struct error failure, *err = &failure;
    struct store *s = create(), *memory;
    struct store_read *r;
    error_init(err);
    assert_ok(put_numbered(s, 1));
    strcpy(first, path);
    struct slice copy = arena_printf(&arena, "%s/copy", dir);
    assert_ok(store_copy(s, (const char *)copy.ptr, err));
    assert_code(store_copy(s, (const char *)copy.ptr, err), OBOL_EXISTS);
    error_init(err);
    assert_code(store_copy(s, "/nonexistent/copy", err), OBOL_IO);
    assert_ok(put_numbered(s, 2)); // the store goes on, and the copy does not see it
    store_close(s);
    memcpy(path, copy.ptr, copy.len + 1);
    s = reopen();
    assert_ok(store_read_begin(s, &r, NULL));
    assert_true(has_numbered(r, 1));
    assert_false(has_numbered(r, 2));
    store_read_end(r);
    store_close(s);
    snprintf(data, sizeof data, "%s/data.mdb", path);
    struct stat st;
    assert_true(stat(data, &st) == 0 && (st.st_mode & 0777) == 0600);
    unlink(data);
    unlink((const char *)arena_printf(&arena, "%s/lock.mdb", path).ptr);
    rmdir(path);
    strcpy(path, first);
    snprintf(data, sizeof data, "%s/data.mdb", path);
    assert_ok(store_open(&memory, &STORE_MEMORY, &(struct store_options){.create = true}, err));
    assert_code(store_copy(memory, "/nonexistent", err), OBOL_UNSUPPORTED);
    store_close(memory);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(what_was_acknowledged_survives_kill_9_a_hundred_times),
        CASE(another_process_sees_each_commit_by_the_counter),
        CASE(a_killed_reader_does_not_hold_old_pages_for_ever),
        CASE(files_are_their_owners_alone),
        CASE(a_store_is_made_once_and_opened_once),
        CASE(a_full_store_says_how_full_it_is),
        CASE(a_cut_or_foreign_file_is_refused),
        CASE(a_damaged_record_is_refused_and_can_be_deleted),
        CASE(a_fast_load_is_there_after_its_sync),
        CASE(a_copy_is_a_store_of_that_moment),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
