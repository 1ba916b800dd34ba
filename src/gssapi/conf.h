// conf.h: krb5.conf for a library: read once, kept for the process, read again when the files or
// KRB5_CONFIG change. Who uses it holds a reference, so that a change disturbs nobody.
#ifndef OBOL_GSSAPI_CONF_H
#define OBOL_GSSAPI_CONF_H

#include "config/krb5conf.h"

struct gssapi_conf {
    struct krb5conf conf;
    bool has_identity; // ~/.k5identity is there
    // The rest is conf.c's.
    struct arena arena;
    unsigned refs;
};

// gssapi_conf_get gives the present configuration; the caller puts it back with gssapi_conf_put
// (NULL is fine). CONFIG_SYNTAX.
MUST_USE enum obol_code gssapi_conf_get(struct gssapi_conf **out, struct error *err);
void gssapi_conf_put(struct gssapi_conf *conf);

#endif
