// kdc_settings.c: kdc.conf and the command line become the settings of the daemon; see
// kdc_serve.h. Reading has no effects but notes on standard error.
#include "server/kdc_settings.h"
#include "admin/acl.h"
#include "cred/pki_file.h"
#include "crypto/spake.h"
#include "krb/pkinit.h"
#include "server/listen.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

_Static_assert((int)KDC_WORKERS_MAX == SERVER_WORKERS_MAX, "kdc.conf takes what the server can");

enum { ARENA_FIRST = 64 * 1024, ARENA_LIMIT = 16 * 1024 * 1024 };

enum obol_code kdc_settings_path(struct kdc_settings *s, const char *home, struct slice name,
                                 const char **out, struct error *err) {
    struct slice path = name.len && name.ptr[0] == '/'
                            ? name
                            : arena_printf(&s->arena, "%s/%.*s", home, SLICE_ARG(name));
    *out = arena_cstr(&s->arena, path);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

// Where kdc.conf says a word of a key.
static const struct profile_node *place_of(const struct kdc_settings *s, const char *key,
                                           struct slice word) {
    const struct profile_node *section =
        profile_section(&s->conf.profile, NULL, SLICE_LITERAL("kdcdefaults"));
    const struct profile_node *n = section ? profile_first(section, slice_str(key)) : NULL;
    while (n && !memmem(n->value.ptr, n->value.len, word.ptr, word.len))
        n = profile_next(n);
    return n;
}

static enum obol_code take_listen(struct kdc_settings *s, const char *key, struct slice_list from,
                                  const char **to, size_t *count, struct error *err) {
    ENSURE(from.count <= SERVER_LISTEN_MAX, CONFIG_SYNTAX,
           "`%s` has %zu addresses; %d are possible", key, from.count, SERVER_LISTEN_MAX);
    for (*count = 0; *count < from.count; ++*count) {
        union sock_address ignored[2];
        size_t families;
        struct error inner;
        error_init(&inner);
        to[*count] = arena_cstr(&s->arena, from.items[*count]);
        ENSURE_MEMORY(to[*count]);
        if (to[*count][0] == '/')
            continue; // a socket of this machine
        const struct profile_node *n = place_of(s, key, from.items[*count]);
        ENSURE(listen_parse(to[*count], ignored, &families, &inner) == OBOL_OK, CONFIG_SYNTAX,
               "%s:%u: `%s`: %s", n ? n->file : "kdc.conf", n ? n->line : 0, key, inner.detail);
    }
    return OBOL_OK;
}

// Whether an address says its port: "host:port", "[v6]:port", but not "v6" or "host".
static bool says_port(struct slice address) {
    size_t first = slice_find(address, ':'), last = address.len;
    while (last > 0 && address.ptr[last - 1] != ':')
        last--;
    return last > 0 && (first == last - 1 || (last > 1 && address.ptr[last - 2] == ']'));
}

static struct slice with_port(struct slice address, uint16_t port, struct arena *a) {
    if (says_port(address) || slice_starts(address, SLICE_LITERAL("/")))
        return address;
    bool bare = slice_find(address, ':') < address.len && address.ptr[0] != '[';
    return arena_printf(a, bare ? "[%.*s]:%u" : "%.*s:%u", SLICE_ARG(address), port);
}

enum obol_code kdc_settings_listen(struct kdc_settings *s, const char *key, struct slice_list from,
                                   uint16_t port, const char **to, size_t *count,
                                   struct error *err) {
    struct slice all = {0};
    if (from.count == 0)
        from = (struct slice_list){&all, 1};
    struct slice_list list = {arena_zalloc(&s->arena, from.count, sizeof *list.items), 0};
    ENSURE_MEMORY(list.items);
    for (; list.count < from.count; list.count++) {
        list.items[list.count] = with_port(from.items[list.count], port, &s->arena);
        ENSURE_MEMORY(list.items[list.count].ptr);
    }
    return take_listen(s, key, list, to, count, err);
}

static bool same_list(struct slice_list a, struct slice_list b) {
    if (a.count != b.count)
        return false;
    for (size_t i = 0; i < a.count; i++)
        if (!slice_eq(a.items[i], b.items[i]))
            return false;
    return true;
}

static enum obol_code take_addresses(struct kdc_settings *s, const struct kdc_serve_options *o,
                                     struct error *err) {
    struct server_config *server = &s->server;
    const struct kdcconf *conf = &s->conf;
    if (o->listen_count > 0) {
        ENSURE(o->listen_count <= SERVER_LISTEN_MAX, USAGE, "at most %d addresses",
               SERVER_LISTEN_MAX);
        memcpy(server->listen, o->listen, o->listen_count * sizeof *o->listen);
        server->listen_count = o->listen_count;
        return OBOL_OK;
    }
    TRY(take_listen(s, "kdc_listen", conf->kdc_listen, server->listen, &server->listen_count, err));
    if (same_list(conf->kdc_listen, conf->kdc_tcp_listen))
        return OBOL_OK;
    return take_listen(s, "kdc_tcp_listen", conf->kdc_tcp_listen, server->tcp_listen,
                       &server->tcp_listen_count, err);
}

// "stderr", "syslog" or a file, which stands in the home directory unless it is a whole path.
static enum obol_code take_log(struct kdc_settings *s, const char *home, struct slice log,
                               const char **out, struct error *err) {
    *out = NULL;
    if (log.len == 0 || slice_eq_str(log, "stderr"))
        return OBOL_OK;
    *out = "syslog";
    return slice_eq_str(log, "syslog") ? OBOL_OK : kdc_settings_path(s, home, log, out, err);
}

static enum obol_code open_pem(struct kdc_settings *s, const char *home, struct slice name,
                               const char *key, int *fd, struct error *err) {
    const char *path;
    TRY(kdc_settings_path(s, home, name, &path, err));
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    ENSURE(*fd >= 0, CONFIG_SYNTAX, "`%s`: %s: %s", key, path, strerror(errno));
    return OBOL_OK;
}

enum obol_code kdc_settings_https(struct kdc_settings *s, const char *home, struct error *err) {
    const struct kdcconf *conf = &s->conf;
    struct server_config *server = &s->server;
    if (conf->https_listen.count == 0)
        return OBOL_OK;
    ENSURE(conf->https_certificate.len > 0, CONFIG_SYNTAX,
           "`https_listen` needs `https_certificate`: the file of a certificate");
    TRY(take_listen(s, "https_listen", conf->https_listen, server->https.listen,
                    &server->https.listen_count, err));
    TRY(open_pem(s, home, conf->https_certificate, "https_certificate", &server->https.certificate,
                 err));
    struct slice key = conf->https_key.len ? conf->https_key : conf->https_certificate;
    TRY(open_pem(s, home, key, "https_key", &server->https.key, err));
    server->https.realms = s->realms;
    server->https.realm_count = 1 + s->further_count;
    server->https.connections = (unsigned)conf->https_connections;
    return OBOL_OK;
}

static enum obol_code take_server(struct kdc_settings *s, const struct kdc_serve_options *o,
                                  struct error *err) {
    const struct kdcconf *conf = &s->conf;
    struct server_config *server = &s->server;
    TRY(take_addresses(s, o, err));
    TRY(take_log(s, o->home, o->log ? slice_str(o->log) : conf->log, &server->log_path, err));
    TRY(take_log(s, o->home, conf->audit_log, &server->audit_path, err));
    TRY(kdc_settings_path(s, o->home, SLICE_LITERAL("status.json"), &server->status_path, err));
    server->workers = o->workers ? o->workers : (unsigned)conf->workers;
    server->user = o->user;
    server->log_json = o->log_json || conf->log_format == KDC_LOG_JSON;
    server->log_failures_only = conf->log_level < KDC_LOG_INFO;
    server->no_sandbox = o->no_sandbox || !conf->sandbox;
    server->udp_max_reply = (size_t)conf->max_udp_reply;
    server->tcp_max_request = (size_t)conf->max_request;
    server->tcp_max_connections = (unsigned)conf->tcp_connections;
    server->tcp_max_per_source = (unsigned)conf->tcp_per_source;
    server->tcp_idle_ms = (unsigned)conf->tcp_idle * 1000;
    server->keep_off = !conf->record_logins;
    server->source_rate = (unsigned)conf->source_rate;
    server->account_rate = (unsigned)conf->account_rate;
    TRY(kdc_settings_path(s, o->home, SLICE_LITERAL("status.sock"), &server->status_socket, err));
    TRY(kdc_settings_path(s, o->home, SLICE_LITERAL("store/data.mdb"), &server->store_path, err));
    TRY(take_listen(s, "metrics_listen", conf->metrics_listen, server->metrics_listen,
                    &server->metrics_listen_count, err));
    server->service = s;
    server->https.certificate = server->https.key = -1;
    return OBOL_OK;
}

// The names were checked when kdc.conf was read.
static void take_preauth(struct kdc_settings *s, const struct kdcconf_realm *realm) {
    struct kdc_policy *p = &s->policy;
    const struct slice_list *names = &realm->preauth_mechanisms;
    for (size_t i = 0; i < names->count && p->preauth_count < KDC_PREAUTH_MAX; i++)
        p->preauth[p->preauth_count++] = kdc_preauth_find(names->items[i]);
    names = &realm->spake_preauth_groups;
    for (size_t i = 0; i < names->count && p->spake_group_count < KDC_SPAKE_GROUPS_MAX; i++)
        p->spake_groups[p->spake_group_count++] =
            spake_group_number(spake_group_by_name(names->items[i]));
    if (s->conf.spake_preauth_kdc_challenge.len)
        p->spake_challenge =
            spake_group_number(spake_group_by_name(s->conf.spake_preauth_kdc_challenge));
    p->encrypted_timestamp = realm->encrypted_timestamp;
    p->announce_fast = realm->announce_fast;
    p->otp_indicators = realm->otp_indicator;
    p->spake_indicators = realm->spake_preauth_indicator;
    p->encrypted_challenge_indicators = realm->encrypted_challenge_indicator;
}

static enum obol_code join(struct kdc_settings *s, const struct slice_list *a,
                           const struct slice_list *b, struct slice_list *out, struct error *err) {
    *out = (struct slice_list){arena_zalloc(&s->arena, a->count + b->count + 1, sizeof *out->items),
                               0};
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < a->count; i++)
        out->items[out->count++] = a->items[i];
    for (size_t i = 0; i < b->count; i++)
        out->items[out->count++] = b->items[i];
    return OBOL_OK;
}

static struct slice find_host_realm(const void *map, struct slice host) {
    return realm_map_host(map, host);
}

// Other realms: what kdc.conf does not say of them stands, as with MIT's KDC, in krb5.conf. One
// that cannot be read is the clients' trouble: the KDC does without.
static enum obol_code take_realms(struct kdc_settings *s, const struct kdcconf_realm *realm,
                                  struct error *err) {
    struct kdc_policy *p = &s->policy;
    struct error inner;
    error_init(&inner);
    if (krb5conf_load(&s->machine, (struct slice){0}, &s->arena, &inner) == OBOL_OK)
        s->conf.map.next = &s->machine.map;
    else
        config_note(&s->conf.profile.notes, NULL, 0, "krb5.conf is not used: %s", inner.detail);
    p->path = (struct realm_path_source){&s->conf.map, realm_map_find_path};
    p->host_realm = (struct kdc_host_realm){&s->conf.map, find_host_realm};
    p->case_insensitive_services = realm->case_insensitive_services;
    TRY(join(s, &s->conf.host_based_services, &realm->host_based_services, &p->host_based, err));
    return join(s, &s->conf.no_host_referral, &realm->no_host_referral, &p->no_host_referral, err);
}

static void take_policy(struct kdc_settings *s, const struct kdcconf_realm *realm) {
    struct kdc_policy *p = &s->policy;
    kdc_policy_default(p);
    p->clockskew = s->conf.clockskew;
    p->cache_records = (size_t)s->conf.cache_records;
    p->max_life = realm->max_life;
    p->max_renew = realm->max_renewable_life;
    p->allow_weak = realm->allow_weak_crypto;
    take_preauth(s, realm);
    p->pac = !realm->disable_pac;
    if (realm->domain_sid.len && !sid_parse(realm->domain_sid, &p->domain_sid))
        p->domain_sid.count = 0; // its form was checked when kdc.conf was read
    p->restrict_anonymous = realm->restrict_anonymous_to_tgt;
    p->reject_bad_transit = realm->reject_bad_transit;
    p->require_body_checksum = realm->require_body_checksum;
    p->postdated = realm->allow_postdated;
    p->hide_unknown_users = realm->hide_unknown_users;
    p->iterations = (uint32_t)realm->pbkdf2_iterations;
    p->lockout.failures = (uint32_t)realm->lockout_failures;
    p->lockout.duration = realm->lockout_duration;
    for (size_t i = 0; i < realm->supported_enctypes.count && i < KDC_ENCTYPES_MAX; i++)
        p->new_enctypes[p->new_enctype_count++] = realm->supported_enctypes.items[i];
    for (size_t i = 0; i < realm->permitted_enctypes.count && i < KDC_ENCTYPES_MAX; i++)
        p->enctypes[p->enctype_count++] = realm->permitted_enctypes.items[i];
}

// The files of certificates are read here, by who starts the daemon: workers need no right to.
static enum obol_code take_pkinit(struct kdc_settings *s, const struct kdcconf_realm *realm,
                                  struct error *err) {
    static const enum kdc_pkinit_purpose PURPOSES[] = {
        [KDC_EKU_CLIENT] = KDC_PKINIT_CLIENT,
        [KDC_EKU_SMARTCARD] = KDC_PKINIT_SMARTCARD,
        [KDC_EKU_NONE] = KDC_PKINIT_ANY,
    };
    const struct kdcconf_pkinit *conf = &realm->pkinit;
    const struct pkinit_group *least = pkinit_group_find(conf->dh_min_bits);
    const struct slice_list *lists[] = {&conf->anchors, &conf->pool, &conf->revoke};
    static const enum pki_kind KINDS[] = {PKI_ANCHORS, PKI_POOL, PKI_CRLS};
    if (conf->identity.len == 0)
        return OBOL_OK;
    TRY(pki_identity_load(&s->pki_identity, conf->identity, NULL, NULL, &s->arena, err));
    TRY(pki_trust_new(&s->pki_trust, err));
    for (size_t l = 0; l < COUNT_OF(lists); l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            TRY(pki_trust_load(s->pki_trust, KINDS[l], lists[l]->items[i], &s->arena, err));
    s->pkinit = (struct kdc_pkinit){
        .identity = s->pki_identity,
        .trust = s->pki_trust,
        .purpose = PURPOSES[conf->eku_checking],
        .dh_min_bits = least ? pkinit_group_strength(least) : 0,
        .allow_upn = conf->allow_upn,
        .allow_sha1 = conf->allow_sha1,
        .require_crl = conf->require_crl_checking,
        .require_freshness = conf->require_freshness,
        .indicators = conf->indicator,
    };
    return OBOL_OK;
}

const struct kdc_settings *kdc_settings_at(const struct kdc_settings *s, size_t index) {
    if (index == 0)
        return s;
    return index <= s->further_count ? s->further[index - 1] : NULL;
}

// A list of addresses takes those of another that it lacks.
static enum obol_code join_addresses(const char **to, size_t *count, const char *const *from,
                                     size_t from_count, struct error *err) {
    for (size_t i = 0; i < from_count; i++) {
        size_t k = 0;
        while (k < *count && strcmp(to[k], from[i]) != 0)
            k++;
        if (k < *count)
            continue;
        if (*count == SERVER_LISTEN_MAX)
            error_remedy(err, "Let the realms share addresses: any of them is served at each.");
        ENSURE(*count < SERVER_LISTEN_MAX, CONFIG_SYNTAX,
               "all realms together have more than %d addresses in `kdc_listen` or "
               "`kdc_tcp_listen`",
               SERVER_LISTEN_MAX);
        to[(*count)++] = from[i];
    }
    return OBOL_OK;
}

// Where a further realm's clients look for it there must be somebody, too: as MIT krb5's KDC does,
// the daemon serves at the addresses that any of its realms says, and each realm at all of them.
// Addresses without words for TCP hold for both, as long as no realm sets the two apart; one that
// says but those for TCP adds no default for UDP.
static enum obol_code add_addresses(struct kdc_settings *s, const struct kdc_settings *added,
                                    struct error *err) {
    struct server_config *to = &s->server;
    const struct server_config *from = &added->server;
    bool by_udp = added->conf.kdc_listen_said;
    bool apart = to->tcp_listen_count || from->tcp_listen_count || !by_udp;
    struct slice by = arena_printf(&s->arena, "the realm %.*s", SLICE_ARG(added->realm));
    ENSURE_MEMORY(by.ptr);
    if (apart && !to->tcp_listen_count) {
        memcpy(to->tcp_listen, to->listen, sizeof to->listen);
        memcpy(to->tcp_listen_by, to->listen_by, sizeof to->listen_by);
        to->tcp_listen_count = to->listen_count;
    }
    size_t at = to->listen_count, tcp_at = to->tcp_listen_count;
    if (apart)
        TRY(join_addresses(to->tcp_listen, &to->tcp_listen_count,
                           from->tcp_listen_count ? from->tcp_listen : from->listen,
                           from->tcp_listen_count ? from->tcp_listen_count : from->listen_count,
                           err));
    if (by_udp)
        TRY(join_addresses(to->listen, &to->listen_count, from->listen, from->listen_count, err));
    while (at < to->listen_count)
        to->listen_by[at++] = (const char *)by.ptr;
    while (tcp_at < to->tcp_listen_count)
        to->tcp_listen_by[tcp_at++] = (const char *)by.ptr;
    return OBOL_OK;
}

static enum obol_code add_further(struct kdc_settings *s, const struct kdc_serve_further *one,
                                  const struct kdc_serve_options *o, struct error *err) {
    const struct kdc_serve_options options = {.home = one->home,
                                              .conf_file = one->conf_file,
                                              .realm = one->realm,
                                              .is_further = true,
                                              .no_notes = o->no_notes};
    struct kdc_settings *added;
    enum obol_code code = kdc_settings_load(&added, &options, err);
    if (code != OBOL_OK)
        error_fact(err, "also served", "%s", one->home);
    TRY(code);
    s->further[s->further_count++] = added;
    for (size_t k = 0; k < s->further_count; k++)
        ENSURE(!slice_eq(s->realms[k], added->realm), CONFIG_SYNTAX,
               "the realm %.*s is served already", SLICE_ARG(s->realms[k]));
    s->realms[s->further_count] = added->realm;
    bool said = added->conf.kdc_listen_said || added->conf.kdc_tcp_listen_said;
    return said && o->listen_count == 0 ? add_addresses(s, added, err) : OBOL_OK;
}

static enum obol_code take_further(struct kdc_settings *s, const struct kdc_serve_options *o,
                                   struct error *err) {
    const struct slice_list *homes = &s->conf.also_serve;
    size_t count = homes->count + o->further_count;
    s->realms[0] = s->realm;
    ENSURE(count < KDC_REALMS_MAX, CONFIG_SYNTAX,
           "%zu realms are to be served besides the first; %d are possible", count,
           KDC_REALMS_MAX - 1);
    for (size_t i = 0; i < count; i++) {
        struct kdc_serve_further one = {0};
        if (i < homes->count)
            TRY(kdc_settings_path(s, o->home, homes->items[i], &one.home, err));
        else
            one = o->further[i - homes->count];
        TRY(add_further(s, &one, o, err));
    }
    return OBOL_OK;
}

static enum obol_code fill(struct kdc_settings *s, const struct kdc_serve_options *o,
                           struct error *err) {
    const struct kdcconf_place place = {
        .home = o->home, .file = o->conf_file, .realm = slice_str(o->realm)};
    TRY(kdcconf_load(&s->conf, &place, &s->arena, err));
    s->realm = s->conf.realm;
    const struct kdcconf_realm *realm = kdcconf_realm(&s->conf, s->realm);
    ENSURE(realm, CONFIG_NO_REALM, "realm %.*s", SLICE_ARG(s->realm));
    ENSURE(s->conf.database == KDC_STORE_LMDB, UNSUPPORTED,
           "`database = memory` is for tests; a KDC needs lmdb");
    admin_default_flags_check(&s->conf.profile, s->realm, &realm->default_principal_flags);
    take_policy(s, realm);
    TRY(take_pkinit(s, realm, err));
    TRY(take_realms(s, realm, err));
    TRY(kdc_radius_take(s, o->home, err));
    TRY(kdc_settings_path(s, o->home, SLICE_LITERAL("store"), &s->store.path, err));
    TRY(kdc_settings_path(s, o->home, s->conf.master_key_file, &s->master_path, err));
    TRY(kdc_settings_path(s, o->home, SLICE_LITERAL("kpasswd.rcache"), &s->replays, err));
    TRY(kdc_settings_path(s, o->home, SLICE_LITERAL("kadmind.rcache"), &s->admin_replays, err));
    s->store.size_limit = (size_t)s->conf.store_size;
    s->admin = (struct admin_options){
        .home = o->home, .conf_file = o->conf_file, .ops = &STORE_LMDB, .realm = s->realm};
    TRY(take_server(s, o, err));
    return o->is_further ? OBOL_OK : take_further(s, o, err);
}

enum obol_code kdc_settings_load(struct kdc_settings **out, const struct kdc_serve_options *options,
                                 struct error *err) {
    struct kdc_settings *s = calloc(1, sizeof *s);
    ENSURE_MEMORY(s);
    enum obol_code code = arena_init(&s->arena, ARENA_FIRST, ARENA_LIMIT)
                              ? fill(s, options, err)
                              : error_set(err, OBOL_NO_MEMORY, __func__, "the configuration");
    if (code != OBOL_OK) {
        kdc_settings_free(s);
        return code;
    }
    const struct config_note *first = options->no_notes ? NULL : s->conf.profile.notes.first;
    for (const struct config_note *n = first; n; n = n->next)
        fprintf(stderr, "obol: %s:%u: %.*s\n", n->file ? n->file : "kdc.conf", n->line,
                SLICE_ARG(n->text));
    *out = s;
    return OBOL_OK;
}

void kdc_settings_free(struct kdc_settings *s) {
    if (!s)
        return;
    for (size_t i = 0; i < s->further_count; i++)
        kdc_settings_free(s->further[i]);
    if (s->server.https.certificate > 0)
        close(s->server.https.certificate);
    if (s->server.https.key > 0)
        close(s->server.https.key);
    kdc_radius_clear(s);
    pki_identity_free(s->pki_identity);
    pki_trust_free(s->pki_trust);
    arena_clear(&s->arena);
    free(s);
}

struct server_config *kdc_settings_server(struct kdc_settings *settings) {
    return &settings->server;
}

struct server_config *kdc_settings_beside(struct kdc_settings *s) {
    struct server_config *server = &s->server;
    server->tcp_listen_count = 0;
    memset(server->listen_by, 0, sizeof server->listen_by);
    server->status_path = server->status_socket = NULL;
    server->metrics_listen_count = 0;
    server->workers = 1; // the store has one writer at a time
    return server;
}
