// The replay cache's older formats: what stands in a file of one is not forgotten, and a process
// that still uses it refuses.
#include "base/siphash.h"
#include "rcache_world.h"
#include <fcntl.h>
#include <sys/stat.h>

static void a_file_of_the_first_format_is_begun_anew(void **state) {
    UNUSED(state);
    struct rcache *rc;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("OBOLRC1\n", f);
    for (int i = 0; i < 100000; i++)
        fputc('x', f);
    fclose(f);
    chmod(path, 0600);
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    assert_ok(rcache_check(rc, SLICE_LITERAL("one"), NOW, NULL));
    assert_code(rcache_check(rc, SLICE_LITERAL("one"), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    rcache_close(rc);
}

#define SUPERSEDED UINT32_MAX
#define FORMAT     "OBOLRC4\n"

// The numbers of tables of the second format, the third and this one, and until when the third's
// tags live.
struct numbers {
    uint32_t second, third, levels, whole_until;
};

// What the first bytes of the file say: its format, and the numbers behind the seed.
static void put_header(const char *magic, const struct numbers *n) {
    int fd = open(path, O_RDWR);
    assert_int_equal(pwrite(fd, magic, 8, 0), 8);
    assert_int_equal(pwrite(fd, n, sizeof *n, 24), sizeof *n);
    close(fd);
}

static void expect_header(const struct numbers *expected) {
    struct numbers found;
    char magic[8];
    int fd = open(path, O_RDONLY);
    assert_int_equal(pread(fd, magic, sizeof magic, 0), sizeof magic);
    assert_memory_equal(magic, FORMAT, sizeof magic);
    // A process that still has an older format's way finds more tables than there can be.
    assert_int_equal(pread(fd, &found, sizeof found, 24), sizeof found);
    assert_memory_equal(&found, expected, sizeof found);
    close(fd);
}

// The second format has one bucket a tag, the first of the two; both hashed all of a tag. (That of
// a short one is its end as well.)
static void a_file_of_an_older_format_is_taken_over_with_all_that_stands_in_it(void **state) {
    UNUSED(state);
    struct rcache *rc;
    const struct {
        const char *magic;
        struct numbers numbers;
    } files[] = {
        {"OBOLRC2\n", {1, 0, 0, 0}},
        {"OBOLRC2\n", {SUPERSEDED, 1, 0, 0}}, // who took it over died
        {"OBOLRC3\n", {SUPERSEDED, 1, 0, 0}},
        {"OBOLRC3\n", {SUPERSEDED, SUPERSEDED, 1, 0}},
        {"OBOLRC3\n", {SUPERSEDED, SUPERSEDED, 1, NOW + 700}},
    };
    for (uint32_t i = 0; i < COUNT_OF(files); i++) {
        assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
        assert_ok(rcache_check(rc, tag_of(&i), NOW + i, NULL));
        rcache_close(rc);
        put_header(files[i].magic, &files[i].numbers);
        assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
        assert_code(rcache_check(rc, tag_of(&i), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
        expect_header(&(struct numbers){SUPERSEDED, SUPERSEDED, 1, NOW + 600 + i});
        rcache_close(rc);
    }
    put_header("OBOLRC2\n", &(struct numbers){9, 0, 0, 0});
    assert_code(rcache_open(&rc, path, 600, env_system(), NULL), OBOL_REPLAY_CACHE_IO);
    put_header("OBOLRC3\n", &(struct numbers){SUPERSEDED, 9, 0, 0});
    assert_code(rcache_open(&rc, path, 600, env_system(), NULL), OBOL_REPLAY_CACHE_IO);
    put_header("OBOLRC5\n", &(struct numbers){1, 1, 1, 0}); // and one of another is left as it is
    assert_code(rcache_open(&rc, path, 600, env_system(), NULL), OBOL_REPLAY_CACHE_IO);
    struct numbers left;
    int fd = open(path, O_RDONLY);
    assert_int_equal(pread(fd, &left, sizeof left, 24), sizeof left);
    assert_true(left.second == 1 && left.third == 1 && left.levels == 1);
    close(fd);
}

// What the third format put in stands where the hash of all of the tag's bytes says.
static void a_long_tag_of_the_third_format_is_found_until_it_expires(void **state) {
    UNUSED(state);
    const struct env same_seed = {NULL, fixed_now_us, fixed_random};
    const struct slice tag = SLICE_LITERAL("an authenticator's sealed bytes, two hundred or so");
    struct siphash_key seed;
    struct rcache *rc;
    memset(&seed, 0x5a, sizeof seed);
    const struct siphash_128 hash = siphash_128(&seed, tag);
    const uint64_t expires = (uint64_t)(NOW + 600) << 32;
    const uint64_t slot[] = {expires | (uint32_t)hash.lo, expires | hash.lo >> 32};
    assert_ok(rcache_open(&rc, path, 600, &same_seed, NULL));
    rcache_close(rc);
    int fd = open(path, O_RDWR);
    const off_t bucket = 4096 + 128 * (off_t)(hash.hi & 255);
    assert_int_equal(pwrite(fd, slot, sizeof slot, bucket), sizeof slot);
    close(fd);
    put_header("OBOLRC3\n", &(struct numbers){SUPERSEDED, 1, 0, 0});
    assert_ok(rcache_open(&rc, path, 600, &same_seed, NULL));
    assert_code(rcache_check(rc, tag, NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    assert_code(rcache_check(rc, tag, NOW + 600, NULL), OBOL_KRB_AP_ERR_REPEAT);
    assert_ok(rcache_check(rc, SLICE_LITERAL("another one's sealed bytes, as many"), NOW, NULL));
    assert_ok(rcache_check(rc, tag, NOW + 601, NULL));
    assert_code(rcache_check(rc, tag, NOW + 601, NULL), OBOL_KRB_AP_ERR_REPEAT);
    rcache_close(rc);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_file_of_the_first_format_is_begun_anew),
        CASE(a_file_of_an_older_format_is_taken_over_with_all_that_stands_in_it),
        CASE(a_long_tag_of_the_third_format_is_found_until_it_expires),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
