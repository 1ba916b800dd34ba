// keyring.h: what a key of the KEYRING cache holds, and how its names are written; apart from the
// kernel, so that it can be tested and fuzzed.
#ifndef OBOL_CRED_KEYRING_H
#define OBOL_CRED_KEYRING_H

#include "cred/ccache.h"

// "anchor:collection:subsidiary"; without an anchor it is "legacy".
struct keyring_name {
    struct slice anchor, collection, subsidiary;
    bool is_one; // it names one cache, `subsidiary`
};
void keyring_name_parse(struct slice residual, struct keyring_name *out);

// keyring_index_read reads the key that says which cache is the primary one: version and counted
// name. CCACHE_FORMAT.
MUST_USE enum obol_code keyring_index_read(struct slice payload, struct slice *primary,
                                           struct error *err);
void keyring_index_write(struct writer *w, struct slice primary);

// keyring_entry_read takes a key of a cache into its content: by the key's description the
// principal, the clock offset or a ticket.
MUST_USE enum obol_code keyring_entry_read(struct slice description, struct slice payload,
                                           struct arena *a, struct ccache_content *out,
                                           size_t *room, struct error *err);

// keyring_described splits what the kernel says of a key, "type;uid;gid;perm;description".
bool keyring_described(struct slice text, struct slice *type, struct slice *description);

#define KEYRING_PRINCIPAL "__krb5_princ__"
#define KEYRING_OFFSETS   "__krb5_time_offsets__"
#define KEYRING_PRIMARY   "krb_ccache:primary"

#endif
