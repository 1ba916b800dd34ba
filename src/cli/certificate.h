// certificate.h: which certificates are a principal's, as its administrator types it.
#ifndef OBOL_CLI_CERTIFICATE_H
#define OBOL_CLI_CERTIFICATE_H

#include "admin/admin.h"
#include "cli/command.h"

// CERTIFICATE_OPTION_ROW is the row of an option that fills `member` of struct `type`.
#define CERTIFICATE_OPTION_ROW(type, member)                                                       \
    {                                                                                              \
        "certificate", 0, CLI_LIST, offsetof(struct type, member), "FILE|RULE",                    \
            "log it in with this certificate and no other, whatever name is in it: a file, or "    \
            "sha256:HEX, subject:DN, issuer:DN with \";\" between; may be given again; `none`: "   \
            "by "                                                                                  \
            "name again",                                                                          \
            0, 0                                                                                   \
    }
// certificate_attribute adds the attribute that maps a principal to certificates, if `words` has
// any: rules (krb/pki.h), or files whose first certificate is meant; "none" takes the mapping away.
MUST_USE enum obol_code certificate_attribute(struct cli *c, const struct slice_list *words,
                                              struct record_attribute_list *list,
                                              struct error *err);

#endif
