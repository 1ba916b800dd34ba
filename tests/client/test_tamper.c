// test_tamper.c: every field of a reply rewritten, one by one. A plaintext field that somebody on
// the way changes is refused or without effect (CVE-2017-11103, CVE-2019-12098); a sealed field
// that does not fit the request is refused, too.
#include "script_kdc.h"

typedef void (*edit)(struct script *s, struct kdc_rep *rep, struct enc_kdc_rep_part *enc);
enum outcome {
    REFUSED,
    HARMLESS, // the ticket is as it would have been
};
struct edit_case {
    const char *what;
    edit edit;
    enum outcome outcome;
};

#define EDIT(name, statement)                                                                      \
    static void name(struct script *s, struct kdc_rep *rep, struct enc_kdc_rep_part *enc) {        \
        UNUSED(s);                                                                                 \
        UNUSED(rep);                                                                               \
        UNUSED(enc);                                                                               \
        statement;                                                                                 \
    }

static struct principal evil(struct script *s) {
    return script_name(s, "HTTP/evil.example.com@EVIL.COM");
}
static struct slice flip(struct script *s, struct slice in, size_t at) {
    struct buf out = arena_buf(&s->arena, in.len);
    memcpy(out.ptr, in.ptr, in.len);
    out.ptr[at] ^= 1;
    return slice_of_buf(out);
}
static struct slice last_flipped(struct script *s, struct slice in) {
    return flip(s, in, in.len - 1);
}

EDIT(nothing, (void)0)
EDIT(pvno, rep->pvno = 4)
EDIT(msg_type, rep->msg_type = rep->msg_type == KRB_AS_REP ? KRB_TGS_REP : KRB_AS_REP)
EDIT(strip_padata, rep->present = 0)
EDIT(salt, if (rep->padata.count) rep->padata.items[0].padata_value = slice_of("\x30\x00", 2))
EDIT(garbage_padata, if (rep->padata.count) rep->padata.items[0].padata_value = slice_str("?"))
EDIT(crealm, rep->crealm = slice_str("EVIL.COM"))
EDIT(empty_crealm, rep->crealm = slice_str(NULL))
EDIT(cname, rep->cname = evil(s).name)
EDIT(no_cname, rep->cname.name_string.count = 0)
EDIT(cname_type, rep->cname.name_type = NT_ENTERPRISE)
EDIT(ticket_vno, rep->ticket.tkt_vno = 4)
EDIT(ticket_realm, rep->ticket.realm = slice_str("EVIL.COM"))
EDIT(ticket_sname, rep->ticket.sname = evil(s).name)
EDIT(enc_etype, rep->enc_part.etype = ENCTYPE_AES128_SHA1)
EDIT(enc_weak_etype, rep->enc_part.etype = ENCTYPE_RC4_HMAC)
EDIT(enc_no_etype, rep->enc_part.etype = 0)
EDIT(enc_kvno, rep->enc_part.kvno = 77)
EDIT(enc_no_kvno, rep->enc_part.present = 0)
EDIT(enc_cipher, rep->enc_part.cipher = last_flipped(s, rep->enc_part.cipher))
EDIT(enc_cipher_head, rep->enc_part.cipher = flip(s, rep->enc_part.cipher, 0))
EDIT(enc_cipher_cut, rep->enc_part.cipher.len--)
EDIT(enc_cipher_none, rep->enc_part.cipher.len = 0)

static const struct edit_case PLAIN[] = {
    {"nothing", nothing, HARMLESS},
    {"pvno", pvno, REFUSED},
    {"msg-type", msg_type, REFUSED},
    {"padata taken away", strip_padata, HARMLESS},
    {"padata emptied", salt, HARMLESS},
    {"crealm", crealm, REFUSED},
    {"crealm emptied", empty_crealm, REFUSED},
    {"cname", cname, REFUSED},
    {"cname without components", no_cname, REFUSED},
    {"type of cname", cname_type, HARMLESS},
    {"realm of the ticket", ticket_realm, REFUSED},
    {"sname of the ticket", ticket_sname, REFUSED},
    {"etype of the sealed part", enc_etype, REFUSED},
    {"etype of the sealed part, weak", enc_weak_etype, REFUSED},
    {"etype of the sealed part, none", enc_no_etype, REFUSED},
    {"kvno of the sealed part", enc_kvno, HARMLESS},
    {"kvno taken away", enc_no_kvno, HARMLESS},
    {"last bit of the sealed part", enc_cipher, REFUSED},
    {"first bit of the sealed part", enc_cipher_head, REFUSED},
    {"sealed part cut", enc_cipher_cut, REFUSED},
    {"sealed part emptied", enc_cipher_none, REFUSED},
};

EDIT(nonce, enc->nonce ^= 1)
EDIT(srealm, enc->srealm = slice_str("EVIL.COM"); rep->ticket.realm = enc->srealm)
EDIT(sname, enc->sname = evil(s).name; rep->ticket.sname = enc->sname)
EDIT(no_sname, enc->sname.name_string.count = 0; rep->ticket.sname.name_string.count = 0)
EDIT(weak_key, enc->key.keytype = ENCTYPE_RC4_HMAC;
     enc->key.keyvalue = slice_str("0123456789abcdef"))
EDIT(short_key, enc->key.keyvalue.len = 5)
EDIT(empty_key, enc->key.keyvalue.len = 0)
EDIT(ends_before, enc->endtime = enc->starttime - 1)
EDIT(ends_late, enc->endtime += 100000)
EDIT(renews_late, enc->present |= ENC_KDC_REP_PART_RENEW_TILL;
     enc->renew_till = SCRIPT_NOW + 999999)
EDIT(other_flags, enc->flags |= TKT_OK_AS_DELEGATE | TKT_FORWARDABLE)
EDIT(addresses, enc->present |= ENC_KDC_REP_PART_CADDR)

static const struct edit_case SEALED[] = {
    {"nothing", nothing, HARMLESS},
    {"nonce", nonce, REFUSED},
    {"srealm", srealm, REFUSED},
    {"sname", sname, REFUSED},
    {"sname without components", no_sname, REFUSED},
    {"a weak session key", weak_key, REFUSED},
    {"a short session key", short_key, REFUSED},
    {"no session key", empty_key, REFUSED},
    {"an end before the start", ends_before, REFUSED},
    {"an end later than asked", ends_late, REFUSED},
    {"renewable for longer than asked", renews_late, REFUSED},
    {"more flags", other_flags, HARMLESS},
};

EDIT(no_proof, enc->present &= ~(uint32_t)ENC_KDC_REP_PART_ENCRYPTED_PA_DATA)
EDIT(stripped_proof, enc->encrypted_pa_data.items[0].padata_type = 999)
EDIT(wrong_proof, enc->encrypted_pa_data.items[0].padata_value =
                      last_flipped(s, enc->encrypted_pa_data.items[0].padata_value))
static void unkeyed_proof(struct script *s, struct kdc_rep *rep, struct enc_kdc_rep_part *enc) {
    UNUSED(rep);
    struct checksum sum = {CKSUMTYPE_SHA1, slice_str("01234567890123456789")};
    assert_ok(der_encode(&TYPE_CHECKSUM, &sum, &s->arena,
                         &enc->encrypted_pa_data.items[0].padata_value, NULL));
}

static const struct edit_case PROOF[] = {
    {"proof taken away", no_proof, REFUSED},
    {"proof under another type", stripped_proof, REFUSED},
    {"proof of another request", wrong_proof, REFUSED},
    {"proof by an unkeyed checksum", unkeyed_proof, REFUSED},
};

static void check(const char *what, enum outcome expected, enum obol_code code,
                  const struct cred *ticket, struct script *s, const char *server) {
    if (expected == REFUSED && code == OBOL_OK)
        fail_msg("%s: accepted", what);
    if (expected == HARMLESS && code != OBOL_OK)
        fail_msg("%s: %s: %s", what, error_info(code)->name, s->error.detail);
    if (code != OBOL_OK)
        return;
    assert_slice_equal(ticket->key.keyvalue, s->session);
    assert_slice_str(principal_text(&ticket->client, &s->arena), "alice@EXAMPLE.COM");
    assert_slice_str(principal_text(&ticket->server, &s->arena), server);
}

static void login_case(const struct edit_case *e, bool sealed, bool preauth) {
    struct script s;
    struct as_client c;
    script_init(&s, ENCTYPE_AES256_SHA1);
    s.preauth = preauth;
    *(sealed ? &s.edit_sealed : &s.edit_plain) = e->edit;
    struct as_params p = {
        .client = script_name(&s, "alice"), .lifetime = 3600, .renew_lifetime = 7200};
    enum obol_code code = script_login(&s, &c, &p, "correct horse");
    check(e->what, e->outcome, code, &c.ticket, &s, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
    script_clear(&s);
}

static void ticket_case(const struct edit_case *e, bool sealed) {
    struct script s;
    struct tgs_client c;
    script_init(&s, ENCTYPE_AES256_SHA1);
    *(sealed ? &s.edit_sealed : &s.edit_plain) = e->edit;
    struct cred tgt = script_tgt(&s, "krbtgt/EXAMPLE.COM");
    struct tgs_params p = {
        .tgt = &tgt, .service = script_name(&s, "HTTP/web"), .renew_till = SCRIPT_NOW + 7200};
    enum obol_code code = script_ticket(&s, &c, &p);
    check(e->what, e->outcome, code, &c.ticket, &s, "HTTP/web@EXAMPLE.COM");
    script_clear(&s);
}

static void each_plaintext_field_of_an_as_rep_is_refused_or_harmless(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(PLAIN); i++)
        login_case(&PLAIN[i], false, true);
    login_case(&(struct edit_case){"garbage padata", garbage_padata, HARMLESS}, false, true);
    login_case(&(struct edit_case){"version of the ticket", ticket_vno, HARMLESS}, false, true);
}

static void without_preauthentication_padata_cannot_mislead_either(void **state) {
    UNUSED(state);
    login_case(&(struct edit_case){"garbage padata", garbage_padata, REFUSED}, false, false);
    login_case(&(struct edit_case){"padata taken away", strip_padata, HARMLESS}, false, false);
    login_case(&(struct edit_case){"etype", enc_etype, REFUSED}, false, false);
    login_case(&(struct edit_case){"etype", enc_weak_etype, REFUSED}, false, false);
}

static void each_sealed_field_of_an_as_rep_must_fit_the_request(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(SEALED); i++)
        login_case(&SEALED[i], true, true);
    for (size_t i = 0; i < COUNT_OF(PROOF); i++)
        login_case(&PROOF[i], true, true);
}

static void each_plaintext_field_of_a_tgs_rep_is_refused_or_harmless(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(PLAIN); i++)
        ticket_case(&PLAIN[i], false);
}

static void each_sealed_field_of_a_tgs_rep_must_fit_the_request(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(SEALED); i++)
        ticket_case(&SEALED[i], true);
    ticket_case(&(struct edit_case){"addresses", addresses, HARMLESS}, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_plaintext_field_of_an_as_rep_is_refused_or_harmless),
        cmocka_unit_test(without_preauthentication_padata_cannot_mislead_either),
        cmocka_unit_test(each_sealed_field_of_an_as_rep_must_fit_the_request),
        cmocka_unit_test(each_plaintext_field_of_a_tgs_rep_is_refused_or_harmless),
        cmocka_unit_test(each_sealed_field_of_a_tgs_rep_must_fit_the_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
