// cksum.h: the checksum field of the authenticator (RFC 4121 4.1.1), in which the krb5 mechanism
// carries flags, channel bindings, delegated credentials and extensions; and the channel bindings
// themselves (RFC 2744 3.11, 4121 4.1.1.2).
#ifndef OBOL_GSS_CKSUM_H
#define OBOL_GSS_CKSUM_H

#include "base/arena.h"
#include "base/error.h"
#include "proto/messages.h"

#define GSS_BINDINGS_BYTES 16 // MD5 of the channel bindings
#define GSS_CKSUMTYPE      0x8003

struct gss_cksum {
    struct slice bindings; // GSS_BINDINGS_BYTES, all zero: none
    uint32_t flags;
    struct slice delegated; // DER of a KRB-CRED; empty: none
    struct slice finished;  // DER of IAKERB's KRB-FINISHED; empty: none
    bool finished_old;      // it goes under MIT krb5's number of before 1.22
};
MUST_USE enum obol_code gss_cksum_read(struct slice bytes, struct gss_cksum *out,
                                       struct error *err);
MUST_USE enum obol_code gss_cksum_write(const struct gss_cksum *c, struct arena *a,
                                        struct slice *out, struct error *err);

// A channel as both ends see it.
struct gss_bindings {
    uint32_t initiator_type, acceptor_type; // address types, GSS_C_AF_...
    struct slice initiator, acceptor;       // addresses
    struct slice application;               // "tls-server-end-point:..." and the like
};
// gss_bindings_hash is what goes on the wire, GSS_BINDINGS_BYTES in the arena.
MUST_USE enum obol_code gss_bindings_hash(const struct gss_bindings *b, struct arena *a,
                                          struct slice *out, struct error *err);
// gss_bindings_authdata is what a client puts into its authenticator to say that it knows of
// channel bindings, whether it states any or not (MS-KILE, KERB_AP_OPTIONS_CBT); static.
struct authdata gss_bindings_authdata(void);
// gss_bindings_aware is whether a client's authenticator says so.
MUST_USE enum obol_code gss_bindings_aware(const struct authdata_list *list, struct arena *a,
                                           bool *aware, struct error *err);

#endif
