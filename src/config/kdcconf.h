// kdcconf.h: kdc.conf of a home directory (--home DIR, OBOL_HOME) as a typed struct: what the KDC
// and its tools need. MIT krb5's names are taken where it has the same thing, so that its
// kdc.conf(5) is understood; keys of its that mean nothing here are known and noted.
//
//     [kdcdefaults]
//         realm = EXAMPLE.COM
//         kdc_listen = 0.0.0.0:88 [::]:88
//     [realms]
//         EXAMPLE.COM = {
//             max_life = 10h
//         }
#ifndef OBOL_CONFIG_KDCCONF_H
#define OBOL_CONFIG_KDCCONF_H

#include "config/realm_map.h"
#include "config/schema.h"

#define KDCCONF_LISTEN "0.0.0.0:88 [::]:88" // kdc_listen, if not said

enum { KDC_LOG_TEXT, KDC_LOG_JSON };                                  // log_format
enum { KDC_LOG_ERROR, KDC_LOG_WARNING, KDC_LOG_INFO, KDC_LOG_DEBUG }; // log_level
enum { KDC_WORKERS_MAX = 64 };
enum { KDC_STORE_LMDB, KDC_STORE_MEMORY }; // database

enum { KDC_EKU_CLIENT, KDC_EKU_SMARTCARD, KDC_EKU_NONE }; // pkinit_eku_checking
// Settings of PKINIT, in either section: those of the realm win.
struct kdcconf_pkinit {
    struct slice identity;                   // empty: no PKINIT
    struct slice_list anchors, pool, revoke; // places: "FILE:...", "DIR:..."
    bool require_crl_checking, allow_upn, allow_sha1, require_freshness;
    int32_t eku_checking;     // KDC_EKU_...
    struct slice dh_min_bits; // the name of a group of src/krb/pkinit.h
    struct slice_list indicator;
};

// A kind of one-time password tokens that a RADIUS server knows: a subsection of [otp].
struct kdcconf_otp {
    struct slice name;
    struct slice_list server; // "host:port", "host", "[v6]:port", "/path"
    struct slice secret;      // a file, relative to the home directory; empty: paths need none
    int64_t timeout;          // seconds, of one server, all tries together
    int64_t retries;
    bool strip_realm;
    struct slice_list indicator;
};

// Settings of a realm: a subsection of [realms].
struct kdcconf_realm {
    struct slice name;
    // MIT krb5's places for what stands in [kdcdefaults] here; they win over it.
    struct slice_list kdc_listen, kdc_tcp_listen;
    struct slice_list kdc_ports, kdc_tcp_ports; // numbers
    struct slice_list kpasswd_listen, kpasswd_port;
    struct slice_list kadmind_listen, kadmind_port;
    struct slice key_stash_file;
    int64_t max_life, max_renewable_life; // seconds: the most that any ticket gets
    struct int32_list supported_enctypes; // of new keys, the first is the preferred
    struct int32_list permitted_enctypes; // of session keys and of what may be used at all
    bool allow_weak_crypto;
    bool require_preauth;                                       // of new principals: default flag
    bool encrypted_timestamp;                                   // offer PA-ENC-TIMESTAMP
    bool announce_fast;                                         // RFC 6113 5.4.2, 5.4.5
    struct slice_list preauth_mechanisms, spake_preauth_groups; // names, in order
    struct slice_list spake_preauth_indicator, encrypted_challenge_indicator,
        otp_indicator; // RFC 8129
    bool reject_bad_transit;
    bool allow_postdated;                                    // tickets that begin later
    bool require_body_checksum;                              // of a TGS-REQ, in its authenticator
    bool case_insensitive_services;                          // in the second look for a service
    struct slice_list host_based_services, no_host_referral; // names of services, or *
    bool restrict_anonymous_to_tgt;
    struct kdcconf_pkinit pkinit;
    bool disable_pac;
    struct slice domain_sid;                    // empty: the one that the store has
    bool hide_unknown_users;                    // answer an unknown client as a known one
    int64_t lockout_failures, lockout_duration; // 0: never; seconds
    struct slice dict_file; // words that are no passwords, one a line; empty: none
    struct slice_list default_principal_flags; // MIT krb5's words: "+preauth"
    struct slice acl_file;     // who may administer what; relative to the home directory
    int64_t pbkdf2_iterations; // of new keys; 0: the enctype's default
};

struct kdcconf {
    struct profile profile; // its notes are ours

    // [kdcdefaults]
    struct slice realm;
    struct slice_list kdc_listen, kdc_tcp_listen; // "host:port", "[v6]:port", "host", ":port"
    bool kdc_listen_said, kdc_tcp_listen_said;    // they are no defaults
    struct slice_list kpasswd_listen, kadmind_listen;
    struct slice_list https_listen;
    struct slice https_certificate, https_key; // files, relative to the home directory
    int64_t https_connections;
    bool restrict_anonymous_to_tgt;
    struct kdcconf_pkinit pkinit;
    struct slice_list metrics_listen;
    struct slice_list also_serve;             // homes of further realms
    int64_t source_rate, account_rate;        // requests a second; 0: any number
    int64_t workers;                          // 0: one a core
    int64_t clockskew;                        // seconds
    struct slice spake_preauth_kdc_challenge; // name of a group; empty: none
    int64_t store_size;                       // bytes: the most that the store may grow to
    int32_t database;                         // KDC_STORE_...
    struct slice master_key_file;             // relative to the home directory
    bool sandbox;
    int64_t tcp_connections, tcp_idle; // at once, all workers together; seconds
    int64_t tcp_per_source;
    int64_t max_request;   // bytes of one request
    int64_t max_udp_reply; // bytes; longer ones answer RESPONSE_TOO_BIG
    int64_t cache_records; // decoded records a worker keeps
    bool record_logins;    // last logins and failures go to the store
    // the log
    struct slice log; // "stderr", "syslog", a file
    int32_t log_format, log_level;
    struct slice audit_log; // a file; empty: none

    struct slice_list kdc_ports, kdc_tcp_ports; // of MIT krb5: numbers, for all addresses
    struct slice_list host_based_services, no_host_referral; // names of services, or *

    struct kdcconf_realm *realms; // that of `realm` always stands among them
    size_t realm_count;
    struct kdcconf_otp *otp; // one each subsection of [otp]
    size_t otp_count;
    struct realm_map map; // [domain_realm] and [capaths]
};

// Where a configuration is, and of which realm it is asked.
struct kdcconf_place {
    const char *home;   // a directory: its kdc.conf is read, unless `file` names one
    const char *file;   // a kdc.conf that stands elsewhere, as KRB5_KDC_PROFILE does; NULL: none
    struct slice realm; // instead of `realm` in [kdcdefaults]; empty: as that says
};
// kdcconf_load reads a kdc.conf. STORE_NOT_FOUND if it is not there, CONFIG_SYNTAX, IO. All lives
// in the arena.
MUST_USE enum obol_code kdcconf_load(struct kdcconf *conf, const struct kdcconf_place *place,
                                     struct arena *a, struct error *err);
// kdcconf_logging is where a daemon of MIT krb5 ("kdc", "admin_server") would log by [logging]:
// FILE:path or SYSLOG; `log` wins over it.
struct slice kdcconf_logging(const struct kdcconf *conf, const char *daemon);
// kdcconf_database is where MIT krb5's tools would keep the database of conf->realm: database_name
// of the realm's [dbmodules] subsection, or of the realm; empty if nothing is said.
struct slice kdcconf_database(const struct kdcconf *conf);
// kdcconf_from_text is kdcconf_load of one text.
MUST_USE enum obol_code kdcconf_from_text(struct kdcconf *conf, const char *file, struct slice text,
                                          struct arena *a, struct error *err);
// kdcconf_realm is the settings of a realm; the defaults stand where the file says nothing. NULL
// if the realm is neither `realm` nor has a subsection.
const struct kdcconf_realm *kdcconf_realm(const struct kdcconf *conf, struct slice realm);
// kdcconf_write_new writes the kdc.conf of a new realm, with comments that explain it. `listen` is
// its address and port, "127.0.0.1:8888"; empty: the default, which is then not said, so that a
// realm that is served beside another (also_serve) asks for no address of its own.
void kdcconf_write_new(struct writer *w, struct slice realm, struct slice listen);

#endif
