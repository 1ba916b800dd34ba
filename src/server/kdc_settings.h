// kdc_settings.h: what kdc.conf says, as the daemon and its KDC take it.
#ifndef OBOL_SERVER_KDC_SETTINGS_H
#define OBOL_SERVER_KDC_SETTINGS_H

#include "admin/admin.h"
#include "config/kdcconf.h"
#include "config/krb5conf.h"
#include "kdc/kdc.h"
#include "server/asker.h"
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
    // [otp]: whom the KDC asks about one-time codes; those of all realms stand in the first one's.
    struct asker_service *radius;
    struct secret *radius_secrets;
    size_t radius_count;
    const struct asker_service *outside[ASKER_SERVICES_MAX];
    struct kdc_otp_type *otp_types;
    char host[256]; // as whom it asks
    struct store_options store;
    const char *master_path;
    struct admin_options admin;          // for kpasswd: the same realm, to be written to
    const char *replays, *admin_replays; // the replay caches of kpasswd and of kadmind
    // The realms beside this one (also_serve), and the names of all.
    struct kdc_settings *further[KDC_REALMS_MAX - 1];
    size_t further_count;
    struct slice realms[KDC_REALMS_MAX];
};

// kdc_settings_at is one of the realms that are served, this one first; NULL past the last.
const struct kdc_settings *kdc_settings_at(const struct kdc_settings *s, size_t index);
// kdc_settings_path is a name of kdc.conf: of the home directory, unless it is a whole path.
MUST_USE enum obol_code kdc_settings_path(struct kdc_settings *s, const char *home,
                                          struct slice name, const char **out, struct error *err);
// kdc_settings_beside is what a daemon beside the KDC, which writes to the realm, takes of them:
// one worker, and no figures.
struct server_config *kdc_settings_beside(struct kdc_settings *s);
// kdc_settings_listen takes addresses, to which `port` is added where they say none; without any it
// is all addresses.
MUST_USE enum obol_code kdc_settings_listen(struct kdc_settings *s, const char *key,
                                            struct slice_list from, uint16_t port, const char **to,
                                            size_t *count, struct error *err);
// kdc_radius.c: kdc_radius_take reads [otp], and the files of secrets that it names;
// kdc_radius_join numbers the services of all realms. kdc_radius_clear wipes them.
MUST_USE enum obol_code kdc_radius_take(struct kdc_settings *s, const char *home,
                                        struct error *err);
MUST_USE enum obol_code kdc_radius_join(struct kdc_settings *s, struct error *err);
void kdc_radius_clear(struct kdc_settings *s);
// kdc_settings_https opens what the proxy for https needs, if kdc.conf asks for one.
MUST_USE enum obol_code kdc_settings_https(struct kdc_settings *s, const char *home,
                                           struct error *err);

#endif
