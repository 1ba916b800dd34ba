// http.h: what the services that speak HTTP by libmicrohttpd (proxy, teller, web) have in common.
#ifndef OBOL_SERVER_HTTP_H
#define OBOL_SERVER_HTTP_H

#include "base/error.h"
#include <microhttpd.h>

// mhd is libmicrohttpd, as far as it is used. It brings GnuTLS with it, whose start costs as much
// as a whole command that needs neither: so it is loaded by who serves HTTP, not with the program.
extern struct mhd {
    __typeof__(MHD_start_daemon) *start_daemon;
    __typeof__(MHD_stop_daemon) *stop_daemon;
    __typeof__(MHD_get_daemon_info) *get_daemon_info;
    __typeof__(MHD_add_connection) *add_connection;
    __typeof__(MHD_suspend_connection) *suspend_connection;
    __typeof__(MHD_resume_connection) *resume_connection;
    __typeof__(MHD_get_connection_info) *get_connection_info;
    __typeof__(MHD_lookup_connection_value) *lookup_connection_value;
    __typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
    __typeof__(MHD_add_response_header) *add_response_header;
    __typeof__(MHD_queue_response) *queue_response;
    __typeof__(MHD_destroy_response) *destroy_response;
} mhd;
// http_start loads it, once a process: before the first daemon, and before a sandbox that lets no
// file be read. UNSUPPORTED if it is not installed.
MUST_USE enum obol_code http_start(struct error *err);

// http_answer queues an answer that nobody is to store; the body is copied. `name` is a further
// header and `value` what it says; NULL: none.
enum MHD_Result http_answer(struct MHD_Connection *c, unsigned status, const char *type,
                            struct slice body, const char *name, const char *value);
// http_kept is what MHD_OPTION_NOTIFY_CONNECTION's function set for the connection; NULL: nothing.
void *http_kept(struct MHD_Connection *c);

#endif
