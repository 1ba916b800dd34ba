// dump.c: a decoded value as an indented tree, a line a field, from its table.
#include "der/dump.h"
#include "base/hex.h"
#include "der/time.h"

struct dumper {
    struct writer *w;
    const struct der_dump_hooks *hooks;
};

enum { HEX_SHOWN = 32 }; // octets of a string shown before it is cut

static void show(struct dumper *d, const struct der_place *place, unsigned indent);

bool der_field_present(const struct der_place *place, const struct der_field *f) {
    if (!f->present)
        return true;
    uint32_t present;
    memcpy(&present, place->value, sizeof present);
    return place->type->kind == DER_KIND_CHOICE ? present == f->present
                                                : (present & f->present) != 0;
}

struct der_place der_place_below(const struct der_place *up, const struct der_field *f,
                                 const struct der_type *type, const void *value) {
    return (struct der_place){up, f, type, value, up ? up->depth + 1 : 0};
}

bool der_may_hold(const struct der_type *t) {
    return t->kind == DER_KIND_OCTETS || t->kind == DER_KIND_ANY || t->kind == DER_KIND_OID;
}

bool der_inside_of(const struct der_dump_hooks *hooks, const struct der_place *place,
                   struct der_inside *out) {
    *out = (struct der_inside){0};
    bool shown = !(place->type->flags & DER_SECRET) || hooks->show_secrets;
    return shown && hooks->inside && place->depth < DER_DUMP_DEPTH &&
           hooks->inside(hooks->context, place, out);
}

static void iso_time(struct writer *w, int64_t seconds) {
    uint8_t t[KERBEROS_TIME_LEN];
    if (kerberos_time_write(seconds, t))
        writer_printf(w, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", (char *)t, (char *)t + 4, (char *)t + 6,
                      (char *)t + 8, (char *)t + 10, (char *)t + 12);
    else
        writer_printf(w, "%lld", (long long)seconds);
}

void der_oid_write(struct writer *w, struct slice s) {
    uint64_t arc = 0;
    for (size_t i = 0, arcs = 0; i < s.len; i++) {
        arc = arc << 7 | (s.ptr[i] & 0x7f);
        if (s.ptr[i] & 0x80)
            continue;
        uint64_t root = arc < 80 ? arc / 40 : 2;
        if (arcs++ == 0)
            writer_printf(w, "%llu.%llu", (unsigned long long)root,
                          (unsigned long long)(arc - 40 * root));
        else
            writer_printf(w, ".%llu", (unsigned long long)arc);
        arc = 0;
    }
}

bool der_plain_write(struct writer *w, const struct der_place *place) {
    const void *v = place->value;
    switch ((enum der_kind)place->type->kind) {
    case DER_KIND_INT32:
    case DER_KIND_USEC:
        writer_printf(w, "%d", *(const int32_t *)v);
        return true;
    case DER_KIND_UINT32:
        writer_printf(w, "%u", *(const uint32_t *)v);
        return true;
    case DER_KIND_NONCE:
        writer_printf(w, "%lld", (long long)*(const int64_t *)v);
        return true;
    case DER_KIND_BOOL:
        writer_str(w, *(const bool *)v ? "true" : "false");
        return true;
    case DER_KIND_TIME:
        iso_time(w, *(const int64_t *)v);
        return true;
    case DER_KIND_OID:
        der_oid_write(w, *(const struct slice *)v);
        return true;
    default:
        return false;
    }
}

// The codes of a place: those of its field, or of the list that it is an element of.
static const struct code_table *codes_of(const struct der_place *place) {
    if (place->field)
        return place->field->codes;
    return place->up && place->up->field ? place->up->field->codes : NULL;
}

static const char *name_of(const struct dumper *d, const struct der_place *place, int32_t value) {
    const struct code_table *codes = codes_of(place);
    return codes && d->hooks->name ? d->hooks->name(codes, value) : NULL;
}

static void show_number(struct dumper *d, const struct der_place *place) {
    const char *name = name_of(d, place, *(const int32_t *)place->value);
    der_plain_write(d->w, place);
    if (name)
        writer_printf(d->w, " (%s)", name);
}

static void show_flags(struct dumper *d, const struct der_place *place) {
    uint32_t v = *(const uint32_t *)place->value;
    writer_printf(d->w, "0x%08x", v);
    const char *before = " (";
    for (int32_t bit = 0; bit < 32; bit++) {
        if (!(v & UINT32_C(0x80000000) >> bit))
            continue;
        const char *name = name_of(d, place, bit);
        if (name)
            writer_printf(d->w, "%s%s", before, name);
        else
            writer_printf(d->w, "%s%d", before, bit);
        before = ", ";
    }
    writer_str(d->w, v ? ")" : "");
}

static void show_octets(struct dumper *d, const struct der_place *place, bool cut) {
    const struct slice *s = place->value;
    writer_printf(d->w, "%zu byte%s", s->len, s->len == 1 ? "" : "s");
    if (place->type->flags & DER_SECRET && !d->hooks->show_secrets) {
        writer_str(d->w, " (hidden)");
    } else if (s->len && !(place->type->flags & DER_OPAQUE && cut)) {
        writer_u8(d->w, ' ');
        hex_write(d->w, slice_sub(*s, 0, cut ? HEX_SHOWN : s->len));
        writer_str(d->w, cut && s->len > HEX_SHOWN ? "..." : "");
    }
}

static void show_primitive(struct dumper *d, const struct der_place *place) {
    switch ((enum der_kind)place->type->kind) {
    case DER_KIND_INT32:
    case DER_KIND_USEC:
        show_number(d, place);
        break;
    case DER_KIND_STRING:
        if (place->type->flags & DER_SECRET)
            show_octets(d, place, true);
        else
            text_escape(d->w, *(const struct slice *)place->value);
        break;
    case DER_KIND_FLAGS:
        show_flags(d, place);
        break;
    default:
        if (!der_plain_write(d->w, place))
            show_octets(d, place, !d->hooks->show_secrets);
    }
}

static void line(struct dumper *d, unsigned indent) {
    for (unsigned i = 0; i < indent; i++)
        writer_str(d->w, "  ");
}

static void show_inside(struct dumper *d, const struct der_place *place,
                        const struct der_inside *inside, unsigned indent) {
    if (!inside->type)
        return;
    struct der_place below = der_place_below(place, NULL, inside->type, inside->value);
    line(d, indent);
    writer_str(d->w, inside->type->name);
    show(d, &below, indent);
}

static void show_struct(struct dumper *d, const struct der_place *place, unsigned indent) {
    struct der_inside inside;
    bool known = der_inside_of(d->hooks, place, &inside);
    if (known && inside.text.len) {
        writer_str(d->w, ": ");
        text_escape(d->w, inside.text);
        writer_u8(d->w, '\n');
        return;
    }
    writer_u8(d->w, '\n');
    for (size_t i = 0; i < place->type->field_count; i++) {
        const struct der_field *f = &place->type->fields[i];
        if (!der_field_present(place, f))
            continue;
        const void *member = (const uint8_t *)place->value + f->offset;
        struct der_place below = der_place_below(place, f, f->type, member);
        line(d, indent + 1);
        writer_str(d->w, f->name);
        show(d, &below, indent + 1);
    }
    if (known)
        show_inside(d, place, &inside, indent + 1);
}

static void show_list(struct dumper *d, const struct der_place *place, unsigned indent) {
    const struct der_list *list = place->value;
    const struct der_type *item = place->type->item;
    bool inlined = item->kind < DER_KIND_SEQUENCE;
    if (inlined || list->count == 0)
        writer_str(d->w, list->count ? ": " : ": (none)\n");
    else
        writer_u8(d->w, '\n');
    for (size_t i = 0; i < list->count; i++) {
        struct der_place below =
            der_place_below(place, NULL, item, (const uint8_t *)list->items + i * item->size);
        if (inlined) {
            show_primitive(d, &below);
            writer_str(d->w, i + 1 < list->count ? ", " : "\n");
        } else {
            line(d, indent + 1);
            writer_printf(d->w, "[%zu]", i);
            show(d, &below, indent + 1);
        }
    }
}

// Shows what stands behind a label that was written: ": value\n", or "\n" and lines below.
static void show(struct dumper *d, const struct der_place *place, unsigned indent) {
    if (place->depth > DER_DUMP_DEPTH) {
        writer_str(d->w, ": (nested too deeply to show)\n");
        return;
    }
    switch ((enum der_kind)place->type->kind) {
    case DER_KIND_SEQUENCE:
    case DER_KIND_CHOICE:
        show_struct(d, place, indent);
        return;
    case DER_KIND_SEQUENCE_OF:
        show_list(d, place, indent);
        return;
    default:
        break;
    }
    struct der_inside inside;
    bool known = der_may_hold(place->type) && der_inside_of(d->hooks, place, &inside);
    writer_str(d->w, ": ");
    if (known && inside.text.len)
        text_escape(d->w, inside.text);
    else if (known)
        writer_printf(d->w, "%zu bytes", ((const struct slice *)place->value)->len);
    else
        show_primitive(d, place);
    writer_u8(d->w, '\n');
    if (known)
        show_inside(d, place, &inside, indent + 1);
}

void der_dump_with(const struct der_type *type, const void *value,
                   const struct der_dump_hooks *hooks, struct writer *w) {
    struct dumper d = {w, hooks};
    struct der_place top = der_place_below(NULL, NULL, type, value);
    writer_str(w, type->name);
    show(&d, &top, 0);
}

void der_dump(const struct der_type *type, const void *value, struct writer *w) {
    const struct der_dump_hooks none = {0};
    der_dump_with(type, value, &none, w);
}
