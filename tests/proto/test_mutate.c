// test_mutate.c: a fixed sequence of mutations of the reference encodings, over all types, keeps
// the round-trip property; and the tables agree with the C structs.
#include "../test.h"

#include "der/table.h"
#include "reference.h"
#include "round_trip.h"
#include <pthread.h>

static struct arena arena;
static struct references *all;

static int set_up(void **state) {
    UNUSED(state);
    static struct arena kept;
    if (!arena_init(&kept, 1 << 20, 1 << 20) || !arena_init(&arena, 1 << 20, 16 << 20))
        return -1;
    all = references_all(&kept);
    return 0;
}

static int tear_down(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

static uint64_t seed = 0x0b01;

static size_t random_below(size_t n) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % n;
}

// Flips, sets, cuts out, doubles or truncates.
static size_t mutate(uint8_t *p, size_t len, size_t room) {
    size_t at = random_below(len), n = 1 + random_below(4);
    switch (random_below(5)) {
    case 0:
        p[at] ^= (uint8_t)(1u << random_below(8));
        return len;
    case 1:
        p[at] = (uint8_t)random_below(256);
        return len;
    case 2:
        n = n < len - at ? n : len - at;
        memmove(p + at, p + at + n, len - at - n);
        return len - n;
    case 3:
        n = n < len - at ? n : len - at;
        if (len + n > room)
            return len;
        memmove(p + at + n, p + at, len - at);
        return len + n;
    default:
        return random_below(16) == 0 ? at + 1 : len;
    }
}

static void mutated_encodings_of_every_type_come_back_or_are_refused(void **state) {
    UNUSED(state);
    static uint8_t bytes[4096];
    size_t accepted = 0;
    for (size_t round = 0; round < 20000; round++) {
        const struct reference *row = &all->rows[random_below(all->count)];
        size_t len = row->bytes.len;
        memcpy(bytes, row->bytes.ptr, len);
        for (size_t i = random_below(3) + 1; i > 0 && len > 0; i--)
            len = mutate(bytes, len, sizeof bytes);
        const struct der_type *type =
            row->type && random_below(8) ? row->type : ALL_TYPES[random_below(COUNT_OF(ALL_TYPES))];
        accepted += round_trip(type, slice_of(bytes, len), &arena);
        arena_reset(&arena);
    }
    assert_true(accepted > 1000);
}

static void every_reference_comes_back_under_every_type_that_takes_it(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < all->count; i++) {
        for (size_t t = 0; t < COUNT_OF(ALL_TYPES); t++) {
            round_trip(ALL_TYPES[t], all->rows[i].bytes, &arena);
            arena_reset(&arena);
        }
    }
}

static void *round_trip_all(void *unused) {
    static uint8_t deep[8192];
    for (size_t i = 0; i < sizeof deep; i++)
        deep[i] = i % 2 ? 0x80 : 0x30;
    for (size_t t = 0; t < COUNT_OF(ALL_TYPES); t++) {
        for (size_t i = 0; i < all->count; i++)
            round_trip(ALL_TYPES[t], all->rows[i].bytes, &arena);
        round_trip(ALL_TYPES[t], slice_of(deep, sizeof deep), &arena);
        arena_reset(&arena);
    }
    return unused;
}

static void a_stack_of_64_kib_is_enough_for_every_type(void **state) {
    UNUSED(state); // CVE-2020-28196: stack overrun
    pthread_attr_t attributes;
    pthread_t thread;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 64 * 1024), 0);
    assert_int_equal(pthread_create(&thread, &attributes, round_trip_all, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

static void check_table(const struct der_type *t, unsigned depth) {
    assert_true(depth < DER_MAX_DEPTH);
    assert_true(t->size <= ALL_TYPES_SIZE_MAX);
    if (t->kind == DER_KIND_SEQUENCE_OF) {
        assert_int_equal(t->size, sizeof(struct der_list));
        check_table(t->item, depth + 1);
        return;
    }
    uint32_t seen = 0;
    for (size_t i = 0; i < t->field_count; i++) {
        const struct der_field *f = &t->fields[i];
        if (f->size != f->type->size || f->offset + f->size > t->size)
            fail_msg("%s.%s does not fit its member", t->name, f->name);
        if (f->present && f->offset < sizeof f->present)
            fail_msg("%s.%s stands where the presence bits do", t->name, f->name);
        if (seen & f->present)
            fail_msg("%s.%s shares its bit", t->name, f->name);
        if (i && t->kind == DER_KIND_SEQUENCE && f->tag && f[-1].tag &&
            (f->tag & 0x1f) <= (f[-1].tag & 0x1f))
            fail_msg("%s.%s is out of order", t->name, f->name);
        if (t->kind == DER_KIND_CHOICE)
            assert_int_not_equal(f->present, 0);
        seen |= f->present;
        check_table(f->type, depth + 1);
    }
}

static void every_line_of_every_table_fits_the_member_it_names(void **state) {
    UNUSED(state);
    for (size_t t = 0; t < COUNT_OF(ALL_TYPES); t++)
        check_table(ALL_TYPES[t], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_every_table_fits_the_member_it_names),
        cmocka_unit_test(every_reference_comes_back_under_every_type_that_takes_it),
        cmocka_unit_test(a_stack_of_64_kib_is_enough_for_every_type),
        cmocka_unit_test(mutated_encodings_of_every_type_come_back_or_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
