// The replay cache's second look: what another puts into it between the first look of a check and
// the check's own slot. The first table is write-protected for the one who checks, so that taking
// the slot faults, and the other comes in the handler of the fault; then the slot is taken after
// all.
#include "../test.h"
#include "cred/rcache.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOW INT64_C(1790000000)
#define TAG SLICE_LITERAL("the tag")

enum { HEADER = 4096, SLOT = 16, BUCKET = 8 * SLOT, TABLE = 256 * BUCKET };

// What the other does meanwhile.
enum between { NOTHING, ANOTHER_TAG, THE_TAG_IN_ANOTHER_BUCKET, THE_TAG_IN_A_NEW_TABLE };

static struct {
    char dir[32], path[64];
    int fd;
    struct rcache *one, *other;
    uint8_t *table; // the first, as the one has it
    enum between between;
    unsigned faults;
    enum obol_code others; // what the other was told
    off_t size;
} t;

static int64_t fixed_now_us(void *ctx) {
    UNUSED(ctx);
    return NOW * 1000000;
}

static void fixed_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    memset(out.ptr, 0x5a, out.len);
}

static const struct env SAME_SEED = {NULL, fixed_now_us, fixed_random};

// A slot of somebody else's; an expiry of 0: a free one.
static void put_slot(off_t at, int64_t expires) {
    const uint64_t word = (uint64_t)expires << 32 | (expires != 0);
    const uint64_t slot[] = {word, word};
    if (pwrite(t.fd, slot, sizeof slot, at) != sizeof slot)
        abort();
}

static void put_slots(off_t from, off_t to, int64_t expires) {
    for (off_t at = from; at < to; at += SLOT)
        put_slot(at, expires);
}

static void on_fault(int number, siginfo_t *info, void *context) {
    const uint8_t *at = info->si_addr;
    UNUSED(number);
    UNUSED(context);
    if (at < t.table || at >= t.table + TABLE || t.faults++ > 0)
        abort();
    mprotect(t.table, TABLE, PROT_READ | PROT_WRITE);
    if (t.between == ANOTHER_TAG)
        t.others = rcache_check(t.other, SLICE_LITERAL("another"), NOW + 1, NULL);
    if (t.between == THE_TAG_IN_ANOTHER_BUCKET)
        t.others = rcache_check(t.other, TAG, NOW + 1, NULL);
    if (t.between == THE_TAG_IN_A_NEW_TABLE) {
        put_slots(HEADER, t.size, NOW + 600);
        t.others = rcache_check(t.other, TAG, NOW, NULL);
        put_slot(HEADER + (at - t.table) / SLOT * SLOT, 0); // as if it had expired
    }
}

// Where a handle that has mapped the first table has it.
static uint8_t *find_table(void) {
    char line[512];
    uint8_t *found = NULL;
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) { // "START-END rw-s OFFSET DEVICE INODE PATH"
        char *end = line;
        const uintptr_t from = strtoul(line, &end, 16), to = strtoul(end + 1, &end, 16),
                        offset = strtoul(end + sizeof " rw-s", NULL, 16);
        if (strstr(line, t.path) && offset <= HEADER && from - offset + HEADER < to) {
            assert_null(found);
            found = (uint8_t *)from - offset + HEADER; // NOLINT(performance-no-int-to-ptr)
        }
    }
    fclose(maps);
    return found;
}

// The bucket in which a check puts the tag now; it is taken out again.
static off_t bucket_of_tag(struct rcache *rc) {
    uint64_t slot[2];
    assert_ok(rcache_check(rc, TAG, NOW, NULL));
    for (off_t at = HEADER; pread(t.fd, slot, sizeof slot, at) == sizeof slot; at += SLOT)
        if (slot[0] && (uint32_t)slot[0] != 1) { // not somebody else's
            put_slot(at, 0);
            return HEADER + (at - HEADER) / BUCKET * BUCKET;
        }
    assert_true(false);
    return 0;
}

// The last table has no room for the tag, so that it goes to the first one.
static void fill_last_table(void) {
    for (int choice = 0; choice < 2; choice++) {
        off_t bucket = bucket_of_tag(t.one);
        assert_true(bucket >= HEADER + TABLE);
        put_slots(bucket, bucket + BUCKET, NOW + 600);
    }
}

// The tag's first bucket has room for six and will have; the second has room for four, and a second
// later for eight: so the one takes a slot of the first, and the other one of the second.
static void fill_buckets(void) {
    off_t first = bucket_of_tag(t.one);
    put_slots(first, first + BUCKET, NOW + 600);
    off_t second = bucket_of_tag(t.one);
    assert_int_not_equal(first, second);
    assert_true(first < HEADER + TABLE && second < HEADER + TABLE);
    put_slots(first, first + BUCKET, 0);
    put_slots(first, first + 2 * SLOT, NOW + 600);
    put_slots(second, second + 4 * SLOT, NOW);
}

static int set_up(void **state) {
    UNUSED(state);
    memset(&t, 0, sizeof t);
    strcpy(t.dir, "/tmp/obol-rcache-XXXXXX");
    if (!mkdtemp(t.dir))
        return -1;
    snprintf(t.path, sizeof t.path, "%s/rc", t.dir);
    assert_ok(rcache_open(&t.one, t.path, 600, &SAME_SEED, NULL));
    t.fd = open(t.path, O_RDWR | O_CLOEXEC);
    // Two tables: a check writes into the last one beforehand.
    t.size = HEADER + 5 * (off_t)TABLE;
    assert_int_equal(ftruncate(t.fd, t.size), 0);
    assert_int_equal(pwrite(t.fd, &(uint32_t){2}, 4, 32), 4);
    fill_last_table();
    fill_buckets();
    t.table = find_table();
    assert_non_null(t.table);
    assert_ok(rcache_open(&t.other, t.path, 600, &SAME_SEED, NULL));
    return 0;
}

static int tear_down(void **state) {
    UNUSED(state);
    rcache_close(t.one);
    rcache_close(t.other);
    close(t.fd);
    unlink(t.path);
    return rmdir(t.dir);
}

// What the one is told when the other comes between its first look and its slot.
static enum obol_code check_with(enum between between) {
    struct sigaction old, ours = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    t.between = between;
    assert_int_equal(sigaction(SIGSEGV, &ours, &old), 0);
    assert_int_equal(mprotect(t.table, TABLE, PROT_READ), 0);
    enum obol_code code = rcache_check(t.one, TAG, NOW, NULL);
    assert_int_equal(sigaction(SIGSEGV, &old, NULL), 0);
    assert_int_equal(t.faults, 1);
    assert_ok(t.others);
    return code;
}

static void a_tag_between_whose_looks_nobody_comes_is_accepted(void **state) {
    UNUSED(state);
    assert_ok(check_with(NOTHING));
    assert_code(rcache_check(t.other, TAG, NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
}

static void another_tag_between_the_looks_is_no_replay(void **state) {
    UNUSED(state);
    assert_ok(check_with(ANOTHER_TAG));
}

static void the_same_tag_in_another_bucket_is_seen_by_the_second_look(void **state) {
    UNUSED(state);
    assert_code(check_with(THE_TAG_IN_ANOTHER_BUCKET), OBOL_KRB_AP_ERR_REPEAT);
}

static void the_same_tag_in_a_table_added_meanwhile_is_seen_by_the_second_look(void **state) {
    UNUSED(state);
    assert_code(check_with(THE_TAG_IN_A_NEW_TABLE), OBOL_KRB_AP_ERR_REPEAT);
    assert_true(lseek(t.fd, 0, SEEK_END) > t.size);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_tag_between_whose_looks_nobody_comes_is_accepted),
        CASE(another_tag_between_the_looks_is_no_replay),
        CASE(the_same_tag_in_another_bucket_is_seen_by_the_second_look),
        CASE(the_same_tag_in_a_table_added_meanwhile_is_seen_by_the_second_look),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
