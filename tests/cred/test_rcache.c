// The replay cache: across processes, after restarts, over its growth, and its refusals.
#include "krb/seal.h"
#include "proto/codes.h"
#include "rcache_world.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void a_second_sight_is_a_replay_until_it_expires(void **state) {
    UNUSED(state);
    struct rcache *rc;
    struct error e;
    error_init(&e);
    assert_ok(rcache_open(&rc, path, 600, env_system(), &e));
    assert_ok(rcache_check(rc, SLICE_LITERAL("one"), NOW, &e));
    assert_code(rcache_check(rc, SLICE_LITERAL("one"), NOW, &e), OBOL_KRB_AP_ERR_REPEAT);
    assert_code(rcache_check(rc, SLICE_LITERAL("one"), NOW + 599, NULL), OBOL_KRB_AP_ERR_REPEAT);
    // An authenticator 300 seconds ahead is good for 600 seconds, the last one included.
    assert_code(rcache_check(rc, SLICE_LITERAL("one"), NOW + 600, NULL), OBOL_KRB_AP_ERR_REPEAT);
    assert_ok(rcache_check(rc, SLICE_LITERAL("one"), NOW + 601, NULL));
    assert_ok(rcache_check(rc, SLICE_LITERAL("two"), NOW, NULL));
    assert_ok(rcache_check(rc, (struct slice){0}, NOW, NULL));
    rcache_close(rc);
    rcache_close(NULL);
}

static void a_restart_forgets_nothing(void **state) {
    UNUSED(state);
    struct rcache *rc;
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    assert_ok(rcache_check(rc, SLICE_LITERAL("kept"), NOW, NULL));
    rcache_close(rc);
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    assert_code(rcache_check(rc, SLICE_LITERAL("kept"), NOW + 1, NULL), OBOL_KRB_AP_ERR_REPEAT);
    rcache_close(rc);
}

static void growth_forgets_nothing(void **state) {
    UNUSED(state);
    struct rcache *rc;
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    for (uint32_t i = 0; i < 5000; i++)
        assert_ok(rcache_check(rc, tag_of(&i), NOW, NULL));
    for (uint32_t i = 0; i < 5000; i++)
        assert_code(rcache_check(rc, tag_of(&i), NOW + 1, NULL), OBOL_KRB_AP_ERR_REPEAT);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 64 + 256 * 192 && st.st_size < 2000000);
    // Expired slots are used again: another 5000 later need no more room.
    off_t before = st.st_size;
    for (uint32_t i = 5000; i < 10000; i++)
        assert_ok(rcache_check(rc, tag_of(&i), NOW + 601, NULL));
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size <= 2 * before);
    rcache_close(rc);
}

// Eight processes present the same authenticators: each must be accepted exactly once in all.
static void of_many_processes_one_wins(void **state) {
    UNUSED(state);
    enum { PROCESSES = 8, TAGS = 200 };
    pid_t children[PROCESSES];
    for (int p = 0; p < PROCESSES; p++) {
        children[p] = fork();
        if (children[p] != 0)
            continue;
        struct rcache *rc = NULL;
        int accepted = rcache_open(&rc, path, 600, env_system(), NULL) == OBOL_OK ? 0 : 255;
        for (uint32_t i = 0; rc && i < TAGS; i++)
            accepted += rcache_check(rc, tag_of(&i), NOW, NULL) == OBOL_OK;
        rcache_close(rc);
        _exit(accepted);
    }
    int total = 0;
    for (int p = 0; p < PROCESSES; p++) {
        int status;
        assert_int_equal(waitpid(children[p], &status, 0), children[p]);
        assert_true(WIFEXITED(status));
        total += WEXITSTATUS(status);
    }
    assert_int_equal(total, TAGS);
}

// One login, as an acceptor gets it: the ticket's key is `SERVICE_KEY`.
static const uint8_t SERVICE_KEY[32] = "the service's", SESSION_KEY[32] = "the session's";
static struct arena arena;

static struct crypto_key *key_of(const uint8_t *bytes) {
    struct crypto_key *key;
    assert_ok(crypto_key_in_arena(&key, &arena, 18, slice_of(bytes, 32), NULL));
    return key;
}
static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    UNUSED(ctx);
    UNUSED(service);
    UNUSED(etype);
    UNUSED(kvno);
    UNUSED(a);
    UNUSED(err);
    *key = key_of(SERVICE_KEY);
    return attempt == 0 ? OBOL_OK : OBOL_NOT_FOUND;
}
static struct slice login_request(void) {
    static struct slice name[] = {SLICE_LITERAL("alice")};
    const struct principal alice = {SLICE_LITERAL("R"), {NT_PRINCIPAL, {name, 1}}};
    const struct enc_ticket_part part = {.key = {18, slice_of(SESSION_KEY, 32)},
                                         .crealm = alice.realm,
                                         .cname = alice.name,
                                         .endtime = env_now(env_system()) + 600};
    struct ap_req_params p = {.ticket = {.tkt_vno = 5, .realm = alice.realm, .sname = alice.name},
                              .client = alice,
                              .session = key_of(SESSION_KEY),
                              .authenticator_usage = KU_AP_REQ_AUTHENTICATOR};
    struct slice out;
    struct ap_req_sent sent;
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, key_of(SERVICE_KEY), KU_TICKET, 1,
                       env_system(), &arena, &p.ticket.enc_part, NULL));
    assert_ok(ap_req_build(&p, env_system(), &arena, &out, &sent, NULL));
    return out;
}
// What an acceptor process makes of it: 0 accepted, 1 a replay, 2 anything else.
static int accept_once(struct slice request) {
    struct rcache *rc;
    if (rcache_open(&rc, path, 600, env_system(), NULL) != OBOL_OK)
        return 2;
    const struct ap_replay replay = rcache_replay(rc);
    const struct ap_key_source keys = {NULL, find_key, NULL};
    const struct ap_accept_params params = {.keys = &keys,
                                            .replay = &replay,
                                            .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
                                            .clockskew = 300};
    struct ap_accepted accepted;
    enum obol_code code = ap_req_accept(request, &params, env_system(), &arena, &accepted, NULL);
    rcache_close(rc);
    return code == OBOL_OK ? 0 : code == OBOL_KRB_AP_ERR_REPEAT ? 1 : 2;
}

static void one_login_presented_to_many_processes_is_accepted_once(void **state) {
    UNUSED(state);
    enum { PROCESSES = 8, LOGINS = 5 };
    assert_true(arena_init(&arena, 1 << 16, 1 << 22));
    for (int login = 0; login < LOGINS; login++) {
        struct slice request = login_request();
        pid_t children[PROCESSES];
        int seen[3] = {0};
        for (int p = 0; p < PROCESSES; p++) {
            children[p] = fork();
            if (children[p] == 0)
                _exit(accept_once(request));
        }
        for (int p = 0; p < PROCESSES; p++) {
            int status;
            assert_int_equal(waitpid(children[p], &status, 0), children[p]);
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 3);
            seen[WEXITSTATUS(status)]++;
        }
        assert_int_equal(seen[0], 1);
        assert_int_equal(seen[1], PROCESSES - 1);
    }
    arena_clear(&arena);
}

// Whether somebody waits for a lock on this file, as /proc/locks shows it ("->" before a waiter).
static bool somebody_waits(ino_t inode) {
    char line[256], mark[32];
    snprintf(mark, sizeof mark, ":%lu ", (unsigned long)inode);
    bool found = false;
    FILE *f = fopen("/proc/locks", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        found = found || (strstr(line, "->") && strstr(line, mark));
    fclose(f);
    return found;
}

// While one process makes the file, another that opens it must wait; one that has it open need not.
static void who_opens_waits_for_the_lock_and_who_asks_does_not(void **state) {
    UNUSED(state);
    struct rcache *rc, *mine;
    struct stat st;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    assert_int_equal(stat(path, &st), 0);
    int fd = open(path, O_RDWR), done[2];
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    assert_int_equal(pipe2(done, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        bool ok = rcache_open(&mine, path, 600, env_system(), NULL) == OBOL_OK;
        _exit(write(done[1], "x", 1) == 1 && ok ? 0 : 1);
    }
    char c;
    while (!somebody_waits(st.st_ino))
        assert_int_equal(read(done[0], &c, 1), -1); // else it went ahead without the lock
    assert_ok(rcache_check(rc, SLICE_LITERAL("x"), NOW, NULL));
    lock.l_type = F_UNLCK;
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(done[0], &c, 1), 1);
    close(fd);
    close(done[0]);
    close(done[1]);
    rcache_close(rc);
}

// A handle that was open before a fork is as good in each child as one of its own.
static void of_the_children_of_a_fork_one_wins(void **state) {
    UNUSED(state);
    enum { CHILDREN = 6, TAGS = 3000 };
    struct rcache *rc;
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    int pipes[2], total = 0;
    assert_int_equal(pipe(pipes), 0);
    for (int p = 0; p < CHILDREN; p++)
        if (fork() == 0) {
            int accepted = 0;
            for (uint32_t i = 0; i < TAGS; i++)
                accepted += rcache_check(rc, tag_of(&i), NOW, NULL) == OBOL_OK;
            _exit(write(pipes[1], &accepted, sizeof accepted) == sizeof accepted ? 0 : 1);
        }
    for (int p = 0; p < CHILDREN; p++) {
        int status, accepted;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
        assert_int_equal(read(pipes[0], &accepted, sizeof accepted), sizeof accepted);
        total += accepted;
    }
    assert_int_equal(total, TAGS);
    close(pipes[0]);
    close(pipes[1]);
    rcache_close(rc);
}

// Slots expire and are taken again while all ask: no tag is accepted twice within its life. (All
// may refuse one that two bring at the same moment, which is no loss of a replay.)
struct race {
    struct rcache *rc;
    uint8_t *accepted; // counts, a tag each
    uint32_t tags;
};

static void *ask_all(void *arg) {
    struct race *race = arg;
    for (uint32_t i = 0; i < race->tags; i++)
        if (rcache_check(race->rc, tag_of(&(uint32_t){i}), NOW + i / 64, NULL) == OBOL_OK)
            __atomic_fetch_add(&race->accepted[i], 1, __ATOMIC_RELAXED);
    return NULL;
}

static void while_slots_expire_no_thread_accepts_what_another_did(void **state) {
    UNUSED(state);
    enum { THREADS = 4, TAGS = 20000 };
    static uint8_t accepted[TAGS];
    memset(accepted, 0, sizeof accepted);
    struct race race = {.accepted = accepted, .tags = TAGS};
    // A life as long as the test's time: no tag is asked for after its end.
    assert_ok(rcache_open(&race.rc, path, TAGS / 64, env_system(), NULL));
    pthread_t threads[THREADS];
    for (uint32_t i = 1000000; i < 1000000 + 3000; i++) // they expire meanwhile
        assert_ok(rcache_check(race.rc, tag_of(&i), NOW - TAGS / 64 + i % 300, NULL));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_all, &race), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    uint32_t once = 0;
    for (uint32_t i = 0; i < TAGS; i++) {
        assert_true(accepted[i] <= 1);
        once += accepted[i];
    }
    assert_true(once > TAGS / 2);
    rcache_close(race.rc);
}

// The slot of a tag, as it stands in the file: two words, the first of which is not 0.
static off_t find_slot(int fd, uint64_t slot[2]) {
    for (off_t at = 4096; pread(fd, slot, 16, at) == 16; at += 16)
        if (slot[0])
            return at;
    return -1;
}

// Who dies between the two words of a slot leaves a tag that was perhaps accepted: it is refused.
static void a_slot_that_its_maker_left_half_written_counts(void **state) {
    UNUSED(state);
    struct rcache *rc;
    uint64_t slot[2];
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    assert_ok(rcache_check(rc, SLICE_LITERAL("one"), NOW, NULL));
    int fd = open(path, O_RDWR);
    off_t at = find_slot(fd, slot);
    assert_true(at > 0);
    assert_int_equal(slot[0] >> 32, NOW + 600);
    assert_int_equal(slot[1] >> 32, NOW + 600);
    assert_int_equal(pwrite(fd, &(uint64_t){0}, 8, at + 8), 8);
    assert_code(rcache_check(rc, SLICE_LITERAL("one"), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    assert_ok(rcache_check(rc, SLICE_LITERAL("two"), NOW, NULL));
    assert_ok(rcache_check(rc, SLICE_LITERAL("one"), NOW + 601, NULL));
    close(fd);
    rcache_close(rc);
}

// Both halves of the hash count: another tag that shares one is another tag.
static void half_a_hash_is_not_the_tag(void **state) {
    UNUSED(state);
    struct rcache *rc;
    uint64_t slot[2];
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    int fd = open(path, O_RDWR);
    for (int half = 0; half < 2; half++) {
        assert_ok(rcache_check(rc, SLICE_LITERAL("one"), NOW, NULL));
        off_t at = find_slot(fd, slot);
        slot[half] ^= 1;
        assert_int_equal(pwrite(fd, slot, 16, at), 16);
        assert_ok(rcache_check(rc, SLICE_LITERAL("one"), NOW, NULL));
        assert_int_equal(ftruncate(fd, 4096), 0);
        rcache_close(rc);
        assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    }
    close(fd);
    rcache_close(rc);
}

// Cleaners of /var/tmp remove files that are in use: who has the file open and who comes later must
// not go apart.
static void a_file_that_was_removed_is_opened_anew(void **state) {
    UNUSED(state);
    struct rcache *early, *late;
    assert_ok(rcache_open(&early, path, 600, env_system(), NULL));
    assert_ok(rcache_check(early, SLICE_LITERAL("before"), NOW, NULL));
    assert_int_equal(unlink(path), 0);
    assert_ok(rcache_open(&late, path, 600, env_system(), NULL));
    assert_ok(rcache_check(late, SLICE_LITERAL("one"), NOW, NULL));
    assert_code(rcache_check(early, SLICE_LITERAL("one"), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    assert_ok(rcache_check(early, SLICE_LITERAL("two"), NOW, NULL));
    assert_code(rcache_check(late, SLICE_LITERAL("two"), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    rcache_close(late);
    rcache_close(early);
}

// An authenticator's checksum is at its end: of more than 32 bytes those before are not asked.
static void a_tag_is_what_its_last_32_bytes_are(void **state) {
    UNUSED(state);
    struct rcache *rc;
    uint8_t bytes[33] = {0};
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    assert_ok(rcache_check(rc, slice_of(bytes, 33), NOW, NULL));
    for (size_t i = 1; i < sizeof bytes; i++) {
        bytes[i] = 1;
        assert_ok(rcache_check(rc, slice_of(bytes, 33), NOW, NULL));
        assert_code(rcache_check(rc, slice_of(bytes, 33), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    }
    assert_code(rcache_check(rc, slice_of(bytes + 1, 32), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    assert_ok(rcache_check(rc, slice_of(bytes + 2, 31), NOW, NULL));
    rcache_close(rc);
}

// A tag that is expected may belong to noise.
static void expecting_a_tag_changes_nothing(void **state) {
    UNUSED(state);
    struct rcache *rc;
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    rcache_expect(rc, SLICE_LITERAL("one")); // no table is mapped yet
    for (uint32_t i = 0; i < 5000; i++) {    // in three tables
        rcache_expect(rc, tag_of(&i));
        assert_ok(rcache_check(rc, tag_of(&i), NOW, NULL));
        rcache_expect(rc, tag_of(&i));
        assert_code(rcache_check(rc, tag_of(&i), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    }
    assert_int_equal(truncate(path, 100), 0);
    for (uint32_t i = 0; i < 5000; i++)
        rcache_expect(rc, tag_of(&i)); // which is no fault
    assert_code(rcache_check(rc, SLICE_LITERAL("one"), NOW, NULL), OBOL_REPLAY_CACHE_IO);
    rcache_close(rc);
}

// Of two buckets a tag takes the one with more room: tables are well filled before the next is
// made.
static void a_table_is_half_full_before_the_next_is_made(void **state) {
    UNUSED(state);
    enum { FIRST = 256 * 8, SECOND = 4 * FIRST };
    const struct env same_seed = {NULL, fixed_now_us, fixed_random};
    struct rcache *rc;
    struct stat st;
    assert_ok(rcache_open(&rc, path, 600, &same_seed, NULL));
    for (uint32_t i = 0; i < FIRST / 2; i++)
        assert_ok(rcache_check(rc, tag_of(&i), NOW, NULL));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 4096 + 16 * FIRST);
    for (uint32_t i = FIRST / 2; i < (FIRST + SECOND) / 2; i++)
        assert_ok(rcache_check(rc, tag_of(&i), NOW, NULL));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 4096 + 16 * (FIRST + SECOND));
    for (uint32_t i = 0; i < (FIRST + SECOND) / 2; i++)
        assert_code(rcache_check(rc, tag_of(&i), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
    rcache_close(rc);
}

// Whatever its maker had written when it died, the next one makes the file whole.
// When the first table has room again, what lives in those behind it is still found.
static void room_in_front_hides_nothing_behind(void **state) {
    UNUSED(state);
    const uint32_t early = 4000, all = 5000; // more than the first table of 2048 has room for
    struct rcache *rc;
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    for (uint32_t i = 0; i < all; i++)
        assert_ok(rcache_check(rc, tag_of(&i), i < early ? NOW : NOW + 400, NULL));
    for (uint32_t i = early; i < all; i++)
        assert_code(rcache_check(rc, tag_of(&i), NOW + 601, NULL), OBOL_KRB_AP_ERR_REPEAT);
    for (uint32_t i = 0; i < early; i++)
        assert_ok(rcache_check(rc, tag_of(&i), NOW + 601, NULL));
    for (uint32_t i = 0; i < all; i++)
        assert_code(rcache_check(rc, tag_of(&i), NOW + 1000, NULL), OBOL_KRB_AP_ERR_REPEAT);
    for (uint32_t i = early; i < all; i++) // and what was refused has taken no slot
        assert_ok(rcache_check(rc, tag_of(&i), NOW + 1001, NULL));
    rcache_close(rc);
}

static void a_half_made_file_is_made_whole(void **state) {
    UNUSED(state);
    struct rcache *rc;
    struct stat st;
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    rcache_close(rc);
    assert_int_equal(stat(path, &st), 0);
    const off_t lengths[] = {0, 1, 8, 24, 63, 64, 65, st.st_size / 2, st.st_size - 1};
    for (uint32_t i = 0; i < COUNT_OF(lengths); i++) { // another tag each: what is left stays
        assert_int_equal(truncate(path, lengths[i]), 0);
        assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
        assert_ok(rcache_check(rc, tag_of(&i), NOW, NULL));
        assert_code(rcache_check(rc, tag_of(&i), NOW, NULL), OBOL_KRB_AP_ERR_REPEAT);
        rcache_close(rc);
        assert_int_equal(stat(path, &st), 0);
    }
}

// The tables are mapped: a file that is cut off must not be a fault.
static void a_file_that_is_cut_off_is_an_error(void **state) {
    UNUSED(state);
    struct rcache *rc;
    uint32_t number = 1;
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    assert_ok(rcache_check(rc, tag_of(&number), 1000, NULL));
    assert_int_equal(truncate(path, 100), 0);
    number = 2;
    assert_code(rcache_check(rc, tag_of(&number), 1000, NULL), OBOL_REPLAY_CACHE_IO);
    rcache_close(rc);
}

static void a_process_that_dies_leaves_no_lock(void **state) {
    UNUSED(state);
    struct rcache *rc;
    assert_ok(rcache_open(&rc, path, 600, env_system(), NULL));
    pid_t child = fork();
    if (child == 0) {
        struct rcache *mine = NULL;
        if (rcache_open(&mine, path, 600, env_system(), NULL) == OBOL_OK)
            for (uint32_t i = 0;; i++)
                if (rcache_check(mine, tag_of(&i), NOW, NULL) != OBOL_OK)
                    _exit(1);
        _exit(1);
    }
    uint32_t number = UINT32_MAX;
    for (int i = 0; i < 50; i++, number--)
        assert_ok(rcache_check(rc, tag_of(&number), NOW, NULL));
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    for (int i = 0; i < 50; i++, number--)
        assert_ok(rcache_check(rc, tag_of(&number), NOW, NULL));
    rcache_close(rc);
}

static void a_file_of_somebody_else_is_refused(void **state) {
    UNUSED(state);
    struct rcache *rc;
    struct error e;
    error_init(&e);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_code(rcache_open(&rc, path, 600, env_system(), &e), OBOL_REPLAY_CACHE_IO);
    assert_non_null(strstr(e.detail, "symbolic link"));
    unlink(path);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 100000; i++)
        fputc('x', f);
    fclose(f);
    chmod(path, 0644);
    assert_code(rcache_open(&rc, path, 600, env_system(), NULL), OBOL_PERMISSION);
    chmod(path, 0600);
    assert_code(rcache_open(&rc, path, 600, env_system(), NULL), OBOL_REPLAY_CACHE_IO);
    assert_code(rcache_open(&rc, "/nowhere/at/all", 600, env_system(), NULL), OBOL_REPLAY_CACHE_IO);
    assert_code(rcache_open(&rc, path, 0, env_system(), NULL), OBOL_INVALID_ARGUMENT);
    assert_code(rcache_open(&rc, path, INT32_MAX, env_system(), NULL), OBOL_INVALID_ARGUMENT);
    assert_null(rc);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_second_sight_is_a_replay_until_it_expires),
        CASE(a_restart_forgets_nothing),
        CASE(growth_forgets_nothing),
        CASE(of_many_processes_one_wins),
        CASE(one_login_presented_to_many_processes_is_accepted_once),
        CASE(who_opens_waits_for_the_lock_and_who_asks_does_not),
        CASE(of_the_children_of_a_fork_one_wins),
        CASE(while_slots_expire_no_thread_accepts_what_another_did),
        CASE(a_slot_that_its_maker_left_half_written_counts),
        CASE(half_a_hash_is_not_the_tag),
        CASE(a_file_that_was_removed_is_opened_anew),
        CASE(a_tag_is_what_its_last_32_bytes_are),
        CASE(expecting_a_tag_changes_nothing),
        CASE(a_table_is_half_full_before_the_next_is_made),
        CASE(room_in_front_hides_nothing_behind),
        CASE(a_half_made_file_is_made_whole),
        CASE(a_file_that_is_cut_off_is_an_error),
        CASE(a_process_that_dies_leaves_no_lock),
        CASE(a_file_of_somebody_else_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
