// record.h: a principal as the database keeps it, and its codec: versioned, checksummed, strict:
// a record has exactly one encoding. Members of newer versions are kept over a rewrite.
#ifndef OBOL_STORE_RECORD_H
#define OBOL_STORE_RECORD_H

#include "base/arena.h"
#include "base/error.h"
#include "proto/messages.h"

enum { // bounds of a record, in bytes and items, checked by the codec on both ways
    RECORD_NAME_MAX = 2400,   // a name as text, with its quoting
    RECORD_TEXT_MAX = 256,    // policy, attribute name
    RECORD_VALUE_MAX = 16384, // attribute value
    RECORD_SEALED_MAX = 128,
    RECORD_KEYS_MAX = 256,
    RECORD_ALIASES_MAX = 1000,
    RECORD_ATTRIBUTES_MAX = 256,
    RECORD_DELEGATES_MAX = 1000,
    RECORD_HISTORY_MAX = 32768,    // the former passwords, encoded
    RECORD_BYTES_MAX = 256 * 1024, // all of it
};

enum record_flag { // attributes; names as users type them are in record.c's table
    RECORD_REQUIRES_PREAUTH = 1u << 0,
    RECORD_DISABLED = 1u << 1,     // issues and receives no tickets
    RECORD_NO_TGT_BASED = 1u << 2, // tickets only by AS exchange (kadmin/changepw)
    RECORD_NO_SERVER = 1u << 3,    // no tickets to it: users are not services by default
    RECORD_NO_FORWARDABLE = 1u << 4,
    RECORD_NO_RENEWABLE = 1u << 5,
    RECORD_NO_PROXIABLE = 1u << 6,
    RECORD_NO_POSTDATED = 1u << 7,
    RECORD_NO_USER_TO_USER = 1u << 8, // no session key of its TGT as a server key
    RECORD_OK_AS_DELEGATE = 1u << 9,
    RECORD_NEEDS_CHANGE = 1u << 10,     // password must be changed first
    RECORD_PASSWORD_SERVICE = 1u << 11, // kadmin/changepw: expired passwords may come
    RECORD_NO_CLIENT = 1u << 12,        // cannot log in: a service whose keys are for tickets only
    RECORD_NO_AUTHDATA = 1u << 13,      // no PAC in its tickets
    RECORD_LOCKED = 1u << 14,           // by an administrator, or by too many failures
    RECORD_HW_AUTH = 1u << 15,
    RECORD_TRUSTED_TO_AUTH = 1u << 16, // tickets it gets for users by S4U2Self may be forwarded
    RECORD_NO_TIMESTAMP = 1u << 17,    // an encrypted timestamp without armor does not log in
    RECORD_PROTECTED = 1u << 18,       // not delegated, no weak keys, TGTs of four hours
    RECORD_LOCKDOWN_KEYS = 1u << 19,   // keys change at the realm's own machine only
};

enum {                       // where a key comes from
    RECORD_SALT_RANDOM = -1, // drawn at random: there is no password, and no salt
    RECORD_SALT_NORMAL = 0,  // from a password and the principal's default salt when it was set
    RECORD_SALT_SPECIAL = 4, // from a password and another salt
};

struct record_key {
    uint32_t kvno;
    int32_t enctype;
    int32_t salt_type;   // RECORD_SALT_...; further numbers as MIT's salt types
    struct slice salt;   // the bytes themselves, always stored: renaming keeps keys valid
    uint32_t master;     // version of the master key it is sealed under
    struct slice sealed; // AES-256-GCM, bound to principal id, kvno and enctype (store/master.h)
    uint32_t iterations; // of PBKDF2 over the password; 0: the enctype's own, or no password
};
struct record_key_list {
    struct record_key *items;
    size_t count;
};
struct record_attribute {
    struct slice name, value; // free-form; "obol." names are reserved
};
struct record_attribute_list {
    struct record_attribute *items;
    size_t count;
};

struct record {
    struct slice name; // "HTTP/web.example.com@EXAMPLE.COM"
    uint64_t id;       // never reused, never changed: tickets are bound to it
    uint32_t flags;    // enum record_flag
    int32_t name_type;
    int64_t max_life;         // seconds; 0: the realm's
    int64_t max_renew;        // seconds; 0: the realm's
    int64_t expires;          // seconds since 1970; 0: never
    int64_t password_expires; // 0: never
    int64_t password_changed;
    int64_t created, modified;
    int64_t last_success, last_failure;
    uint32_t failures; // since the last success
    int64_t unlocked;  // when an administrator last unlocked it: failures before it do not count
    struct slice modified_by;
    struct slice policy;         // name; empty: none
    struct record_key_list keys; // newest kvno first
    struct slice_list aliases;
    struct record_attribute_list attributes;
    // Whom this service may act towards in the name of its users, and who may act so towards it
    // (MS-SFU): names of principals with the realm.
    struct slice_list delegate_to, delegate_from;
    struct slice history; // former passwords, sealed: store/history.h reads it
    struct slice unknown; // members of a newer minor version, kept verbatim
};

// record_encode writes into the arena; record_decode borrows from `bytes` and lays lists in the
// arena. STORE_CORRUPT on any damage, STORE_VERSION for a newer major version.
MUST_USE enum obol_code record_encode(const struct record *r, struct arena *a, struct slice *out,
                                      struct error *err);
MUST_USE enum obol_code record_decode(struct slice bytes, struct arena *a, struct record *out,
                                      struct error *err);
// record_name is the name of an encoded record, without a look at the rest of it (no checksum):
// for walks. Empty if the bytes are no record.
struct slice record_name(struct slice bytes);
// record_same_but_logins is whether two encoded records say the same of all but the last logins and
// failures, which each login changes.
bool record_same_but_logins(struct slice a, struct slice b);
// record_check is the bounds above: INVALID_ARGUMENT names the member that is past its own.
MUST_USE enum obol_code record_check(const struct record *r, struct error *err);
// record_flag_name walks the attributes as users type them ("requires-preauth"): NULL past the end.
const char *record_flag_name(size_t index, uint32_t *flag);
// record_flag_find is the attribute of a name; false if there is none.
MUST_USE bool record_flag_find(struct slice name, uint32_t *flag);
// record_attribute_reserved is whether an attribute is Obol's own ("obol."), not for people to see.
bool record_attribute_reserved(const struct record_attribute *a);
// record_newest_kvno is 0 for a record without keys.
uint32_t record_newest_kvno(const struct record *r);

#endif
