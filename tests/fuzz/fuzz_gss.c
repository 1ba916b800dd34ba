// fuzz_gss.c: up to four tokens of a login, stateful, on the acceptor and on the initiator. The
// first byte of the input chooses the end; tokens stand behind big-endian 16-bit lengths.
#include "base/reader.h"
#include "gss/acceptor.h"
#include "gss/initiator.h"
#include "proto/codes.h"
#include <stdlib.h>

#define NOW INT64_C(1790000000)
#define MUST(call)                                                                                 \
    do {                                                                                           \
        if ((call) != OBOL_OK)                                                                     \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t now_us(void *ctx) {
    UNUSED(ctx);
    return NOW * 1000000;
}
static void fixed_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    memset(out.ptr, 0x42, out.len);
}
static const struct env ENV = {NULL, now_us, fixed_random};
static const uint8_t KEY[32] = "the key of HTTP/localhost, known";

static enum obol_code find(void *ctx, const struct principal *service, int32_t etype, uint32_t kvno,
                           unsigned attempt, struct arena *a, struct crypto_key **key,
                           struct error *err) {
    UNUSED(ctx);
    UNUSED(service);
    UNUSED(kvno);
    if (attempt > 0 || !enctype_find(etype))
        return OBOL_NOT_FOUND;
    return crypto_key_in_arena(key, a, etype,
                               slice_of(KEY, enctype_key_length(enctype_find(etype))), err);
}

static void accept_all(struct reader *r, struct arena *a, struct error *err) {
    const struct ap_key_source keys = {NULL, find};
    const struct gss_acceptor_params params = {.keys = &keys};
    struct gss_acceptor g;
    gss_acceptor_init(&g, &params, &ENV, a);
    for (int i = 0; i < 4 && reader_left(r); i++) {
        struct slice token = reader_counted16(r), out;
        enum gss_progress progress;
        enum obol_code code = gss_acceptor_step(&g, token, &out, &progress, err);
        // Who is let in has a name.
        if (code == OBOL_OK && progress == GSS_PROGRESS_DONE &&
            g.context.client.name.name_string.count == 0)
            abort();
    }
}

static void initiate_all(struct reader *r, struct arena *a, bool bare, struct error *err) {
    struct cred t = {.key = {ENCTYPE_AES256_SHA384, slice_of(KEY, 32)}, .endtime = NOW + 3600};
    MUST(principal_parse(SLICE_LITERAL("alice@OBOL.TEST"), (struct slice){0}, NT_UNKNOWN, a,
                         &t.client, err));
    MUST(principal_parse(SLICE_LITERAL("HTTP/localhost@OBOL.TEST"), (struct slice){0}, NT_UNKNOWN,
                         a, &t.server, err));
    t.ticket = SLICE_LITERAL("opaque");
    const struct gss_initiator_params params = {
        .ticket = &t, .flags = GSS_FLAG_MUTUAL, .bare = bare};
    struct gss_initiator g;
    struct slice out;
    MUST(gss_initiator_start(&g, &params, &ENV, a, &out, err));
    for (int i = 0; i < 4 && reader_left(r); i++)
        if (gss_initiator_step(&g, reader_counted16(r), &out, err) == OBOL_OK && g.done &&
            !g.mutual_proved)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct error err;
    error_init(&err);
    if (size == 0 || !arena_init(&a, 1 << 16, 1 << 22))
        return 0;
    struct reader r = reader_of(slice_of(data + 1, size - 1));
    if (data[0] % 3 == 0)
        accept_all(&r, &a, &err);
    else
        initiate_all(&r, &a, data[0] % 3 == 1, &err);
    arena_clear(&a);
    return 0;
}
