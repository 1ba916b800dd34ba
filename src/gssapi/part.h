// part.h: what stands behind a credential's handle. A handle is a short list of mechanisms, each
// with a part; parts are shared between mechanisms and between copies of a handle, and have a lock.
#ifndef OBOL_GSSAPI_PART_H
#define OBOL_GSSAPI_PART_H

#include "base/env.h"
#include "base/secret.h"
#include "cred/keytab_memory.h"
#include "gssapi/conf.h"
#include "gssapi/cred.h"
#include "gssapi/name.h"
#include <stdatomic.h>

#define PART_ETYPES_MAX 16
#define CRED_PARTS_MAX  5 // one for each mechanism

struct gssapi_part {
    atomic_uint refs;
    pthread_mutex_t lock;
    gss_cred_usage_t usage;
    bool iakerb; // it logs in while the context is begun

    // Who it is. NULL until that is known: the default identity is made out when it is used.
    struct gss_name_struct *name;
    bool default_identity;               // no name was asked for
    struct gss_name_struct *accept_name; // whom the acceptor answers for; NULL: any name

    // To begin contexts.
    struct ccache *cache; // NULL: not chosen yet
    bool destroy_cache;   // it goes with the credential
    bool fresh_cache;     // it was made for a login that has not been yet
    bool has_password;
    struct secret password;
    char *client_keytab; // as it was named; NULL: the default
    int64_t expire;      // of the TGT, else of the first ticket; 0: none is there
    int64_t refresh;     // when to log in again; 0: not said
    bool have_tgt;
    char *impersonator; // who acts by this credential (constrained delegation); NULL: nobody
    int32_t etypes[PART_ETYPES_MAX];
    size_t etype_count; // 0: all
    bool no_ci_flags;

    // To accept them.
    char *keytab, *rcache;             // as they were named; NULL: the default
    struct keytab_memory *held_keytab; // so that one in memory stays; NULL: it is a file
};

struct gss_cred_id_struct {
    struct gss_cred_id_struct *self; // see handles.h
    uint32_t tag;
    pthread_mutex_t lock; // of the list
    size_t count;
    struct {
        unsigned mech;
        struct gssapi_part *part;
    } parts[CRED_PARTS_MAX];
    bool neg_set; // gss_set_neg_mechs was called
    size_t neg_count;
    unsigned neg[CRED_PARTS_MAX];
};

// Where a part's keys and tickets are: names as programs write them, NULL: the default.
struct gssapi_places {
    const char *ccache, *client_keytab, *keytab, *rcache;
    struct slice password; // with ptr NULL: none
    const char *verify;    // whose key verifies it, "" for any service; NULL: it is not verified
    struct ccache *open_cache; // taken over; in place of ccache
};
// part_acquire makes a part, of one reference. name NULL: the default identity. Fails as a keytab,
// a cache or a login does.
MUST_USE enum obol_code part_acquire(const struct gss_name_struct *name, gss_cred_usage_t usage,
                                     const struct gssapi_places *places, bool iakerb,
                                     struct gssapi_part **out, struct error *err);
// cred_store_read reads a credential store: what it names, which borrows from it.
OM_uint32 cred_store_read(OM_uint32 *minor, gss_const_key_value_set_t store,
                          struct gssapi_places *out);
// part_new makes one without looking at anything; NULL without memory.
struct gssapi_part *part_new(gss_cred_usage_t usage);
// part_private_cache gives it a cache of this process, which goes with it.
MUST_USE enum obol_code part_private_cache(struct gssapi_part *part, struct error *err);
void part_hold(struct gssapi_part *part);
void part_drop(struct gssapi_part *part); // NULL is fine
// part_resolve makes out, under the part's lock, who the initiator is and with which cache, and
// logs in if there is need and means.
MUST_USE enum obol_code part_resolve(struct gssapi_part *part, const struct gssapi_conf *conf,
                                     struct error *err);
// part_peek makes sure that a default identity will be somebody's: who, is decided by the service
// that is named first, or when it is asked for.
MUST_USE enum obol_code part_peek(const struct gssapi_part *part, const struct gssapi_conf *conf,
                                  struct error *err);
// part_may_be makes a default identity a client whom the client keytab can log in; else false.
bool part_may_be(struct gssapi_part *part, const struct gssapi_conf *conf,
                 const struct principal *client, struct arena *a);
// part_accept is gssapi_cred_accept without the replay cache, for a part that the caller holds
// (NULL: the default keytab); part_check_keys makes sure that there is a key to accept with.
MUST_USE enum obol_code part_accept(struct gssapi_part *part, struct gssapi_accept *out,
                                    struct error *err);
MUST_USE enum obol_code part_check_keys(struct gssapi_part *part, struct error *err);
// part_lifetime is how many seconds the initiator has left.
OM_uint32 part_lifetime(const struct gssapi_part *part);

// cred_new makes an empty handle; NULL without memory. cred_add adds a part, whose reference it
// takes over.
struct gss_cred_id_struct *cred_new(void);
void cred_add(struct gss_cred_id_struct *cred, unsigned mech, struct gssapi_part *part);
// cred_of_part makes a handle whose mechanisms share a part, and takes its reference over; NULL
// without memory.
struct gss_cred_id_struct *cred_of_part(struct gssapi_part *part, unsigned mechs);
// cred_copy_handle makes a handle with the same parts; NULL without memory.
struct gss_cred_id_struct *cred_copy_handle(struct gss_cred_id_struct *from);
// part_impersonate makes a part that acts for a user by constrained delegation (MS-SFU): `evidence`
// is his ticket for us, `tgt` our own.
MUST_USE enum obol_code part_impersonate(const struct principal *user, const struct cred *evidence,
                                         const struct cred *tgt, int64_t clock_offset,
                                         struct gssapi_part **out, struct error *err);
// part_proxy_ticket gets such a part a ticket in the user's name (S4U2Proxy).
MUST_USE enum obol_code part_proxy_ticket(struct gssapi_part *part, const struct gssapi_conf *conf,
                                          const struct principal *server, struct arena *a,
                                          struct cred *out, struct error *err);
// cred_part is the part for a mechanism, cred_part_for the first that may begin (or accept)
// contexts. A reference for the caller; NULL if there is none.
struct gssapi_part *cred_part(struct gss_cred_id_struct *cred, unsigned mech);
struct gssapi_part *cred_part_for(struct gss_cred_id_struct *cred, gss_cred_usage_t usage);

// A cache as it was last read: kept for the process by name, and read again when it changes.
struct gssapi_view {
    struct ccache_content content;
    // The rest is views.c's.
    unsigned refs;
    struct arena *arena;
    struct gssapi_view_key *key;
};
MUST_USE enum obol_code gssapi_view_get(struct ccache *cache, struct gssapi_view **out,
                                        struct error *err);
void gssapi_view_put(struct gssapi_view *view); // NULL is fine

// A keytab with its keys prepared, for one user at a time (prepared keys are not shared by
// threads).
struct gssapi_keytab {
    struct keytab_content content;
    const char *path;
    struct crypto_key **keys; // of the entries; NULL: not prepared yet
    // The rest is keytabs.c's.
    struct gssapi_keytab *next;
    struct arena arena;
    struct gssapi_stamp *stamp;
};
MUST_USE enum obol_code gssapi_keytab_take(const char *name, const struct krb5conf *conf,
                                           struct gssapi_keytab **out, struct error *err);
void gssapi_keytab_give(struct gssapi_keytab *keytab); // NULL is fine

// gssapi_replay gives the replay cache of a name ("file2:/path", "dfl:", "none:"; NULL: the
// default), open for as long as the process lives. *out is NULL for none.
MUST_USE enum obol_code gssapi_replay(const char *name, const struct krb5conf *conf,
                                      const struct ap_replay **out, struct error *err);
// gssapi_replay_check looks at a name without opening anything: UNSUPPORTED if it is of no kind.
MUST_USE enum obol_code gssapi_replay_check(const char *name, const struct krb5conf *conf,
                                            struct error *err);
// gssapi_replay_name is a name of one that gssapi_replay gave, NULL too.
const char *gssapi_replay_name(const struct ap_replay *replay);

// What tells that a file is another one.
struct gssapi_stamp {
    bool there;
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified;
};
struct gssapi_stamp gssapi_stamp_of(const char *path);
bool gssapi_stamp_eq(const struct gssapi_stamp *a, const struct gssapi_stamp *b);
// gssapi_stamp_settled: the file is old enough for a change to show in its stamp.
bool gssapi_stamp_settled(const struct gssapi_stamp *stamp);

#endif
