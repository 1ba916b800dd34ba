// kdc_settings.h: what kdc.conf says, as the daemon and its KDC take it.
#ifndef OBOL_SERVER_KDC_SETTINGS_H
#define OBOL_SERVER_KDC_SETTINGS_H

#include "config/kdcconf.h"
#include "kdc/kdc.h"
#include "server/kdc_serve.h"

struct kdc_settings {
    struct server_config server; // first: server_run knows this part
    struct arena arena;          // holds the rest
    struct kdcconf conf;
    struct slice realm;
    struct kdc_policy policy;
    struct store_options store;
    const char *master_path;
};

#endif
