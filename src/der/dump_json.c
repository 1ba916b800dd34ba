// dump_json.c: a decoded value as JSON (RFC 8259), from its table. A SEQUENCE is an object, a list
// an array, a time or an OID a string, octets are hexadecimal. Beside a number or flags with names
// stands a member "<field>-name" or "<field>-names"; beside octets that were opened,
// "<field>-inside".
#include "base/hex.h"
#include "der/dump.h"

struct dumper {
    struct writer *w;
    const struct der_dump_hooks *hooks;
};

static void show(struct dumper *d, const struct der_place *place);

static void member_name(struct dumper *d, const char *name, const char *suffix) {
    writer_printf(d->w, "\"%s%s\":", name, suffix);
}

static void show_hex(struct dumper *d, const struct der_place *place) {
    const struct slice *s = place->value;
    if (place->type->flags & DER_SECRET && !d->hooks->show_secrets) {
        writer_printf(d->w, "{\"hidden\":true,\"length\":%zu}", s->len);
        return;
    }
    writer_u8(d->w, '"');
    hex_write(d->w, *s);
    writer_u8(d->w, '"');
}

static void show_primitive(struct dumper *d, const struct der_place *place) {
    switch ((enum der_kind)place->type->kind) {
    case DER_KIND_FLAGS:
        writer_printf(d->w, "%u", *(const uint32_t *)place->value);
        break;
    case DER_KIND_STRING:
        if (place->type->flags & DER_SECRET && !d->hooks->show_secrets)
            show_hex(d, place);
        else
            json_string(d->w, *(const struct slice *)place->value);
        break;
    case DER_KIND_TIME:
    case DER_KIND_OID:
        writer_u8(d->w, '"');
        der_plain_write(d->w, place);
        writer_u8(d->w, '"');
        break;
    default:
        if (!der_plain_write(d->w, place))
            show_hex(d, place);
    }
}

static void name_or_null(struct dumper *d, const struct code_table *codes, int32_t value) {
    const char *name = d->hooks->name(codes, value);
    if (name)
        json_string(d->w, slice_str(name));
    else
        writer_str(d->w, "null");
}

static void flag_names(struct dumper *d, const struct der_field *f, uint32_t v) {
    writer_u8(d->w, '[');
    const char *before = "";
    for (int32_t bit = 0; bit < 32; bit++) {
        if (!(v & UINT32_C(0x80000000) >> bit) || !d->hooks->name(f->codes, bit))
            continue;
        writer_str(d->w, before);
        name_or_null(d, f->codes, bit);
        before = ",";
    }
    writer_u8(d->w, ']');
}

// The member that names the numbers of a field, if they have names.
static void show_names(struct dumper *d, const struct der_field *f, const void *value) {
    if (!f->codes || !d->hooks->name)
        return;
    bool one = f->type->kind == DER_KIND_INT32;
    writer_u8(d->w, ',');
    member_name(d, f->name, one ? "-name" : "-names");
    if (one) {
        name_or_null(d, f->codes, *(const int32_t *)value);
    } else if (f->type->kind == DER_KIND_FLAGS) {
        flag_names(d, f, *(const uint32_t *)value);
    } else {
        const struct der_list *list = value;
        writer_u8(d->w, '[');
        for (size_t i = 0; i < list->count; i++) {
            writer_str(d->w, i ? "," : "");
            name_or_null(d, f->codes, ((const int32_t *)list->items)[i]);
        }
        writer_u8(d->w, ']');
    }
}

static void show_inside(struct dumper *d, const struct der_place *place, const char *name,
                        const char *suffix, const char *before) {
    struct der_inside inside;
    if (!der_inside_of(d->hooks, place, &inside) || !inside.type)
        return;
    struct der_place below = der_place_below(place, NULL, inside.type, inside.value);
    writer_str(d->w, before);
    member_name(d, name, suffix);
    writer_u8(d->w, '{');
    member_name(d, inside.type->name, "");
    show(d, &below);
    writer_u8(d->w, '}');
}

static void show_struct(struct dumper *d, const struct der_place *place) {
    const char *before = "";
    writer_u8(d->w, '{');
    for (size_t i = 0; i < place->type->field_count; i++) {
        const struct der_field *f = &place->type->fields[i];
        if (!der_field_present(place, f))
            continue;
        struct der_place below =
            der_place_below(place, f, f->type, (const uint8_t *)place->value + f->offset);
        writer_str(d->w, before);
        member_name(d, f->name, "");
        show(d, &below);
        show_names(d, f, below.value);
        if (der_may_hold(f->type))
            show_inside(d, &below, f->name, "-inside", ",");
        before = ",";
    }
    show_inside(d, place, "inside", "", before);
    writer_u8(d->w, '}');
}

static void show_list(struct dumper *d, const struct der_place *place) {
    const struct der_list *list = place->value;
    const struct der_type *item = place->type->item;
    writer_u8(d->w, '[');
    for (size_t i = 0; i < list->count; i++) {
        struct der_place below =
            der_place_below(place, NULL, item, (const uint8_t *)list->items + i * item->size);
        writer_str(d->w, i ? "," : "");
        show(d, &below);
    }
    writer_u8(d->w, ']');
}

static void show(struct dumper *d, const struct der_place *place) {
    if (place->depth > DER_DUMP_DEPTH) {
        writer_str(d->w, "\"nested too deeply to show\"");
        return;
    }
    switch ((enum der_kind)place->type->kind) {
    case DER_KIND_SEQUENCE:
    case DER_KIND_CHOICE:
        show_struct(d, place);
        return;
    case DER_KIND_SEQUENCE_OF:
        show_list(d, place);
        return;
    default:
        show_primitive(d, place);
    }
}

void der_dump_json_with(const struct der_type *type, const void *value,
                        const struct der_dump_hooks *hooks, struct writer *w) {
    struct dumper d = {w, hooks};
    struct der_place top = der_place_below(NULL, NULL, type, value);
    writer_u8(w, '{');
    member_name(&d, type->name, "");
    show(&d, &top);
    writer_u8(w, '}');
}

void der_dump_json(const struct der_type *type, const void *value, struct writer *w) {
    const struct der_dump_hooks none = {0};
    der_dump_json_with(type, value, &none, w);
}
