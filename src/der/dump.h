// dump.h: showing decoded values to people and programs, with hooks through which a layer that
// knows what the numbers and octet strings mean says so. der_dump and der_dump_json (der/der.h) are
// these functions without hooks.
#ifndef OBOL_DER_DUMP_H
#define OBOL_DER_DUMP_H

#include "der/table.h"

// A value being shown, and where it stands.
struct der_place {
    const struct der_place *up;    // the value around it; NULL at the top
    const struct der_field *field; // its line in the table of `up`; NULL for an element of a list,
                                   // for what was opened, and at the top
    const struct der_type *type;
    const void *value;
    unsigned depth;
};

// What a hook knows about a value: the decoded value inside it, or a text that says it better.
struct der_inside {
    const struct der_type *type; // NULL if there is none
    const void *value;
    struct slice text; // shown in place of octets or, in trees, of a SEQUENCE; empty if none
};

struct der_dump_hooks {
    void *context;
    // The name of a number, or of a bit (numbered as in the ASN.1); NULL if it has none.
    const char *(*name)(const struct code_table *codes, int32_t value);
    // Fills *out (zeroed) for an OCTET STRING, an ANY, an OID or a SEQUENCE; false if there is
    // nothing to say.
    bool (*inside)(void *context, const struct der_place *place, struct der_inside *out);
    bool show_secrets;
};

// DER_DUMP_DEPTH bounds how deep values are shown; below it only their size is.
enum { DER_DUMP_DEPTH = 48 };

void der_dump_with(const struct der_type *type, const void *value,
                   const struct der_dump_hooks *hooks, struct writer *w);
void der_dump_json_with(const struct der_type *type, const void *value,
                        const struct der_dump_hooks *hooks, struct writer *w);

// For the two dumpers: which fields are there, and what stands inside.
bool der_field_present(const struct der_place *place, const struct der_field *f);
struct der_place der_place_below(const struct der_place *up, const struct der_field *f,
                                 const struct der_type *type, const void *value);
bool der_inside_of(const struct der_dump_hooks *hooks, const struct der_place *place,
                   struct der_inside *out);
// der_may_hold is whether the hook is asked about values of the type that are no SEQUENCE.
bool der_may_hold(const struct der_type *t);
// der_plain_write writes what is a number, a truth value, a time ("2026-11-23T10:00:00Z") or an
// OID; false, and nothing written, for another kind.
bool der_plain_write(struct writer *w, const struct der_place *place);
// der_oid_write writes "1.2.840.113554.1.2.2" from the content of an OID.
void der_oid_write(struct writer *w, struct slice oid);

#endif
