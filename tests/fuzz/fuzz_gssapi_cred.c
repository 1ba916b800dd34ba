// fuzz_gssapi_cred.c: bytes that become a credential (gss_import_cred). One that is taken can be
// exported, and what was exported comes back the same.
#include "fuzz.h"
#include "gssapi/cred.h"

static gss_buffer_desc exported(gss_cred_id_t cred) {
    OM_uint32 minor;
    gss_buffer_desc token;
    must_hold(gss_export_cred(&minor, cred, &token) == GSS_S_COMPLETE);
    return token;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    OM_uint32 minor;
    gss_cred_id_t cred, back;
    gss_buffer_desc input = {size, (void *)(uintptr_t)data};
    if (gss_import_cred(&minor, &input, &cred) != GSS_S_COMPLETE)
        return 0;
    gss_buffer_desc first = exported(cred);
    must_hold(gss_import_cred(&minor, &first, &back) == GSS_S_COMPLETE);
    gss_buffer_desc second = exported(back);
    must_hold(first.length == second.length &&
              memcmp(first.value, second.value, first.length) == 0);
    (void)gss_release_buffer(&minor, &first);
    (void)gss_release_buffer(&minor, &second);
    (void)gss_release_cred(&minor, &cred);
    (void)gss_release_cred(&minor, &back);
    return 0;
}
