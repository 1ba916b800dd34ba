// handles.h: what stands behind the handles of the GSS-API. A program may pass anything, so each
// handle begins with a tag that says what it is; every entry asks gssapi_is_... before it looks
// further, and a handle that was released has lost its tag. In front of it stands the handle's own
// address, as in MIT's: Ruby's gssapi releases a handle where a handle's address is wanted, and
// finds the handle there.
//
// A context is used by one thread at a time, everything else by any number: a name does not change
// but by the calls that change it (attributes), a credential has a lock.
#ifndef OBOL_GSSAPI_HANDLES_H
#define OBOL_GSSAPI_HANDLES_H

#include "base/error.h"
#include "gss/context.h"
#include "krb/principal.h"
#include <gssapi/gssapi_ext.h>
#include <pthread.h>

// Of gssapi/gssapi_krb5.h, whose krb5.h and our own headers would meet in too many names.
extern const gss_OID gss_nt_krb5_name, gss_nt_krb5_principal, GSS_KRB5_NT_PRINCIPAL_NAME,
    GSS_KRB5_NT_ENTERPRISE_NAME, GSS_KRB5_NT_X509_CERT, GSS_KRB5_CRED_NO_CI_FLAGS_X,
    GSS_KRB5_GET_CRED_IMPERSONATOR;

enum gssapi_tag {
    GSSAPI_TAG_NAME = 0x6f624e41,
    GSSAPI_TAG_CRED = 0x6f624352,
    GSSAPI_TAG_CTX = 0x6f624358,
};

// Mechanisms, as bits of a set. The krb5 mechanism goes by three OIDs.
enum gssapi_mech {
    GSSAPI_KRB5 = 1,
    GSSAPI_KRB5_OLD = 2,   // 1.3.5.1.5.2
    GSSAPI_KRB5_WRONG = 4, // 1.2.840.48018.1.2.2
    GSSAPI_IAKERB = 8,
    GSSAPI_SPNEGO = 16,
    GSSAPI_ANY_KRB5 = GSSAPI_KRB5 | GSSAPI_KRB5_OLD | GSSAPI_KRB5_WRONG,
    GSSAPI_ALL_MECHS = GSSAPI_ANY_KRB5 | GSSAPI_IAKERB | GSSAPI_SPNEGO,
};
// gssapi_mech_of is the mechanism of an OID; 0 for one not known. GSS_C_NO_OID is the default,
// krb5.
unsigned gssapi_mech_of(gss_const_OID oid);
// gssapi_mech_oid is the static OID of one mechanism.
gss_OID gssapi_mech_oid(unsigned mech);
// gssapi_mechs_of is the set of an OID set; those not known are left out. NULL is the empty set.
unsigned gssapi_mechs_of(gss_const_OID_set set);
// gssapi_mechs_set makes the OID set of a set of mechanisms, in the order of enum gssapi_mech.
OM_uint32 gssapi_mechs_set(OM_uint32 *minor, unsigned mechs, gss_OID_set *out);
// gssapi_oid_static is the library's own OID of that value: a mechanism, name type or attribute;
// NULL for one not known.
gss_OID gssapi_oid_static(gss_const_OID oid);

// A name is one block of the heap with all its bytes behind it (attributes apart).
struct gssapi_attrs; // attr.h
struct gss_name_struct {
    struct gss_name_struct *self;
    uint32_t tag;
    gss_OID type; // as imported, static; NULL: none was said
    // What was imported, or of a mechanism name what gss_display_name shows.
    struct slice text;
    unsigned mech; // of a mechanism name: enum gssapi_mech; 0: not one yet
    // The krb5 name, if has_principal: that of a mechanism name, or that which was imported. Its
    // realm may be empty: it is found when the name is used.
    bool has_principal;
    struct principal principal;
    // A host-based service as it was said, service alone or both; else empty.
    struct slice service, host;
    struct gssapi_attrs *attrs; // NULL: none
};

struct gss_cred_id_struct; // cred.h

enum gssapi_ctx_state {
    GSSAPI_CTX_STARTED,     // tokens go to and fro
    GSSAPI_CTX_ESTABLISHED, // messages may be protected
    GSSAPI_CTX_DEAD,        // it failed: nothing but deleting it is left
};

struct gss_initiator;
struct gss_acceptor;
struct gss_ctx_id_struct {
    struct gss_ctx_id_struct *self;
    uint32_t tag;
    enum gssapi_ctx_state state;
    bool initiator;                       // this end began
    struct arena *arena;                  // of gssapi_arena_take; holds what stands below
    struct gss_initiator *start;          // the machine while it runs
    struct gss_acceptor *accept;          // likewise
    struct gss_context *core;             // of the machine, or imported; NULL: none yet
    gss_OID mech;                         // that is in force, static; NULL: not known yet
    bool spnego;                          // it was negotiated
    uint32_t flags;                       // GSS_C_..._FLAG in force
    struct gss_cred_id_struct *cred;      // in use while it runs; borrowed
    struct gss_cred_id_struct *delegated; // to be given out; ours until then
    struct gss_name_struct *client;       // with what its ticket proves; the acceptor's end only
    struct error err;                     // of the step that failed
};

static inline bool gssapi_is_name(gss_const_name_t name) {
    return name && name->tag == GSSAPI_TAG_NAME;
}
static inline bool gssapi_is_ctx(gss_const_ctx_id_t ctx) {
    return ctx && ctx->tag == GSSAPI_TAG_CTX;
}
bool gssapi_is_cred(gss_const_cred_id_t cred);

// gssapi_arena_take gives an empty arena of a pool that the process keeps (mapping and locking
// memory for each context would cost more than the context); NULL without memory.
// gssapi_arena_give wipes it and gives it back; NULL is fine.
struct arena *gssapi_arena_take(void);
void gssapi_arena_give(struct arena *a);

// gssapi_context_new makes the handle of a context with an arena, STARTED and else empty; NULL
// without memory. gssapi_context_free gives back all that it holds, in whatever state; NULL is
// fine.
struct gss_ctx_id_struct *gssapi_context_new(void);
void gssapi_context_free(struct gss_ctx_id_struct *ctx);

// Buffers of programs. gssapi_slice borrows one; a NULL buffer is empty.
static inline struct slice gssapi_slice(gss_const_buffer_t b) {
    return b && b->value ? slice_of(b->value, b->length) : (struct slice){0};
}
// gssapi_buffer_copy fills *out with a copy from the heap, with a NUL behind it that is not
// counted; the caller of the GSS-API frees it with gss_release_buffer. False without memory.
MUST_USE bool gssapi_buffer_copy(gss_buffer_t out, struct slice s);

#endif
