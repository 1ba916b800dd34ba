// fuzz_gssapi_name.c: bytes that become names. The first byte chooses the type; a name that is
// taken can be shown, and one of the mechanism is exported and comes back the same.
#include "fuzz.h"
#include "gssapi/name.h"

static gss_OID type_of(uint8_t n) {
    gss_OID types[] = {
        GSS_C_NT_EXPORT_NAME,        GSS_C_NT_COMPOSITE_EXPORT, NULL,
        GSS_C_NT_USER_NAME,          gss_nt_krb5_name,          GSS_C_NT_HOSTBASED_SERVICE,
        GSS_C_NT_STRING_UID_NAME,    GSS_C_NT_MACHINE_UID_NAME, GSS_C_NT_ANONYMOUS,
        GSS_KRB5_NT_ENTERPRISE_NAME, GSS_KRB5_NT_X509_CERT,
    };
    return types[n % COUNT_OF(types)];
}

static void come_back(gss_name_t name, bool composite) {
    OM_uint32 minor;
    gss_buffer_desc exported, again;
    gss_name_t back;
    OM_uint32 major = composite ? gss_export_name_composite(&minor, name, &exported)
                                : gss_export_name(&minor, name, &exported);
    must_hold(major == GSS_S_COMPLETE);
    major = gss_import_name(&minor, &exported,
                            composite ? GSS_C_NT_COMPOSITE_EXPORT : GSS_C_NT_EXPORT_NAME, &back);
    must_hold(major == GSS_S_COMPLETE);
    major = composite ? gss_export_name_composite(&minor, back, &again)
                      : gss_export_name(&minor, back, &again);
    must_hold(major == GSS_S_COMPLETE && again.length == exported.length &&
              memcmp(again.value, exported.value, again.length) == 0);
    (void)gss_release_buffer(&minor, &exported);
    (void)gss_release_buffer(&minor, &again);
    (void)gss_release_name(&minor, &back);
}

static void look_at(gss_name_t name) {
    OM_uint32 minor;
    int is_mn, authenticated, complete, more;
    gss_OID mech;
    gss_buffer_set_t attrs;
    gss_buffer_desc value, display;
    must_hold(gss_display_name(&minor, name, &value, NULL) == GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &value);
    must_hold(gss_inquire_name(&minor, name, &is_mn, &mech, &attrs) == GSS_S_COMPLETE);
    for (size_t i = 0; attrs && i < attrs->count; i++) {
        more = -1;
        do {
            if (gss_get_name_attribute(&minor, name, &attrs->elements[i], &authenticated, &complete,
                                       &value, &display, &more) != GSS_S_COMPLETE)
                break;
            must_hold(!authenticated); // nobody vouches for what a token says
            (void)gss_release_buffer(&minor, &value);
            (void)gss_release_buffer(&minor, &display);
        } while (more);
    }
    (void)gss_release_buffer_set(&minor, &attrs);
    if (!is_mn)
        return;
    come_back(name, false);
    come_back(name, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    OM_uint32 minor;
    gss_name_t name, copy;
    gss_buffer_desc input = {size - 1, (void *)(uintptr_t)(data + 1)};
    if (gss_import_name(&minor, &input, type_of(data[0]), &name) != GSS_S_COMPLETE)
        return 0;
    look_at(name);
    must_hold(gss_duplicate_name(&minor, name, &copy) == GSS_S_COMPLETE);
    look_at(copy);
    (void)gss_release_name(&minor, &name);
    (void)gss_release_name(&minor, &copy);
    return 0;
}
