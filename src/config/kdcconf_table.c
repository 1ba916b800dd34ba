// kdcconf_table.c: every key of kdc.conf, one row each. Where MIT krb5 has the same thing the name
// is its name; its other keys are known, so that its files can be read with no more than a note.
#include "config/duration.h"
#include "config/kdcconf.h"
#include "config/krb5conf_table.h"
#include "crypto/spake.h"
#include "krb/pkinit.h"
#include "pac/pac.h"

#define KDC(key, type, low, high, fallback, help)                                                  \
    {                                                                                              \
        "kdcdefaults", #key, type, offsetof(struct kdcconf, key), low, high, fallback, NULL, NULL, \
            help                                                                                   \
    }
#define REALM(key, type, low, high, fallback, help)                                                \
    {                                                                                              \
        "realms/*", #key, type, offsetof(struct kdcconf_realm, key), low, high, fallback, NULL,    \
            NULL, help                                                                             \
    }
#define CHOICE(key, fallback, words, help)                                                         \
    {                                                                                              \
        "kdcdefaults", #key, CONFIG_CHOICE, offsetof(struct kdcconf, key), 0, 0, fallback, words,  \
            NULL, help                                                                             \
    }
#define PKINIT_KEY(section, structure, key, type, fallback, choices, check, help)                  \
    {                                                                                              \
        section, "pkinit_" #key, type, offsetof(struct structure, pkinit.key), 0, 0, fallback,     \
            choices, check, help                                                                   \
    }
// Both sections may say them; what is not said of a realm is as [kdcdefaults] has it.
#define PKINIT(section, structure, n_false, n_purpose, n_bits)                                     \
    PKINIT_KEY(section, structure, identity, CONFIG_STRING, NULL, NULL, NULL,                      \
               "The KDC's certificate and key, for logins by certificate (PKINIT): "               \
               "FILE:cert.pem,key.pem, PKCS12:file, DIR:directory, ENV:VARIABLE."),                \
        PKINIT_KEY(section, structure, anchors, CONFIG_STRINGS, NULL, NULL, NULL,                  \
                   "CAs whose certificates log in: FILE:cas.pem or DIR:directory; may be "         \
                   "repeated. None: anonymous clients only."),                                     \
        PKINIT_KEY(section, structure, pool, CONFIG_STRINGS, NULL, NULL, NULL,                     \
                   "Certificates between those of the CAs and the clients'."),                     \
        PKINIT_KEY(section, structure, revoke, CONFIG_STRINGS, NULL, NULL, NULL,                   \
                   "CRLs of the CAs: FILE:crl.pem or DIR:directory. They are read at start and "   \
                   "at a reload."),                                                                \
        PKINIT_KEY(section, structure, require_crl_checking, CONFIG_BOOL, n_false, NULL, NULL,     \
                   "Refuse certificates of a CA that no current CRL is there of."),                \
        PKINIT_KEY(section, structure, eku_checking, CONFIG_CHOICE, n_purpose,                     \
                   "kpClientAuth|scLogin|none", NULL,                                              \
                   "The extended key usage that a client's certificate must have: that of "        \
                   "RFC 4556, or also the smart card logon of Windows, or any."),                  \
        PKINIT_KEY(section, structure, allow_upn, CONFIG_BOOL, n_false, NULL, NULL,                \
                   "A user principal name in a certificate names the client, too."),               \
        PKINIT_KEY(section, structure, allow_sha1, CONFIG_BOOL, n_false, NULL, NULL,               \
                   "Take requests that are signed over SHA-1, as old clients make them; better "   \
                   "renew those."),                                                                \
        PKINIT_KEY(section, structure, dh_min_bits, CONFIG_STRING, n_bits, NULL, check_bits,       \
                   "The weakest group for the key agreement: 2048, 4096 or 8192 bits, or P-256, "  \
                   "P-384, P-521, which are worth 3072, 7680 and 15360."),                         \
        PKINIT_KEY(section, structure, require_freshness, CONFIG_BOOL, n_false, NULL, NULL,        \
                   "Clients must show that they hold their key now (RFC 8070)."),                  \
        PKINIT_KEY(section, structure, indicator, CONFIG_WORDS, NULL, NULL, NULL,                  \
                   "Authentication indicators of a login by certificate.")
#define OTP(key, type, low, high, fallback, help)                                                  \
    {                                                                                              \
        "otp/*", #key, type, offsetof(struct kdcconf_otp, key), low, high, fallback, NULL, NULL,   \
            help                                                                                   \
    }
#define OF_MIT(section, key)                                                                       \
    {                                                                                              \
        section, key, CONFIG_STRING, CONFIG_NOWHERE, 0, 0, NULL, NULL, NULL,                       \
            "Of MIT krb5; not used."                                                               \
    }
#define ANYTHING(section, help)                                                                    \
    { section, "**", CONFIG_STRING, CONFIG_NOWHERE, 0, 0, NULL, NULL, NULL, help }

// RFC 8009 4: 32768 is what the enctypes themselves ask for. Above a million a login takes a second
// and more of the client, and careful clients refuse.
enum { ITERATIONS_MIN = 32768, ITERATIONS_MAX = 1000000 };

static enum obol_code check_iterations(struct slice value, struct arena *a, struct error *err) {
    int64_t n;
    UNUSED(a);
    bool fine = number_parse(value, &n) && (n == 0 || (n >= ITERATIONS_MIN && n <= ITERATIONS_MAX));
    ENSURE(fine, CONFIG_SYNTAX, "0, or a number from %d to %d", ITERATIONS_MIN, ITERATIONS_MAX);
    return OBOL_OK;
}

static enum obol_code check_sid(struct slice value, struct arena *a, struct error *err) {
    struct sid sid;
    UNUSED(a);
    ENSURE(sid_parse(value, &sid) && sid.count == 4 && sid.sub[0] == 21, CONFIG_SYNTAX,
           "a domain's SID is S-1-5-21 and three numbers, S-1-5-21-A-B-C");
    return OBOL_OK;
}

// MIT krb5's 1024 is read as the least that there is.
static enum obol_code check_bits(struct slice value, struct arena *a, struct error *err) {
    UNUSED(a);
    ENSURE(pkinit_group_find(value) || slice_eq_str(value, "1024"), CONFIG_SYNTAX,
           "2048, 4096, 8192, P-256, P-384 or P-521");
    return OBOL_OK;
}

// A path must fit in a sockaddr_un.
static bool is_radius_server(struct slice word) {
    return word.len < (word.ptr[0] == '/' ? 108 : 256);
}

#define PREAUTH_MECHANISMS "pkinit otp encrypted_challenge spake encrypted_timestamp"

// The first of the words in `rest`, which is moved behind it; empty at the end.
static struct slice next_word(struct slice *rest) {
    static const char separators[] = " \t,";
    size_t at = 0, end;
    while (at < rest->len && strchr(separators, rest->ptr[at]))
        at++;
    for (end = at; end < rest->len && !strchr(separators, rest->ptr[end]);)
        end++;
    struct slice word = slice_sub(*rest, at, end - at);
    *rest = slice_sub(*rest, end, rest->len);
    return word;
}

// Each word is one of those that `is_known` knows.
static enum obol_code check_words(struct slice value, bool (*is_known)(struct slice word),
                                  const char *what, struct error *err) {
    struct slice word;
    while ((word = next_word(&value)).len)
        ENSURE(is_known(word), CONFIG_SYNTAX, "%s", what);
    return OBOL_OK;
}

static enum obol_code check_radius_servers(struct slice value, struct arena *a, struct error *err) {
    UNUSED(a);
    return check_words(value, is_radius_server,
                       "HOST, HOST:PORT or [IPV6]:PORT of a RADIUS server, or the path of its "
                       "socket, of 107 bytes "
                       "at most",
                       err);
}

static bool is_group(struct slice word) {
    return spake_group_by_name(word) != NULL;
}

static enum obol_code check_groups(struct slice value, struct arena *a, struct error *err) {
    UNUSED(a);
    return check_words(value, is_group, "edwards25519, P-256, P-384 or P-521", err);
}

static bool is_mechanism(struct slice word) {
    struct slice rest = SLICE_LITERAL(PREAUTH_MECHANISMS), known;
    while ((known = next_word(&rest)).len)
        if (slice_eq(known, word))
            return true;
    return false;
}

static enum obol_code check_mechanisms(struct slice value, struct arena *a, struct error *err) {
    UNUSED(a);
    return check_words(value, is_mechanism, "words out of " PREAUTH_MECHANISMS, err);
}

// clang-format off
static const struct config_item ITEMS[] = {
    KDC(realm, CONFIG_REALM, 0, 0, NULL, "The realm that this home holds."),
    KDC(kdc_listen, CONFIG_WORDS, 0, 0, KDCCONF_LISTEN,
        "Addresses and ports for UDP: 127.0.0.1:88, [::]:88, :port; or the path of a socket of this "
        "machine."),
    KDC(kdc_tcp_listen, CONFIG_WORDS, 0, 0, NULL, "The same for TCP; kdc_listen if not set."),
    KDC(kpasswd_listen, CONFIG_WORDS, 0, 0, NULL, "The same for changing passwords; none if not set."),
    KDC(kadmind_listen, CONFIG_WORDS, 0, 0, NULL,
        "The same, by TCP, for administering the realm with kadmin; none if not set. acl_file says who may do what."),
    KDC(https_listen, CONFIG_WORDS, 0, 0, NULL,
        "The same for clients that come by HTTPS (MS-KKDCP, `kdc = https://host/KdcProxy`), to the KDC "
        "and to change passwords; none if not set."),
    KDC(https_certificate, CONFIG_PATH, 0, 0, NULL,
        "The file of its certificate chain, PEM, relative to the home directory."),
    KDC(https_key, CONFIG_PATH, 0, 0, NULL, "The file of its private key; https_certificate if not set."),
    KDC(https_connections, CONFIG_INT, 1, 100000, "1024", "HTTPS connections at once."),
    KDC(metrics_listen, CONFIG_WORDS, 0, 0, NULL,
        "Addresses at which Prometheus finds figures, by HTTP at /metrics; they are for whoever asks: "
        "name a loopback address. None if not set."),
    KDC(also_serve, CONFIG_WORDS, 0, 0, NULL,
        "Home directories of further realms that `obol serve` serves beside this one; each has its own "
        "kdc.conf, store and master key. All are served at the addresses that any of them says in its "
        "kdc_listen and kdc_tcp_listen, or where `obol serve --listen` says; a further one that says none "
        "adds none."),
    KDC(source_rate, CONFIG_INT, 0, 1000000, "0",
        "Requests a second that are taken from one IPv4 address or IPv6 /64, a share by each worker; "
        "0: any number. More "
        "are sent from UDP to TCP, where no sender is forged, and refused there."),
    KDC(account_rate, CONFIG_INT, 0, 1000000, "0",
        "Logins a second that are taken for one account, a share by each worker: by TCP for each "
        "source apart, so that "
        "nobody locks another out; 0: any number."),
    KDC(workers, CONFIG_INT, 0, KDC_WORKERS_MAX, "0", "Worker processes; 0: one a core."),
    KDC(clockskew, CONFIG_DURATION, 1, 86400, "300", "How far the clocks of clients may differ."),
    {"kdcdefaults", "spake_preauth_kdc_challenge", CONFIG_STRING,
     offsetof(struct kdcconf, spake_preauth_kdc_challenge), 0, 0, NULL, NULL, check_groups,
     "A group of SPAKE whose challenge goes to clients before they ask: a login by TCP takes two "
     "messages less, and whoever asks for one costs the KDC a multiplication. By UDP the refusal "
     "with it is more than an unproven sender is answered with, and clients go on by TCP."},
    KDC(store_size, CONFIG_SIZE, 1048576, INT64_C(1) << 46, "16G",
        "The most that the realm database may grow to; disk is used as it fills."),
    CHOICE(database, "lmdb", "lmdb|memory", "Where principals are kept."),
    KDC(master_key_file, CONFIG_PATH, 0, 0, "master.key",
        "The file of the key that seals all others, relative to the home directory."),
    KDC(sandbox, CONFIG_BOOL, 0, 0, "true", "Workers give up every right that they do not need."),
    KDC(tcp_connections, CONFIG_INT, 1, 1000000, "4096", "TCP connections at once, all workers together."),
    KDC(tcp_per_source, CONFIG_INT, 1, 1000000, "256", "TCP connections at once from one address."),
    KDC(tcp_idle, CONFIG_DURATION, 1, 3600, "10", "A TCP connection that is silent for so long is closed."),
    KDC(max_request, CONFIG_SIZE, 1024, 16777216, "1M", "The largest request that is read."),
    KDC(max_udp_reply, CONFIG_SIZE, 512, 65507, "4096",
        "A longer reply is not sent by UDP; the client is told to come by TCP."),
    KDC(cache_records, CONFIG_INT, 0, 10000000, "65536", "Records that a worker keeps decoded."),
    KDC(record_logins, CONFIG_BOOL, 0, 0, "true",
        "Store when an account last logged in, and its failures."),
    KDC(log, CONFIG_STRING, 0, 0, "stderr", "Where the log goes: stderr, syslog or a file."),
    CHOICE(log_format, "text", "text|json", "What a line of the log looks like."),
    CHOICE(log_level, "info", "error|warning|info|debug", "What is logged."),
    KDC(audit_log, CONFIG_PATH, 0, 0, NULL, "A file with one JSON line a request; none if not set."),
    {"kdcdefaults", "kdc_max_dgram_reply_size", CONFIG_SIZE, offsetof(struct kdcconf, max_udp_reply),
     512, 65507, NULL, NULL, NULL, "MIT krb5's name of max_udp_reply."},
    KDC(kdc_ports, CONFIG_WORDS, 0, 0, NULL, "MIT krb5's older spelling of kdc_listen: port numbers."),
    KDC(kdc_tcp_ports, CONFIG_WORDS, 0, 0, NULL, "The same for TCP."),
    OF_MIT("kdcdefaults", "kdc_tcp_listen_backlog"),
    KDC(host_based_services, CONFIG_WORDS, 0, 0, NULL,
        "Services that are asked for on a host whatever type the client gives their names (*: all): "
        "their unknown hosts are referred to the realm that knows them."),
    KDC(no_host_referral, CONFIG_WORDS, 0, 0, NULL, "Services that are never referred elsewhere (*: all)."),
    KDC(restrict_anonymous_to_tgt, CONFIG_BOOL, 0, 0, "false",
        "Anonymous clients get tickets for the TGS of this realm only. There are any, and users get tickets that do not "
        "name them, where the realm has the principal WELLKNOWN/ANONYMOUS (RFC 8062); nobody renews these."),
    PKINIT("kdcdefaults", kdcconf, "false", "kpClientAuth", "2048"),

    REALM(max_life, CONFIG_DURATION, 60, INT32_MAX, "1d", "The longest life of a ticket."),
    REALM(max_renewable_life, CONFIG_DURATION, 0, INT32_MAX, "7d",
          "How long a ticket may be renewed; 0: not."),
    REALM(supported_enctypes, CONFIG_ENCTYPES, 0, 0,
          "aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96",
          "Encryption types that new keys are made of; the KDC prefers the first."),
    REALM(permitted_enctypes, CONFIG_ENCTYPES, 0, 0, "DEFAULT",
          "Encryption types that the KDC uses at all. What a weak key of krbtgt/REALM seals is taken only "
          "while no stronger type that is permitted has a key of the same version: when one is added "
          "here, who has a TGT of rc4-hmac must log in again."),
    REALM(allow_weak_crypto, CONFIG_BOOL, 0, 0, "false", "Let the two lists hold weak types (rc4-hmac)."),
    REALM(require_preauth, CONFIG_BOOL, 0, 0, "true", "New principals must preauthenticate."),
    REALM(encrypted_timestamp, CONFIG_BOOL, 0, 0, "true",
          "Take an encrypted timestamp as preauthentication. Who records one can guess passwords "
          "against it at leisure: with `false` only mechanisms are left that give nothing to guess by. "
          "For one principal: obol principal set NAME --set no-timestamp."),
    {"realms/*", "preauth_mechanisms", CONFIG_WORDS, offsetof(struct kdcconf_realm, preauth_mechanisms),
     0, 0, PREAUTH_MECHANISMS, NULL, check_mechanisms,
     "Preauthentication that is offered, in this order: pkinit (by certificate), otp (of accounts that "
     "have a token) and encrypted_challenge (both in FAST armor), spake, encrypted_timestamp."},
    {"realms/*", "spake_preauth_groups", CONFIG_WORDS, offsetof(struct kdcconf_realm, spake_preauth_groups),
     0, 0, "edwards25519 P-256", NULL, check_groups,
     "Groups of SPAKE that clients may choose: edwards25519, P-256, P-384, P-521."},
    REALM(announce_fast, CONFIG_BOOL, 0, 0, "true",
          "Tell clients that there is FAST; they then armor their requests to the TGS. `false` keeps "
          "a recording readable with the keys of its parties alone."),
    REALM(spake_preauth_indicator, CONFIG_WORDS, 0, 0, NULL,
          "Authentication indicators of a login by SPAKE, which services may require."),
    REALM(encrypted_challenge_indicator, CONFIG_WORDS, 0, 0, NULL,
          "Authentication indicators of a login by encrypted challenge in FAST armor."),
    REALM(otp_indicator, CONFIG_WORDS, 0, 0, NULL,
          "Authentication indicators of a login by one-time password."),
    REALM(reject_bad_transit, CONFIG_BOOL, 0, 0, "true",
          "Refuse tickets whose path of realms is not allowed."),
    REALM(allow_postdated, CONFIG_BOOL, 0, 0, "false",
          "Issue tickets that begin at a later time, if the records allow it. Such a ticket outlives a "
          "change of the password until it is validated."),
    REALM(require_body_checksum, CONFIG_BOOL, 0, 0, "true",
          "Refuse a request for a ticket whose authenticator has no checksum of it (some tools leave it "
          "out). Without one, whoever is on the way can alter what is asked for."),
    REALM(case_insensitive_services, CONFIG_BOOL, 0, 0, "false",
          "Find a service whose name is written in other cases, HTTP/WEB.Example.com for "
          "http/web.example.com, if none has the very name. Hosts must stand in the database in lower case."),
    REALM(host_based_services, CONFIG_WORDS, 0, 0, NULL, "In addition to those of [kdcdefaults]."),
    REALM(no_host_referral, CONFIG_WORDS, 0, 0, NULL, "In addition to those of [kdcdefaults]."),
    REALM(disable_pac, CONFIG_BOOL, 0, 0, "false",
          "Issue no PACs and ask for none; then nobody may act for others (S4U) either."),
    {"realms/*", "domain_sid", CONFIG_STRING, offsetof(struct kdcconf_realm, domain_sid), 0, 0, NULL,
     NULL, check_sid,
     "The SID of the realm for the PACs in its tickets, S-1-5-21-A-B-C, if not the one that was drawn "
     "when the realm was made."},
    REALM(restrict_anonymous_to_tgt, CONFIG_BOOL, 0, 0, NULL,
          "Anonymous clients get tickets for the TGS of this realm only."),
    PKINIT("realms/*", kdcconf_realm, NULL, NULL, NULL),
    REALM(hide_unknown_users, CONFIG_BOOL, 0, 0, "false",
          "Answer for clients that cannot log in (unknown, services, disabled, locked, expired, without a "
          "password) as for those whose password is wrong; the log has the reason. Everybody must "
          "preauthenticate then, before the service is looked at. Who has a ticket of the realm, or an anonymous one, "
          "can still ask the TGS for names. Accounts with a token of one-time passwords look so, too, but in FAST armor, "
          "where they must be told to be asked for a code. It shows in any case whose salt, iterations or "
          "enctypes are not those of a new password of that name (aliases, renamed, imported, old ones), "
          "and the flag no-timestamp where timestamps are taken."),
    REALM(lockout_failures, CONFIG_INT, 0, 1000000, "0", "Failures that lock an account; 0: none do."),
    REALM(lockout_duration, CONFIG_DURATION, 0, INT32_MAX, "15m",
          "How long it stays locked; 0: until an administrator unlocks it."),
    {"realms/*", "pbkdf2_iterations", CONFIG_INT, offsetof(struct kdcconf_realm, pbkdf2_iterations),
     0, 0, "0", NULL, check_iterations,
     "Iterations of PBKDF2 that make a key of a new password, 32768 to 1000000; 0: the default of the "
     "enctype. Keys that are there already keep theirs."},
    REALM(kdc_listen, CONFIG_WORDS, 0, 0, NULL, "Wins over kdc_listen of [kdcdefaults]."),
    REALM(kdc_tcp_listen, CONFIG_WORDS, 0, 0, NULL, "Wins over kdc_tcp_listen of [kdcdefaults]."),
    REALM(kdc_ports, CONFIG_WORDS, 0, 0, NULL, "MIT krb5's older spelling of kdc_listen: port numbers."),
    REALM(kdc_tcp_ports, CONFIG_WORDS, 0, 0, NULL, "The same for TCP."),
    REALM(kpasswd_listen, CONFIG_WORDS, 0, 0, NULL, "Wins over kpasswd_listen of [kdcdefaults]."),
    REALM(kpasswd_port, CONFIG_WORDS, 0, 0, NULL, "MIT krb5's older spelling of kpasswd_listen: a port number."),
    REALM(kadmind_listen, CONFIG_WORDS, 0, 0, NULL, "Wins over kadmind_listen of [kdcdefaults]."),
    REALM(kadmind_port, CONFIG_WORDS, 0, 0, NULL, "MIT krb5's older spelling of kadmind_listen: a port number."),
    REALM(key_stash_file, CONFIG_PATH, 0, 0, NULL,
          "MIT krb5's place of the master key: wins over master_key_file."),
    REALM(dict_file, CONFIG_PATH, 0, 0, NULL,
          "A file of words, one a line, that passwords under a policy may not be."),
    REALM(acl_file, CONFIG_PATH, 0, 0, "kadm5.acl",
          "Who may do what to the realm over the network, in MIT krb5's format; relative to the home "
          "directory. Without the file each may do what concerns himself only."),
    OF_MIT("realms/*", "admin_keytab"),
    OF_MIT("realms/*", "database_module"), OF_MIT("realms/*", "database_name"),
    OF_MIT("realms/*", "default_principal_expiration"),
    REALM(default_principal_flags, CONFIG_WORDS, 0, 0, NULL,
          "Flags of new principals, beside those that require_preauth and their kind give them, in MIT "
          "krb5's words: +preauth, -forwardable."),
    OF_MIT("realms/*", "iprop_enable"), OF_MIT("realms/*", "iprop_listen"),
    OF_MIT("realms/*", "iprop_logfile"), OF_MIT("realms/*", "iprop_master_ulogsize"),
    OF_MIT("realms/*", "iprop_port"), OF_MIT("realms/*", "iprop_replica_poll"),
    OF_MIT("realms/*", "iprop_resync_timeout"), OF_MIT("realms/*", "iprop_slave_poll"),
    OF_MIT("realms/*", "iprop_ulogsize"),
    OF_MIT("realms/*", "master_key_name"), OF_MIT("realms/*", "master_key_type"),
    ANYTHING("dbdefaults", "Of MIT krb5; not used."),
    ANYTHING("dbmodules", "Of MIT krb5; of them database_name is used, as the home of its tools' realm."),
    ANYTHING("logging", "Of MIT krb5; `kdc` or `default` is used where `log` is not set."),
    {"otp/*", "server", CONFIG_WORDS, offsetof(struct kdcconf_otp, server), 0, 0, NULL, NULL,
     check_radius_servers,
     "RADIUS servers that are asked about the codes of tokens of this type, one after the other: "
     "HOST, HOST:PORT, [IPV6]:PORT; the port is 1812 if none is said; /PATH: a socket of this machine "
     "(a stream, as MIT krb5 has it and FreeIPA's ipa-otpd serves it), which the KDC's user must be able "
     "to connect to."},
    OTP(secret, CONFIG_PATH, 0, 0, NULL,
        "A file with the secret that the servers share with this KDC, which none but its owner may "
        "read; relative to the home directory. Servers at sockets of this machine need none."),
    OTP(timeout, CONFIG_DURATION, 1, 30, "5", "How long a server is waited for, all tries together."),
    OTP(retries, CONFIG_INT, 0, 9, "3", "How often a question is sent again in that time."),
    OTP(strip_realm, CONFIG_BOOL, 0, 0, "true", "Ask for alice, not for alice@EXAMPLE.COM."),
    OTP(indicator, CONFIG_WORDS, 0, 0, NULL,
        "Authentication indicators of a login by such a token, in the place of otp_indicator."),
    ANYTHING("plugins", "Of MIT krb5; not used."),
    ANYTHING("libdefaults", "Of krb5.conf."),
    {"domain_realm", "*", CONFIG_REALM, CONFIG_NOWHERE, 0, 0, NULL, NULL, NULL,
     "The realm of a host, or of all hosts below a domain: clients that ask for a service there are "
     "referred to it, and so are users user@domain. What is not said here is looked for in krb5.conf."},
    {"capaths/*", "*", CONFIG_STRING, CONFIG_NOWHERE, 0, 0, NULL, NULL, NULL,
     "Realms that may vouch for clients between two others, CLIENT.REALM = { SERVER.REALM = BETWEEN }; "
     "`.`: none. Without it the hierarchy of names counts. What is not said here is looked for in krb5.conf."},
};
// clang-format on

const struct config_schema KDCCONF_SCHEMA = {"kdc.conf", ITEMS, COUNT_OF(ITEMS)};
