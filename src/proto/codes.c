// codes.c: looking up the numbers of the protocol, and the short tables of them (RFC 4120 5 to 7).
// The long ones are in codes_crypto.c, codes_error.c and codes_padata.c.
#include "proto/codes.h"

const struct code_row *code_find(const struct code_table *t, int32_t value) {
    for (size_t i = 0; i < t->count; i++)
        if (t->rows[i].value == value)
            return &t->rows[i];
    return NULL;
}

const char *code_name(const struct code_table *t, int32_t value) {
    const struct code_row *row = code_find(t, value);
    return row ? row->name : NULL;
}

const struct code_row *code_find_name(const struct code_table *t, struct slice name) {
    for (size_t i = 0; i < t->count; i++)
        if (slice_eq_nocase(slice_str(t->rows[i].name), name))
            return &t->rows[i];
    return NULL;
}

// clang-format off
static const struct code_row msg_types[] = {
    {10, "AS-REQ", "RFC 4120 5.4.1", "A client asks the KDC for a first ticket."},
    {11, "AS-REP", "RFC 4120 5.4.2", "The KDC's answer to an AS-REQ."},
    {12, "TGS-REQ", "RFC 4120 5.4.1", "A client with a TGT asks for a ticket for a service."},
    {13, "TGS-REP", "RFC 4120 5.4.2", "The KDC's answer to a TGS-REQ."},
    {14, "AP-REQ", "RFC 4120 5.5.1", "A client shows a ticket to a service."},
    {15, "AP-REP", "RFC 4120 5.5.2", "The service proves itself to the client."},
    {16, "TGT-REQ", "draft-swift-win2k-krb-user2user", "Asks a user-to-user service for its TGT."},
    {17, "TGT-REP", "draft-swift-win2k-krb-user2user", "A user-to-user service sends its TGT."},
    {20, "KRB-SAFE", "RFC 4120 5.6.1", "Application data with a checksum."},
    {21, "KRB-PRIV", "RFC 4120 5.7.1", "Sealed application data."},
    {22, "KRB-CRED", "RFC 4120 5.8.1", "Tickets handed over with their session keys."},
    {30, "KRB-ERROR", "RFC 4120 5.9.1", "An error."},
};
const struct code_table CODES_MSG_TYPE = {"message types", msg_types, COUNT_OF(msg_types)};

static const struct code_row name_types[] = {
    {0, "NT-UNKNOWN", "RFC 4120 6.2", "Of an unknown kind."},
    {1, "NT-PRINCIPAL", "RFC 4120 6.2", "A user, or a principal of any kind."},
    {2, "NT-SRV-INST", "RFC 4120 6.2", "A service with another unique instance: krbtgt."},
    {3, "NT-SRV-HST", "RFC 4120 6.2", "A service on the host named by the second component."},
    {4, "NT-SRV-XHST", "RFC 4120 6.2", "A service on a host, the host's name in the remaining components."},
    {5, "NT-UID", "RFC 4120 6.2", "A unique number."},
    {6, "NT-X500-PRINCIPAL", "RFC 4120 6.2", "An encoded X.500 name (RFC 2253)."},
    {7, "NT-SMTP-NAME", "RFC 4120 6.2", "A mail address."},
    {10, "NT-ENTERPRISE", "RFC 6806 5", "One component user@suffix that the KDC resolves; a UPN."},
    {11, "NT-WELLKNOWN", "RFC 6111 3.1", "A name that the protocol reserves, WELLKNOWN/ANONYMOUS."},
    {12, "NT-SRV-HST-DOMAIN", "MS-KILE", "A service on a host, with the domain as third component."},
    {-128, "NT-MS-PRINCIPAL", "MS-KILE", "DOMAIN\\user of Windows NT."},
    {-129, "NT-MS-PRINCIPAL-AND-ID", "MS-KILE", "DOMAIN\\user of Windows NT with its SID."},
    {-130, "NT-ENT-PRINCIPAL-AND-ID", "MS-KILE", "An enterprise name with its SID."},
};
const struct code_table CODES_NAME_TYPE = {"name types", name_types, COUNT_OF(name_types)};

static const struct code_row addr_types[] = {
    {2, "IPv4", "RFC 4120 7.5.3", "Four octets in network order."},
    {3, "Directional", "RFC 4120 7.5.3", "0 from the initiator, 1 from the acceptor, as four octets."},
    {5, "ChaosNet", "RFC 4120 7.5.3", "Two octets."},
    {6, "XNS", "RFC 4120 7.5.3", "A Xerox network address."},
    {7, "ISO", "RFC 4120 7.5.3", "An ISO address."},
    {12, "DECNET Phase IV", "RFC 4120 7.5.3", "Two octets."},
    {16, "AppleTalk DDP", "RFC 4120 7.5.3", "Node and network."},
    {20, "NetBIOS", "RFC 4120 7.5.3", "Fifteen characters and a type octet."},
    {24, "IPv6", "RFC 4120 7.5.3", "Sixteen octets in network order."},
    {256, "IP address and port", "MIT krb5", "An address and a port, each with its own type."},
    {257, "IP port", "MIT krb5", "Two octets."},
};
const struct code_table CODES_ADDR_TYPE = {"address types", addr_types, COUNT_OF(addr_types)};

static const struct code_row last_reqs[] = {
    {0, "LR-NONE", "RFC 4120 5.4.2", "Nothing is told."},
    {1, "LR-INITIAL-TGT", "RFC 4120 5.4.2", "When a TGT was last asked for."},
    {2, "LR-INITIAL", "RFC 4120 5.4.2", "When an initial ticket was last asked for."},
    {3, "LR-NEWEST-TGT", "RFC 4120 5.4.2", "When the newest TGT in use was issued."},
    {4, "LR-RENEWAL", "RFC 4120 5.4.2", "When a ticket was last renewed."},
    {5, "LR-REQUEST", "RFC 4120 5.4.2", "When anything was last asked for."},
    {6, "LR-PW-EXPIRES", "RFC 4120 5.4.2", "When the password expires."},
    {7, "LR-ACCT-EXPIRES", "RFC 4120 5.4.2", "When the account expires."},
    {-1, "LR-INITIAL-TGT (this server)", "RFC 4120 5.4.2", "As 1, of this KDC only."},
    {-2, "LR-INITIAL (this server)", "RFC 4120 5.4.2", "As 2, of this KDC only."},
    {-3, "LR-NEWEST-TGT (this server)", "RFC 4120 5.4.2", "As 3, of this KDC only."},
    {-4, "LR-RENEWAL (this server)", "RFC 4120 5.4.2", "As 4, of this KDC only."},
    {-5, "LR-REQUEST (this server)", "RFC 4120 5.4.2", "As 5, of this KDC only."},
    {-6, "LR-PW-EXPIRES (this server)", "RFC 4120 5.4.2", "As 6, of this KDC only."},
    {-7, "LR-ACCT-EXPIRES (this server)", "RFC 4120 5.4.2", "As 7, of this KDC only."},
};
const struct code_table CODES_LAST_REQ = {"last-request types", last_reqs, COUNT_OF(last_reqs)};

static const struct code_row ticket_flags[] = {
    {0, "reserved", "RFC 4120 5.3", "Of no meaning."},
    {1, "forwardable", "RFC 4120 2.6", "A TGT for other addresses may be made from it."},
    {2, "forwarded", "RFC 4120 2.6", "It was forwarded, or made from a forwarded TGT."},
    {3, "proxiable", "RFC 4120 2.5", "Service tickets for other addresses may be made from it."},
    {4, "proxy", "RFC 4120 2.5", "It is a proxy."},
    {5, "may-postdate", "RFC 4120 2.4", "Postdated tickets may be made from it."},
    {6, "postdated", "RFC 4120 2.4", "It was postdated."},
    {7, "invalid", "RFC 4120 2.2", "It must be validated by the KDC before use."},
    {8, "renewable", "RFC 4120 2.3", "Its end may be moved, up to renew-till."},
    {9, "initial", "RFC 4120 2.1", "It was issued by an AS exchange."},
    {10, "pre-authent", "RFC 4120 2.1", "The client proved itself before it was issued."},
    {11, "hw-authent", "RFC 4120 2.1", "The client proved itself with hardware."},
    {12, "transited-policy-checked", "RFC 4120 2.7", "The KDC checked the realms on the path."},
    {13, "ok-as-delegate", "RFC 4120 2.8", "The realm trusts the service with delegated tickets."},
    {15, "enc-pa-rep", "RFC 6806 11", "The KDC supports encrypted padata in replies."},
    {16, "anonymous", "RFC 8062 3", "The client's name is hidden."},
};
const struct code_table CODES_TICKET_FLAGS = {"ticket flags", ticket_flags, COUNT_OF(ticket_flags)};

static const struct code_row kdc_options[] = {
    {0, "reserved", "RFC 4120 5.4.1", "Of no meaning."},
    {1, "forwardable", "RFC 4120 2.6", "Asks for a forwardable ticket."},
    {2, "forwarded", "RFC 4120 2.6", "Asks for a TGT with other addresses."},
    {3, "proxiable", "RFC 4120 2.5", "Asks for a proxiable ticket."},
    {4, "proxy", "RFC 4120 2.5", "Asks for a service ticket with other addresses."},
    {5, "allow-postdate", "RFC 4120 2.4", "Asks for a ticket that allows postdating."},
    {6, "postdated", "RFC 4120 2.4", "Asks for a postdated ticket."},
    {8, "renewable", "RFC 4120 2.3", "Asks for a renewable ticket."},
    {11, "opt-hardware-auth", "RFC 4120 5.4.1", "Asks for hardware authentication."},
    {14, "cname-in-addl-tkt", "MS-SFU 2.2.3", "Constrained delegation: the client is named by the additional ticket."},
    {15, "canonicalize", "RFC 6806 3", "The KDC may change names and refer to other realms."},
    {16, "request-anonymous", "RFC 8062 3", "Asks for a ticket that hides the client."},
    {26, "disable-transited-check", "RFC 4120 2.7", "Asks the KDC not to check the realms on the path."},
    {27, "renewable-ok", "RFC 4120 2.3", "A renewable ticket will do if the lifetime cannot be had."},
    {28, "enc-tkt-in-skey", "RFC 4120 2.9.2", "User to user: seal under the additional ticket's session key."},
    {30, "renew", "RFC 4120 2.3", "Asks for the ticket to be renewed."},
    {31, "validate", "RFC 4120 2.2", "Asks for a postdated ticket to be made valid."},
};
const struct code_table CODES_KDC_OPTIONS = {"KDC options", kdc_options, COUNT_OF(kdc_options)};

static const struct code_row ap_options[] = {
    {0, "reserved", "RFC 4120 5.5.1", "Of no meaning."},
    {1, "use-session-key", "RFC 4120 5.5.1", "The ticket is sealed under the session key of the service's TGT."},
    {2, "mutual-required", "RFC 4120 5.5.1", "The client wants the service to prove itself."},
};
const struct code_table CODES_AP_OPTIONS = {"AP options", ap_options, COUNT_OF(ap_options)};

static const struct code_row fast_options[] = {
    {0, "reserved", "RFC 6113 5.4.2", "Of no meaning."},
    {1, "hide-client-names", "RFC 6113 5.4.2", "The reply shall not show the client's name outside the armor."},
    {16, "kdc-follow-referrals", "RFC 6113 5.4.2", "Obsolete."},
};
const struct code_table CODES_FAST_OPTIONS = {"FAST options", fast_options, COUNT_OF(fast_options)};

static const struct code_row pac_options[] = {
    {0, "claims", "MS-KILE 2.2.10", "Claims are wanted."},
    {1, "branch-aware", "MS-KILE 2.2.10", "The client knows branch (read-only) KDCs."},
    {2, "forward-to-full-dc", "MS-KILE 2.2.10", "A branch KDC shall pass the request on."},
    {3, "resource-based-constrained-delegation", "MS-SFU 2.2.5", "The service's own list of delegates counts."},
};
const struct code_table CODES_PAC_OPTIONS = {"PAC options", pac_options, COUNT_OF(pac_options)};
// clang-format on
