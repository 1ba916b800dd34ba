// face_kvno.c: kvno: obol ticket as MIT krb5's tool.
#include "cli/client.h"
#include "cli/face.h"
#include "cli/output.h"
#include "cred/keytab.h"
#include "krb/seal.h"
#include "net/acting.h"
#include "net/host.h"
#include "proto/messages.h"

enum { LONG_CACHED_ONLY = 256, LONG_NO_STORE };
static const struct face_long KVNO_LONGS[] = {
    {"cached-only", LONG_CACHED_ONLY, false},
    {"no-store", LONG_NO_STORE, false},
    {0},
};

struct kvno {
    struct ticket_params params;
    struct slice service, etypes, keytab, user, certificate;
    bool quiet, enterprise, proxy;
};

static enum obol_code take_kvno(struct cli *c, struct kvno *k, int letter, const char *value,
                                struct error *err) {
    switch (letter) {
    case 'c':
        c->cache = slice_str(value);
        return OBOL_OK;
    case 'e':
        k->etypes = slice_str(value);
        return OBOL_OK;
    case 'S':
        k->service = slice_str(value);
        return OBOL_OK;
    case 'q':
        k->quiet = true;
        return OBOL_OK;
    case 'k':
        k->keytab = slice_str(value);
        return OBOL_OK;
    case 'I':
    case 'U':
        k->user = slice_str(value);
        k->enterprise = letter == 'U';
        return OBOL_OK;
    case 'F':
        k->certificate = slice_str(value);
        return OBOL_OK;
    case 'P':
        k->proxy = true;
        return OBOL_OK;
    case LONG_CACHED_ONLY:
        k->params.cached_only = true;
        return OBOL_OK;
    case LONG_NO_STORE:
        k->params.no_store = true;
        return OBOL_OK;
    default:
        return error_set(err, OBOL_UNSUPPORTED, __func__, "kvno -%c", letter);
    }
}

// Whether the service's keytab opens its ticket.
static enum obol_code check_opens(struct cli *c, const struct kvno *k, const struct cred *cred,
                                  struct error *err) {
    struct keytab_content content;
    const struct keytab_entry *entry;
    struct ticket t;
    struct enc_ticket_part part;
    struct crypto_key *key;
    const char *path;
    TRY(keytab_path(k->keytab, NULL, c->arena, &path, err));
    TRY(keytab_read(path, c->arena, &content, err));
    TRY(der_decode(&TYPE_TICKET, cred->ticket, c->arena, &t, err));
    const struct principal name = {t.realm, t.sname};
    uint32_t kvno = t.enc_part.present & ENCRYPTED_DATA_KVNO ? (uint32_t)t.enc_part.kvno : 0;
    TRY(keytab_find(&content, path, &name, kvno, t.enc_part.etype, &entry, err));
    TRY(crypto_key_in_arena(&key, c->arena, entry->key.keytype, entry->key.keyvalue, err));
    return krb_open(&TYPE_ENC_TICKET_PART, &t.enc_part, key, KU_TICKET, c->arena, &part, err);
}

// `name` is the one that was asked for; its realm may be left to the KDC.
static enum obol_code show(struct cli *c, const struct kvno *k, const struct principal *name,
                           const struct cred *cred, struct error *err) {
    int32_t etype;
    uint32_t number = 0;
    ENSURE(client_sealed_with(c, cred->ticket, &etype, &number), CCACHE_FORMAT,
           "what it has for %.*s is no ticket", SLICE_ARG(principal_text(&cred->server, c->arena)));
    if (k->keytab.len)
        TRY(check_opens(c, k, cred, err));
    if (!k->quiet)
        cli_print(c, CLI_PLAIN, "%.*s: kvno = %u%s\n", SLICE_ARG(principal_text(name, c->arena)),
                  number, k->keytab.len ? ", keytab entry valid" : "");
    return OBOL_OK;
}

// In a user's name: a ticket to ourselves, and with -P by that one to the service. Both are kept.
// As of MIT's tool the version is that of the first, which is also the one that -k is tried on.
static enum obol_code show_acting(struct cli *c, const struct net *net, struct kvno *k,
                                  struct error *err) {
    struct principal user;
    struct ticket_result self, r;
    struct slice certificate = {0};
    if (k->user.len)
        TRY(client_user(c, k->params.cache, k->user, k->enterprise, &user, err));
    if (k->certificate.len)
        TRY(client_certificate(c, k->certificate, &certificate, err));
    TRY(net_evidence(net, k->params.cache, k->user.len ? &user : NULL, certificate, c->arena, &self,
                     err));
    if (!k->params.no_store)
        TRY(ccache_store(k->params.cache, &self.ticket, 1, err));
    if (!k->proxy) {
        ENSURE(principal_name_eq(&self.ticket.server.name, &k->params.service.name),
               INVALID_ARGUMENT, "client and server principal names must match");
        return show(c, k, &k->params.service, &self.ticket, err);
    }
    TRY(show(c, k, &k->params.service, &self.ticket, err));
    TRY(net_ticket_acting(net, &k->params, &self.ticket, c->arena, &r, err));
    return k->params.no_store ? OBOL_OK : ccache_store(k->params.cache, &r.ticket, 1, err);
}

static bool acts(const struct kvno *k) {
    return k->user.len || k->certificate.len;
}

static enum obol_code show_kvno(struct cli *c, const struct net *net, struct kvno *k,
                                struct slice word, struct error *err) {
    struct ticket_result r;
    if (k->service.len && acts(k)) {
        struct principal names[NET_HOST_NAMES_MAX];
        size_t count;
        TRY(net_host_service(net, k->service, word, c->arena, names, &count, err));
        k->params.service = names[0];
        return show_acting(c, net, k, err);
    }
    if (k->service.len) {
        TRY(net_ticket_for_host(net, &k->params, k->service, word, c->arena, &r, err));
        return show(c, k, &r.ticket.server, &r.ticket, err);
    }
    TRY(client_spn(c, k->params.cache, word, &k->params.service, err));
    if (acts(k))
        return show_acting(c, net, k, err);
    TRY(net_ticket(net, &k->params, c->arena, &r, err));
    return show(c, k, &r.ticket.server, &r.ticket, err);
}

static enum obol_code kvno(struct cli *c, int argc, char **argv, int *status, struct error *err) {
    struct kvno k = {0};
    struct face_args g = {.argv = argv, .argc = argc, .longs = KVNO_LONGS};
    int letter;
    while ((letter = face_next(&g, "c:e:k:S:I:U:F:Pq", err)) > 0)
        TRY(take_kvno(c, &k, letter, g.value, err));
    ENSURE(letter == 0 && g.at < argc, USAGE, "a service is needed");
    ENSURE(!k.proxy || acts(&k), USAGE, "-P goes with -F, -I or -U");
    ENSURE(!k.certificate.len || !k.user.len, USAGE, "-F goes with neither -I nor -U");
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct net net;
    TRY(client_net(c, &net, err));
    TRY(client_cache(c, &cache, err));
    TRY(client_etypes(c, k.etypes, &k.params.etypes, err));
    k.params.cache = cache;
    // One that fails does not keep the others from being asked for.
    for (; g.at < argc; g.at++) {
        struct error one;
        error_init(&one);
        if (show_kvno(c, &net, &k, slice_str(argv[g.at]), &one) == OBOL_OK)
            continue;
        struct writer w = writer_to_arena(c->arena);
        error_write(&one, &w);
        cli_flush(c);
        cli_warn(c, "%.*s", SLICE_ARG(slice_trim(writer_slice(&w))));
        *status = 1;
    }
    return OBOL_OK;
}

const struct face FACE_KVNO = {
    "kvno",
    "[-c ccache] [-e etype] [-k keytab] [-q] [-S sname]\n"
    "        [{-F cert_file | {-I | -U} for_user} [-P]] [--cached-only] [--no-store] service1 "
    "[service2 ...]",
    1,
    kvno,
};
