// alias.c: the further names of a principal: of users (jdoe, jane.doe@corp.example as an enterprise
// name, RFC 6806 5) and of services. They are unique among all names; the store sees to that.
#include "admin/op.h"
#include "proto/codes.h"

// user@suffix, where the suffix is not the realm, is an enterprise name: one component with an '@'.
static enum obol_code alias_name(struct admin *adm, struct slice typed, struct principal *p,
                                 struct slice *text, struct error *err) {
    TRY(principal_parse(typed, adm->realm, NT_UNKNOWN, &adm->scratch, p, err));
    if (!slice_eq(p->realm, adm->realm) && p->name.name_string.count == 1) {
        struct slice *whole = arena_zalloc(&adm->scratch, 1, sizeof *whole);
        ENSURE_MEMORY(whole);
        *whole = arena_printf(&adm->scratch, "%.*s@%.*s", SLICE_ARG(p->name.name_string.items[0]),
                              SLICE_ARG(p->realm));
        ENSURE_MEMORY(whole->ptr);
        *p = (struct principal){adm->realm, {NT_ENTERPRISE, {whole, 1}}};
        typed = principal_text(p, &adm->scratch);
    }
    TRY(op_name(adm, typed, p, text, err));
    ENSURE(!principal_is_krbtgt(&p->name), NAME_MALFORMED, "%.*s is a ticket-granting service",
           SLICE_ARG(*text));
    return OBOL_OK;
}

// A service's name of a user would let anybody with a ticket guess the password (admin_spn_add).
static enum obol_code check_kind(const struct record *r, const struct principal *p,
                                 struct slice alias, struct error *err) {
    bool service = p->name.name_string.count > 1 && (r->flags & RECORD_NO_SERVER);
    if (service)
        error_remedy(err, "obol spn add %.*s %.*s says what that takes.", SLICE_ARG(alias),
                     SLICE_ARG(r->name));
    ENSURE(!service, KDC_ERR_POLICY, "%.*s would be a service name of %.*s, who is a user",
           SLICE_ARG(alias), SLICE_ARG(r->name));
    return OBOL_OK;
}

static size_t index_of(const struct slice_list *list, struct slice name) {
    size_t i = 0;
    while (i < list->count && !slice_eq(list->items[i], name))
        i++;
    return i;
}

enum obol_code op_aliases_change(struct admin *adm, struct record *r, const struct slice_list *add,
                                 const struct slice_list *remove, struct error *err) {
    struct principal p;
    struct slice text;
    if (add->count == 0 && remove->count == 0)
        return OBOL_OK;
    struct slice_list list = {
        arena_zalloc(&adm->scratch, r->aliases.count + add->count, sizeof *list.items), 0};
    ENSURE_MEMORY(list.items);
    for (; list.count < r->aliases.count; list.count++)
        list.items[list.count] = r->aliases.items[list.count];
    for (size_t i = 0; i < remove->count; i++) {
        TRY(alias_name(adm, remove->items[i], &p, &text, err));
        size_t at = index_of(&list, text);
        ENSURE(at < list.count, NOT_FOUND, "%.*s is no alias of %.*s", SLICE_ARG(text),
               SLICE_ARG(r->name));
        list.items[at] = list.items[--list.count];
    }
    for (size_t i = 0; i < add->count; i++) {
        TRY(alias_name(adm, add->items[i], &p, &text, err));
        TRY(op_new_name(adm, text, &p, &text, err));
        TRY(check_kind(r, &p, text, err));
        ENSURE(!slice_eq(text, r->name), ALIAS_CONFLICT, "%.*s is the principal's own name",
               SLICE_ARG(text));
        if (index_of(&list, text) == list.count)
            list.items[list.count++] = text;
    }
    r->aliases = list;
    return OBOL_OK;
}
