// kdc_settings.h: what kdc.conf says, as the daemon and its KDC take it.
#ifndef OBOL_SERVER_KDC_SETTINGS_H
#define OBOL_SERVER_KDC_SETTINGS_H

#include "admin/admin.h"
#include "config/kdcconf.h"
#include "config/krb5conf.h"
#include "kdc/kdc.h"
#include "server/kdc_serve.h"

enum { KDC_REALMS_MAX = 16 };

struct kdc_settings {
    struct server_config server; // first: server_run knows this part
    struct arena arena;          // holds the rest
    struct kdcconf conf;
    struct krb5conf machine; // krb5.conf, for the realms that kdc.conf says nothing about
    struct slice realm;
    struct kdc_policy policy;
    struct kdc_pkinit pkinit; // identity NULL: none
    struct pki_identity *pki_identity;
    struct pki_trust *pki_trust;
    struct store_options store;
    const char *master_path;
    struct admin_options admin; // for kpasswd: the same realm, to be written to
    const char *replays;        // for kpasswd: its replay cache
    // The realms beside this one (also_serve), and the names of all.
    struct kdc_settings *further[KDC_REALMS_MAX - 1];
    size_t further_count;
    struct slice realms[KDC_REALMS_MAX];
};

// kdc_settings_at is one of the realms that are served, this one first; NULL past the last.
const struct kdc_settings *kdc_settings_at(const struct kdc_settings *s, size_t index);
// kdc_settings_https opens what the proxy for https needs, if kdc.conf asks for one.
MUST_USE enum obol_code kdc_settings_https(struct kdc_settings *s, const char *home,
                                           struct error *err);

#endif
