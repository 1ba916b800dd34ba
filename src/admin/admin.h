// admin.h: administration of a realm: operations on its store and master key, used by the command
// line and by the kadmin faces. They ask nobody and print nothing; what a person should know comes
// back in structs and errors. Every operation that writes is one transaction: it happened wholly,
// durably, or not at all.
//
// Names are text, "alice" or "HTTP/web.example.com@EXAMPLE.COM"; without a realm the handle's is
// meant. An alias may stand wherever a principal is named, except in rename and delete. Slices that
// come in are borrowed for the call; what comes out lives in the arena that was passed.
#ifndef OBOL_ADMIN_ADMIN_H
#define OBOL_ADMIN_ADMIN_H

#include "base/env.h"
#include "krb/principal.h"
#include "store/master.h"
#include "store/policy.h"
#include "store/store.h"
#include "store/token.h"

struct admin_audited;

// struct admin is an open realm. Fields are for reading, but `actor` may be set at any time.
struct admin {
    struct store *store;
    struct master *master;
    const struct env *env;
    struct slice realm;
    struct int32_list enctypes; // of new keys, preferred first: kdc.conf supported_enctypes
    bool require_preauth;       // of new principals
    uint32_t default_set, default_clear; // likewise: default_principal_flags of kdc.conf
    uint32_t iterations;                 // of keys made from passwords; 0: the enctypes' defaults
    int64_t max_life, max_renew;         // seconds: the realm's, of kdc.conf; 0 with admin_new
    struct slice domain_sid;             // of kdc.conf; empty: the one that the store has
    struct slice dictionary;             // bytes of dict_file; empty: there is none
    bool dictionary_missing;             // kdc.conf names one that cannot be read
    const char *acl_file;   // who may do what over the network (admin/acl.h); NULL: nobody
    struct slice actor;     // recorded as `modified_by`; empty: not recorded
    bool by_network;        // while a server of ours asks: what lockdown-keys forbids is refused
    const char *audit_path; // audit_log of kdc.conf; NULL: none is kept
    // Internal, of admin/audit.h: whom the operation is about, in hand and done.
    uint8_t audited[RECORD_NAME_MAX];
    size_t audited_len;
    struct admin_audited *audited_first, *audited_last;
    struct arena audit_memory;
    const char *lock_path; // see admin_lock; NULL with admin_new
    int lock_fd;           // of the lock that is held alone; -1: it is not
    struct arena memory;   // of the handle itself
    struct arena scratch;  // of one operation
};

// How a realm is made and opened.
struct admin_options {
    const char *home;            // its directory: kdc.conf, master.key, store/
    const char *conf_file;       // a kdc.conf that stands elsewhere; NULL: HOME/kdc.conf
    const struct store_ops *ops; // &STORE_LMDB
    struct slice realm;          // create: its name. open: must be it, or empty; with conf_file
                                 // it says which of the file's realms is meant
    struct slice listen;         // create: "127.0.0.1:8888", for kdc.conf; empty: all, port 88
    bool read_only;              // open: nothing will be written
    bool fast_load;              // open: see store_options.fast_load
};

// admin_realm_create makes the directory (0700), kdc.conf, master.key, the store, and in it
// krbtgt/REALM, kadmin/admin and kadmin/changepw with random keys. EXISTS if there is a store or
// master key. *out is the open realm; NULL: not wanted.
MUST_USE enum obol_code admin_realm_create(struct admin **out, const struct admin_options *options,
                                           const struct env *env, struct error *err);
// admin_realm_open opens a realm by its kdc.conf. STORE_NOT_FOUND, PERMISSION, MASTER_KEY (also
// when the master key is another realm's: krbtgt's key is tried).
MUST_USE enum obol_code admin_realm_open(struct admin **out, const struct admin_options *options,
                                         const struct env *env, struct error *err);
// admin_new takes over an open store and master key: for tests and hosts that bring their own.
// `enctypes` empty: the defaults. On failure both are the caller's still.
MUST_USE enum obol_code admin_new(struct admin **out, struct store *store, struct master *master,
                                  struct slice realm, struct int32_list enctypes,
                                  const struct env *env, struct error *err);
// admin_realm_fill writes krbtgt, kadmin/admin and kadmin/changepw into the empty store of a new
// realm.
MUST_USE enum obol_code admin_realm_fill(struct admin *adm, struct error *err);
// admin_realm_get reads what others ask about the realm.
struct admin_realm {
    struct slice domain_sid; // as text, S-1-5-21-...; empty: there is none
    struct record tgs;       // krbtgt/REALM
};
MUST_USE enum obol_code admin_realm_get(struct admin *adm, struct arena *a, struct admin_realm *out,
                                        struct error *err);
// admin_close closes store and master key; NULL is fine.
void admin_close(struct admin *adm);

// admin_lock keeps all other processes from changing the realm until admin_unlock, admin_close or
// the end of the process: what they try is refused with PERMISSION, which says who holds the lock,
// and so is this where another process holds it or is changing something. Whoever reads is not in
// the way, nor is the KDC, which notes logins and failures meanwhile.
MUST_USE enum obol_code admin_lock(struct admin *adm, struct error *err);
void admin_unlock(struct admin *adm);

// ---- principals ----

// Where keys come from: `password`, or random if it is NULL.
struct admin_keys {
    const struct slice *password; // UTF-8, not empty, at most 1024 bytes
    bool none;                    // no keys at all
    bool usual_iterations;      // of a password that others make keys of too: no pbkdf2_iterations
    struct int32_list enctypes; // empty: the realm's
    uint32_t keep_old;          // versions of older keys that stay
    uint32_t kvno;              // of the keys of a principal that is added; 0: 1
    bool by_owner;              // its owner changes it: the policy's min-life counts
};
enum admin_kind {
    ADMIN_USER,    // logs in, gets no tickets to it: no-server is set
    ADMIN_SERVICE, // others get tickets to it
};
struct admin_new_principal {
    struct slice name;
    enum admin_kind kind;
    struct admin_keys keys;
    uint32_t set_flags, clear_flags;   // on top of the kind's and the realm's, enum record_flag
    int64_t max_life, max_renew;       // seconds; 0: the realm's
    int64_t expires, password_expires; // seconds since 1970; 0: never
    struct slice policy;
    struct record_attribute_list attributes;
};
// admin_principal_add: PRINCIPAL_EXISTS or ALIAS_CONFLICT if the name is taken, NAME_MALFORMED.
MUST_USE enum obol_code admin_principal_add(struct admin *adm, const struct admin_new_principal *p,
                                            struct error *err);

enum { // which members of admin_change count
    ADMIN_SET_MAX_LIFE = 1u << 0,
    ADMIN_SET_MAX_RENEW = 1u << 1,
    ADMIN_SET_EXPIRES = 1u << 2,
    ADMIN_SET_PASSWORD_EXPIRES = 1u << 3,
    ADMIN_SET_POLICY = 1u << 4,
    ADMIN_SET_KVNO = 1u << 5,
};
struct admin_change {
    uint32_t present; // ADMIN_SET_...
    int64_t max_life, max_renew, expires, password_expires;
    struct slice policy;
    uint32_t kvno; // its newest keys get this version, above that of older ones
    uint32_t set_flags, clear_flags;
    bool unlock;                             // clears `locked` and the failure count
    struct record_attribute_list attributes; // a value without ptr removes; "obol." is reserved
    // Names that come onto and off the two lists of delegation (MS-SFU, store/record.h). Those that
    // come on must be there, and stand under the name of their principal: PRINCIPAL_NOT_FOUND. On
    // delegate_from may be services of other realms, which nobody here looks for.
    struct slice_list delegate_to, delegate_to_no, delegate_from, delegate_from_no;
    // Further names that it gets and loses: jdoe; user@suffix, an enterprise name (RFC 6806 5); of
    // a service, SPNs. ALIAS_CONFLICT if one is taken, NOT_FOUND for one that it does not have.
    struct slice_list aliases, aliases_no;
};
MUST_USE enum obol_code admin_principal_set(struct admin *adm, struct slice name,
                                            const struct admin_change *change, struct error *err);
// admin_principal_password gives the principal keys of a new version; *kvno (may be NULL) is it.
// PASSWORD_REFUSED names the rule of its policy that a password broke. The flag needs-change goes,
// and the new password expires when the policy says.
MUST_USE enum obol_code admin_principal_password(struct admin *adm, struct slice name,
                                                 const struct admin_keys *keys, uint32_t *kvno,
                                                 struct error *err);
// Keys that are brought along, of one version.
struct admin_ready_key {
    int32_t enctype;
    struct slice bytes;
    bool has_salt; // of the password that it comes from; without, it is the principal's usual one
    struct slice salt;
};
struct admin_ready_keys {
    const struct admin_ready_key *items;
    size_t count;      // 1 to 16, each of another enctype
    uint32_t kvno;     // 0: the next one
    uint32_t keep_old; // versions of older keys that stay; then `kvno` must not be one of theirs
};
// admin_principal_keys gives the principal these keys. INVALID_ARGUMENT, with the fact "rule"
// (kvno, enctype, allowed-keysalts); ENCTYPE_UNSUPPORTED, KEY_LENGTH.
MUST_USE enum obol_code admin_principal_keys(struct admin *adm, struct slice name,
                                             const struct admin_ready_keys *keys,
                                             struct error *err);
// admin_principal_purge removes keys of versions below `keep_from`; 0: all but the newest
// version's; UINT32_MAX: all of them. *removed is how many keys went; krbtgt keeps the newest in
// any case.
MUST_USE enum obol_code admin_principal_purge(struct admin *adm, struct slice name,
                                              uint32_t keep_from, size_t *removed,
                                              struct error *err);
// admin_principal_rename keeps the id, keys (salts are stored) and aliases.
MUST_USE enum obol_code admin_principal_rename(struct admin *adm, struct slice from,
                                               struct slice to, struct error *err);
// admin_principal_delete refuses the realm's own krbtgt; an alias is PRINCIPAL_NOT_FOUND.
MUST_USE enum obol_code admin_principal_delete(struct admin *adm, struct slice name,
                                               struct error *err);
// admin_principal_get reads a record; sealed keys stay sealed.
MUST_USE enum obol_code admin_principal_get(struct admin *adm, struct slice name, struct arena *a,
                                            struct record *out, struct error *err);
// admin_principal_list calls `each` for the principals whose name matches a pattern of * and ?
// (empty: all), services first, each kind in byte order. The pattern is matched against the name
// without the realm unless it holds an '@' itself. The record lives until `each` returns, and
// `each` may not use the handle; what `each` returns other than OBOL_OK ends the walk and is
// returned. A damaged record is reported by `damaged` (NULL: it ends the walk with STORE_CORRUPT).
struct admin_visitor {
    void *ctx;
    enum obol_code (*each)(void *ctx, const struct record *r, struct error *err);
    void (*damaged)(void *ctx, struct slice name, const struct error *why);
};
MUST_USE enum obol_code admin_principal_list(struct admin *adm, struct slice pattern,
                                             const struct admin_visitor *visitor,
                                             struct error *err);

// ---- password policies (store/policy.h) ----

// admin_policy_add: EXISTS.
MUST_USE enum obol_code admin_policy_add(struct admin *adm, const struct policy *p,
                                         struct error *err);
struct admin_policy_change {
    const struct policy_member *member;
    int64_t number;    // of a member that is no text
    struct slice text; // of one that is
};
MUST_USE enum obol_code admin_policy_set(struct admin *adm, struct slice name,
                                         const struct admin_policy_change *changes, size_t count,
                                         struct error *err);
// admin_policy_remove: principals that name the policy then have none.
MUST_USE enum obol_code admin_policy_remove(struct admin *adm, struct slice name,
                                            struct error *err);
MUST_USE enum obol_code admin_policy_get(struct admin *adm, struct slice name, struct arena *a,
                                         struct policy *out, struct error *err);
// admin_policy_list calls `each` for the policies whose name matches, in byte order.
MUST_USE enum obol_code admin_policy_list(struct admin *adm, struct slice pattern, void *ctx,
                                          enum obol_code (*each)(void *ctx, const struct policy *p,
                                                                 struct error *err),
                                          struct error *err);
// ---- one-time password tokens ----

struct admin_token {
    struct slice name;   // whose
    struct slice label;  // as people call it, at most TOKEN_LABEL_MAX bytes; empty: by its number
    bool hotp;           // it counts codes, not time
    uint32_t hash;       // 1, 256, 512 of SHA; 0: 1
    uint32_t digits;     // 6 to 9; 0: 6
    uint32_t period;     // seconds, of a code that counts time; 0: 30
    bool code_only;      // logins by the code alone, without the password
    struct slice secret; // 16 to 64 bytes; empty: 20 are drawn, or as many as the hash has
    // What a RADIUS server checks: the type in [otp] of kdc.conf; then none of hotp to period, and
    // no secret. As whom the server is asked, empty: by the principal's name.
    struct slice radius, user;
    struct slice_list indicators; // instead of the type's
};
struct admin_token_new {
    struct slice principal; // its own name, as the other two in the arena
    struct token token;     // without type, user and indicators
    struct slice secret;    // to be given to the token; in the arena; empty: of RADIUS
};
// admin_token_add gives a principal a token: INVALID_ARGUMENT, EXISTS for the label of another one.
MUST_USE enum obol_code admin_token_add(struct admin *adm, const struct admin_token *new,
                                        struct arena *a, struct admin_token_new *out,
                                        struct error *err);
// admin_token_delete takes the token of that label or number away: NOT_FOUND.
MUST_USE enum obol_code admin_token_delete(struct admin *adm, struct slice name, struct slice token,
                                           struct error *err);

// ---- service principal names ----

struct admin_new_spn {
    struct slice spn;
    struct slice account;   // the principal it is an alias of; empty: a service of its own
    struct admin_keys keys; // of a service of its own
    // An account whose keys come from a password is refused (KDC_ERR_POLICY), since anybody with a
    // ticket to it can guess the password at home, unless this is set.
    bool allow_password_keys;
};
// admin_spn_add registers an SPN: as an alias of an account, which then is a service too (its flag
// no-server goes), or as a service principal of its own with random keys.
MUST_USE enum obol_code admin_spn_add(struct admin *adm, const struct admin_new_spn *spn,
                                      struct error *err);
// admin_spn_delete removes an SPN, whichever of the two it is. *was_alias may be NULL.
MUST_USE enum obol_code admin_spn_delete(struct admin *adm, struct slice spn, bool *was_alias,
                                         struct error *err);
// admin_spn_list calls `each` for every SPN that matches: services of their own, with account the
// same as spn, and aliases.
struct admin_spn {
    struct slice spn;
    const struct record *account;
    bool alias;
};
MUST_USE enum obol_code
admin_spn_list(struct admin *adm, struct slice pattern, void *ctx,
               enum obol_code (*each)(void *ctx, const struct admin_spn *spn, struct error *err),
               struct error *err);

// ---- keytabs ----

struct admin_keytab_key {
    struct principal name; // as it was asked for: an alias stays one
    uint32_t kvno;
    int32_t enctype;
    int64_t set; // seconds since 1970: when the key was set
    struct slice bytes;
};
struct admin_keytab {
    struct admin_keytab_key *items;
    size_t count;
};
// admin_keytab_keys extracts all keys that the KDC holds for a name, newest version first, and
// changes none: a keytab made twice is the same twice. With `rotate` (NULL: no) new random keys are
// made first; keep_old of it says how many old versions stay and come along (tickets in flight).
// KDC_ERR_NULL_KEY if there are no keys.
MUST_USE enum obol_code admin_keytab_keys(struct admin *adm, struct slice name,
                                          const struct admin_keys *rotate, struct arena *a,
                                          struct admin_keytab *out, struct error *err);

// ---- master key ----

struct admin_progress {
    void *ctx;
    void (*step)(void *ctx, uint64_t done);
};
// admin_master_replace draws a new master key, seals every key under it in small transactions while
// KDCs go on, and retires the old ones. Cut short, it leaves a realm that works; calling it again
// completes it first.
// `progress` may be NULL. *sealed (may be NULL) is how many principals were sealed anew.
MUST_USE enum obol_code admin_master_replace(struct admin *adm,
                                             const struct admin_progress *progress,
                                             uint64_t *sealed, struct error *err);

// ---- loading many ----

// A source of lines without their line ends; *more is false at the end.
struct admin_lines {
    void *ctx;
    enum obol_code (*next)(void *ctx, bool *more, struct slice *line, struct error *err);
};
struct admin_load {
    bool skip_existing;                    // a name that is there already is passed over
    uint32_t batch;                        // principals a transaction; 0: 10,000
    const struct admin_progress *progress; // after each batch; may be NULL
};
struct admin_loaded {
    uint64_t principals, skipped;
    uint64_t lines; // read and in the store
};
// admin_load_lines adds a principal a line; fields are separated by TABs:
//
//     NAME  KEYS  [OPTION=VALUE]...
//
//     KEYS      random | none | password=TEXT | key=ENCTYPE:HEX[,ENCTYPE:HEX]...
//     OPTION    kind=user|service   flags=NAME,-NAME,...   alias=NAME   policy=NAME
//               max-life=SECONDS   max-renew=SECONDS   expires=TIME   password-expires=TIME
//               kvno=NUMBER   salt=TEXT (of key=: they come from a password)   attr=NAME:VALUE
//               iterations=NUMBER (of salt=: the password's PBKDF2 count, if not the enctype's own)
//
// Empty lines and those that begin with # are passed over. Without kind=, a name of several
// components with random keys is a service, all others are users. A password costs about 25 ms a
// principal (PBKDF2); random and ready keys a few microseconds. A mistake names its line; the
// batches before it stay (`done` says how far), so a load goes on with skip_existing.
MUST_USE enum obol_code admin_load_lines(struct admin *adm, const struct admin_lines *lines,
                                         const struct admin_load *load, struct admin_loaded *done,
                                         struct error *err);

// ---- realms of other KDCs ----

enum admin_import_format { ADMIN_IMPORT_MIT, ADMIN_IMPORT_HEIMDAL };
struct admin_import_key { // a master key of the other KDC
    uint32_t kvno;
    int32_t enctype;
    struct slice bytes;
};
struct admin_import {
    enum admin_import_format format;
    struct slice dump; // the whole file
    struct admin_import_key *masters;
    size_t master_count; // 0: the dump's keys are not sealed (Heimdal)
};
struct admin_imported {
    uint64_t lines, principals, policies, keys;
    uint64_t skipped;  // principals that only the other KDC needs (K/M, kadmin/history, default)
    uint64_t unusable; // keys of enctypes that are not implemented: kept, but nothing uses them
};
// admin_import_guess tells MIT krb5's dumps (kdb5_util dump) by their first line from Heimdal's
// (kadmin -l dump). admin_import_stash reads the master keys of a stash file: a keytab, as both
// write, or MIT's older form.
enum admin_import_format admin_import_guess(struct slice dump);
MUST_USE enum obol_code admin_import_stash(struct slice bytes, struct arena *a,
                                           struct admin_import *out, struct error *err);
// admin_import adds all that a dump holds, in one transaction: principals with keys, kvnos, salts,
// former passwords, flags, times, counters, attributes and aliases; policies. The realm's own
// krbtgt, kadmin/admin and kadmin/changepw take over the dump's keys. FORMAT and the rest name line
// and column; then nothing was changed.
MUST_USE enum obol_code admin_import(struct admin *adm, const struct admin_import *how,
                                     struct admin_imported *done, struct error *err);

// A dump goes out in pieces of whole lines.
struct admin_export {
    void *ctx;
    enum obol_code (*write)(void *ctx, struct slice lines, struct error *err);
};
struct admin_exported {
    uint64_t principals, policies, keys;
    uint64_t aliases;     // of the principals: each is a copy, since MIT krb5 has none before 1.22
    uint64_t delegations; // entries of delegation lists, which a dump has no place for
    uint64_t tokens;      // principals with tokens of one-time passwords, which it has no place for
    uint64_t stretched;   // keys of a password with an iteration count that MIT krb5 does not know
};
// admin_export_mit writes a dump that kdb5_util load takes (version 7), its keys sealed under a
// fresh master key; its stash file, which holds that, goes to `stash`.
struct writer;
MUST_USE enum obol_code admin_export_mit(struct admin *adm, const struct admin_export *how,
                                         struct writer *stash, struct admin_exported *done,
                                         struct error *err);

#endif
