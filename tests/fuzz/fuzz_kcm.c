// fuzz_kcm: any bytes as the replies of a KCM daemon: the first byte chooses the call, then each
// reply is two bytes of length and its bytes.
#include "base/reader.h"
#include "cred/kcm.h"
#include "fuzz.h"

static enum obol_code reply_next(void *ctx, struct slice request, struct arena *a,
                                 struct slice *reply, struct error *err) {
    UNUSED(request);
    UNUSED(a);
    *reply = reader_counted16(ctx);
    ENSURE(reader_ok(ctx), CCACHE_IO, "the replies are used up");
    return OBOL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    if (!a.base && !arena_init(&a, 1 << 20, 64 << 20))
        return 0;
    struct reader replies = reader_of(slice_of(data, size));
    const struct kcm peer = {&replies, reply_next, "KCM:fuzz"};
    uint8_t which = reader_u8(&replies);
    struct ccache_content content;
    struct slice_list names = {0};
    struct slice cache = SLICE_LITERAL("0"), name;
    struct error err;
    error_init(&err);
    if (which % 4 == 0 && kcm_read(&peer, cache, &a, &content, &err) == OBOL_OK) {
        // What was read can be written.
        struct writer w = writer_to_arena(&a);
        ccache_format(&w, &content);
        (void)ccache_get_config(&content, "refresh_time", NULL, &name);
    }
    if (which % 4 == 1)
        (void)!kcm_list(&peer, &a, &names, &err);
    if (which % 4 == 2) {
        struct slice parts[] = {SLICE_LITERAL("HTTP"), SLICE_LITERAL("web")};
        const struct principal server = {SLICE_LITERAL("R"), {3, {parts, 2}}};
        (void)!kcm_remove(&peer, cache, &server, &a, &err);
    }
    if (which % 4 == 3)
        (void)!kcm_unique(&peer, &a, &name, &err);
    arena_reset(&a);
    return 0;
}
