// pac_delegated.c: the PAC in a TGT that takes a service, which acts for a user, from its realm to
// that of the service it acts towards (MS-SFU 3.2.5.2.2): the ticket names the service, its PAC the
// user with his realm, and the delegation in it the service, last of all that acted.
#include "kdc/authdata/pac.h"
#include "pac/delegation.h"

static enum obol_code read_name(struct exchange *x, const struct pac_ticket *ticket,
                                const struct pac *pac, struct principal *of) {
    struct error *err = &x->err;
    const struct pac_buffer *item = pac_find(pac, PAC_CLIENT_INFO);
    struct pac_client_info info;
    ENSURE(item && pac_client_info_read(item->data, x->arena, &info, NULL) == OBOL_OK &&
               info.authtime == ticket->part->authtime,
           KRB_AP_ERR_MODIFIED, "the PAC is of another login than the ticket");
    // A name without a realm would be one of any realm.
    ENSURE(principal_parse(info.name, (struct slice){0}, NT_UNKNOWN, x->arena, of, NULL) ==
                   OBOL_OK &&
               of->realm.len && principal_check(of, NULL) == OBOL_OK,
           KRB_AP_ERR_MODIFIED, "the PAC does not name its user with a realm");
    return OBOL_OK;
}

enum obol_code pac_check_delegated(struct exchange *x, const struct pac_ticket *ticket,
                                   const struct pac *pac, struct principal *of) {
    struct error *err = &x->err;
    const struct pac_buffer *item = pac_find(pac, PAC_DELEGATION_INFO);
    const struct principal service = {ticket->part->crealm, ticket->part->cname};
    struct pac_delegation d;
    ENSURE(item && pac_delegation_read(item->data, x->arena, &d, NULL) == OBOL_OK &&
               d.transited_count,
           KRB_AP_ERR_MODIFIED, "the PAC does not say who acts for its user");
    ENSURE(slice_eq(d.transited[d.transited_count - 1], principal_text(&service, x->arena)),
           KRB_AP_ERR_MODIFIED, "the PAC lets %.*s act for its user, and the ticket is of %.*s",
           SLICE_ARG(d.transited[d.transited_count - 1]),
           SLICE_ARG(principal_text(&service, x->arena)));
    return read_name(x, ticket, pac, of);
}
