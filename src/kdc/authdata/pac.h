// pac.h: the PAC of the KDC's tickets (MS-PAC, MS-KILE 3.3.5): which buffers a ticket gets is a
// table in pac_buffers.c, what a presented one must prove is in pac_check.c.
//
// Tickets of this realm always bear one, but where `disable_pac` or the service says no; so a TGT
// without one, or with one that is not its client's, was not made here.
#ifndef OBOL_KDC_AUTHDATA_PAC_H
#define OBOL_KDC_AUTHDATA_PAC_H

#include "kdc/exchange.h"

// pac_prepare gets ready what all PACs of the realm have in common.
MUST_USE enum obol_code pac_prepare(struct kdc *kdc, struct store *store, struct error *err);

// Stages. as_make_pac and tgs_make_pac choose the buffers of the new ticket's PAC; tgs_check_pac
// takes the presented ticket's.
MUST_USE enum obol_code as_make_pac(struct exchange *x);
MUST_USE enum obol_code tgs_check_pac(struct exchange *x);
MUST_USE enum obol_code tgs_make_pac(struct exchange *x);

// pac_issue signs the PAC and puts it in front of x->ticket's authorization data. All else of the
// ticket must be final: the ticket signature covers it.
MUST_USE enum obol_code pac_issue(struct exchange *x);
// pac_ticket_is_signed is whether tickets for a service have ticket and full signature (MS-PAC
// 2.8.3): all but the KDC's own services.
bool pac_ticket_is_signed(const struct principal_name *service);
// pac_wrap is AD-IF-RELEVANT with a PAC in it, as it stands in a ticket.
MUST_USE enum obol_code pac_wrap(struct slice pac, struct arena *a, struct authdata *out,
                                 struct error *err);

// pac_fresh chooses buffers from x->client's record, pac_copy from a verified PAC.
MUST_USE enum obol_code pac_fresh(struct exchange *x);
MUST_USE enum obol_code pac_copy(struct exchange *x, const struct pac *from);
// pac_sid is the SID of a record; false if the realm has none.
bool pac_sid(const struct kdc *kdc, const struct record *r, struct sid *out);
// pac_name is a name as PACs have it: its components, joined by '/'.
struct slice pac_name(const struct principal_name *name, struct arena *a);

// A ticket whose PAC is to be verified.
struct pac_ticket {
    const struct enc_ticket_part *part;
    const struct principal_name *service; // that it is for
    struct crypto_key *key;               // that opened it
    bool ours;                            // this realm's KDC issued it
    struct slice user; // whom its PAC is of, with the realm, if not the ticket's client; or empty
    // Its PAC may be, or (evidence) must be, of one whom the ticket's client acts for
    // (pac_delegated.c): x->subject is told.
    enum { PAC_OF_CLIENT, PAC_MAY_BE_DELEGATED, PAC_IS_DELEGATED } of;
};
// pac_take verifies the PAC of a ticket: *pac is NULL if it has none; *rest is the other
// authorization data. Codes are those for the client.
MUST_USE enum obol_code pac_take(struct exchange *x, const struct pac_ticket *ticket,
                                 const struct pac **pac, struct authdata_list *rest);
// pac_check_tgt asks of a TGT that comes beside the presented one what is asked of that: a PAC of
// this realm's, and of the account that still has the name.
MUST_USE enum obol_code pac_check_tgt(struct exchange *x, const struct pac_ticket *ticket);
// pac_check_delegated checks a PAC of one whom the ticket's client acts for: *of is his name.
MUST_USE enum obol_code pac_check_delegated(struct exchange *x, const struct pac_ticket *ticket,
                                            const struct pac *pac, struct principal *of);
// pac_filter_foreign takes out of another realm's PAC what that realm has no say in.
MUST_USE enum obol_code pac_filter_foreign(struct exchange *x, struct pac *pac);
// pac_kdc_key is the key of krbtgt that signs as the KDC.
MUST_USE enum obol_code pac_kdc_key(struct exchange *x, struct crypto_key **out);
// pac_derived_key is the key of PAC_DERIVED that is derived from krbtgt's key record.keys[index].
enum { PAC_DERIVED = ENCTYPE_AES256_SHA1 };
MUST_USE enum obol_code pac_derived_key(struct exchange *x, struct entry *e, size_t index,
                                        struct crypto_key **out);
MUST_USE enum obol_code pac_tgs_entry(struct exchange *x, struct entry **out);

#endif
