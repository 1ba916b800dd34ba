// pac_issue.c: the PAC is signed and put into the ticket (MS-PAC 2.8, MS-KILE 3.3.5.6.4).
#include "kdc/authdata/pac.h"

bool pac_ticket_is_signed(const struct principal_name *service) {
    const struct slice_list *parts = &service->name_string;
    if (parts->count != 2)
        return true;
    bool changepw =
        slice_eq_str(parts->items[0], "kadmin") && slice_eq_str(parts->items[1], "changepw");
    return !changepw && !principal_is_krbtgt(service);
}

enum obol_code pac_wrap(struct slice pac, struct arena *a, struct authdata *out,
                        struct error *err) {
    struct authdata inner = {AD_WIN2K_PAC, pac};
    const struct authdata_list list = {&inner, 1};
    out->ad_type = AD_IF_RELEVANT;
    return der_encode(&TYPE_AUTHORIZATION_DATA, &list, a, &out->ad_data, err);
}

// The PAC is the first element: readers of Windows' kind look no further.
static enum obol_code make_room(struct exchange *x, struct authdata **first) {
    struct error *err = &x->err;
    struct authdata_list *list = &x->ticket.authorization_data;
    size_t count = x->ticket.present & ENC_TICKET_PART_AUTHORIZATION_DATA ? list->count : 0;
    struct authdata *items = arena_zalloc(x->arena, count + 1, sizeof *items);
    ENSURE_MEMORY(items);
    for (size_t i = 0; i < count; i++)
        items[i + 1] = list->items[i];
    *list = (struct authdata_list){items, count + 1};
    x->ticket.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    *first = items;
    return OBOL_OK;
}

enum obol_code pac_issue(struct exchange *x) {
    struct error *err = &x->err;
    struct pac_seal seal = {.items = x->pac_items, .count = x->pac_count, .server = x->ticket_key};
    struct authdata *first;
    struct slice pac;
    if (x->pac_count == 0)
        return OBOL_OK;
    TRY(pac_kdc_key(x, &seal.kdc));
    TRY(make_room(x, &first));
    if (pac_ticket_is_signed(&x->server_name.name)) {
        TRY(pac_wrap(SLICE_LITERAL("\0"), x->arena, first, err));
        TRY(der_encode(&TYPE_ENC_TICKET_PART, &x->ticket, x->arena, &seal.ticket, err));
    }
    TRY(pac_seal(&seal, x->arena, &pac, err));
    return pac_wrap(pac, x->arena, first, err);
}
