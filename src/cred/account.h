// account.h: which local account a principal stands for (auth_to_local of krb5.conf), and whether
// it may log in to one (~/.k5login).
#ifndef OBOL_CRED_ACCOUNT_H
#define OBOL_CRED_ACCOUNT_H

#include "config/krb5conf.h"

// account_of is the account's name, in the arena: by auth_to_local of the default realm, in the
// order of its rules, else a user of the default realm has the account of the same name. NOT_FOUND
// if it has none; CONFIG_SYNTAX for a rule that cannot be read.
MUST_USE enum obol_code account_of(const struct krb5conf *conf, struct slice default_realm,
                                   const struct principal *p, struct arena *a, struct slice *out,
                                   struct error *err);
// account_allows is whether the principal may use the account: it stands in the account's
// ~/.k5login, or there is no such file and account_of gives that account. A .k5login counts only if
// it belongs to the account or root and nobody else may write it.
bool account_allows(const struct krb5conf *conf, struct slice default_realm,
                    const struct principal *p, const char *account, struct arena *a);

#endif
