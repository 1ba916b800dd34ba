// convert.h: between the structures that programs see (krb5.h), whose parts stand singly on the
// heap, and Obol's own. `_in` borrows from the program's, with lists in an arena; `_out` copies to
// the heap, where the program frees it with the function of its type, and gives false without
// memory.
#ifndef OBOL_COMPAT_CONVERT_H
#define OBOL_COMPAT_CONVERT_H

#include "compat/context.h"
#include "cred/cred.h"
#include "cred/keytab.h"

static inline struct slice data_in(const krb5_data *d) {
    return d && d->data ? slice_of(d->data, d->length) : (struct slice){0};
}
static inline struct slice keyblock_in(const krb5_keyblock *k) {
    return k && k->contents ? slice_of(k->contents, k->length) : (struct slice){0};
}
// Times are 32 bits in krb5.h; read as unsigned they reach to 2106.
static inline int64_t time_in(krb5_timestamp t) {
    return (int64_t)(uint32_t)t;
}
static inline krb5_timestamp time_out(int64_t t) {
    return (krb5_timestamp)(uint32_t)(t > UINT32_MAX ? UINT32_MAX : t < 0 ? 0 : t);
}

// principal_in refuses a NULL and a negative count; NAME_MALFORMED.
MUST_USE enum obol_code principal_in(krb5_const_principal p, struct arena *a, struct principal *out,
                                     struct error *err);
MUST_USE enum obol_code cred_in(const krb5_creds *c, struct arena *a, struct cred *out,
                                struct error *err);
MUST_USE enum obol_code addresses_in(krb5_address *const *list, struct arena *a,
                                     struct host_address_list *out, struct error *err);
MUST_USE enum obol_code authdata_in(krb5_authdata *const *list, struct arena *a,
                                    struct authdata_list *out, struct error *err);

MUST_USE bool data_out(krb5_data *out, struct slice s);
// bytes_out is a copy with a NUL behind it; an empty slice gives "" too.
MUST_USE void *bytes_out(struct slice s);
MUST_USE bool principal_out(krb5_principal *out, const struct principal *p);
MUST_USE bool keyblock_out(krb5_keyblock *out, int32_t enctype, struct slice bytes);
MUST_USE bool cred_out(krb5_creds *out, const struct cred *c);
MUST_USE bool entry_out(krb5_keytab_entry *out, const struct keytab_entry *e);
MUST_USE krb5_address *address_out(int32_t type, struct slice bytes);
MUST_USE bool addresses_out(krb5_address ***out, const struct host_address_list *list);
MUST_USE bool authdata_out(krb5_authdata ***out, const struct authdata_list *list);

// creds_copy is krb5_copy_creds into a structure of the program's.
krb5_error_code creds_copy(krb5_context context, const krb5_creds *from, krb5_creds *out);

// krb_error_out is NULL without memory; krb5_free_error frees it.
krb5_error *krb_error_out(const struct krb_error *e);

// wipe_free wipes and frees; NULL is fine.
void wipe_free(void *p, size_t len);

#endif
