// buffer.c: buffers and sets of them (RFC 2744 3.2, 5.25), and the frame around a token (RFC 2743
// 3.1). What a program gets is the heap's, so that even one that frees it by hand does no harm.
#include "gss/frame.h"
#include "gssapi/handles.h"
#include "gssapi/status.h"
#include <stdlib.h>

bool gssapi_buffer_copy(gss_buffer_t out, struct slice s) {
    *out = (gss_buffer_desc){0};
    if (s.len == 0)
        return true;
    char *copy = malloc(s.len + 1);
    if (!copy)
        return false;
    memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    out->value = copy;
    out->length = s.len;
    return true;
}

OM_uint32 gss_release_buffer(OM_uint32 *minor, gss_buffer_t buffer) {
    if (minor)
        *minor = 0;
    // Programs release empty buffers of their own, which may point to anything.
    if (!buffer || buffer->length == 0)
        return GSS_S_COMPLETE;
    free(buffer->value);
    *buffer = (gss_buffer_desc){0};
    return GSS_S_COMPLETE;
}

OM_uint32 gss_create_empty_buffer_set(OM_uint32 *minor, gss_buffer_set_t *out) {
    if (out)
        *out = GSS_C_NO_BUFFER_SET;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    *out = calloc(1, sizeof **out);
    return *out ? GSS_S_COMPLETE : gssapi_no_memory(minor);
}

OM_uint32 gss_add_buffer_set_member(OM_uint32 *minor, gss_buffer_t member, gss_buffer_set_t *set) {
    if (gssapi_begin(minor) || !set)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!member || (member->length && !member->value))
        return GSS_S_CALL_INACCESSIBLE_READ;
    if (!*set)
        *set = calloc(1, sizeof **set); // as MIT krb5 does
    if (!*set)
        return gssapi_no_memory(minor);
    gss_buffer_set_t s = *set;
    gss_buffer_desc *more = reallocarray(s->elements, s->count + 1, sizeof *more);
    if (!more)
        return gssapi_no_memory(minor);
    s->elements = more;
    if (!gssapi_buffer_copy(&more[s->count], gssapi_slice(member)))
        return gssapi_no_memory(minor);
    s->count++;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_release_buffer_set(OM_uint32 *minor, gss_buffer_set_t *set) {
    if (minor)
        *minor = 0;
    if (!set || !*set)
        return GSS_S_COMPLETE;
    for (size_t i = 0; i < (*set)->count; i++)
        gss_release_buffer(NULL, &(*set)->elements[i]);
    free((*set)->elements);
    free(*set);
    *set = NULL;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_encapsulate_token(gss_const_buffer_t input, gss_const_OID oid, gss_buffer_t output) {
    if (output)
        *output = (gss_buffer_desc){0};
    if (!input || (input->length && !input->value) || !oid || !oid->elements)
        return GSS_S_CALL_INACCESSIBLE_READ;
    if (!output)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    struct arena *a = gssapi_arena_take();
    struct slice framed;
    bool made = a &&
                gss_frame_make(slice_of(oid->elements, oid->length), gssapi_slice(input), a,
                               &framed, NULL) == OBOL_OK &&
                gssapi_buffer_copy(output, framed);
    gssapi_arena_give(a);
    return made ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

OM_uint32 gss_decapsulate_token(gss_const_buffer_t input, gss_const_OID oid, gss_buffer_t output) {
    if (output)
        *output = (gss_buffer_desc){0};
    if (!input || (input->length && !input->value) || !oid || !oid->elements)
        return GSS_S_CALL_INACCESSIBLE_READ;
    if (!output)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    struct slice found, inner;
    if (gss_frame_open(gssapi_slice(input), &found, &inner, NULL) != OBOL_OK ||
        !slice_eq(found, slice_of(oid->elements, oid->length)))
        return GSS_S_DEFECTIVE_TOKEN;
    return gssapi_buffer_copy(output, inner) ? GSS_S_COMPLETE : GSS_S_FAILURE;
}
