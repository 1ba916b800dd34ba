// describe.c: the hooks that turn a dump of a table into a description of a message.
#include "proto/describe.h"
#include "base/reader.h"
#include "proto/cms.h"
#include "proto/codes.h"
#include "proto/inside.h"
#include "proto/message.h"
#include "proto/s4u.h"
#include "proto/tables.h"

enum { LEARNED_MAX = 16, GSS_CHECKSUM = 0x8003 };

struct describer {
    const struct describe_options *options;
    struct arena *arena;
    struct encryption_key learned[LEARNED_MAX]; // newest first
    size_t learned_count;
};

static void learn(struct describer *d, const struct encryption_key *key) {
    size_t kept = d->learned_count < LEARNED_MAX - 1 ? d->learned_count : LEARNED_MAX - 1;
    memmove(d->learned + 1, d->learned, kept * sizeof d->learned[0]);
    d->learned[0] = *key;
    d->learned_count = kept + 1;
}

// Decodes bytes as the first of the types that fits.
static bool decode_any(struct describer *d, const struct inside_types *types, struct slice bytes,
                       bool padded, struct der_inside *out) {
    for (size_t i = 0; i < INSIDE_TYPES_MAX && types->types[i]; i++) {
        const struct der_type *t = types->types[i];
        void *value = arena_zalloc(d->arena, 1, t->size);
        if (!value)
            return false;
        enum obol_code code = padded ? der_decode_padded(t, bytes, d->arena, value, NULL, NULL)
                                     : der_decode(t, bytes, d->arena, value, NULL);
        if (code != OBOL_OK)
            continue;
        out->type = t;
        out->value = value;
        return true;
    }
    return false;
}

static bool open_sealed(struct describer *d, const struct der_place *place,
                        struct der_inside *out) {
    const struct describe_keys *keys = d->options->keys;
    const struct encrypted_data *data = place->value;
    struct inside_sealed inside;
    if (!inside_sealed_of(place, &inside))
        return false;
    struct inside_types types = {{inside.type}};
    // KRB-CRED within GSS-API is sealed by what is around it (RFC 4121 4.1.1): etype 0, plain.
    if (data->etype == 0 && inside.type == &TYPE_ENC_KRB_CRED_PART)
        return decode_any(d, &types, data->cipher, false, out);
    if (!keys)
        return false;
    bool of_ticket = place->up->type == &TYPE_TICKET;
    struct describe_sealed sealed = {
        data,       inside.usages,   inside.usage_count, of_ticket ? place->up->value : NULL,
        d->learned, d->learned_count};
    struct slice plaintext;
    return keys->open(keys->context, &sealed, d->arena, &plaintext) &&
           decode_any(d, &types, plaintext, true, out);
}

// "alice/admin (NT-PRINCIPAL)"
static bool principal_text(struct describer *d, const struct principal_name *name,
                           struct der_inside *out) {
    struct writer w = writer_to_arena(d->arena);
    for (size_t i = 0; i < name->name_string.count; i++) {
        writer_str(&w, i ? "/" : "");
        writer_bytes(&w, name->name_string.items[i]);
    }
    const char *type = code_name(&CODES_NAME_TYPE, name->name_type);
    if (type)
        writer_printf(&w, " (%s)", type);
    else
        writer_printf(&w, " (name-type %d)", name->name_type);
    out->text = writer_slice(&w);
    return out->text.len != 0;
}

static bool address_text(struct describer *d, const struct host_address *h,
                         struct der_inside *out) {
    struct slice a = h->address;
    struct writer w = writer_to_arena(d->arena);
    if (h->addr_type == 2 && a.len == 4) {
        writer_printf(&w, "%u.%u.%u.%u", a.ptr[0], a.ptr[1], a.ptr[2], a.ptr[3]);
    } else if (h->addr_type == 24 && a.len == 16) {
        for (size_t i = 0; i < 16; i += 2)
            writer_printf(&w, "%s%x", i ? ":" : "", (unsigned)(a.ptr[i] << 8 | a.ptr[i + 1]));
    } else if (h->addr_type == 20) {
        writer_str(&w, "NetBIOS ");
        writer_bytes(&w, slice_trim(a));
    } else {
        return false;
    }
    out->text = writer_slice(&w);
    return out->text.len != 0;
}

// "1.3.6.1.5.2.3.1 (id-pkinit-authData)"
static bool oid_text(struct describer *d, struct slice oid, struct der_inside *out) {
    const char *name = oid_name(oid);
    struct writer w = writer_to_arena(d->arena);
    if (!name)
        return false;
    der_oid_write(&w, oid);
    writer_printf(&w, " (%s)", name);
    out->text = writer_slice(&w);
    return out->text.len != 0;
}

// KERB-EXT-ERROR, MS-KILE 2.2.2: the NTSTATUS of Windows, that says more than the KRB-ERROR.
static bool extended_error_text(struct describer *d, const struct der_place *place,
                                struct der_inside *out) {
    const struct slice *bytes = place->value;
    if (!place->up || place->up->type != &TYPE_KERB_ERROR_DATA || bytes->len != 12)
        return false;
    const struct kerb_error_data *data = place->up->value;
    struct reader r = reader_of(*bytes);
    if (!data || data->data_type != KERB_ERR_TYPE_EXTENDED)
        return false;
    out->text = arena_printf(d->arena, "NTSTATUS 0x%08x", reader_le32(&r));
    return out->text.len != 0;
}

// The "checksum" of GSS-API, RFC 4121 4.1.1: channel bindings, flags, and maybe a KRB-CRED.
static bool gss_checksum(struct describer *d, const struct der_place *place,
                         struct der_inside *out) {
    static const char *const names[] = {"delegate", "mutual",          "replay",
                                        "sequence", "confidentiality", "integrity"};
    const struct checksum *sum =
        place->up && place->up->type == &TYPE_CHECKSUM ? place->up->value : NULL;
    if (!sum || sum->cksumtype != GSS_CHECKSUM)
        return false;
    struct reader r = reader_of(sum->checksum);
    bool sized = reader_le32(&r) == 16;
    struct slice bindings = reader_bytes(&r, 16);
    uint32_t flags = reader_le32(&r);
    if (!sized || !reader_ok(&r))
        return false;
    static const uint8_t none[16];
    bool bound = !slice_eq(bindings, slice_of(none, sizeof none));
    struct writer w = writer_to_arena(d->arena);
    writer_printf(&w, "GSS-API flags 0x%x", flags);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (flags & 1u << i)
            writer_printf(&w, " %s", names[i]);
    writer_str(&w, bound ? "; bound to a channel" : "; bound to no channel");
    out->text = writer_slice(&w);
    uint16_t option = reader_le16(&r), len = reader_le16(&r);
    struct slice cred = reader_bytes(&r, len);
    const struct inside_types types = {{&TYPE_KRB_CRED}};
    if ((flags & 1) && option == 1 && reader_ok(&r))
        (void)!decode_any(d, &types, cred, false, out);
    return out->text.len != 0;
}

static bool octets_inside(struct describer *d, const struct der_place *place,
                          struct der_inside *out) {
    const struct slice *bytes = place->value;
    const struct padata *pa =
        place->up && place->up->type == &TYPE_PADATA ? place->up->value : NULL;
    if (pa && pa->padata_type == PA_PW_SALT && bytes->len) {
        out->text = *bytes;
        return true;
    }
    if (extended_error_text(d, place, out) || gss_checksum(d, place, out))
        return true;
    struct inside_types types = inside_octets(place);
    return bytes->len && decode_any(d, &types, *bytes, false, out);
}

static bool inside(void *context, const struct der_place *place, struct der_inside *out) {
    struct describer *d = context;
    if (place->type->kind == DER_KIND_OID)
        return !d->options->json && oid_text(d, *(const struct slice *)place->value, out);
    if (der_may_hold(place->type))
        return octets_inside(d, place, out);
    if (place->type == &TYPE_ENCRYPTED_DATA)
        return open_sealed(d, place, out);
    if (place->type == &TYPE_ENCRYPTION_KEY)
        learn(d, place->value);
    if (place->type == &TYPE_PRINCIPAL_NAME && !d->options->json)
        return principal_text(d, place->value, out);
    if (place->type == &TYPE_HOST_ADDRESS && !d->options->json)
        return address_text(d, place->value, out);
    return false;
}

enum obol_code proto_describe_as(const struct der_type *type, struct slice bytes,
                                 const struct describe_options *options, struct arena *a,
                                 struct writer *w, struct error *err) {
    void *value = arena_zalloc(a, 1, type->size);
    ENSURE_MEMORY(value);
    TRY(der_decode(type, bytes, a, value, err));
    struct describer d = {.options = options, .arena = a};
    const struct der_dump_hooks hooks = {&d, code_name, inside, options->show_secrets};
    if (options->json)
        der_dump_json_with(type, value, &hooks, w);
    else
        der_dump_with(type, value, &hooks, w);
    ENSURE(writer_ok(w), NO_MEMORY, "the description does not fit");
    return OBOL_OK;
}

enum obol_code proto_describe(struct slice bytes, const struct describe_options *options,
                              struct arena *a, struct writer *w, struct error *err) {
    const struct message_kind *kind = message_kind_of(bytes);
    ENSURE(kind, DER_UNEXPECTED, "no Kerberos message begins with the octet 0x%02x",
           der_tag_of(bytes));
    return proto_describe_as(kind->type, bytes, options, a, w, err);
}
