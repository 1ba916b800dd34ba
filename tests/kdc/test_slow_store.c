// An exchange over a store that must fetch each record first (NEED): it goes on at the stage at
// which it waited, as often as that asks for another record.
#include "s4u.h"
#include "store/backend.h"

#define FRONT       "HTTP/front.example.com"
#define FRONT_NAME  FRONT "@EXAMPLE.COM"
#define FRONT_ALIAS "HTTP/www.example.com"

static struct store_ops slow;
static bool slow_reads;
static unsigned waits;
static struct slice asked[64]; // for which it waited since slow_down()
static unsigned looks[64];     // at each of them, in vain
static size_t asked_count;
static unsigned vain; // looks at a record before it is found

// Every record is found after so many looks at it.
static enum obol_code slow_get(void *txn, enum store_table t, struct slice key, bool *found,
                               struct slice *value, struct error *err) {
    size_t i = 0;
    while (i < asked_count && !slice_eq(asked[i], key))
        i++;
    if (!slow_reads || (i < asked_count && looks[i] == vain))
        return STORE_MEMORY.get(txn, t, key, found, value, err);
    if (i == asked_count) {
        assert_true(asked_count < COUNT_OF(asked));
        assert_true(arena_copy(&r.keep, key, &asked[asked_count++]));
        looks[i] = 0;
    }
    looks[i]++;
    waits++;
    return OBOL_NEED;
}

// The same records in a slow store, and nothing known of them.
static void slow_down(const char *const *names, size_t count) {
    const struct store_options options = {.create = true};
    struct store *fast = r.store;
    struct record records[16];
    assert_true(count <= COUNT_OF(records));
    for (size_t i = 0; i < count; i++)
        records[i] = realm_get(&r, names[i]);
    kdc_free(r.kdc);
    r.kdc = NULL;
    slow = STORE_MEMORY;
    slow.get = slow_get;
    slow_reads = false;
    must(store_open(&r.store, &slow, &options, err));
    for (size_t i = 0; i < count; i++)
        realm_put(&r, &records[i]);
    struct store_write *w;
    must(store_write_begin(r.store, &w, err));
    must(store_put_meta(w, STORE_META_DOMAIN_SID, SLICE_LITERAL(REALM_SID), err));
    must(store_commit(w, err));
    store_close(fast);
    realm_start_kdc(&r);
    slow_reads = true;
    asked_count = 0;
    vain = 1;
}

// The code of the answer, after as many waits as `expected` says.
static enum obol_code handled(struct slice bytes, unsigned expected) {
    const struct kdc_request request = {.bytes = bytes};
    waits = 0;
    arena_reset(&r.kdc_arena);
    enum obol_code code = kdc_handle(r.kdc, &request, &r.kdc_arena, &r.result);
    while (code == OBOL_NEED) {
        assert_non_null(r.result.pending);
        code = kdc_resume(r.kdc, &r.result);
    }
    assert_ok(code);
    assert_null(r.result.pending);
    assert_int_equal(waits, expected);
    return r.result.event.code;
}

static const char *const PLAIN[] = {TGS_NAME, "alice@EXAMPLE.COM", "open@EXAMPLE.COM",
                                    "host/old.example.com@EXAMPLE.COM"};

static void an_exchange_goes_on_where_it_waited(void **state) {
    UNUSED(state);
    struct kdc_req as = realm_as_req(&r, "open", TGS),
                   tgs = realm_tgs_req(&r, "host/old.example.com");
    struct slice login = realm_encode(&r, &as), ticket = realm_present(&r, &tgt, &tgs);
    slow_down(PLAIN, COUNT_OF(PLAIN));
    assert_code(handled(login, 2), OBOL_OK);
    assert_code(handled(ticket, 2), OBOL_OK); // of three records one is known already
}

static void one_that_is_dropped_while_it_waits_leaves_nothing_behind(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    const struct kdc_request request = {.bytes = realm_encode(&r, &req)};
    slow_down(PLAIN, COUNT_OF(PLAIN));
    arena_reset(&r.kdc_arena);
    assert_code(kdc_handle(r.kdc, &request, &r.kdc_arena, &r.result), OBOL_NEED);
    kdc_abandon(r.kdc, &r.result);
    assert_null(r.result.pending);
}

// The stage in which a service acts for its user asks for the service of the ticket that it shows,
// which has another name, and for the user: it begins anew each time.
static void a_stage_that_asks_for_many_records_gets_them_all(void **state) {
    static const char *const names[] = {TGS_NAME, "alice@EXAMPLE.COM", FRONT_NAME, WEB_NAME};
    struct slice to = SLICE_LITERAL(WEB_NAME), alias = SLICE_LITERAL(FRONT_ALIAS "@EXAMPLE.COM");
    struct session front, evidence;
    UNUSED(state);
    struct record rec = realm_record(&r, FRONT_NAME, RECORD_REQUIRES_PREAUTH, 2, AES_ALL);
    rec.delegate_to = (struct slice_list){&to, 1};
    rec.aliases = (struct slice_list){&alias, 1};
    realm_put(&r, &rec);
    front = realm_login(&r, FRONT);
    assert_int_equal(ask(FRONT_ALIAS, (uint32_t)KDC_OPT_FORWARDABLE, &evidence), 0);
    struct kdc_req req = proxy_req(&evidence.rep.ticket, WEB, false);
    struct slice bytes = realm_present(&r, &front, &req);
    slow_down(names, COUNT_OF(names));
    assert_code(handled(bytes, 5), OBOL_OK);
    // However often it waits: what it holds already it does not hold anew.
    realm_start_kdc(&r);
    asked_count = 0;
    vain = 20;
    req = proxy_req(&evidence.rep.ticket, WEB, false);
    assert_code(handled(realm_present(&r, &front, &req), 5 * vain), OBOL_OK);
    vain = 1;
    // And one whose user may not log in any more is told so after as many.
    req = proxy_req(&evidence.rep.ticket, WEB, false);
    bytes = realm_present(&r, &front, &req);
    slow_reads = false;
    struct record alice = realm_get(&r, "alice@EXAMPLE.COM");
    alice.flags |= RECORD_DISABLED;
    realm_put(&r, &alice);
    slow_reads = true;
    asked_count = 0;
    assert_code(handled(bytes, 5), OBOL_KDC_ERR_CLIENT_REVOKED);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(an_exchange_goes_on_where_it_waited),
        CASE(one_that_is_dropped_while_it_waits_leaves_nothing_behind),
        CASE(a_stage_that_asks_for_many_records_gets_them_all),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
