// message.c: the APPLICATION tags of RFC 4120 5.10.
#include "proto/message.h"
#include "der/table.h"

static const struct message_kind kinds[] = {
    {APPLICATION(1), 0, &TYPE_TICKET},
    {APPLICATION(2), 0, &TYPE_AUTHENTICATOR},
    {APPLICATION(3), 0, &TYPE_ENC_TICKET_PART},
    {APPLICATION(10), KRB_AS_REQ, &TYPE_AS_REQ},
    {APPLICATION(11), KRB_AS_REP, &TYPE_AS_REP},
    {APPLICATION(12), KRB_TGS_REQ, &TYPE_TGS_REQ},
    {APPLICATION(13), KRB_TGS_REP, &TYPE_TGS_REP},
    {APPLICATION(14), KRB_AP_REQ, &TYPE_AP_REQ},
    {APPLICATION(15), KRB_AP_REP, &TYPE_AP_REP},
    {APPLICATION(20), KRB_SAFE, &TYPE_KRB_SAFE},
    {APPLICATION(21), KRB_PRIV, &TYPE_KRB_PRIV},
    {APPLICATION(22), KRB_CRED, &TYPE_KRB_CRED},
    {APPLICATION(25), 0, &TYPE_ENC_AS_REP_PART},
    {APPLICATION(26), 0, &TYPE_ENC_TGS_REP_PART},
    {APPLICATION(27), 0, &TYPE_ENC_AP_REP_PART},
    {APPLICATION(28), 0, &TYPE_ENC_KRB_PRIV_PART},
    {APPLICATION(29), 0, &TYPE_ENC_KRB_CRED_PART},
    {APPLICATION(30), KRB_ERROR, &TYPE_KRB_ERROR},
};

const struct message_kind *message_kind_of(struct slice bytes) {
    uint8_t tag = der_tag_of(bytes);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].tag == tag)
            return &kinds[i];
    return NULL;
}

enum obol_code message_check(int32_t pvno, int32_t msg_type, int32_t expected, struct error *err) {
    ENSURE(pvno == KRB_PVNO, KRB_AP_ERR_BADVERSION, "pvno is %d", pvno);
    ENSURE(msg_type == expected, KRB_AP_ERR_MSG_TYPE, "msg-type is %d within APPLICATION %d",
           msg_type, expected);
    return OBOL_OK;
}
