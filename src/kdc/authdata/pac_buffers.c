// pac_buffers.c: which buffers a PAC has, a row each, in the order in which Windows and Samba write
// them, and how each is made from the client's record.
#include "kdc/authdata/pac.h"
#include "pac/delegation.h"
#include "pac/logon_info.h"
#include "proto/s4u.h"

// Who says that it is the client: the KDC, whom it showed its password, or a service (S4U2Self).
static const struct sid ASSERTED_BY_KDC = {1, {0, 0, 0, 0, 0, 18}, {1}},
                        ASSERTED_BY_SERVICE = {1, {0, 0, 0, 0, 0, 18}, {2}};

static uint32_t account_control(const struct record *r, bool is_service) {
    uint32_t control = is_service ? PAC_ACCOUNT_WORKSTATION : PAC_ACCOUNT_NORMAL;
    if (!r->password_expires)
        control |= PAC_ACCOUNT_NO_EXPIRY;
    if (r->flags & RECORD_OK_AS_DELEGATE)
        control |= PAC_ACCOUNT_TRUSTED_FOR_DELEGATION;
    if (client_flags(r) & RECORD_NO_FORWARDABLE)
        control |= PAC_ACCOUNT_NOT_DELEGATED;
    if (!(r->flags & RECORD_REQUIRES_PREAUTH))
        control |= PAC_ACCOUNT_NO_PREAUTH;
    return control;
}

static enum obol_code make_logon_info(struct exchange *x, struct slice *out) {
    const struct record *r = &x->client->record;
    const struct principal_name *name = &x->client->principal.name;
    struct sid sid;
    if (!pac_sid(x->kdc, r, &sid))
        return OBOL_OK;
    bool is_service = name->name_string.count > 1;
    bool guarded = (r->flags & RECORD_PROTECTED) != 0;
    struct pac_group groups[] = {
        {is_service ? PAC_RID_COMPUTERS : PAC_RID_USERS, PAC_GROUP_ATTRIBUTES},
        {PAC_RID_PROTECTED_USERS, PAC_GROUP_ATTRIBUTES},
    };
    struct pac_extra_sid asserted = {x->s4u ? ASSERTED_BY_SERVICE : ASSERTED_BY_KDC,
                                     PAC_GROUP_ATTRIBUTES};
    const struct pac_logon_info info = {
        .logon = filetime_of(x->ticket.authtime),
        .logoff = FILETIME_NEVER,
        .kickoff = r->expires ? filetime_of(r->expires) : FILETIME_NEVER,
        .password_set = filetime_of(r->password_changed),
        .password_can_change = filetime_of(r->password_changed),
        .password_must_change =
            r->password_expires ? filetime_of(r->password_expires) : FILETIME_NEVER,
        .account = pac_name(name, x->arena),
        .rid = sid.sub[sid.count - 1],
        .primary_group = groups[0].rid,
        .groups = groups,
        .group_count = guarded ? 2 : 1,
        .user_flags = PAC_EXTRA_SIDS,
        .server = x->kdc->netbios,
        .domain = x->kdc->netbios,
        .domain_sid = x->kdc->domain,
        .account_control = account_control(r, is_service),
        .extra = &asserted,
        .extra_count = 1,
    };
    return pac_logon_info_write(&info, x->arena, out, &x->err);
}

// A ticket that takes a service on its way back to its own realm is the service's; its PAC is of
// the user, named with the realm (MS-SFU 3.2.5.1.1, 3.2.5.2.2).
static enum obol_code make_client_info(struct exchange *x, struct slice *out) {
    struct slice name = pac_name(&x->ticket.cname, x->arena);
    if (x->subject.realm.len && principal_is_krbtgt(&x->server_name.name))
        name = principal_text(&x->subject, x->arena);
    return pac_client_info_write(x->ticket.authtime, name, x->arena, out, &x->err);
}

static enum obol_code make_upn_dns_info(struct exchange *x, struct slice *out) {
    struct pac_upn_dns_info info = {
        .dns_domain = x->kdc->upper,
        .constructed = true,
        .sam_name = pac_name(&x->client->principal.name, x->arena),
    };
    info.extended = pac_sid(x->kdc, &x->client->record, &info.sid);
    if (!info.extended)
        return OBOL_OK;
    struct writer upn = writer_to_arena(x->arena);
    writer_bytes(&upn, info.sam_name);
    writer_u8(&upn, '@');
    writer_bytes(&upn, x->kdc->lower);
    info.upn = writer_slice(&upn);
    return pac_upn_dns_info_write(&info, x->arena, out, &x->err);
}

static enum obol_code make_attributes(struct exchange *x, struct slice *out) {
    return pac_attributes_write(x->pac_attributes, x->arena, out, &x->err);
}

static enum obol_code make_requester(struct exchange *x, struct slice *out) {
    struct sid sid;
    if (!pac_sid(x->kdc, &x->client->record, &sid))
        return OBOL_OK;
    return pac_requester_write(&sid, x->arena, out, &x->err);
}

// MS-PAC 2.9: the service that is acted towards, and all that acted on the way, this one last. On
// the way to a service of another realm the former is the name that was asked for. The latter is
// the name that the user knew it by, as his ticket has it; abroad that which the TGT carries, maybe
// an alias: it is compared with it there (pac_delegated.c).
static enum obol_code make_delegation(struct exchange *x, const struct pac *from,
                                      struct slice *out) {
    struct error *err = &x->err;
    struct pac_delegation d = {0};
    const struct pac_buffer *held = pac_find(from, PAC_DELEGATION_INFO);
    bool onward = principal_is_krbtgt(&x->server_name.name);
    if (x->s4u == S4U_PROXY_ABROAD) {
        *out = held ? held->data : (struct slice){0};
        return OBOL_OK;
    }
    if (held)
        TRY(pac_delegation_read(held->data, x->arena, &d, err));
    struct slice *through = arena_zalloc(x->arena, d.transited_count + 1u, sizeof *through);
    ENSURE_MEMORY(through);
    for (uint32_t i = 0; i < d.transited_count; i++)
        through[i] = d.transited[i];
    const struct ticket *evidence = x->req.req_body.additional_tickets.items;
    const struct principal known_by = {evidence->realm, evidence->sname};
    through[d.transited_count++] = principal_text(onward ? &x->client_name : &known_by, x->arena);
    d.transited = through;
    d.target = pac_name(onward ? &x->req.req_body.sname : &x->server_name.name, x->arena);
    return pac_delegation_write(&d, x->arena, out, err);
}

enum { IN_TGT = 1, IN_SERVICE = 2, IN_BOTH = 3 };
static const struct kind {
    uint32_t type;
    unsigned where; // in which tickets, also when it is copied
    bool of_record; // it says the same whenever the client logs in, but for when that was
    // NULL: it is only ever copied. An empty *out: this ticket has none.
    enum obol_code (*make)(struct exchange *x, struct slice *out);
} KINDS[] = {
    {PAC_LOGON_INFO, IN_BOTH, true, make_logon_info},
    {PAC_CLIENT_INFO, IN_BOTH, false, make_client_info},
    {PAC_DELEGATION_INFO, IN_SERVICE, false, NULL},
    {PAC_UPN_DNS_INFO, IN_BOTH, true, make_upn_dns_info},
    {PAC_CLIENT_CLAIMS, IN_BOTH, false, NULL},
    {PAC_DEVICE_INFO, IN_SERVICE, false, NULL},
    {PAC_DEVICE_CLAIMS, IN_SERVICE, false, NULL},
    // Only the KDC reads these two, when the TGT comes back.
    {PAC_ATTRIBUTES, IN_TGT, false, make_attributes},
    {PAC_REQUESTER_SID, IN_TGT, true, make_requester},
};

static unsigned kind_of_ticket(const struct exchange *x) {
    return principal_is_krbtgt(&x->server_name.name) ? IN_TGT : IN_SERVICE;
}

static bool goes_in(const struct exchange *x, size_t kind) {
    return KINDS[kind].where & kind_of_ticket(x);
}

// A service acts towards another: its ticket says so, and each TGT on the way to it. The buffer is
// made anew whatever the PAC that came holds.
static bool is_delegation(const struct exchange *x, size_t kind) {
    bool acts_towards = x->s4u == S4U_PROXY || x->s4u == S4U_PROXY_ABROAD;
    return acts_towards && KINDS[kind].type == PAC_DELEGATION_INFO;
}

static struct pac_buffer *begin(struct exchange *x) {
    struct pac_buffer *items = arena_zalloc(x->arena, COUNT_OF(KINDS), sizeof *items);
    x->pac_items = items;
    x->pac_count = 0;
    return items;
}

// The buffers that say the same at each login are made once, and kept beside the client's record.
static enum obol_code keep_buffers(struct exchange *x) {
    struct slice made[COUNT_OF(KINDS)] = {{0}};
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (KINDS[i].of_record)
            TRY(KINDS[i].make(x, &made[i]));
    cache_keep(x->client, made, COUNT_OF(KINDS));
    return OBOL_OK;
}

static enum obol_code fill_buffer(struct exchange *x, size_t kind, struct slice *out) {
    // A service that acts for the client asserts something else in it.
    if (!KINDS[kind].of_record || !x->client->kept || x->s4u != S4U_NONE)
        return KINDS[kind].make(x, out);
    *out = x->client->kept[kind];
    if (KINDS[kind].type != PAC_LOGON_INFO || out->len == 0)
        return OBOL_OK;
    return pac_logon_info_at(*out, filetime_of(x->ticket.authtime), x->arena, out, &x->err);
}

enum obol_code pac_fresh(struct exchange *x) {
    struct error *err = &x->err;
    struct pac_buffer *items = begin(x);
    ENSURE_MEMORY(items);
    if (UNLIKELY(!x->client->kept) && x->s4u == S4U_NONE)
        TRY(keep_buffers(x));
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        struct pac_buffer item = {.type = KINDS[i].type};
        if (is_delegation(x, i))
            TRY(make_delegation(x, x->held_pac, &item.data));
        else if (goes_in(x, i) && KINDS[i].make)
            TRY(fill_buffer(x, i, &item.data));
        if (item.data.len)
            items[x->pac_count++] = item;
    }
    return OBOL_OK;
}

enum obol_code pac_copy(struct exchange *x, const struct pac *from) {
    struct error *err = &x->err;
    struct pac_buffer *items = begin(x);
    ENSURE_MEMORY(items);
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        const struct pac_buffer *item = pac_find(from, KINDS[i].type);
        struct pac_buffer made = {.type = KINDS[i].type};
        bool delegation = is_delegation(x, i);
        if (delegation) {
            TRY(make_delegation(x, from, &made.data));
            item = &made;
        }
        // A user of another realm, in the ticket at last; or in the PAC only from here on.
        if (x->subject.realm.len && made.type == PAC_CLIENT_INFO) {
            TRY(make_client_info(x, &made.data));
            item = &made;
        }
        if (item && (delegation || goes_in(x, i)))
            items[x->pac_count++] = *item;
    }
    return OBOL_OK;
}

// ---- stages

// A TGT has one whatever was asked for; a service's ticket where it was wanted and the service
// takes it (MS-KILE 3.3.5.6.4, NO_AUTH_DATA_REQUIRED).
static bool is_wanted(const struct exchange *x) {
    if (!x->kdc->policy.pac || (x->ticket.flags & (uint32_t)TKT_ANONYMOUS))
        return false;
    if (kind_of_ticket(x) == IN_TGT)
        return true;
    return (x->pac_attributes || x->s4u) && !(x->server->record.flags & RECORD_NO_AUTHDATA);
}

enum obol_code as_make_pac(struct exchange *x) {
    const struct padata *pa = exchange_padata(x, PA_PAC_REQUEST);
    struct pa_pac_request request = {0};
    x->pac_attributes = PAC_WAS_GIVEN_IMPLICITLY;
    if (pa) {
        TRY(der_decode(&TYPE_PA_PAC_REQUEST, pa->padata_value, x->arena, &request, &x->err));
        x->pac_attributes = request.include_pac ? PAC_WAS_REQUESTED : 0;
    }
    return is_wanted(x) ? pac_fresh(x) : OBOL_OK;
}

enum obol_code tgs_make_pac(struct exchange *x) {
    if ((!x->held_pac && x->s4u != S4U_SELF) || !is_wanted(x))
        return OBOL_OK;
    bool fresh = x->s4u == S4U_SELF || x->s4u == S4U_PROXY_ABROAD;
    return fresh && x->client ? pac_fresh(x) : pac_copy(x, x->held_pac);
}
