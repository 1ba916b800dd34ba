// krb5conf_table.c: every key of krb5.conf, one row each.
#include "config/krb5conf_table.h"
#include "config/krb5conf.h"

#define LIB(key, type, low, high, fallback, help)                                                  \
    {                                                                                              \
        "libdefaults", #key, type, offsetof(struct krb5conf, key), low, high, fallback, NULL,      \
            NULL, help                                                                             \
    }
#define REALM(key, type, fallback, help)                                                           \
    {                                                                                              \
        "realms/*", #key, type, offsetof(struct krb5conf_realm, key), 0, 0, fallback, NULL, NULL,  \
            help                                                                                   \
    }
#define PKINIT_KEY(section, structure, key, type, fallback, choices, check, help)                  \
    {                                                                                              \
        section, "pkinit_" #key, type, offsetof(struct structure, pkinit.key), 0, 0, fallback,     \
            choices, check, help                                                                   \
    }
// Both sections may say them; what is not said of a realm is as [libdefaults] has it.
#define PKINIT(section, structure, n_false, n_purpose)                                             \
    PKINIT_KEY(section, structure, anchors, CONFIG_STRINGS, NULL, NULL, NULL,                      \
               "CAs that the KDC's certificate must come from: FILE:cas.pem or DIR:directory; "    \
               "may be repeated."),                                                                \
        PKINIT_KEY(section, structure, identities, CONFIG_STRINGS, NULL, NULL, NULL,               \
                   "The user's certificate and key: FILE:cert.pem,key.pem, PKCS12:file, "          \
                   "DIR:directory, ENV:VARIABLE, and of a smart card "                             \
                   "PKCS11:[module_name=]MODULE[:slotid=N][:token=LABEL][:certid=HEX]"             \
                   "[:certlabel=LABEL]. The first that is there logs in."),                        \
        PKINIT_KEY(section, structure, cert_match, CONFIG_STRINGS, NULL, NULL, NULL,               \
                   "Which certificate to use of several: && or ||, then any of <SUBJECT>regex, "   \
                   "<ISSUER>regex, <SAN>regex, <EKU>list, <KU>list, without spaces; may be "       \
                   "repeated: the first rule that fits exactly one."),                             \
        PKINIT_KEY(section, structure, pool, CONFIG_STRINGS, NULL, NULL, NULL,                     \
                   "Certificates between those of the CAs and the KDC's."),                        \
        PKINIT_KEY(section, structure, revoke, CONFIG_STRINGS, NULL, NULL, NULL,                   \
                   "CRLs of the CAs: FILE:crl.pem or DIR:directory."),                             \
        PKINIT_KEY(section, structure, kdc_hostname, CONFIG_STRINGS, NULL, NULL, NULL,             \
                   "A host that the KDC's certificate may name in place of the realm's TGS; may "  \
                   "be repeated."),                                                                \
        PKINIT_KEY(section, structure, eku_checking, CONFIG_CHOICE, n_purpose,                     \
                   "kpKDC|kpServerAuth|none", NULL,                                                \
                   "The extended key usage that the KDC's certificate must have: that of RFC "     \
                   "4556, or also that of a TLS server, or any."),                                 \
        PKINIT_KEY(section, structure, dh_min_bits, CONFIG_STRING, NULL, NULL, NULL,               \
                   "The group to begin the key agreement with, and the weakest: 2048, 4096, "      \
                   "8192, P-256, P-384, P-521; 2048 if not set."),                                 \
        PKINIT_KEY(section, structure, allow_sha1, CONFIG_BOOL, n_false, NULL, NULL,               \
                   "Take answers that are signed over SHA-1, as old KDCs make them; better renew " \
                   "those."),                                                                      \
        PKINIT_KEY(section, structure, require_crl_checking, CONFIG_BOOL, n_false, NULL, NULL,     \
                   "Refuse the KDC's certificate if no current CRL of its CA is there.")
// Known and checked, but of no use here.
#define UNUSED_KEY(section, key, type, help)                                                       \
    { section, key, type, CONFIG_NOWHERE, 0, 0, NULL, NULL, NULL, help }
#define ANYTHING(section, help) UNUSED_KEY(section, "**", CONFIG_STRING, help)

// rc4-hmac, the last of them, stays only where allow_rc4 or allow_weak_crypto lets it.
#define ENCTYPES                                                                                   \
    "aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha1-96 "               \
    "aes128-cts-hmac-sha1-96 camellia256-cts-cmac camellia128-cts-cmac rc4-hmac"

// A realm is a name that can stand in a principal.
static enum obol_code check_realm(struct slice value, struct arena *a, struct error *err) {
    UNUSED(a);
    ENSURE(value.len > 0 && slice_find(value, '@') == value.len, CONFIG_SYNTAX,
           "the name of a realm, without '@'");
    return OBOL_OK;
}

// clang-format off
static const struct config_item ITEMS[] = {
    {"libdefaults", "default_realm", CONFIG_REALM, offsetof(struct krb5conf, default_realm), 0, 0,
     NULL, NULL, check_realm, "The realm of names that are written without one."},
    LIB(permitted_enctypes, CONFIG_ENCTYPES, 0, 0, ENCTYPES,
        "Encryption types that may be used at all, best first: names, families (aes, aes-sha2, "
        "camellia, rc4), DEFAULT, each with + or - in front."),
    LIB(default_tkt_enctypes, CONFIG_ENCTYPES, 0, 0, NULL,
        "Encryption types that a login asks for; permitted_enctypes if not set."),
    LIB(default_tgs_enctypes, CONFIG_ENCTYPES, 0, 0, NULL,
        "Encryption types that a request for a service ticket asks for; permitted_enctypes if not set."),
    LIB(allow_weak_crypto, CONFIG_BOOL, 0, 0, "false", "Let the lists above hold weak types."),
    LIB(allow_rc4, CONFIG_BOOL, 0, 0, "false", "Let the lists above hold rc4-hmac."),
    LIB(clockskew, CONFIG_DURATION, 1, 604800, "300",
        "How far clocks may differ."),
    LIB(kdc_timesync, CONFIG_BOOL, 0, 0, "true",
        "Take over the KDC's time for tickets when our clock is off."),
    LIB(udp_preference_limit, CONFIG_INT, 0, 1048576, "1465",
        "Messages of more bytes are sent by TCP first; 0 and 1 mean all."),
    LIB(request_timeout, CONFIG_DURATION, 0, 86400, "0",
        "The longest that all KDCs together may take; 0: until each was tried."),
    LIB(ticket_lifetime, CONFIG_DURATION, 0, INT32_MAX, "1d", "How long a login is asked for."),
    LIB(renew_lifetime, CONFIG_DURATION, 0, INT32_MAX, "0",
        "How long it may be renewed; 0: not."),
    LIB(forwardable, CONFIG_BOOL, 0, 0, "false", "Ask for tickets that can be forwarded."),
    LIB(proxiable, CONFIG_BOOL, 0, 0, "false", "Ask for tickets that can be proxied."),
    LIB(noaddresses, CONFIG_BOOL, 0, 0, "true", "Ask for tickets that hold no addresses."),
    LIB(extra_addresses, CONFIG_WORDS, 0, 0, NULL, "Addresses to put in besides our own."),
    LIB(canonicalize, CONFIG_BOOL, 0, 0, "false",
        "Let the KDC answer a login with the canonical name."),
    LIB(dns_lookup_kdc, CONFIG_BOOL, 0, 0, "true",
        "Find KDCs by DNS where the realm has no `kdc` line."),
    LIB(dns_lookup_realm, CONFIG_BOOL, 0, 0, "false", "Find the realm of a host by DNS."),
    LIB(dns_uri_lookup, CONFIG_BOOL, 0, 0, "true", "Ask for URI records before SRV records."),
    {"libdefaults", "dns_canonicalize_hostname", CONFIG_CHOICE,
     offsetof(struct krb5conf, dns_canonicalize_hostname), 0, 0, "true", "false|true|fallback", NULL,
     "Ask the DNS for the full name of a host before naming its service; `fallback`: only if the "
     "name as it stands is not known."},
    LIB(rdns, CONFIG_BOOL, 0, 0, "true", "Ask for the name of its address, too."),
    LIB(qualify_shortname, CONFIG_STRING, 0, 0, NULL,
        "The domain of hosts that are named without one; \"\": none."),
    LIB(ignore_acceptor_hostname, CONFIG_BOOL, 0, 0, "false",
        "Services accept under any host name that their keytab holds."),
    LIB(verify_ap_req_nofail, CONFIG_BOOL, 0, 0, "false",
        "A login is verified with the host's keytab even if there is none."),
    LIB(enforce_ok_as_delegate, CONFIG_BOOL, 0, 0, "false",
        "Delegate only to services that the KDC marks for it."),
    LIB(client_aware_channel_bindings, CONFIG_BOOL, 0, 0, "false",
        "Tell services that we know of channel bindings."),
    {"libdefaults", "iakerb_tokens", CONFIG_CHOICE, offsetof(struct krb5conf, iakerb_tokens), 0, 0,
     "mit-1.21", "mit-1.21|draft", NULL,
     "How to begin a login through a service (IAKERB): as MIT krb5 up to 1.21 understands it, or as "
     "draft-ietf-kitten-iakerb, MIT krb5 from 1.22 on and Windows do. Obol's services take both."},
    LIB(default_ccache_name, CONFIG_PATH, 0, 0, NULL,
        "Where tickets are kept when KRB5CCNAME does not say; FILE:/tmp/krb5cc_%{uid} if not set."),
    LIB(default_keytab_name, CONFIG_PATH, 0, 0, NULL,
        "The keytab of services when KRB5_KTNAME does not say; FILE:/etc/krb5.keytab if not set."),
    LIB(default_client_keytab_name, CONFIG_PATH, 0, 0, NULL,
        "The keytab that clients log in with when KRB5_CLIENT_KTNAME does not say."),
    LIB(default_rcache_name, CONFIG_PATH, 0, 0, NULL, "The replay cache."),
    LIB(kcm_socket, CONFIG_STRING, 0, 0, NULL,
        "The socket of the daemon that keeps KCM: caches; /var/run/.heim_org.h5l.kcm-socket if not "
        "set, `-`: none."),
    LIB(err_fmt, CONFIG_STRING, 0, 0, NULL,
        "What programs on libkrb5 and the GSS-API are told when something fails: %M is the text, %C "
        "the code's number, %% a percent sign."),
    LIB(ccache_type, CONFIG_INT, 1, 4, "4", "Version of the FILE cache's format; 4 is written."),
    LIB(realm_try_domains, CONFIG_INT, -1, 100, "-1",
        "How many domains above a host's are tried as its realm."),
    LIB(preferred_preauth_types, CONFIG_WORDS, 0, 0, NULL,
        "Preauthentication types to be tried first, by number."),
    LIB(spake_preauth_groups, CONFIG_WORDS, 0, 0, "edwards25519", "Groups for SPAKE."),
    PKINIT("libdefaults", krb5conf, "false", "kpKDC"),
    UNUSED_KEY("libdefaults", "allow_des3", CONFIG_BOOL, "DES is not implemented."),
    UNUSED_KEY("libdefaults", "default_etypes", CONFIG_ENCTYPES, "Of Heimdal; permitted_enctypes here."),
    UNUSED_KEY("libdefaults", "k5login_authoritative", CONFIG_BOOL, "Not used yet."),
    UNUSED_KEY("libdefaults", "k5login_directory", CONFIG_STRING, "Not used yet."),
    UNUSED_KEY("libdefaults", "kcm_mach_service", CONFIG_STRING, "Not used."),
    UNUSED_KEY("libdefaults", "kdc_default_options", CONFIG_INT, "Not used."),
    UNUSED_KEY("libdefaults", "plugin_base_dir", CONFIG_PATH, "Not used."),
    UNUSED_KEY("libdefaults", "safe_checksum_type", CONFIG_INT, "Not used."),
    UNUSED_KEY("libdefaults", "ap_req_checksum_type", CONFIG_INT, "Not used."),
    UNUSED_KEY("libdefaults", "kdc_req_checksum_type", CONFIG_INT, "Not used."),
    UNUSED_KEY("libdefaults", "dns_fallback", CONFIG_BOOL, "Default of the dns_ keys in old files."),
    UNUSED_KEY("libdefaults", "fcc-mit-ticketflags", CONFIG_BOOL, "Of Heimdal; MIT's order is used."),
    ANYTHING("libdefaults/*", "Settings of one realm; not used."),

    REALM(kdc, CONFIG_STRINGS, NULL,
          "A KDC: host, host:port, [v6]:port, tcp/host, udp/host, or https://host/path. May be repeated."),
    {"realms/*", "master_kdc", CONFIG_STRINGS, offsetof(struct krb5conf_realm, primary_kdc), 0, 0,
     NULL, NULL, NULL, "The older name of primary_kdc."},
    REALM(primary_kdc, CONFIG_STRINGS, NULL, "The KDC that knows of a new password first."),
    REALM(admin_server, CONFIG_STRINGS, NULL, "The administration server."),
    REALM(kpasswd_server, CONFIG_STRINGS, NULL,
          "The server that changes passwords; admin_server's host, port 464, if not set."),
    REALM(http_anchors, CONFIG_STRINGS, NULL,
          "Certificates of CAs for KDCs over https: FILE:, DIR: or ENV:."),
    REALM(auth_to_local, CONFIG_STRINGS, NULL, "A rule that makes local names of principals."),
    REALM(default_domain, CONFIG_STRING, NULL, "The domain of host names of Kerberos 4."),
    REALM(disable_encrypted_timestamp, CONFIG_BOOL, "false",
          "Do not send an encrypted timestamp, from which a password can be guessed."),
    PKINIT("realms/*", krb5conf_realm, NULL, NULL),
    UNUSED_KEY("realms/*", "auth_to_local_names", CONFIG_STRING, "Local names of single principals."),
    UNUSED_KEY("realms/*", "auto_fast_armor", CONFIG_BOOL, "Not used yet."),
    UNUSED_KEY("realms/*", "sitename", CONFIG_STRING, "Not used yet."),
    UNUSED_KEY("realms/*", "v4_instance_convert", CONFIG_STRING, "Of Kerberos 4; not used."),
    UNUSED_KEY("realms/*", "v4_realm", CONFIG_STRING, "Of Kerberos 4; not used."),

    {"domain_realm", "*", CONFIG_REALM, CONFIG_NOWHERE, 0, 0, NULL, NULL, check_realm,
     "The realm of a host, or of all hosts below a domain."},
    {"capaths/*", "*", CONFIG_STRING, CONFIG_NOWHERE, 0, 0, NULL, NULL, NULL,
     "Realms between the realm of the client and that of the server; `.`: none."},
    ANYTHING("appdefaults", "Settings of applications."),
    ANYTHING("plugins", "Modules of MIT krb5; not used."),
    ANYTHING("logging", "Of kdc.conf."),
    ANYTHING("kdcdefaults", "Of kdc.conf."),
    ANYTHING("dbdefaults", "Of MIT's kdc.conf; not used."),
    ANYTHING("dbmodules", "Of MIT's kdc.conf; not used."),
    ANYTHING("otp", "Of MIT's kdc.conf; not used."),
    ANYTHING("login", "Of old login programs; not used."),
    ANYTHING("kdc", "Of Heimdal's KDC; not used."),
    ANYTHING("kadmin", "Of Heimdal's kadmin; not used."),
    ANYTHING("gssapi", "Of Heimdal's GSS-API; not used."),
    ANYTHING("password_quality", "Of Heimdal; not used."),
};
// clang-format on

const struct config_schema KRB5CONF_SCHEMA = {"krb5.conf", ITEMS, COUNT_OF(ITEMS)};
