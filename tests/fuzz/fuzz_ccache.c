// fuzz_ccache: any bytes as a FILE cache. What is read is written and read again: the same entries.
#include "cred/ccache.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    if (!a.base && !arena_init(&a, 1 << 20, 64 << 20))
        return 0;
    struct ccache_content one, two;
    if (ccache_parse(slice_of(data, size), "fuzz", &a, &one, NULL) == OBOL_OK) {
        struct writer w = writer_to_arena(&a);
        ccache_format(&w, &one);
        must_hold(writer_ok(&w));
        must_hold(ccache_parse(writer_slice(&w), "again", &a, &two, NULL) == OBOL_OK);
        must_hold(two.count == one.count && !two.half_written);
        for (size_t i = 0; i < one.count; i++) {
            must_hold(principal_eq(&one.creds[i].server, &two.creds[i].server));
            must_hold(slice_eq(one.creds[i].ticket, two.creds[i].ticket));
            must_hold(one.creds[i].endtime == two.creds[i].endtime);
        }
        struct slice value;
        (void)ccache_get_config(&one, "fast_avail", NULL, &value);
        const struct cred *found;
        struct ccache_query query = {.server = &one.principal, .any_realm = true};
        (void)!ccache_find(&one, &query, &found, NULL);
    }
    arena_reset(&a);
    return 0;
}
