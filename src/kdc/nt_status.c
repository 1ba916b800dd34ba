// nt_status.c: KERB-ERROR-DATA (MS-KILE 2.2.1, 2.2.2): Windows' clients tell their users by an
// NTSTATUS what a KRB-ERROR does not part: disabled from locked, expired from to be changed. Only
// those who show that they read it (PA-PAC-REQUEST, PA-PAC-OPTIONS) get it; it says no more than
// the error's own number in its log.
#include "kdc/tgs.h"

enum nt_status {
    NT_NO_SUCH_USER = (int)0xc0000064,
    NT_ACCOUNT_RESTRICTION = (int)0xc000006e,
    NT_PASSWORD_EXPIRED = (int)0xc0000071,
    NT_ACCOUNT_DISABLED = (int)0xc0000072,
    NT_NOT_SUPPORTED = (int)0xc00000bb,
    NT_ACCOUNT_EXPIRED = (int)0xc0000193,
    NT_NO_MATCH = (int)0xc0000272,
    NT_NOT_FOUND = (int)0xc0000225,
    NT_PASSWORD_MUST_CHANGE = (int)0xc0000224,
    NT_ACCOUNT_LOCKED_OUT = (int)0xc0000234,
};
// What follows is an NTSTATUS; of a TGS-REQ, and it is the KDC's last word.
#define FLAGS_AS  1u
#define FLAGS_TGS 3u

// MS-SFU 3.2.5.2.1, 3.2.5.2.3: by which of the two lists it was refused.
static int status_of_delegation(const struct exchange *x) {
    if (!(x->basis->flags & (uint32_t)TKT_FORWARDABLE))
        return NT_ACCOUNT_RESTRICTION;
    if (s4u_offers_resource_based(x))
        return NT_NOT_FOUND;
    return x->requester && x->requester->record.delegate_to.count ? NT_NO_MATCH : NT_NOT_SUPPORTED;
}

static int status_of(const struct exchange *x, enum obol_code code) {
    uint32_t flags = x->client ? x->client->record.flags : 0;
    switch (code) {
    case OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN:
        return NT_NO_SUCH_USER;
    case OBOL_KDC_ERR_CLIENT_REVOKED:
        return flags & RECORD_DISABLED ? NT_ACCOUNT_DISABLED : NT_ACCOUNT_LOCKED_OUT;
    case OBOL_KDC_ERR_NAME_EXP:
        return NT_ACCOUNT_EXPIRED;
    case OBOL_KDC_ERR_KEY_EXPIRED:
        return flags & RECORD_NEEDS_CHANGE ? NT_PASSWORD_MUST_CHANGE : NT_PASSWORD_EXPIRED;
    case OBOL_KDC_ERR_BADOPTION:
        if (x->s4u != S4U_PROXY && x->s4u != S4U_PROXY_ABROAD)
            return 0;
        return status_of_delegation(x);
    default:
        return 0;
    }
}

enum obol_code nt_status_data(struct exchange *x, enum obol_code code, struct slice *out) {
    struct error *err = &x->err;
    bool reads = exchange_padata(x, PA_PAC_REQUEST) || exchange_padata(x, PA_PAC_OPTIONS);
    int status = reads && !x->decoy ? status_of(x, code) : 0;
    if (status == 0)
        return OBOL_OK;
    struct writer w = writer_to_arena(x->arena);
    writer_le32(&w, (uint32_t)status);
    writer_le32(&w, 0);
    writer_le32(&w, x->req.msg_type == KRB_TGS_REQ ? FLAGS_TGS : FLAGS_AS);
    ENSURE(writer_ok(&w), NO_MEMORY, "the status of an error");
    const struct kerb_error_data data = {
        .present = KERB_ERROR_DATA_VALUE,
        .data_type = KERB_ERR_TYPE_EXTENDED,
        .data_value = writer_slice(&w),
    };
    return der_encode(&TYPE_KERB_ERROR_DATA, &data, x->arena, out, err);
}
