// acl.h: who may administer what over the network, as a file in MIT krb5's format says (kadm5.acl).
// A line is
//
//     PRINCIPAL PRIVILEGES [TARGET [RESTRICTIONS]]
//
// `*` stands for any principal, or for any one component; in TARGET, *1 to *9 are what the first to
// ninth `*` of PRINCIPAL stood for. Privileges: a add, c change passwords, d delete, e extract
// keys, i inquire, l list, m modify, p propagate, s set keys; x and * are all of them but e; a
// capital takes one away. Restrictions, with blanks or commas between, hold for what is added or
// modified: +FLAG, -FLAG, -policy NAME, -clearpolicy, -expire, -pwexpire, -maxlife, -maxrenewlife
// with a length of time. The first line whose principal and target match decides.
#ifndef OBOL_ADMIN_ACL_H
#define OBOL_ADMIN_ACL_H

#include "admin/admin.h"

enum acl_privilege {
    ACL_ADD = 1 << 0,
    ACL_CHANGE_PASSWORD = 1 << 1,
    ACL_DELETE = 1 << 2,
    ACL_EXTRACT = 1 << 3,
    ACL_INQUIRE = 1 << 4,
    ACL_LIST = 1 << 5,
    ACL_MODIFY = 1 << 6,
    ACL_PROPAGATE = 1 << 7,
    ACL_SET_KEY = 1 << 8,
};

// What somebody may want to do: each asks for one privilege.
enum acl_operation {
    ACL_OP_ADD_PRINCIPAL,
    ACL_OP_DELETE_PRINCIPAL,
    ACL_OP_MODIFY_PRINCIPAL,
    ACL_OP_RENAME_FROM, // both of these are asked: of the old name and of the new one
    ACL_OP_RENAME_TO,
    ACL_OP_ADD_ALIAS,
    ACL_OP_CHANGE_PASSWORD,
    ACL_OP_RANDOM_KEY,
    ACL_OP_SET_KEY,
    ACL_OP_PURGE_KEYS,
    ACL_OP_EXTRACT_KEYS,
    ACL_OP_GET_PRINCIPAL,
    ACL_OP_LIST_PRINCIPALS,
    ACL_OP_GET_STRINGS,
    ACL_OP_SET_STRING,
    ACL_OP_ADD_POLICY,
    ACL_OP_DELETE_POLICY,
    ACL_OP_MODIFY_POLICY,
    ACL_OP_GET_POLICY,
    ACL_OP_LIST_POLICIES,
    ACL_OP_PROPAGATE,
    ACL_OPERATIONS
};
struct acl_rule { // what an operation asks
    const char *name;
    enum acl_privilege privilege;
    bool own;       // everybody may do it to himself
    bool restricts; // restrictions can be held to: else a restricted line does not allow it
};
extern const struct acl_rule ACL_RULES[ACL_OPERATIONS];

enum { // which members of acl_restrictions count
    ACL_SET_POLICY = 1 << 0,
    ACL_CLEAR_POLICY = 1 << 1,
    ACL_EXPIRE = 1 << 2,
    ACL_PASSWORD_EXPIRE = 1 << 3,
    ACL_MAX_LIFE = 1 << 4,
    ACL_MAX_RENEW = 1 << 5,
};
struct acl_restrictions {
    uint32_t present;
    uint32_t set_flags, clear_flags; // enum record_flag
    struct slice policy;
    int64_t expire, password_expire, max_life, max_renew; // seconds; the first two from now
};
struct acl_entry {
    bool any_client, any_target; // `*`, or no target
    struct principal client, target;
    uint32_t allowed; // enum acl_privilege
    bool restricted;
    struct acl_restrictions restrictions;
    struct acl_entry *next;
};
struct acl {
    struct acl_entry *first; // NULL: nobody may do anything but to himself
};

// acl_parse reads the whole text; what comes out lives in the arena and borrows from the text.
// CONFIG_SYNTAX with line and column of what was not understood.
MUST_USE enum obol_code acl_parse(struct slice text, struct slice realm, struct arena *a,
                                  struct acl *out, struct error *err);
// acl_load reads acl_file of a realm; without the file nobody may do anything but to himself.
MUST_USE enum obol_code acl_load(const struct admin *adm, struct arena *a, struct acl *out,
                                 struct error *err);
// acl_decide is whether a client may do something to a target (NULL where there is none: lists,
// policies). *restrictions, where the pointer is not NULL, is what it must keep to; NULL: nothing.
bool acl_decide(const struct acl *acl, enum acl_operation op, const struct principal *client,
                const struct principal *target, const struct acl_restrictions **restrictions);
// acl_privileges is all that any line gives a client, of whatever target (enum acl_privilege).
uint32_t acl_privileges(const struct acl *acl, const struct principal *client);
// acl_restrict makes a change of a principal keep to restrictions (NULL: none).
void acl_restrict(const struct acl_restrictions *r, int64_t now, struct admin_change *change);

// The names of flags that MIT krb5's tools and files have (flags.c).
struct admin_flag_word {      // `+name` sets it, or clears it where `inverted` ("+allow_svr")
    const char *name, *shown; // "requires_preauth", "REQUIRES_PRE_AUTH"
    const char *other;        // a third spelling ("preauth"); NULL: none
    uint32_t flag;
    bool inverted;
};
extern const struct admin_flag_word ADMIN_FLAG_WORDS[];
extern const size_t ADMIN_FLAG_WORDS_COUNT;
// admin_flag_word reads "+name", "-name" or "name", in any of the spellings; false if there is no
// such flag.
MUST_USE bool admin_flag_word(struct slice word, uint32_t *set, uint32_t *clear);
// admin_default_flags_check notes which words of a realm's default_principal_flags do nothing, or
// what hardly anybody means.
struct profile;
void admin_default_flags_check(struct profile *p, struct slice realm,
                               const struct slice_list *words);

#endif
