// table.h: what the DER engine reads to know a type: one `struct der_type` per ASN.1 type, one
// `struct der_field` per line of a SEQUENCE or CHOICE, in the order of the ASN.1 (X.690, X.680).
//
// Only those who write tables and the engine itself include this file; everyone else passes
// `const struct der_type *` about. What a C member must be is said at each kind. A SEQUENCE with
// optional fields, and every CHOICE, is a struct whose first member is `uint32_t present`: each
// optional field has a bit in it, and a CHOICE has exactly one bit set.
#ifndef OBOL_DER_TABLE_H
#define OBOL_DER_TABLE_H

#include "der/der.h"

struct code_table; // proto/codes.h; the engine hands it to dump hooks and never looks inside

// DER_MAX_DEPTH bounds nesting, DER_MAX_ITEMS the elements of one SEQUENCE OF.
enum { DER_MAX_DEPTH = 16, DER_MAX_ITEMS = 1024 };

enum der_kind {
    DER_KIND_INT32,       // int32_t
    DER_KIND_UINT32,      // uint32_t
    DER_KIND_NONCE,       // int64_t: a UInt32, or the negative number that stood in its place
    DER_KIND_USEC,        // int32_t, INTEGER (0..999999)
    DER_KIND_BOOL,        // bool
    DER_KIND_OCTETS,      // struct slice: OCTET STRING
    DER_KIND_STRING,      // struct slice: a character string
    DER_KIND_TIME,        // int64_t: KerberosTime, seconds since 1970
    DER_KIND_FLAGS,       // uint32_t: KerberosFlags, bit 0 the most significant
    DER_KIND_BITS,        // struct slice: BIT STRING of whole octets
    DER_KIND_OID,         // struct slice: the content octets of an OBJECT IDENTIFIER
    DER_KIND_BIGINT,      // struct slice: the content octets of an INTEGER, two's complement
    DER_KIND_ANY,         // struct slice: one whole value with its identifier and length
    DER_KIND_SEQUENCE,    // a struct
    DER_KIND_SEQUENCE_OF, // struct {T *items; size_t count;}
    DER_KIND_CHOICE,      // a struct with `present`
};

// Leniencies: what strict DER or the RFC forbids and deployed peers send. Each has its test in
// tests/proto/test_lenient.c. Nothing else is forgiven.
enum der_flag {
    // UInt32 with the top bit set sent as a negative INTEGER: Heimdal before 1.3 and MIT before 1.7
    // do this with nonce and seq-number (RFC 4120 5.2.4 compatibility note), newer Heimdal with the
    // nonce of a TGS-REQ. It reads no other form either, so a nonce is given back in its own.
    DER_LENIENT_NEGATIVE = 1u << 0,
    // kvno is UInt32 in the RFC, and a signed Int32 in Active Directory (MS-KILE 3.1.5.8): both
    // are read; the signed form is written, since AD refuses an INTEGER of five octets.
    DER_LENIENT_UNSIGNED = 1u << 1,
    // KerberosFlags of fewer than 32 bits (the rest is zero) or of more (the rest is ignored):
    // RFC 4120 5.2.8 asks receivers for it.
    DER_LENIENT_FLAGS_SIZE = 1u << 2,
    // Character strings that hold NUL: MIT's e-text used to end with one. Never in a name.
    DER_LENIENT_NUL = 1u << 3,
    // A mandatory field that some senders leave out reads as zero.
    DER_LENIENT_ABSENT = 1u << 4,
    // Not leniencies but properties:
    DER_EXTENSIBLE = 1u << 8, // the ASN.1 ends in "...": unknown trailing fields are skipped
    DER_SECRET = 1u << 9,     // dumps do not show the bytes
    DER_OPAQUE = 1u << 12,    // trees show the length alone: ciphertext tells nobody anything
    DER_KEEPS_RAW = 1u << 10, // the struct has `struct slice raw` at `raw`: see der_encode
    DER_IMPLICIT = 1u << 11,  // of a field: its tag replaces the type's own
};

// DER_LEAF is whether a value of the type has its identifier, its length and nothing in it that
// is DER itself: the engine takes these, which are most, on a short way when they are short.
#define DER_LEAF(t)  ((t)->kind < DER_KIND_ANY && (t)->outer == 0)
#define DER_LEAF_MAX 0x7d // bytes of content that leave one octet for both lengths

// The members stand in the order in which a line of a table is read, not the densest one.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct der_field {
    const char *name;               // as in the ASN.1: "name-string"
    uint8_t tag;                    // identifier octet of its context tag, 0 if it has none
    const struct der_type *type;    //
    uint16_t offset, size;          // of the C member
    uint32_t present;               // its bit, 0 if it is mandatory
    const struct code_table *codes; // names of its numbers or bits, for dumps; or NULL
    uint16_t flags;                 // DER_IMPLICIT, DER_LENIENT_ABSENT
};

struct der_type {
    const char *name; // "KDC-REQ-BODY"
    uint8_t kind;
    uint8_t tag;        // identifier octet; 0 for ANY and CHOICE, which have none of their own
    uint8_t outer;      // identifier octet of an APPLICATION tag around it, or 0
    uint8_t outer_also; // another one that is read as well, or 0
    uint8_t field_count;
    uint16_t flags;
    uint16_t size;                  // of the C type
    uint16_t raw;                   // offset of the raw bytes, with DER_KEEPS_RAW
    const struct der_field *fields; // of SEQUENCE and CHOICE
    const struct der_type *item;    // of SEQUENCE OF
};

// EXPLICIT(n) and APPLICATION(n) are the identifier octets of constructed tags; IMPLICIT(n) is that
// of a primitive one, IMPLICIT_CONSTRUCTED(n) of one that replaces a SEQUENCE's. The last two go
// with DER_IMPLICIT.
#define EXPLICIT(n)             (0xa0 | (n))
#define IMPLICIT(n)             (0x80 | (n))
#define IMPLICIT_CONSTRUCTED(n) (0xa0 | (n))
#define APPLICATION(n)          (0x60 | (n))

// MEMBER names the C member of a field, as offset and size.
#define MEMBER(structure, member)                                                                  \
    .offset = offsetof(struct structure, member), .size = sizeof(((struct structure *)0)->member)

// SEQUENCE and CHOICE begin the initialiser of a type with an array of fields.
#define SEQUENCE(asn1_name, structure, array)                                                      \
    .name = (asn1_name), .kind = DER_KIND_SEQUENCE, .tag = 0x30, .size = sizeof(struct structure), \
    .fields = (array), .field_count = COUNT_OF(array)
#define CHOICE(asn1_name, structure, array)                                                        \
    .name = (asn1_name), .kind = DER_KIND_CHOICE, .size = sizeof(struct structure),                \
    .fields = (array), .field_count = COUNT_OF(array)
#define SEQUENCE_OF(asn1_name, structure, item_type)                                               \
    .name = (asn1_name), .kind = DER_KIND_SEQUENCE_OF, .tag = 0x30,                                \
    .size = sizeof(struct structure), .item = (item_type)

// The lists of all types share this shape with struct slice_list and its like.
struct der_list {
    void *items;
    size_t count;
};

extern const struct der_type DER_INT32, DER_UINT32, DER_NONCE, DER_KVNO, DER_USEC, DER_BOOLEAN,
    DER_OCTETS,
    DER_SECRET_OCTETS, // OCTET STRING that dumps do not show
    DER_CIPHER,        // OCTET STRING of which trees show the length
    DER_NAME,          // KerberosString without NUL
    DER_TEXT,          // KerberosString that people read, or a salt
    DER_UTF8, DER_SECRET_UTF8, DER_TIME, DER_FLAGS, DER_BITS, DER_OID, DER_BIGINT, DER_ANY;

// der_type_begins is whether a value of the type can begin with this identifier octet.
bool der_type_begins(const struct der_type *t, uint8_t octet);

#endif
