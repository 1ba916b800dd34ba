// table.c: the primitive types that the tables of messages refer to.
#include "der/table.h"

// clang-format off
#define SLICE_TYPE(asn1_name, of_kind, octet) \
    .name = (asn1_name), .kind = (of_kind), .tag = (octet), .size = sizeof(struct slice)

const struct der_type DER_INT32 = {
    .name = "Int32", .kind = DER_KIND_INT32, .tag = 0x02, .size = sizeof(int32_t)};
const struct der_type DER_UINT32 = {
    .name = "UInt32", .kind = DER_KIND_UINT32, .tag = 0x02, .size = sizeof(uint32_t),
    .flags = DER_LENIENT_NEGATIVE};
const struct der_type DER_NONCE = {
    .name = "UInt32", .kind = DER_KIND_NONCE, .tag = 0x02, .size = sizeof(int64_t),
    .flags = DER_LENIENT_NEGATIVE};
const struct der_type DER_KVNO = {
    .name = "kvno", .kind = DER_KIND_INT32, .tag = 0x02, .size = sizeof(int32_t),
    .flags = DER_LENIENT_UNSIGNED};
const struct der_type DER_USEC = {
    .name = "Microseconds", .kind = DER_KIND_USEC, .tag = 0x02, .size = sizeof(int32_t)};
const struct der_type DER_BOOLEAN = {
    .name = "BOOLEAN", .kind = DER_KIND_BOOL, .tag = 0x01, .size = sizeof(bool)};
const struct der_type DER_OCTETS = {SLICE_TYPE("OCTET STRING", DER_KIND_OCTETS, 0x04)};
const struct der_type DER_SECRET_OCTETS = {SLICE_TYPE("OCTET STRING", DER_KIND_OCTETS, 0x04),
    .flags = DER_SECRET};
const struct der_type DER_CIPHER = {SLICE_TYPE("OCTET STRING", DER_KIND_OCTETS, 0x04),
    .flags = DER_OPAQUE};
const struct der_type DER_NAME = {SLICE_TYPE("KerberosString", DER_KIND_STRING, 0x1b)};
const struct der_type DER_TEXT = {SLICE_TYPE("KerberosString", DER_KIND_STRING, 0x1b),
    .flags = DER_LENIENT_NUL};
const struct der_type DER_UTF8 = {SLICE_TYPE("UTF8String", DER_KIND_STRING, 0x0c)};
const struct der_type DER_SECRET_UTF8 = {SLICE_TYPE("UTF8String", DER_KIND_STRING, 0x0c),
    .flags = DER_SECRET};
const struct der_type DER_TIME = {
    .name = "KerberosTime", .kind = DER_KIND_TIME, .tag = 0x18, .size = sizeof(int64_t)};
const struct der_type DER_FLAGS = {
    .name = "KerberosFlags", .kind = DER_KIND_FLAGS, .tag = 0x03, .size = sizeof(uint32_t),
    .flags = DER_LENIENT_FLAGS_SIZE};
const struct der_type DER_BITS = {SLICE_TYPE("BIT STRING", DER_KIND_BITS, 0x03)};
const struct der_type DER_OID = {SLICE_TYPE("OBJECT IDENTIFIER", DER_KIND_OID, 0x06)};
const struct der_type DER_BIGINT = {SLICE_TYPE("INTEGER", DER_KIND_BIGINT, 0x02)};
const struct der_type DER_ANY = {SLICE_TYPE("ANY", DER_KIND_ANY, 0)};
// clang-format on

const char *der_type_name(const struct der_type *type) {
    return type->name;
}

bool der_type_begins(const struct der_type *t, uint8_t octet) {
    if (t->outer)
        return octet == t->outer || (t->outer_also && octet == t->outer_also);
    if (t->kind == DER_KIND_ANY)
        return octet != 0;
    if (t->kind != DER_KIND_CHOICE)
        return octet == t->tag;
    for (size_t i = 0; i < t->field_count; i++) {
        const struct der_field *f = &t->fields[i];
        if (f->tag ? f->tag == octet : der_type_begins(f->type, octet))
            return true;
    }
    return false;
}
