// PACs that Windows made: every signature holds, every buffer is read, and signed again by us they
// hold again.
#include "../crypto/vectors.h"
#include "krb/seal.h"
#include "pac/delegation.h"
#include "pac/logon_info.h"
#include "proto/codes.h"
#include "proto/messages.h"

static struct crypto_key *key_of(struct vectors *v, const char *name) {
    struct crypto_key *key = NULL;
    struct slice bytes = vectors_hex(v, name);
    if (bytes.len)
        assert_ok(crypto_key_in_arena(&key, &v->arena, vectors_number(v, "enctype"), bytes, NULL));
    return key;
}

static void check_buffers(struct vectors *v, const struct pac *pac) {
    struct pac_logon_info logon, again;
    struct slice bytes;
    const struct pac_buffer *item = pac_find(pac, PAC_LOGON_INFO);
    assert_non_null(item);
    assert_ok(pac_logon_info_read(item->data, &v->arena, &logon, NULL));
    assert_true(logon.rid && logon.domain_sid.count == 4);
    assert_ok(pac_logon_info_write(&logon, &v->arena, &bytes, NULL));
    assert_ok(pac_logon_info_read(bytes, &v->arena, &again, NULL));
    assert_slice_equal(logon.account, again.account);
    assert_int_equal(logon.group_count, again.group_count);
    assert_int_equal(logon.extra_count, again.extra_count);
    assert_true(sid_eq(&logon.domain_sid, &again.domain_sid));
    struct pac_client_info client;
    item = pac_find(pac, PAC_CLIENT_INFO);
    assert_ok(pac_client_info_read(item->data, &v->arena, &client, NULL));
    assert_slice_equal(client.name, vectors_text(v, "client"));
    assert_int_equal(client.authtime, vectors_number(v, "authtime"));
    assert_ok(pac_client_info_write(client.authtime, client.name, &v->arena, &bytes, NULL));
    assert_slice_equal(bytes, slice_sub(item->data, 0, bytes.len));
    struct pac_upn_dns_info upn;
    item = pac_find(pac, PAC_UPN_DNS_INFO);
    if (item)
        assert_ok(pac_upn_dns_info_read(item->data, &v->arena, &upn, NULL));
}

static void check_resealed(struct vectors *v, const struct pac *pac, struct crypto_key *server,
                           struct crypto_key *kdc) {
    struct pac_buffer items[PAC_BUFFERS_MAX];
    struct pac_seal seal = {items, 0, server, kdc, SLICE_LITERAL("ticket")};
    struct slice bytes;
    struct pac again;
    for (size_t i = 0; i < pac->count; i++)
        if (!pac_is_signature(pac->items[i].type))
            items[seal.count++] = pac->items[i];
    assert_ok(pac_seal(&seal, &v->arena, &bytes, NULL));
    assert_ok(pac_parse(bytes, &again, NULL));
    assert_int_equal(again.count, seal.count + 4);
    assert_ok(pac_verify(&again, PAC_SERVER_SIGNATURE, server, (struct slice){0}, NULL));
    assert_ok(pac_verify(&again, PAC_KDC_SIGNATURE, kdc, (struct slice){0}, NULL));
    assert_ok(pac_verify(&again, PAC_FULL_SIGNATURE, kdc, (struct slice){0}, NULL));
    assert_ok(pac_verify(&again, PAC_TICKET_SIGNATURE, kdc, seal.ticket, NULL));
    assert_code(pac_verify(&again, PAC_TICKET_SIGNATURE, kdc, SLICE_LITERAL("tickeT"), NULL),
                OBOL_CHECKSUM_MISMATCH);
    // Any bit of it altered: some signature fails, or it is no PAC any more.
    uint8_t *at = (uint8_t *)(uintptr_t)bytes.ptr;
    for (size_t bit = 0; bit < bytes.len * 8; bit += 7) {
        at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bool good =
            pac_parse(bytes, &again, NULL) == OBOL_OK &&
            pac_verify(&again, PAC_SERVER_SIGNATURE, server, (struct slice){0}, NULL) == OBOL_OK &&
            pac_verify(&again, PAC_KDC_SIGNATURE, kdc, (struct slice){0}, NULL) == OBOL_OK &&
            pac_verify(&again, PAC_FULL_SIGNATURE, kdc, (struct slice){0}, NULL) == OBOL_OK;
        assert_false(good);
        at[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void pacs_of_windows_hold_and_are_read(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "../pac/signed.txt");
    while (vectors_next(&v)) {
        struct pac pac;
        struct crypto_key *server = key_of(&v, "server"), *kdc = key_of(&v, "kdc");
        assert_ok(pac_parse(vectors_hex(&v, "pac"), &pac, NULL));
        assert_ok(pac_verify(&pac, PAC_SERVER_SIGNATURE, server, (struct slice){0}, NULL));
        if (kdc)
            assert_ok(pac_verify(&pac, PAC_KDC_SIGNATURE, kdc, (struct slice){0}, NULL));
        assert_code(pac_verify(&pac, PAC_FULL_SIGNATURE, server, (struct slice){0}, NULL),
                    OBOL_NOT_FOUND);
        check_buffers(&v, &pac);
        check_resealed(&v, &pac, server, kdc ? kdc : server);
    }
}

static void a_ticket_of_windows_bears_all_four_signatures(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "../pac/ticket.txt");
    assert_true(vectors_next(&v));
    struct crypto_key *server = key_of(&v, "server"), *kdc = key_of(&v, "kdc");
    struct ticket ticket;
    struct enc_ticket_part part;
    struct authdata_list inside;
    struct slice der;
    struct pac pac;
    struct arena *a = &v.arena;
    assert_ok(der_decode(&TYPE_TICKET, vectors_hex(&v, "ticket"), a, &ticket, NULL));
    assert_ok(krb_open(&TYPE_ENC_TICKET_PART, &ticket.enc_part, server, KU_TICKET, a, &part, NULL));
    struct authdata *outer = &part.authorization_data.items[0];
    assert_int_equal(outer->ad_type, AD_IF_RELEVANT);
    assert_ok(der_decode(&TYPE_AUTHORIZATION_DATA, outer->ad_data, a, &inside, NULL));
    assert_int_equal(inside.items[0].ad_type, AD_WIN2K_PAC);
    assert_ok(pac_parse(inside.items[0].ad_data, &pac, NULL));
    inside.items[0].ad_data = SLICE_LITERAL("\0");
    assert_ok(der_encode(&TYPE_AUTHORIZATION_DATA, &inside, a, &outer->ad_data, NULL));
    assert_ok(der_encode(&TYPE_ENC_TICKET_PART, &part, a, &der, NULL));
    assert_ok(pac_verify(&pac, PAC_SERVER_SIGNATURE, server, (struct slice){0}, NULL));
    assert_ok(pac_verify(&pac, PAC_KDC_SIGNATURE, kdc, (struct slice){0}, NULL));
    assert_ok(pac_verify(&pac, PAC_FULL_SIGNATURE, kdc, (struct slice){0}, NULL));
    assert_ok(pac_verify(&pac, PAC_TICKET_SIGNATURE, kdc, der, NULL));
    assert_code(pac_verify(&pac, PAC_KDC_SIGNATURE, server, (struct slice){0}, NULL),
                OBOL_CHECKSUM_MISMATCH);
    // The flag that makes a ticket evidence: whoever sets it breaks the ticket's signature.
    part.flags ^= (uint32_t)TKT_FORWARDABLE;
    assert_ok(der_encode(&TYPE_ENC_TICKET_PART, &part, a, &der, NULL));
    assert_code(pac_verify(&pac, PAC_TICKET_SIGNATURE, kdc, der, NULL), OBOL_CHECKSUM_MISMATCH);
    assert_false(vectors_next(&v));
}

static void delegation_info_of_windows_is_read_and_written_the_same(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "../pac/delegation.txt");
    while (vectors_next(&v)) {
        struct pac_delegation d;
        struct slice bytes, data = vectors_hex(&v, "data"), further = vectors_text(&v, "further");
        if (vectors_text(&v, "malformed").len) {
            assert_code(pac_delegation_read(data, &v.arena, &d, NULL), OBOL_FORMAT);
            continue;
        }
        assert_ok(pac_delegation_read(data, &v.arena, &d, NULL));
        assert_slice_equal(d.target, vectors_text(&v, "target"));
        assert_int_equal(d.transited_count, further.len ? 2 : 1);
        assert_slice_equal(d.transited[0], vectors_text(&v, "through"));
        if (further.len)
            assert_slice_equal(d.transited[1], further);
        assert_ok(pac_delegation_write(&d, &v.arena, &bytes, NULL));
        assert_slice_equal(bytes, data);
    }
}

static void malformed_pacs_are_refused(void **state) {
    UNUSED(state);
    struct vectors v;
    vectors_open(&v, "../pac/malformed.txt");
    while (vectors_next(&v)) {
        struct pac pac;
        assert_code(pac_parse(vectors_hex(&v, "data"), &pac, NULL), OBOL_FORMAT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pacs_of_windows_hold_and_are_read),
        cmocka_unit_test(a_ticket_of_windows_bears_all_four_signatures),
        cmocka_unit_test(delegation_info_of_windows_is_read_and_written_the_same),
        cmocka_unit_test(malformed_pacs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
