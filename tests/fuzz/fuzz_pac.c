// fuzz_pac: any bytes as a PAC and as each of its buffers. What is read is written and read again,
// the same; what is sealed again holds.
#include "fuzz.h"
#include "pac/delegation.h"
#include "pac/logon_info.h"

static struct arena a;

static void logon(struct slice bytes) {
    struct pac_logon_info one, two;
    struct slice written, again;
    if (pac_logon_info_read(bytes, &a, &one, NULL) != OBOL_OK)
        return;
    if (pac_logon_info_write(&one, &a, &written, NULL) != OBOL_OK)
        return; // a text that is longer now
    must_hold(pac_logon_info_read(written, &a, &two, NULL) == OBOL_OK);
    must_hold(two.group_count == one.group_count && two.extra_count == one.extra_count);
    must_hold(pac_logon_info_write(&two, &a, &again, NULL) == OBOL_OK && slice_eq(written, again));
}

static void delegation(struct slice bytes) {
    struct pac_delegation one, two;
    struct slice written;
    if (pac_delegation_read(bytes, &a, &one, NULL) != OBOL_OK ||
        pac_delegation_write(&one, &a, &written, NULL) != OBOL_OK)
        return;
    must_hold(pac_delegation_read(written, &a, &two, NULL) == OBOL_OK);
    must_hold(two.transited_count == one.transited_count && slice_eq(one.target, two.target));
}

static void others(struct slice bytes) {
    struct pac_client_info client;
    struct pac_upn_dns_info upn;
    struct sid sid;
    uint32_t flags;
    struct slice written;
    if (pac_client_info_read(bytes, &a, &client, NULL) == OBOL_OK)
        (void)!pac_client_info_write(client.authtime, client.name, &a, &written, NULL);
    if (pac_upn_dns_info_read(bytes, &a, &upn, NULL) == OBOL_OK)
        (void)!pac_upn_dns_info_write(&upn, &a, &written, NULL);
    if (pac_requester_read(bytes, &sid, NULL) == OBOL_OK) {
        must_hold(pac_requester_write(&sid, &a, &written, NULL) == OBOL_OK);
        must_hold(slice_eq(written, bytes));
    }
    (void)!pac_attributes_read(bytes, &flags, NULL);
}

static void whole(struct slice bytes) {
    static const uint8_t zeros[32];
    struct crypto_key *key;
    struct pac pac, again;
    if (pac_parse(bytes, &pac, NULL) != OBOL_OK)
        return;
    must_hold(crypto_key_in_arena(&key, &a, ENCTYPE_AES256_SHA1, slice_of(zeros, 32), NULL) ==
              OBOL_OK);
    struct pac_buffer items[PAC_BUFFERS_MAX];
    struct pac_seal seal = {items, 0, key, key, SLICE_LITERAL("ticket")};
    for (size_t i = 0; i < pac.count; i++) {
        (void)!pac_verify(&pac, pac.items[i].type, key, seal.ticket, NULL);
        logon(pac.items[i].data);
        others(pac.items[i].data);
        if (!pac_is_signature(pac.items[i].type) && seal.count < PAC_BUFFERS_MAX - 4)
            items[seal.count++] = pac.items[i];
    }
    struct slice sealed;
    must_hold(pac_seal(&seal, &a, &sealed, NULL) == OBOL_OK);
    must_hold(pac_parse(sealed, &again, NULL) == OBOL_OK && again.count == seal.count + 4);
    must_hold(pac_verify(&again, PAC_FULL_SIGNATURE, key, seal.ticket, NULL) == OBOL_OK);
    must_hold(pac_verify(&again, PAC_SERVER_SIGNATURE, key, seal.ticket, NULL) == OBOL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!a.base && !arena_init(&a, 1 << 20, 64 << 20))
        return 0;
    struct slice bytes = slice_of(data, size);
    whole(bytes);
    logon(bytes);
    delegation(bytes);
    others(bytes);
    arena_reset(&a);
    return 0;
}
