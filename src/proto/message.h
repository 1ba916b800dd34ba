// message.h: telling messages apart. Each message of RFC 4120 says twice what it is: by its
// APPLICATION tag and by its msg-type field. Both must agree, which is checked in one place
// (CVE-2010-0283 was a KDC that believed one here and the other there).
#ifndef OBOL_PROTO_MESSAGE_H
#define OBOL_PROTO_MESSAGE_H

#include "proto/codes.h"
#include "proto/types.h"

struct message_kind {
    uint8_t tag;      // its identifier octet: 0x6a
    int32_t msg_type; // KRB_AS_REQ; 0 for one that has no such field: Ticket, EncTicketPart ...
    const struct der_type *type;
};

// message_kind_of finds the kind by the first octet; NULL if none begins so. The plaintexts of
// sealed parts are found too.
const struct message_kind *message_kind_of(struct slice bytes);
// message_check refuses a message whose pvno is not 5 (KRB_AP_ERR_BADVERSION) or whose msg-type is
// not the one that its tag, and so its C type, stands for (KRB_AP_ERR_MSG_TYPE). Call it after each
// decoding.
MUST_USE enum obol_code message_check(int32_t pvno, int32_t msg_type, int32_t expected,
                                      struct error *err);

#endif
