// address.c: network addresses of tickets that are bound to them (RFC 4120 5.2.5).
#include "compat/context.h"
#include "compat/convert.h"
#include "net/addresses.h"
#include <errno.h>

static struct slice bytes_of(const krb5_address *address) {
    return slice_of(address->contents, address->length);
}

// As memcmp orders: by type, then by the bytes.
int krb5_address_order(krb5_context context, const krb5_address *a, const krb5_address *b) {
    UNUSED(context);
    if (a->addrtype != b->addrtype)
        return a->addrtype < b->addrtype ? -1 : 1;
    return slice_compare(bytes_of(a), bytes_of(b));
}

krb5_boolean krb5_address_compare(krb5_context context, const krb5_address *a,
                                  const krb5_address *b) {
    return krb5_address_order(context, a, b) == 0;
}

// Whether the list has it; no list has all. A Windows client's NetBIOS name alone says nothing of
// where a message comes from, and counts as no list.
krb5_boolean krb5_address_search(krb5_context context, const krb5_address *address,
                                 krb5_address *const *list) {
    if (!list || (list[0] && !list[1] && list[0]->addrtype == ADDR_NETBIOS))
        return 1;
    for (; address && *list; list++)
        if (krb5_address_compare(context, address, *list))
            return 1;
    return 0;
}

// Those that a login binds its ticket to with `noaddresses = false`, extra_addresses included.
krb5_error_code krb5_os_localaddr(krb5_context context, krb5_address ***out) {
    CALL(call, context);
    struct host_address_list list;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = net_addresses(&context->conf, &call.arena, &list, &call.err);
    if (code == OBOL_OK && !addresses_out(out, &list))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}
