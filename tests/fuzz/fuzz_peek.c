// fuzz_peek.c: what is read of a request before it is decoded: it lies within the request, and
// where a whole request decodes, it says what the decoder does.
#include "fuzz.h"
#include "kdc/peek.h"
#include "proto/types.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    struct slice request = slice_of(data, size);
    struct kdc_peek p;
    struct kdc_req req;
    if (!arena.limit && !arena_init(&arena, 1 << 16, 1 << 24))
        abort();
    arena_reset(&arena);
    bool seen = kdc_peek(request, &p);
    const struct der_type *type = size && data[0] == 0x6c ? &TYPE_TGS_REQ : &TYPE_AS_REQ;
    bool whole = der_decode(type, request, &arena, &req, NULL) == OBOL_OK;
    if (whole && (!seen || !slice_eq(p.realm, req.req_body.realm) ||
                  (p.client.len > 0) != ((req.req_body.present & KDC_REQ_BODY_CNAME) != 0)))
        abort();
    if (seen && p.client.len && (p.client.ptr < data || p.client.ptr + p.client.len > p.realm.ptr))
        abort();
    return 0;
}
