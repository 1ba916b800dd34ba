// abi_print.h: abi_rows.h as text, a row a line. It stands alone, so that it can be built with the
// headers of MIT krb5 too:
//     echo '#include "abi_print.h"
//     int main(void) { abi_print(stdout); return 0; }' | gcc -xc - -I. -lgssapi_krb5
#ifndef OBOL_TESTS_GSSAPI_ABI_PRINT_H
#define OBOL_TESTS_GSSAPI_ABI_PRINT_H

#include "abi_rows.h"
#include <stddef.h>
#include <stdio.h>

static void abi_print_oid(FILE *out, const char *name, gss_const_OID oid) {
    fprintf(out, "oid %s ", name);
    for (OM_uint32 i = 0; i < oid->length; i++)
        fprintf(out, "%02x", ((const unsigned char *)oid->elements)[i]);
    fprintf(out, "\n");
}

static void abi_print(FILE *out) {
#define CONSTANT(name)    fprintf(out, "constant %s %lld\n", #name, (long long)(name));
#define SIZE(type)        fprintf(out, "size %s %zu\n", #type, sizeof(type));
#define PLACE(type, name) fprintf(out, "place %s.%s %zu\n", #type, #name, offsetof(type, name));
#define PRINT_OID(name)   abi_print_oid(out, #name, name);
    ABI_CONSTANTS(CONSTANT)
    ABI_TYPES(SIZE)
    ABI_STRUCTS(SIZE, PLACE)
    ABI_OIDS(PRINT_OID)
    fprintf(out, "buffer GSS_C_ATTR_LOCAL_LOGIN_USER %.*s\n",
            (int)GSS_C_ATTR_LOCAL_LOGIN_USER->length,
            (const char *)GSS_C_ATTR_LOCAL_LOGIN_USER->value);
    fprintf(out, "sets %zu %zu %zu\n", gss_mech_set_krb5->count, gss_mech_set_krb5_old->count,
            gss_mech_set_krb5_both->count);
}

#endif
