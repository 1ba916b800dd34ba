// http.c: see http.h.
#include "server/http.h"

enum MHD_Result http_answer(struct MHD_Connection *c, unsigned status, const char *type,
                            struct slice body, const char *name, const char *value) {
    // The body is copied; libmicrohttpd's prototype forgot that it does not change it.
    struct MHD_Response *r = MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.ptr,
                                                             MHD_RESPMEM_MUST_COPY);
    if (!r)
        return MHD_NO;
    enum MHD_Result ok = MHD_add_response_header(r, "Content-Type", type);
    if (ok == MHD_YES)
        ok = MHD_add_response_header(r, "Cache-Control", "no-store");
    if (ok == MHD_YES && name)
        ok = MHD_add_response_header(r, name, value);
    if (ok == MHD_YES)
        ok = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return ok;
}

void *http_kept(struct MHD_Connection *c) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}
