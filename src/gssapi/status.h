// status.h: from Obol's errors to the GSS-API's major and minor status. The minor status is a code
// that programs of MIT krb5 know; what failed, with the facts and the remedy, is kept per thread
// under that code, and gss_display_status shows it to the program that asks in the same thread.
#ifndef OBOL_GSSAPI_STATUS_H
#define OBOL_GSSAPI_STATUS_H

#include "base/error.h"
#include <gssapi/gssapi.h>

// gssapi_begin is the beginning of every call: *minor = 0. GSS_S_CALL_INACCESSIBLE_WRITE without
// one.
static inline OM_uint32 gssapi_begin(OM_uint32 *minor) {
    if (!minor)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    *minor = 0;
    return GSS_S_COMPLETE;
}
// gssapi_fail sets the minor status of an error, keeps its text for this thread, and gives the
// major status that goes with it (error_list.h).
OM_uint32 gssapi_fail(OM_uint32 *minor, const struct error *err);
// gssapi_fail_as is gssapi_fail with a major status of the caller's choice.
OM_uint32 gssapi_fail_as(OM_uint32 *minor, OM_uint32 major, const struct error *err);
// gssapi_refuse is gssapi_fail_as of an error made on the spot.
OM_uint32 gssapi_refuse(OM_uint32 *minor, OM_uint32 major, enum obol_code code, const char *format,
                        ...) PRINTF(4, 5);
// gssapi_no_memory is it for the heap.
OM_uint32 gssapi_no_memory(OM_uint32 *minor);

#endif
