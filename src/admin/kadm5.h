// kadm5.h: the protocol of MIT krb5's kadmin: ONC RPC program 2112, version 2. Here are its
// messages in XDR (RFC 4506), both ways, and what the server does for each procedure. The calls
// themselves, and RPCSEC_GSS around them, are src/gss/rpc.h.
//
// The protocol has no specification: facts are from MIT krb5's kadm_rpc_xdr.c, server_stubs.c and
// kadm_err.et.
#ifndef OBOL_ADMIN_KADM5_H
#define OBOL_ADMIN_KADM5_H

#include "admin/acl.h"
#include "admin/kadm5_codes.h"

enum { KADM5_PROGRAM = 2112, KADM5_PROGRAM_VERSION = 2 };
enum kadm5_version { // of the API, the first word of every message
    KADM5_VERSION_2 = 0x12345702,
    KADM5_VERSION_3 = 0x12345703, // policies with lockout
    KADM5_VERSION_4 = 0x12345704, // policies with allowed key/salts
};
enum kadm5_procedure {
    KADM5_NULL = 0,
    KADM5_CREATE_PRINCIPAL = 1,
    KADM5_DELETE_PRINCIPAL = 2,
    KADM5_MODIFY_PRINCIPAL = 3,
    KADM5_RENAME_PRINCIPAL = 4,
    KADM5_GET_PRINCIPAL = 5,
    KADM5_CHANGE_PASSWORD = 6,
    KADM5_RANDOM_KEY = 7,
    KADM5_CREATE_POLICY = 8,
    KADM5_DELETE_POLICY = 9,
    KADM5_MODIFY_POLICY = 10,
    KADM5_GET_POLICY = 11,
    KADM5_GET_PRIVILEGES = 12,
    KADM5_INIT = 13,
    KADM5_LIST_PRINCIPALS = 14,
    KADM5_LIST_POLICIES = 15,
    KADM5_SET_KEY = 16, // 17 was for keys of Kerberos 4
    KADM5_CREATE_PRINCIPAL_3 = 18,
    KADM5_CHANGE_PASSWORD_3 = 19,
    KADM5_RANDOM_KEY_3 = 20,
    KADM5_SET_KEY_3 = 21,
    KADM5_PURGE_KEYS = 22,
    KADM5_GET_STRINGS = 23,
    KADM5_SET_STRING = 24,
    KADM5_SET_KEY_4 = 25,
    KADM5_EXTRACT_KEYS = 26,
    KADM5_CREATE_ALIAS = 27,
    KADM5_PROCEDURES
};

// ---- messages ----

// Text on the wire is there or not: absent is a slice whose ptr is NULL; present but empty has one.
enum { // masks: which members of a principal count, or are asked for
    KADM5_MASK_PRINCIPAL = 0x000001,
    KADM5_MASK_EXPIRES = 0x000002,
    KADM5_MASK_PASSWORD_EXPIRES = 0x000004,
    KADM5_MASK_PASSWORD_CHANGED = 0x000008,
    KADM5_MASK_ATTRIBUTES = 0x000010,
    KADM5_MASK_MAX_LIFE = 0x000020,
    KADM5_MASK_MODIFIED = 0x000040,
    KADM5_MASK_MODIFIED_BY = 0x000080,
    KADM5_MASK_KVNO = 0x000100,
    KADM5_MASK_MASTER_KVNO = 0x000200,
    KADM5_MASK_AUX_ATTRIBUTES = 0x000400,
    KADM5_MASK_POLICY = 0x000800,
    KADM5_MASK_POLICY_CLEAR = 0x001000,
    KADM5_MASK_MAX_RENEW = 0x002000,
    KADM5_MASK_LAST_SUCCESS = 0x004000,
    KADM5_MASK_LAST_FAILURE = 0x008000,
    KADM5_MASK_FAILURES = 0x010000,
    KADM5_MASK_KEYS = 0x020000,
    KADM5_MASK_DATA = 0x040000,
    KADM5_MASK_PRINCIPAL_ALL = 0x073fff, // all that a principal may be changed by
    KADM5_MASK_NORMAL = 0x41ffff,        // all but keys and data

    // of a policy
    KADM5_MASK_POLICY_NAME = KADM5_MASK_POLICY,
    KADM5_MASK_PW_MAX_LIFE = 0x00004000,
    KADM5_MASK_PW_MIN_LIFE = 0x00008000,
    KADM5_MASK_PW_MIN_LENGTH = 0x00010000,
    KADM5_MASK_PW_MIN_CLASSES = 0x00020000,
    KADM5_MASK_PW_HISTORY = 0x00040000,
    KADM5_MASK_PW_REFERENCES = 0x00080000,
    KADM5_MASK_PW_MAX_FAILURES = 0x00100000,
    KADM5_MASK_PW_FAILURE_INTERVAL = 0x00200000,
    KADM5_MASK_PW_LOCKOUT = 0x00400000,
    KADM5_MASK_POLICY_ATTRIBUTES = 0x00800000,
    KADM5_MASK_POLICY_MAX_LIFE = 0x01000000,
    KADM5_MASK_POLICY_MAX_RENEW = 0x02000000,
    KADM5_MASK_KEYSALTS = 0x04000000,
    KADM5_MASK_POLICY_DATA = 0x08000000,
};
enum { // what kadm5 privileges are, as `mask` of KADM5_GET_PRIVILEGES has them
    KADM5_PRIVILEGE_GET = 1,
    KADM5_PRIVILEGE_ADD = 2,
    KADM5_PRIVILEGE_MODIFY = 4,
    KADM5_PRIVILEGE_DELETE = 8,
};
// Types of tagged data that mean something: when an administrator unlocked the principal (seconds
// since 1970, 4 bytes, little endian), and arguments for a database module (`kadmin -x`).
enum { KADM5_DATA_UNLOCKED = 0x0700, KADM5_DATA_DB_ARGUMENTS = 0x7fff };

struct kadm5_key_data { // of get_principal: a key without its bytes
    int32_t version;    // 2: salt_type is there
    uint32_t kvno;
    int32_t enctype, salt_type;
};
struct kadm5_key_data_list {
    struct kadm5_key_data *items;
    size_t count;
};
struct kadm5_data { // tagged data
    int32_t type;
    struct slice bytes;
};
struct kadm5_data_list {
    struct kadm5_data *items;
    size_t count;
};
struct kadm5_principal {
    struct slice name;
    uint32_t expires, password_changed, password_expires; // seconds since 1970; 0: never
    int32_t max_life;                                     // seconds; 0: the realm's
    bool has_modified_by;
    struct slice modified_by;
    uint32_t modified;
    uint32_t attributes; // MIT krb5's KRB5_KDB_...: IMPORT_MIT_FLAGS of import.h
    uint32_t kvno, master_kvno;
    struct slice policy;
    uint32_t aux_attributes; // KADM5_MASK_POLICY: `policy` is one
    int32_t max_renew;
    uint32_t last_success, last_failure, failures;
    int32_t key_count;  // as it stands before the list; kadm5_write counts itself
    int32_t data_count; // as the sender counts them; nobody reads it
    bool has_data;
    struct kadm5_data_list data;
    struct kadm5_key_data_list keys;
};
struct kadm5_policy {
    struct slice name;
    int32_t min_life, max_life, min_length, min_classes, history, references;
    uint32_t max_failures; // from here on: version 3
    int32_t failure_interval, lockout_duration;
    uint32_t attributes; // from here on: version 4
    int32_t principal_max_life, principal_max_renew;
    struct slice keysalts;
    int32_t data_count;
    bool has_data;
    struct kadm5_data_list data;
};
struct kadm5_keysalt {
    int32_t enctype, salt_type;
};
struct kadm5_keysalt_list {
    struct kadm5_keysalt *items;
    size_t count;
};
struct kadm5_key { // SET_KEY, SET_KEY_3 and RANDOM_KEY have enctype and bytes only
    uint32_t kvno;
    int32_t enctype;
    struct slice bytes;
    int32_t salt_type;
    struct slice salt;
};
struct kadm5_key_list {
    struct kadm5_key *items;
    size_t count;
};
struct kadm5_string {
    struct slice name, value;
};
struct kadm5_string_list {
    struct kadm5_string *items;
    size_t count;
};

// struct kadm5_message is the arguments or the results of any procedure; the comment says of which.
struct kadm5_message {
    uint32_t version; // enum kadm5_version; all
    uint32_t status;  // all results; unless it is 0 nothing follows (but GET_PRIVILEGES' mask)
    // Whose; a policy's name of DELETE_ and GET_POLICY; the pattern of LIST_ (absent: all); the
    // old name of RENAME_PRINCIPAL; the new one of CREATE_ALIAS.
    struct slice name;
    struct slice other; // RENAME_PRINCIPAL: the new name. CREATE_ALIAS: whose it will be
    struct kadm5_principal principal; // CREATE_, MODIFY_PRINCIPAL; results of GET_PRINCIPAL
    struct kadm5_policy policy;       // CREATE_, MODIFY_POLICY; results of GET_POLICY
    // Arguments of CREATE_, MODIFY_ and GET_PRINCIPAL, CREATE_, MODIFY_POLICY; results of
    // GET_PRIVILEGES.
    uint32_t mask;
    struct slice password;              // CREATE_PRINCIPAL (absent: random keys), CHANGE_PASSWORD
    bool keep_old;                      // CHANGE_PASSWORD_3, RANDOM_KEY_3, SET_KEY_3, SET_KEY_4
    struct kadm5_keysalt_list keysalts; // CREATE_PRINCIPAL_3 and the three before SET_KEY_4
    struct kadm5_key_list keys;         // SET_KEY; results of RANDOM_KEY, EXTRACT_KEYS
    int32_t keep_kvno;                  // PURGE_KEYS: versions below go; -1: all but the newest
    uint32_t kvno;                      // EXTRACT_KEYS; 0: all
    struct kadm5_string string;         // SET_STRING; value absent: it goes
    struct kadm5_string_list strings;   // results of GET_STRINGS
    int32_t count;                      // results of lists, before them; kadm5_write counts itself
    struct slice_list names;            // results of LIST_
};
enum kadm5_part { KADM5_ARGUMENTS, KADM5_RESULTS };

// kadm5_procedure_name is as MIT krb5's logs call it, "kadm5_create_principal"; NULL if there is no
// such procedure.
const char *kadm5_procedure_name(uint32_t procedure);
// kadm5_procedure_reads is whether a procedure changes nothing: it may be asked twice.
bool kadm5_procedure_reads(uint32_t procedure);
// kadm5_read reads the arguments or results of a procedure; it borrows from `bytes`, lists are laid
// in the arena. FORMAT names the field: bytes that end early or are left over, text without its NUL
// or with one inside, padding that is not zero, a number out of its range.
MUST_USE enum obol_code kadm5_read(uint32_t procedure, enum kadm5_part part, struct slice bytes,
                                   struct arena *a, struct kadm5_message *out, struct error *err);
// kadm5_write is its reverse.
MUST_USE enum obol_code kadm5_write(uint32_t procedure, enum kadm5_part part,
                                    const struct kadm5_message *m, struct writer *w,
                                    struct error *err);

// ---- codes ----

struct kadm5_status {
    uint32_t number;
    const char *name; // "KADM5_AUTH_GET"; the number is KADM5_E_AUTH_GET
    const char *text; // as MIT krb5's programs show it
    enum obol_code code;
};
// kadm5_status_of is the row of a number that came from a server; NULL for a number of another
// table (krb5's own, errno).
const struct kadm5_status *kadm5_status_of(uint32_t number);
// kadm5_status_for is the number that a server answers a failure with; a refused password has one
// for each rule (the fact "rule").
uint32_t kadm5_status_for(const struct error *err);

// ---- the server ----

struct kadm5 {
    struct admin *adm;
    const struct acl *acl; // NULL: nobody may do anything but to himself
    size_t list_max;       // bytes of the names in one list; 0: as many as there are
    int64_t clockskew;     // seconds between our clock and that of who issues tickets
};
struct kadm5_call {
    uint32_t procedure;
    struct slice arguments;   // borrowed; passwords and keys in it are the caller's to wipe
    struct principal client;  // who asks, as the security context knows him
    struct slice client_text; // the same as text
    int64_t authtime;         // when he logged in
    bool initial;             // his ticket came straight from a password or key
    struct slice service;     // without realm: kadmin/admin, kadmin/changepw, kadmin/HOST
};
enum kadm5_outcome { // accept_stat of RFC 5531 9
    KADM5_DONE = 0,  // SUCCESS: `results` is the answer, whatever `status` says
    KADM5_PROC_UNAVAIL = 3,
    KADM5_GARBAGE_ARGS = 4,
    KADM5_SYSTEM_ERR = 5,
};
struct kadm5_done {
    enum kadm5_outcome outcome;
    struct slice results;  // in the arena, with keys in them; empty unless KADM5_DONE
    uint32_t status;       // of the results; 0: done
    const char *operation; // "kadm5_create_principal"; "" for a procedure that is not known
    struct slice target;   // whom it was about, as text; empty: nobody or not known
};
// kadm5_service_allowed is whether a context with this service may be used at all: kadmin/ANY of
// the realm, but not kadmin/history.
MUST_USE bool kadm5_service_allowed(const struct principal *service, struct slice realm);
// kadm5_answer does what one call asks, if the ACL lets its client. `done` is filled in any case
// and its slices borrow from the arena and the call; the failure, if any, comes back for the log
// with its facts, and has its number in done->status.
MUST_USE enum obol_code kadm5_answer(struct kadm5 *k, const struct kadm5_call *call,
                                     struct arena *a, struct kadm5_done *done, struct error *err);

#endif
