// addresses.h: the addresses of this host, for tickets that are bound to them (RFC 4120 5.4.1).
#ifndef OBOL_NET_ADDRESSES_H
#define OBOL_NET_ADDRESSES_H

#include "config/krb5conf.h"
#include "proto/types.h"

enum { NET_ADDRESSES_MAX = 64 };
// net_addresses lists extra_addresses of krb5.conf, then those of the interfaces that are up, but
// for loopback and link-local ones, which say nothing about which host it is. Each stands once.
// IO; CONFIG_SYNTAX: an extra address that is none and has none.
MUST_USE enum obol_code net_addresses(const struct krb5conf *conf, struct arena *a,
                                      struct host_address_list *out, struct error *err);
// net_addresses_of_host lists those of a host, by its name.
MUST_USE enum obol_code net_addresses_of_host(struct slice host, struct arena *a,
                                              struct host_address_list *out, struct error *err);

#endif
