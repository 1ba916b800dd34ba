// http.c: see http.h.
#include "server/http.h"
#include <dlfcn.h>

struct mhd mhd;

#define FUNCTION(member)                                                                           \
    { "MHD_" #member, (void **)&mhd.member }

enum obol_code http_start(struct error *err) {
    const struct {
        const char *name;
        void **to;
    } functions[] = {
        FUNCTION(start_daemon),
        FUNCTION(stop_daemon),
        FUNCTION(get_daemon_info),
        FUNCTION(add_connection),
        FUNCTION(suspend_connection),
        FUNCTION(resume_connection),
        FUNCTION(get_connection_info),
        FUNCTION(lookup_connection_value),
        FUNCTION(create_response_from_buffer),
        FUNCTION(add_response_header),
        FUNCTION(queue_response),
        FUNCTION(destroy_response),
    };
    void *handle = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    ENSURE(handle, UNSUPPORTED, "HTTP is served by libmicrohttpd (Debian: libmicrohttpd12): %s",
           dlerror());
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        *functions[i].to = dlsym(handle, functions[i].name);
        ENSURE(*functions[i].to, UNSUPPORTED, "libmicrohttpd.so.12 has no %s", functions[i].name);
    }
    return OBOL_OK;
}

enum MHD_Result http_answer(struct MHD_Connection *c, unsigned status, const char *type,
                            struct slice body, const char *name, const char *value) {
    // The body is copied; libmicrohttpd's prototype forgot that it does not change it.
    struct MHD_Response *r = mhd.create_response_from_buffer(body.len, (void *)(uintptr_t)body.ptr,
                                                             MHD_RESPMEM_MUST_COPY);
    if (!r)
        return MHD_NO;
    enum MHD_Result ok = mhd.add_response_header(r, "Content-Type", type);
    if (ok == MHD_YES)
        ok = mhd.add_response_header(r, "Cache-Control", "no-store");
    if (ok == MHD_YES && name)
        ok = mhd.add_response_header(r, name, value);
    if (ok == MHD_YES)
        ok = mhd.queue_response(c, status, r);
    mhd.destroy_response(r);
    return ok;
}

void *http_kept(struct MHD_Connection *c) {
    const union MHD_ConnectionInfo *info =
        mhd.get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}
