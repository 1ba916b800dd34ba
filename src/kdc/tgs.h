// tgs.h: the stages of the TGS exchange, as tgs.c lists them.
#ifndef OBOL_KDC_TGS_H
#define OBOL_KDC_TGS_H

#include "kdc/exchange.h"

MUST_USE enum obol_code tgs_check_request(struct exchange *x);
MUST_USE enum obol_code tgs_open_header(struct exchange *x);
MUST_USE enum obol_code tgs_check_checksum(struct exchange *x);
MUST_USE enum obol_code tgs_check_header(struct exchange *x);
MUST_USE enum obol_code tgs_check_client(struct exchange *x);
MUST_USE enum obol_code tgs_open_second(struct exchange *x);
MUST_USE enum obol_code tgs_name_server(struct exchange *x);
MUST_USE enum obol_code tgs_check_server(struct exchange *x);
MUST_USE enum obol_code tgs_act_for(struct exchange *x);
MUST_USE enum obol_code tgs_check_options(struct exchange *x);
MUST_USE enum obol_code tgs_check_transited(struct exchange *x);
MUST_USE enum obol_code tgs_choose_ticket_key(struct exchange *x);
MUST_USE enum obol_code tgs_set_flags(struct exchange *x);
MUST_USE enum obol_code tgs_set_times(struct exchange *x);
MUST_USE enum obol_code tgs_copy_authdata(struct exchange *x);
MUST_USE enum obol_code tgs_reply(struct exchange *x);

// tgs_find_key looks for the keys of tickets that this KDC issued, or a trusted one for it; `ctx`
// is the exchange. The record found is in x->header_server.
enum obol_code tgs_find_key(void *ctx, const struct principal *service, int32_t etype,
                            uint32_t kvno, unsigned attempt, struct arena *a,
                            struct crypto_key **key, struct error *err);
// tgs_find_issuer looks up the record of the TGS that a ticket is for, into x->header_server.
enum obol_code tgs_find_issuer(struct exchange *x, const struct principal *service,
                               struct error *err);
// tgs_open_second_ticket opens a ticket that came beside the presented one into x->second: of this
// realm, or another one's TGT for it; *key is the key that opened it, *service the record that has
// it.
MUST_USE enum obol_code tgs_open_second_ticket(struct exchange *x, const struct ticket *t,
                                               struct crypto_key **key, struct entry **service);
// tgs_check_user is what is asked of a client's record whenever it gets a ticket by a login at
// `authtime`.
MUST_USE enum obol_code tgs_check_user(struct exchange *x, int64_t authtime);

// s4u.c, s4u_proxy.c, s4u_proxy_abroad.c: a service acts for its users (MS-SFU). s4u_may_forward is
// whether the new ticket may be forwardable, s4u_answer answers PA-S4U-X509-USER.
bool s4u_may_forward(const struct exchange *x);
// s4u_foreign_user is the user of another realm whom a request that came by another realm's TGT is
// for, as principal_text; empty: it is for none. Fails where the user is named without a good
// checksum.
MUST_USE enum obol_code s4u_foreign_user(struct exchange *x, struct slice *text);
MUST_USE enum obol_code s4u_answer(struct exchange *x);
// s4u_find_user looks up whom a service acts for, into x->client, and whether he may have tickets.
MUST_USE enum obol_code s4u_find_user(struct exchange *x, const struct principal *user);
MUST_USE enum obol_code s4u_proxy(struct exchange *x);
// s4u_proxy_abroad is for a service of another realm that acts towards one of ours,
// s4u_proxy_onward for one on its way to a third realm, by a TGT whose PAC is its user's;
// s4u_may_go_onward is whether a request may be that.
MUST_USE enum obol_code s4u_proxy_abroad(struct exchange *x);
MUST_USE enum obol_code s4u_proxy_onward(struct exchange *x);
bool s4u_may_go_onward(const struct exchange *x);
// s4u_proxy_transited is the path of a ticket that such a service gets for its user.
MUST_USE enum obol_code s4u_proxy_transited(struct exchange *x);
// s4u_open_evidence opens the ticket that a service shows of its user into x->second.
struct pac_ticket;
MUST_USE enum obol_code s4u_open_evidence(struct exchange *x, struct pac_ticket *out,
                                          struct entry **service);
// s4u_is_listed is whether a list of delegation has a name; s4u_offers_resource_based is what the
// client knows (PA-PAC-OPTIONS), s4u_answer_options says that the KDC does, too.
bool s4u_is_listed(const struct slice_list *list, struct slice name);
bool s4u_offers_resource_based(const struct exchange *x);
MUST_USE enum obol_code s4u_answer_options(struct exchange *x);
// tgs_is_ours is whether a name is krbtgt/REALM of this realm, whoever issued the ticket.
bool tgs_is_ours(const struct kdc *kdc, const struct principal_name *name);

#endif
