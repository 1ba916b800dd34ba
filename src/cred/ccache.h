// ccache.h: credential caches: where tickets stay between programs. One interface over the kinds
// (FILE, DIR, KEYRING, KCM, MEMORY), each a const descriptor in a file of its own. A name of DIR,
// KEYRING or KCM may stand for a collection: several caches, one of which is the primary.
#ifndef OBOL_CRED_CCACHE_H
#define OBOL_CRED_CCACHE_H

#include "config/krb5conf.h"
#include "cred/cred.h"

#define CCACHE_SIZE_MAX (16u << 20) // bytes of a cache that are read

struct ccache;
struct ccache_ops; // ccache_ops.h

// All that a cache holds at one moment.
struct ccache_content {
    struct principal principal; // whose cache it is
    struct cred *creds;         // tickets and configuration entries, in the order they were stored
    size_t count;
    bool has_offset;
    int64_t offset;    // seconds that the KDC's clock is ahead of ours
    int32_t offset_us; // and microseconds
    bool half_written; // the last entry is cut off: its writer died. It is not among `creds`
};

// ccache_open makes a handle for a name: "FILE:/tmp/x", "/tmp/x", "DIR:/dir" (its primary cache),
// "KEYRING:persistent:1000", "KCM:", "MEMORY:x". Empty: the default of ccache_default_name. conf
// may be NULL but for KCM's socket. The cache need not exist. Caller frees with ccache_close (NULL
// is fine). UNSUPPORTED for another kind, with those that there are.
MUST_USE enum obol_code ccache_open(struct ccache **out, struct slice name,
                                    const struct krb5conf *conf, struct error *err);
void ccache_close(struct ccache *cc);
// ccache_dup makes another handle of the same cache.
MUST_USE enum obol_code ccache_dup(const struct ccache *cc, struct ccache **out, struct error *err);
// ccache_kind is "FILE" and so on; static.
const char *ccache_kind(const struct ccache *cc);
// ccache_name is the full name, "FILE:/tmp/krb5cc_0"; borrowed from the handle.
struct slice ccache_name(const struct ccache *cc);
// ccache_default_name is KRB5CCNAME, else default_ccache_name of krb5.conf with its tokens
// expanded, else FILE:/tmp/krb5cc_%{uid}. conf may be NULL.
MUST_USE enum obol_code ccache_default_name(const struct krb5conf *conf, struct arena *a,
                                            struct slice *out, struct error *err);

// ccache_initialize makes the cache anew, for this principal and with these entries: whoever reads
// it sees all the old or all the new. `content` says clock offset, too.
MUST_USE enum obol_code ccache_initialize(struct ccache *cc, const struct ccache_content *content,
                                          struct error *err);
// ccache_store appends entries in one step: none is lost or torn, whoever else writes. The cache
// must exist (CCACHE_NOT_FOUND).
MUST_USE enum obol_code ccache_store(struct ccache *cc, const struct cred *creds, size_t count,
                                     struct error *err);
// ccache_read gives all that is in it, copied into the arena. CCACHE_NOT_FOUND, CCACHE_FORMAT,
// CCACHE_IO; each names the cache and what to do.
MUST_USE enum obol_code ccache_read(struct ccache *cc, struct arena *a, struct ccache_content *out,
                                    struct error *err);
// ccache_remove removes the entries for a server (tickets or configuration). NOT_FOUND if none.
MUST_USE enum obol_code ccache_remove(struct ccache *cc, const struct principal *server,
                                      struct error *err);
// ccache_destroy overwrites and removes the cache. CCACHE_NOT_FOUND if there is none.
MUST_USE enum obol_code ccache_destroy(struct ccache *cc, struct error *err);

// Collections. `name` is as for ccache_open, and names the collection or one cache.
//
// ccache_list gives the names of the caches that there are, the primary first; those in this
// process's memory stand behind them.
MUST_USE enum obol_code ccache_list(struct slice name, const struct krb5conf *conf, struct arena *a,
                                    struct slice_list *out, struct error *err);
// ccache_collection is ccache_list without those in this process's memory, unless `name` is one:
// among these a client's is chosen, for the others are of whoever made them, or were delegated.
MUST_USE enum obol_code ccache_collection(struct slice name, const struct krb5conf *conf,
                                          struct arena *a, struct slice_list *out,
                                          struct error *err);
// ccache_kind_collects: whether caches of a kind ("DIR") have a primary one among them.
bool ccache_kind_collects(struct slice kind);
// ccache_make_primary makes it the one that the collection's name stands for. UNSUPPORTED for
// kinds without collections.
MUST_USE enum obol_code ccache_make_primary(struct ccache *cc, struct error *err);
// ccache_new_unique opens a new cache of a kind, in the collection `name` if that is of the kind.
MUST_USE enum obol_code ccache_new_unique(struct ccache **out, struct slice kind,
                                          const struct krb5conf *conf, struct slice name,
                                          struct error *err);
// ccache_match opens the first cache of a collection that is of a client. CCACHE_NOT_FOUND.
MUST_USE enum obol_code ccache_match(struct ccache **out, const struct principal *client,
                                     struct slice name, const struct krb5conf *conf,
                                     struct arena *a, struct error *err);

// What ccache_find looks for.
struct ccache_query {
    const struct principal *client; // NULL: any
    const struct principal *server;
    bool any_realm;             // server's realm is not compared (a referral's answer)
    struct int32_list etypes;   // of the session key, best first; empty: any
    bool user_to_user;          // else an ordinary ticket
    struct slice second_ticket; // of user_to_user
    uint32_t flags;             // TKT_... that it must have
    int64_t now;                // seconds, by the KDC's clock
    int64_t clockskew;          // a ticket that starts within it will do
};
// ccache_find picks the best valid ticket of a content: by order of etypes, then the longest life.
// CRED_NOT_FOUND, or CRED_EXPIRED with when if there are only dead ones.
MUST_USE enum obol_code ccache_find(const struct ccache_content *content,
                                    const struct ccache_query *query, const struct cred **out,
                                    struct error *err);

// Configuration entries: a small value under a key, alone or for one server (which may be NULL).
// Keys in use: fast_avail, pa_type, pa_config_data, proxy_impersonator, refresh_time, start_realm.
// ccache_get_config borrows from content; false if it is not there.
bool ccache_get_config(const struct ccache_content *content, const char *key,
                       const struct principal *server, struct slice *value);
// ccache_start_realm is the realm that a cache's TGTs begin in: the client's but where the cache
// says another (start_realm, as MIT krb5 writes it), or the client is anonymous and of no realm
// (RFC 8062 4.3). It borrows.
struct slice ccache_start_realm(const struct ccache_content *content);
// ccache_config_cred makes the entry, to be stored or given to ccache_initialize.
MUST_USE enum obol_code ccache_config_cred(const struct principal *client, const char *key,
                                           const struct principal *server, struct slice value,
                                           struct arena *a, struct cred *out, struct error *err);
// ccache_set_config replaces the value; an empty one removes it.
MUST_USE enum obol_code ccache_set_config(struct ccache *cc, const char *key,
                                          const struct principal *server, struct slice value,
                                          struct error *err);

// ccache_parse reads the bytes of a FILE cache; out borrows from them and from the arena. `name` is
// for errors.
MUST_USE enum obol_code ccache_parse(struct slice bytes, const char *name, struct arena *a,
                                     struct ccache_content *out, struct error *err);
// ccache_format writes a content as a FILE cache of version 4.
void ccache_format(struct writer *w, const struct ccache_content *content);

#endif
