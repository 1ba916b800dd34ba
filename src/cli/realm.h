// realm.h: what the commands of the realm's side share: opening the home, and reading the words
// that several of them take.
#ifndef OBOL_CLI_REALM_H
#define OBOL_CLI_REALM_H

#include "admin/admin.h"
#include "cli/output.h"

// realm_open opens the realm in --home; `actor` is the user who runs the command. The caller closes
// it with CLEANUP(realm_close).
MUST_USE enum obol_code realm_open(struct cli *c, bool read_only, struct admin **out,
                                   struct error *err);
// realm_open_for is realm_open with further wishes; home and back end are filled in.
MUST_USE enum obol_code realm_open_for(struct cli *c, const struct admin_options *wishes,
                                       struct admin **out, struct error *err);
static inline void realm_close(struct admin **adm) {
    admin_close(*adm);
}
// realm_find is admin_principal_get with the nearest name there is in the error.
MUST_USE enum obol_code realm_find(struct cli *c, struct admin *adm, struct slice name,
                                   struct record *out, struct error *err);

// What `principal add` and `principal set` both take, as typed.
struct principal_options {
    struct slice max_life, max_renew, expires, password_expires, policy;
    struct slice_list set, clear, attributes;
};
// PRINCIPAL_OPTION_ROWS are the rows of the member `common` of struct `type`.
#define PRINCIPAL_OPTION_ROWS(type)                                                                \
    {"max-life", 0,                                                                                \
     CLI_TEXT,   offsetof(struct type, common.max_life),                                           \
     "DURATION", "longest life of its tickets: 10h, 1d; `default` for the realm's",                \
     0,          0},                                                                               \
        {"max-renew", 0,                                                                           \
         CLI_TEXT,    offsetof(struct type, common.max_renew),                                     \
         "DURATION",  "how long its tickets may be renewed; `default` for the realm's",            \
         0,           0},                                                                          \
        {"expires", 0,                                                                             \
         CLI_TEXT,  offsetof(struct type, common.expires),                                         \
         "TIME",    "when the principal ends: 2027-01-31, +90d, never",                            \
         0,         0},                                                                            \
        {"password-expires",                                                                       \
         0,                                                                                        \
         CLI_TEXT,                                                                                 \
         offsetof(struct type, common.password_expires),                                           \
         "TIME",                                                                                   \
         "when its password must have been changed: 2027-01-31, +90d, never",                      \
         0,                                                                                        \
         0},                                                                                       \
        {"policy", 0,                                                                              \
         CLI_TEXT, offsetof(struct type, common.policy),                                           \
         "NAME",   "its password policy; `none` for none",                                         \
         0,        0},                                                                             \
        {"set",    0,                                                                              \
         CLI_LIST, offsetof(struct type, common.set),                                              \
         "FLAG",   "set a flag (requires-preauth, disabled, no-server ...); may be given again",   \
         0,        0},                                                                             \
        {"clear",  0,                                                                              \
         CLI_LIST, offsetof(struct type, common.clear),                                            \
         "FLAG",   "clear a flag; may be given again",                                             \
         0,        0},                                                                             \
    {                                                                                              \
        "attribute", 0, CLI_LIST, offsetof(struct type, common.attributes), "NAME=VALUE",          \
            "a free-form attribute; an empty value removes it; may be given again", 0, 0           \
    }
// realm_change reads them: USAGE names the option, what was expected, and the nearest valid word.
MUST_USE enum obol_code realm_change(struct cli *c, const struct principal_options *o,
                                     struct admin_change *out, struct error *err);
// realm_policy is whether the policy that a change gives is there: a name that was mistyped would
// hold for nothing.
MUST_USE enum obol_code realm_policy(struct cli *c, struct admin *adm, struct slice policy,
                                     struct error *err);
// realm_enctypes reads names of enctypes; none gives an empty list.
MUST_USE enum obol_code realm_enctypes(struct cli *c, const struct slice_list *names,
                                       struct int32_list *out, struct error *err);

#endif
