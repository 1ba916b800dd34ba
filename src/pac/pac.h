// pac.h: the PAC (MS-PAC): what a KDC of Active Directory's kind says about a ticket's client. An
// array of typed buffers, little endian, some of them NDR (logon_info.h, delegation.h), signed with
// the key of the service and with the KDC's own. Carried as AD-WIN2K-PAC in AD-IF-RELEVANT.
//
// Names come and go as UTF-8. Bytes that are no UTF-8 are carried through UTF-16 as U+DC80..DCFF,
// so that two names that differ never look the same.
#ifndef OBOL_PAC_PAC_H
#define OBOL_PAC_PAC_H

#include "base/reader.h"
#include "crypto/crypto.h"

enum pac_type { // MS-PAC 2.4
    PAC_LOGON_INFO = 1,
    PAC_CREDENTIAL_INFO = 2,
    PAC_SERVER_SIGNATURE = 6,
    PAC_KDC_SIGNATURE = 7,
    PAC_CLIENT_INFO = 10,
    PAC_DELEGATION_INFO = 11,
    PAC_UPN_DNS_INFO = 12,
    PAC_CLIENT_CLAIMS = 13,
    PAC_DEVICE_INFO = 14,
    PAC_DEVICE_CLAIMS = 15,
    PAC_TICKET_SIGNATURE = 16,
    PAC_ATTRIBUTES = 17,
    PAC_REQUESTER_SID = 18,
    PAC_FULL_SIGNATURE = 19,
};
enum { PAC_BUFFERS_MAX = 32, PAC_BYTES_MAX = 1 << 20 };

struct pac_buffer {
    uint32_t type;
    struct slice data;
};
struct pac {
    struct slice raw; // what was parsed: signatures cover these very bytes
    size_t count;
    struct pac_buffer items[PAC_BUFFERS_MAX];
};
// pac_parse takes a PAC apart; slices borrow from `bytes`. FORMAT unless each buffer lies inside,
// aligned to 8 bytes, behind the header and apart from all others, and no type comes twice. What
// the buffers hold is read by whoever wants it.
MUST_USE enum obol_code pac_parse(struct slice bytes, struct pac *out, struct error *err);
// pac_find is the buffer of a type; NULL if there is none.
const struct pac_buffer *pac_find(const struct pac *pac, uint32_t type);
bool pac_is_signature(uint32_t type);

// pac_seal builds and signs a PAC of the buffers given, which are no signatures. With `ticket` (the
// DER of the EncTicketPart whose AD-WIN2K-PAC has one zero byte as its data) it is one of a service
// ticket: ticket and full signature come with it (MS-PAC 2.8.3, 2.8.4).
struct pac_seal {
    const struct pac_buffer *items;
    size_t count;
    struct crypto_key *server, *kdc;
    struct slice ticket; // empty: none
};
MUST_USE enum obol_code pac_seal(const struct pac_seal *seal, struct arena *a, struct slice *out,
                                 struct error *err);

// pac_verify checks one of the four signatures: its type must be the keyed one of the key.
// NOT_FOUND if the PAC has none, FORMAT if it is malformed, CKSUMTYPE_UNSUPPORTED for a type that
// is unkeyed or another key's, CHECKSUM_MISMATCH. `ticket` is what PAC_TICKET_SIGNATURE covers.
MUST_USE enum obol_code pac_verify(const struct pac *pac, uint32_t type, struct crypto_key *key,
                                   struct slice ticket, struct error *err);
// pac_signature_type is the checksum type that a signature names, whatever it is; 0 if there is
// none.
int32_t pac_signature_type(const struct pac *pac, uint32_t type);

// ---- CLIENT_INFO (MS-PAC 2.7): when the client logged in, and its name

// pac_client_info_write makes it: exactly one encoding, so that comparing bytes checks one.
MUST_USE enum obol_code pac_client_info_write(int64_t authtime, struct slice name, struct arena *a,
                                              struct slice *out, struct error *err);
struct pac_client_info {
    int64_t authtime; // seconds since 1970
    struct slice name;
};
MUST_USE enum obol_code pac_client_info_read(struct slice data, struct arena *a,
                                             struct pac_client_info *out, struct error *err);

// ---- SIDs (MS-DTYP 2.4.2)

enum { SID_SUB_MAX = 15 };
struct sid {
    uint8_t count; // of sub; 0 with authority 0: none
    uint8_t authority[6];
    uint32_t sub[SID_SUB_MAX];
};
// sid_read takes the binary form, which fails the reader if it is none; sid_write makes it.
void sid_read(struct reader *r, struct sid *out);
void sid_write(struct writer *w, const struct sid *sid);
size_t sid_length(const struct sid *sid); // bytes of the binary form
bool sid_eq(const struct sid *a, const struct sid *b);
// sid_in_domain is whether `sid` is the domain's with one more number behind it: *rid (may be
// NULL).
bool sid_in_domain(const struct sid *sid, const struct sid *domain, uint32_t *rid);
// sid_add puts a number behind; false if there is no room.
MUST_USE bool sid_add(const struct sid *domain, uint32_t rid, struct sid *out);
// sid_parse reads "S-1-5-21-1-2-3"; sid_format writes it.
MUST_USE bool sid_parse(struct slice text, struct sid *out);
void sid_format(struct writer *w, const struct sid *sid);

// ---- UPN_DNS_INFO (MS-PAC 2.10), extended: names and SID for readers without NDR

struct pac_upn_dns_info {
    struct slice upn;        // user@domain
    struct slice dns_domain; // in capitals
    bool constructed;        // the UPN is not an attribute of its own
    bool extended;           // the two below are there
    struct slice sam_name;
    struct sid sid;
};
MUST_USE enum obol_code pac_upn_dns_info_write(const struct pac_upn_dns_info *in, struct arena *a,
                                               struct slice *out, struct error *err);
MUST_USE enum obol_code pac_upn_dns_info_read(struct slice data, struct arena *a,
                                              struct pac_upn_dns_info *out, struct error *err);

// ---- ATTRIBUTES (MS-PAC 2.14) and REQUESTER_SID (2.15)

enum { PAC_WAS_REQUESTED = 1, PAC_WAS_GIVEN_IMPLICITLY = 2 };
MUST_USE enum obol_code pac_attributes_write(uint32_t flags, struct arena *a, struct slice *out,
                                             struct error *err);
MUST_USE enum obol_code pac_attributes_read(struct slice data, uint32_t *flags, struct error *err);
MUST_USE enum obol_code pac_requester_write(const struct sid *sid, struct arena *a,
                                            struct slice *out, struct error *err);
MUST_USE enum obol_code pac_requester_read(struct slice data, struct sid *out, struct error *err);

// ---- times and texts that the buffers share

#define FILETIME_NEVER UINT64_C(0x7fffffffffffffff)
// filetime_of is 100 ns since 1601; 0 stays 0 (not set).
uint64_t filetime_of(int64_t seconds);
// utf16_write writes UTF-8 as UTF-16LE; utf16_length is the bytes that gives.
void utf16_write(struct writer *w, struct slice utf8);
size_t utf16_length(struct slice utf8);
// utf16_read is its reverse, into the arena; FORMAT for an odd length.
MUST_USE enum obol_code utf16_read(struct slice utf16, struct arena *a, struct slice *out,
                                   struct error *err);

#endif
