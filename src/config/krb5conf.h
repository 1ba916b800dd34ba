// krb5conf.h: krb5.conf as a typed struct: everything that a client or service needs to know of its
// surroundings. Made once, read by all layers above.
#ifndef OBOL_CONFIG_KRB5CONF_H
#define OBOL_CONFIG_KRB5CONF_H

#include "config/realm_map.h"
#include "config/schema.h"
#include "krb/principal.h"

enum { PKINIT_EKU_KDC, PKINIT_EKU_SERVER, PKINIT_EKU_NONE }; // pkinit_eku_checking
// Settings of PKINIT, in [libdefaults] and of a realm: those of the realm win.
struct krb5conf_pkinit {
    struct slice_list anchors, identities, pool, revoke; // places: "FILE:...", "DIR:..."
    struct slice_list kdc_hostname;
    struct slice_list cert_match; // rules (krb/pki.h, pki_match), in order
    int32_t eku_checking;         // PKINIT_EKU_...
    struct slice dh_min_bits;
    bool require_crl_checking, allow_sha1;
};

// A subsection of [realms].
struct krb5conf_realm {
    struct slice name;
    struct slice_list kdc;          // "host", "host:port", "[v6]:port", "tcp/host", "https://..."
    struct slice_list primary_kdc;  // also master_kdc; asked when another says "wrong password"
    struct slice_list admin_server; // kadmin; kpasswd where kpasswd_server is not said
    struct slice_list kpasswd_server;
    struct slice_list http_anchors;  // CA files for https:// KDCs: "FILE:...", "DIR:...", "ENV:..."
    struct slice_list auth_to_local; // rules, in order
    struct slice default_domain;
    bool disable_encrypted_timestamp;
    struct krb5conf_pkinit pkinit;
};
enum { CANONICALIZE_NO, CANONICALIZE_YES, CANONICALIZE_FALLBACK }; // dns_canonicalize_hostname
enum { IAKERB_TOKENS_OLD, IAKERB_TOKENS_DRAFT };                   // iakerb_tokens

struct krb5conf {
    struct profile profile; // the tree itself, for [appdefaults] and [plugins]; its notes are ours

    // [libdefaults]
    struct slice default_realm; // empty: none
    struct int32_list permitted_enctypes, default_tkt_enctypes, default_tgs_enctypes;
    bool allow_weak_crypto, allow_rc4;
    int64_t clockskew; // seconds
    bool kdc_timesync;
    int64_t udp_preference_limit;            // bytes: longer messages go by TCP first
    int64_t request_timeout;                 // seconds for one exchange with all KDCs; 0: usual
    int64_t ticket_lifetime, renew_lifetime; // seconds; renew_lifetime 0: not renewable
    bool forwardable, proxiable, noaddresses, canonicalize;
    struct slice_list extra_addresses;
    bool dns_lookup_kdc, dns_lookup_realm, dns_uri_lookup;
    int32_t dns_canonicalize_hostname; // CANONICALIZE_...
    bool rdns;
    struct slice qualify_shortname;
    bool qualify_shortname_set;
    bool ignore_acceptor_hostname, verify_ap_req_nofail, enforce_ok_as_delegate;
    bool client_aware_channel_bindings;
    int32_t iakerb_tokens; // IAKERB_TOKENS_...
    struct slice default_ccache_name, default_keytab_name, default_client_keytab_name; // unexpanded
    struct slice default_rcache_name;
    struct slice err_fmt;    // of the texts of errors; ptr NULL: as they are
    struct slice kcm_socket; // empty: the usual one; "-": none
    int64_t ccache_type;
    int64_t realm_try_domains;
    struct slice_list preferred_preauth_types, spake_preauth_groups;
    struct krb5conf_pkinit pkinit;

    struct krb5conf_realm *realms; // [realms]
    size_t realm_count;
    struct realm_map map; // [domain_realm] and [capaths]
};

// krb5conf_load reads `paths` (colon-separated; empty: KRB5_CONFIG, else /etc/krb5.conf), checks it
// and fills conf. No file at all gives the defaults. Everything lives in the arena. Notes are in
// conf->profile.notes.
MUST_USE enum obol_code krb5conf_load(struct krb5conf *conf, struct slice paths, struct arena *a,
                                      struct error *err);
// krb5conf_from_text is krb5conf_load of one text, without includes: for tests and fuzzing.
MUST_USE enum obol_code krb5conf_from_text(struct krb5conf *conf, const char *file,
                                           struct slice text, struct arena *a, struct error *err);
// krb5conf_realm is a realm's subsection; NULL if it has none.
const struct krb5conf_realm *krb5conf_realm(const struct krb5conf *conf, struct slice realm);
// krb5conf_host_realm is the realm of a host by [domain_realm]: the host itself, then each domain
// above it, nearest first, with and without the leading dot. Case is folded. Empty if none is
// said: then the KDC is asked by a referral, or default_realm is taken.
struct slice krb5conf_host_realm(const struct krb5conf *conf, struct slice host);
// krb5conf_path gives the realms between `client` and `server`, without both, nearest the client
// first: of [capaths], else by the hierarchy of names (RFC 4120 1.2). False past the arena's limit.
MUST_USE bool krb5conf_path(const struct krb5conf *conf, struct slice client, struct slice server,
                            struct arena *a, struct slice_list *path);
// krb5conf_find_path is krb5conf_path for a struct realm_path_source, whose ctx is a krb5conf.
bool krb5conf_find_path(const void *conf, struct slice client, struct slice server, struct arena *a,
                        struct slice_list *path);
// krb5conf_appdefault looks up an option of an application as MIT krb5 does: [appdefaults] app/
// realm/option, app/option, realm/option, option. The first value; empty if none.
struct slice krb5conf_appdefault(const struct krb5conf *conf, struct slice app, struct slice realm,
                                 struct slice option);
// krb5conf_error_write writes the text of an error as err_fmt says.
void krb5conf_error_write(const struct krb5conf *conf, struct slice text, int32_t code,
                          struct writer *w);

#endif
