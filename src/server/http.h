// http.h: what the services that speak HTTP by libmicrohttpd (proxy, teller, web) have in common.
#ifndef OBOL_SERVER_HTTP_H
#define OBOL_SERVER_HTTP_H

#include "base/slice.h"
#include <microhttpd.h>

// http_answer queues an answer that nobody is to store; the body is copied. `name` is a further
// header and `value` what it says; NULL: none.
enum MHD_Result http_answer(struct MHD_Connection *c, unsigned status, const char *type,
                            struct slice body, const char *name, const char *value);
// http_kept is what MHD_OPTION_NOTIFY_CONNECTION's function set for the connection; NULL: nothing.
void *http_kept(struct MHD_Connection *c);

#endif
