// appdefault.c: settings of applications in krb5.conf.
#include "compat/context.h"
#include "compat/convert.h"
#include "config/duration.h"
#include <stdlib.h>

static struct slice look_up(krb5_context context, const char *app, const krb5_data *realm,
                            const char *option) {
    if (!context || !option)
        return (struct slice){0};
    struct slice named = realm ? data_in(realm) : context_realm(context);
    return krb5conf_appdefault(&context->conf, slice_str(app), named, slice_str(option));
}

// *out is the program's to free with krb5_free_string; NULL without memory.
void krb5_appdefault_string(krb5_context context, const char *app, const krb5_data *realm,
                            const char *option, const char *fallback, char **out) {
    if (!out)
        return;
    struct slice found = look_up(context, app, realm, option);
    *out = bytes_out(found.ptr ? found : slice_str(fallback));
}

void krb5_appdefault_boolean(krb5_context context, const char *app, const krb5_data *realm,
                             const char *option, int fallback, int *out) {
    bool value;
    if (!out)
        return;
    struct slice found = look_up(context, app, realm, option);
    *out = found.ptr && boolean_parse(found, &value) ? value : fallback;
}
