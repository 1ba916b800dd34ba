// pki.h: what the commands of obol pki share: where the files of the small CA stand, and how they
// are written.
#ifndef OBOL_CLI_PKI_H
#define OBOL_CLI_PKI_H

#include "cli/output.h"
#include "krb/pki_issue.h"
#include <sys/stat.h>

enum { PKI_DAYS_CA = 3650, PKI_DAYS = 365, PKI_DAY = 86400 };

struct pki_options {
    struct slice dir, upn;
    struct slice_list hosts;
    int64_t days;
    bool rsa;
};
// pki_place is the path of one of its files.
struct slice pki_place(struct cli *c, const struct pki_options *o, const char *name);
// pki_write writes one: a key, mode 0600, does not replace another.
MUST_USE enum obol_code pki_write(struct cli *c, struct slice path, struct slice bytes, mode_t mode,
                                  struct error *err);
// pki_open_ca reads the CA; the caller closes it with CLEANUP(pki_close).
MUST_USE enum obol_code pki_open_ca(struct cli *c, const struct pki_options *o,
                                    struct pki_identity **out, struct slice *pem,
                                    struct error *err);
static inline void pki_close(struct pki_identity **id) {
    pki_identity_free(*id);
}
// pki_make makes STEM.pem, with the CA's certificate behind it, and STEM.key, and says so.
MUST_USE enum obol_code pki_make(struct cli *c, const struct pki_options *o,
                                 struct pki_wanted *wanted, const char *stem, struct error *err);

#endif
