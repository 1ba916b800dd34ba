// delegation.c: see delegation.h.
#include "pac/delegation.h"
#include "pac/ndr.h"

enum obol_code pac_delegation_read(struct slice data, struct arena *a, struct pac_delegation *out,
                                   struct error *err) {
    struct ndr_reader n = ndr_open(data, a);
    *out = (struct pac_delegation){0};
    struct ndr_string target = ndr_string_header(&n);
    uint32_t count = ndr_u32(&n);
    bool list = ndr_pointer(&n);
    ENSURE(reader_ok(&n.r) && count <= PAC_TRANSITED_MAX && (list || !count), FORMAT,
           "the PAC's delegation info: %u services in %zu bytes", count, data.len);
    ndr_string_body(&n, &target, &out->target);
    struct ndr_string headers[PAC_TRANSITED_MAX];
    if (list)
        ndr_count(&n, count, 8);
    for (uint32_t i = 0; i < count; i++)
        headers[i] = ndr_string_header(&n);
    ENSURE(reader_ok(&n.r), FORMAT, "the PAC's delegation info of %zu bytes is malformed",
           data.len);
    out->transited = arena_zalloc(a, count + 1u, sizeof *out->transited);
    ENSURE_MEMORY(out->transited);
    for (uint32_t i = 0; i < count; i++)
        ndr_string_body(&n, &headers[i], &out->transited[i]);
    out->transited_count = count;
    ENSURE(ndr_close(&n), FORMAT, "the PAC's delegation info of %zu bytes is malformed", data.len);
    return OBOL_OK;
}

enum obol_code pac_delegation_write(const struct pac_delegation *in, struct arena *a,
                                    struct slice *out, struct error *err) {
    struct ndr_writer n = ndr_begin(a);
    n.spare = 1; // Windows counts the NUL that it leaves out
    ENSURE(in->transited_count <= PAC_TRANSITED_MAX, INVALID_ARGUMENT,
           "a delegation through %u services, at most %d", in->transited_count, PAC_TRANSITED_MAX);
    ndr_put_string_header(&n, in->target);
    ndr_put_u32(&n, in->transited_count);
    ndr_put_pointer(&n, true);
    ndr_put_string_body(&n, in->target);
    ndr_put_u32(&n, in->transited_count);
    for (uint32_t i = 0; i < in->transited_count; i++)
        ndr_put_string_header(&n, in->transited[i]);
    for (uint32_t i = 0; i < in->transited_count; i++)
        ndr_put_string_body(&n, in->transited[i]);
    return ndr_end(&n, out, err);
}
