// xdr.h: XDR (RFC 4506) by field tables: one row a field, in the order of the wire; one engine
// reads and writes by the same rows, so that what one end writes the other one reads.
#ifndef OBOL_ADMIN_XDR_H
#define OBOL_ADMIN_XDR_H

#include "base/arena.h"
#include "base/error.h"
#include "base/writer.h"

struct xdr_type;
enum xdr_kind {
    XDR_UINT,     // uint32_t
    XDR_INT,      // int32_t
    XDR_SHORT,    // int32_t of 16 bits: MIT krb5's krb5_int16 goes as an int
    XDR_BOOLEAN,  // bool
    XDR_OPAQUE,   // struct slice: length, bytes, zeros up to a multiple of four
    XDR_TEXT,     // struct slice: with a NUL that counts; length 0 is absent, a slice without ptr
    XDR_NAME,     // XDR_TEXT that must be there
    XDR_LIST,     // {items, count}: count, then each as `of` says
    XDR_CHAIN,    // {items, count}: before each one a true, after the last one a false
    XDR_COUNT,    // int32_t: the count of the list at `other`, which stands further on
    XDR_STRUCT,   // as `of` says
    XDR_NOT_NULL, // bool: false, unless what the next field has is not there; then true, and the
                  // next field is passed over
    XDR_VERSION,  // uint32_t that fields with a `since` are held against
    XDR_STATUS,   // uint32_t: unless it is 0, the message ends behind it
};
struct xdr_field {
    const char *name;
    enum xdr_kind kind;
    size_t offset; // in the struct
    const struct xdr_type *of;
    size_t other;   // XDR_COUNT: of its list. XDR_LIST: of its XDR_COUNT, 0: none
    uint32_t since; // the version from which on it is there
    // There only if the int32_t at `guard` is more than `above`; guarded: the two count.
    bool guarded;
    size_t guard;
    int32_t above;
};
struct xdr_type {
    size_t size; // of the struct
    const struct xdr_field *fields;
    size_t count;
};
#define XDR_TYPE(type, rows)                                                                       \
    { sizeof(type), (rows), COUNT_OF(rows) }

// xdr_read reads all of `bytes`: FORMAT names the field of what is malformed or left over. What
// comes out borrows from the bytes; lists lie in the arena.
MUST_USE enum obol_code xdr_read(const struct xdr_type *t, struct slice bytes, struct arena *a,
                                 void *out, struct error *err);
MUST_USE enum obol_code xdr_write(const struct xdr_type *t, const void *in, struct writer *w,
                                  struct error *err);

#endif
