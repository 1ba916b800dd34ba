// test_exchange.c: the AP exchange of the libkrb5 face, with a ticket that the test seals itself:
// what is accepted, and each change that must be refused.
#include "compat.h"
#include "compat/convert.h"
#include "compat/private.h"
#include "krb/seal.h"
#include "proto/types.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

static const uint8_t service_key[32] = {1, 2, 3}, session_key[32] = {4, 5, 6};
static struct arena arena;

static int start(void **state) {
    if (!arena_init(&arena, 1 << 16, 1 << 20) || compat_start(state) != 0)
        return -1;
    char file[96];
    snprintf(file, sizeof file, "file2:%s/rcache", dir);
    setenv("KRB5RCACHENAME", file, 1);
    krb5_keytab kt;
    krb5_keytab_entry e = {.principal = named("host/a"), .vno = 2};
    e.key = (krb5_keyblock){KV5M_KEYBLOCK, 18, 32, (krb5_octet *)(uintptr_t)service_key};
    assert_int_equal(krb5_kt_default(context, &kt), 0);
    assert_int_equal(krb5_kt_add_entry(context, kt, &e), 0);
    krb5_free_principal(context, e.principal);
    return krb5_kt_close(context, kt);
}
static int stop(void **state) {
    arena_clear(&arena);
    return compat_stop(state);
}

static struct host_address_list bound; // that tickets hold
static struct transited_encoding came_by;

// The credentials of alice for host/a, with a ticket of that lifetime.
static krb5_creds creds_with(int64_t lifetime) {
    struct error err;
    struct principal client, server;
    struct crypto_key *key;
    int64_t now = env_now(env_system());
    error_init(&err);
    krb5_creds c = {.magic = KV5M_CREDS, .client = named("alice"), .server = named("host/a")};
    assert_ok(principal_in(c.client, &arena, &client, &err));
    assert_ok(principal_in(c.server, &arena, &server, &err));
    struct enc_ticket_part part = {
        .flags = TKT_INITIAL,
        .key = {18, slice_of(session_key, 32)},
        .crealm = client.realm,
        .cname = client.name,
        .authtime = now - 100,
        .endtime = now + lifetime,
        .caddr = bound,
        .transited = came_by,
    };
    if (bound.count)
        part.present |= ENC_TICKET_PART_CADDR;
    struct ticket ticket = {.tkt_vno = 5, .realm = server.realm, .sname = server.name};
    struct slice der;
    assert_ok(crypto_key_in_arena(&key, &arena, 18, slice_of(service_key, 32), &err));
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, key, KU_TICKET, 2, env_system(), &arena,
                       &ticket.enc_part, &err));
    assert_ok(der_encode(&TYPE_TICKET, &ticket, &arena, &der, &err));
    assert_true(data_out(&c.ticket, der));
    assert_true(keyblock_out(&c.keyblock, 18, slice_of(session_key, 32)));
    return c;
}

// Both ends, with the address that KRB-PRIV wants.
struct pair {
    krb5_auth_context client, server;
    krb5_data request;
};
static krb5_auth_context end(krb5_int32 flags) {
    krb5_auth_context ac;
    krb5_octet here[4] = {127, 0, 0, 1};
    krb5_address address = {KV5M_ADDRESS, ADDRTYPE_INET, 4, here};
    assert_int_equal(krb5_auth_con_init(context, &ac), 0);
    assert_int_equal(krb5_auth_con_setflags(context, ac, flags), 0);
    assert_int_equal(krb5_auth_con_setaddrs(context, ac, &address, &address), 0);
    return ac;
}
static struct pair request_with(krb5_int32 flags, int64_t lifetime) {
    struct pair p = {end(flags), end(flags), {0}};
    static char text[] = "bytes";
    krb5_data data = {.length = 5, .data = text};
    krb5_creds creds = creds_with(lifetime);
    assert_int_equal(krb5_mk_req_extended(context, &p.client,
                                          AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY, &data,
                                          &creds, &p.request),
                     0);
    krb5_free_cred_contents(context, &creds);
    return p;
}
static void pair_free(struct pair *p) {
    krb5_free_data_contents(context, &p->request);
    assert_int_equal(krb5_auth_con_free(context, p->client), 0);
    assert_int_equal(krb5_auth_con_free(context, p->server), 0);
}
// Whoever says where the request came from has the ticket's addresses looked at.
static krb5_error_code accept_from(struct host_address *addresses, size_t count) {
    krb5_ticket *ticket;
    bound = (struct host_address_list){addresses, count};
    struct pair p = request_with(0, 3600);
    krb5_error_code code = krb5_rd_req(context, &p.server, &p.request, NULL, NULL, NULL, &ticket);
    if (!code)
        krb5_free_ticket(context, ticket);
    pair_free(&p);
    bound = (struct host_address_list){0};
    return code;
}
static void a_bound_ticket_is_taken_from_its_addresses_only(void **state) {
    UNUSED(state);
    static const uint8_t here[] = {127, 0, 0, 1}, there[] = {192, 0, 2, 1};
    struct host_address list[] = {{ADDR_IPV4, slice_of(there, 4)}, {ADDR_IPV4, slice_of(here, 4)}};
    struct host_address windows = {ADDR_NETBIOS, slice_str("HOST            ")};
    assert_int_equal(accept_from(list, 2), 0);
    assert_int_equal(accept_from(list, 1), KRB5KRB_AP_ERR_BADADDR);
    assert_int_equal(accept_from(&windows, 1), 0);
    list[1] = windows;
    assert_int_equal(accept_from(list, 2), KRB5KRB_AP_ERR_BADADDR);
}
// The remote end of a socket for both families, as an auth context takes it from there.
static void peer_is(const char *text, krb5_addrtype type, unsigned length) {
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    const int off = 0, fd = socket(AF_INET6, SOCK_DGRAM, 0);
    krb5_auth_context ac;
    krb5_address *local, *remote;
    assert_int_equal(inet_pton(AF_INET6, text, &to.sin6_addr), 1);
    assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(krb5_auth_con_init(context, &ac), 0);
    assert_int_equal(
        krb5_auth_con_genaddrs(context, ac, fd, KRB5_AUTH_CONTEXT_GENERATE_REMOTE_FULL_ADDR), 0);
    assert_int_equal(krb5_auth_con_getaddrs(context, ac, &local, &remote), 0);
    assert_null(local);
    assert_int_equal(remote->addrtype, type);
    assert_int_equal(remote->length, length);
    assert_memory_equal(remote->contents, to.sin6_addr.s6_addr + 16 - length, length);
    krb5_free_address(context, remote);
    assert_int_equal(krb5_auth_con_free(context, ac), 0);
    close(fd);
}
static void an_ipv4_peer_of_a_socket_for_both_families_has_an_ipv4_address(void **state) {
    UNUSED(state);
    peer_is("::ffff:127.0.0.1", ADDRTYPE_INET, 4);
    peer_is("::1", ADDRTYPE_INET6, 16);
}
static krb5_error_code accept_it(struct pair *p, krb5_ticket **ticket) {
    return krb5_rd_req(context, &p->server, &p->request, NULL, NULL, NULL, ticket);
}
static void establish(struct pair *p) {
    krb5_ticket *ticket;
    krb5_data reply;
    krb5_ap_rep_enc_part *part;
    assert_int_equal(accept_it(p, &ticket), 0);
    char *name;
    assert_int_equal(krb5_unparse_name(context, ticket->enc_part2->client, &name), 0);
    assert_string_equal(name, "alice@EXAMPLE.COM");
    krb5_free_unparsed_name(context, name);
    krb5_free_ticket(context, ticket);
    assert_int_equal(krb5_mk_rep(context, p->server, &reply), 0);
    assert_int_equal(krb5_rd_rep(context, p->client, &reply, &part), 0);
    krb5_free_ap_rep_enc_part(context, part);
    krb5_free_data_contents(context, &reply);
}

#define SEQUENCE (KRB5_AUTH_CONTEXT_DO_TIME | KRB5_AUTH_CONTEXT_DO_SEQUENCE)

static void both_ends_come_to_know_each_other(void **state) {
    UNUSED(state);
    struct pair p = request_with(SEQUENCE, 1000);
    krb5_authenticator *a;
    krb5_keyblock *ours, *theirs;
    establish(&p);
    assert_int_equal(krb5_auth_con_getauthenticator(context, p.server, &a), 0);
    assert_int_equal(a->checksum->checksum_type, CKSUMTYPE_HMAC_SHA1_96_AES256);
    krb5_free_authenticator(context, a);
    assert_int_equal(krb5_auth_con_getsendsubkey(context, p.client, &ours), 0);
    assert_int_equal(krb5_auth_con_getrecvsubkey(context, p.server, &theirs), 0);
    assert_memory_equal(ours->contents, theirs->contents, 32);
    krb5_free_keyblock(context, ours);
    krb5_free_keyblock(context, theirs);
    pair_free(&p);
}

static void a_replay_is_refused(void **state) {
    UNUSED(state);
    struct pair p = request_with(SEQUENCE, 1000);
    krb5_auth_context other = end(SEQUENCE);
    establish(&p);
    assert_int_equal(krb5_rd_req(context, &other, &p.request, NULL, NULL, NULL, NULL),
                     KRB5KRB_AP_ERR_REPEAT);
    assert_int_equal(krb5_auth_con_free(context, other), 0);
    pair_free(&p);
}

static void a_dead_ticket_is_refused(void **state) {
    UNUSED(state);
    struct pair p = request_with(SEQUENCE, -1000);
    assert_int_equal(accept_it(&p, NULL), KRB5KRB_AP_ERR_TKT_EXPIRED);
    pair_free(&p);
}

static void a_ticket_for_another_service_is_refused(void **state) {
    UNUSED(state);
    struct pair p = request_with(SEQUENCE, 1000);
    krb5_principal other = named("host/b");
    assert_int_equal(krb5_rd_req(context, &p.server, &p.request, other, NULL, NULL, NULL),
                     KRB5KRB_AP_ERR_NOT_US);
    krb5_free_principal(context, other);
    pair_free(&p);
}

// What stands in the clear before the ticket's sealed part has three fields that nothing protects
// and nothing depends on: reserved options, the type of the service's name, and its key's version
// when the keytab has one key.
#define CLEAR_PART 110u
// The code that MIT's gives; ours says which enctype it is.
static void an_enctype_that_is_not_permitted_is_refused(void **state) {
    UNUSED(state);
    krb5_enctype only[] = {ENCTYPE_AES128_SHA256, 0}, both[] = {ENCTYPE_AES256_SHA1, 0};
    krb5_ticket *ticket = NULL;
    struct pair p = request_with(SEQUENCE, 1000);
    assert_int_equal(krb5_set_default_tgs_enctypes(context, only), 0);
    assert_int_equal(accept_it(&p, &ticket), KRB5_NOPERM_ETYPE);
    assert_null(ticket);
    const char *text = krb5_get_error_message(context, KRB5_NOPERM_ETYPE);
    assert_non_null(strstr(text, "aes256-cts-hmac-sha1-96"));
    krb5_free_error_message(context, text);
    pair_free(&p);
    p = request_with(SEQUENCE, 1000);
    assert_int_equal(krb5_set_default_tgs_enctypes(context, both), 0);
    establish(&p);
    pair_free(&p);
    assert_int_equal(krb5_set_default_tgs_enctypes(context, NULL), 0);
}

static void every_bit_of_a_request_counts(void **state) {
    UNUSED(state);
    struct pair p = request_with(SEQUENCE, 1000);
    unsigned free_to_change = 0;
    for (unsigned i = 0; i < p.request.length * 8; i++) {
        krb5_auth_context ac = end(KRB5_AUTH_CONTEXT_DO_SEQUENCE); // without a replay cache
        p.request.data[i / 8] ^= (char)(1 << i % 8);
        krb5_error_code code = krb5_rd_req(context, &ac, &p.request, NULL, NULL, NULL, NULL);
        p.request.data[i / 8] ^= (char)(1 << i % 8);
        free_to_change += code == 0;
        if (code == 0 && i / 8 > CLEAR_PART)
            fail_msg("bit %u may be changed", i);
        assert_int_equal(krb5_auth_con_free(context, ac), 0);
    }
    assert_in_range(free_to_change, 1, 60);
    for (unsigned n = 0; n < p.request.length; n++) {
        krb5_data cut = {.length = n, .data = p.request.data};
        krb5_auth_context ac = end(KRB5_AUTH_CONTEXT_DO_SEQUENCE);
        assert_int_not_equal(krb5_rd_req(context, &ac, &cut, NULL, NULL, NULL, NULL), 0);
        assert_int_equal(krb5_auth_con_free(context, ac), 0);
    }
    pair_free(&p);
}

static void a_reply_to_another_request_is_refused(void **state) {
    UNUSED(state);
    struct pair p = request_with(SEQUENCE, 1000), q = request_with(SEQUENCE, 1000);
    krb5_data reply;
    krb5_ap_rep_enc_part *part;
    assert_int_equal(accept_it(&q, NULL), 0);
    assert_int_equal(krb5_mk_rep(context, q.server, &reply), 0);
    assert_int_equal(krb5_rd_rep(context, p.client, &reply, &part), KRB5_MUTUAL_FAILED);
    krb5_free_data_contents(context, &reply);
    pair_free(&p);
    pair_free(&q);
}

typedef krb5_error_code make_fn(krb5_context, krb5_auth_context, const krb5_data *, krb5_data *,
                                krb5_replay_data *);

static void carry(make_fn *make, make_fn *read, krb5_error_code altered) {
    struct pair p = request_with(SEQUENCE, 1000);
    static char text[] = "a message";
    krb5_data data = {.length = 9, .data = text}, sent, got;
    establish(&p);
    assert_int_equal(make(context, p.client, &data, &sent, NULL), 0);
    sent.data[sent.length - 1] ^= 1;
    assert_int_equal(read(context, p.server, &sent, &got, NULL), altered);
    sent.data[sent.length - 1] ^= 1;
    assert_int_equal(read(context, p.server, &sent, &got, NULL), 0);
    assert_int_equal(got.length, 9);
    assert_memory_equal(got.data, text, 9);
    krb5_free_data_contents(context, &got);
    // The same again has the wrong number.
    assert_int_equal(read(context, p.server, &sent, &got, NULL), KRB5KRB_AP_ERR_BADORDER);
    krb5_free_data_contents(context, &sent);
    // And back.
    assert_int_equal(make(context, p.server, &data, &sent, NULL), 0);
    assert_int_equal(read(context, p.client, &sent, &got, NULL), 0);
    krb5_free_data_contents(context, &got);
    krb5_free_data_contents(context, &sent);
    pair_free(&p);
}
static void messages_go_sealed(void **state) {
    UNUSED(state);
    carry(krb5_mk_priv, krb5_rd_priv, KRB5KRB_AP_ERR_BAD_INTEGRITY);
}
static void messages_go_with_a_checksum(void **state) {
    UNUSED(state);
    carry(krb5_mk_safe, krb5_rd_safe, KRB5KRB_AP_ERR_BAD_INTEGRITY);
}

static void a_message_that_only_time_protects_comes_once(void **state) {
    UNUSED(state);
    struct pair p = request_with(KRB5_AUTH_CONTEXT_DO_TIME, 1000);
    static char text[] = "x";
    krb5_data data = {.length = 1, .data = text}, sent, got;
    establish(&p);
    assert_int_equal(krb5_mk_priv(context, p.client, &data, &sent, NULL), 0);
    assert_int_equal(krb5_rd_priv(context, p.server, &sent, &got, NULL), 0);
    krb5_free_data_contents(context, &got);
    assert_int_equal(krb5_rd_priv(context, p.server, &sent, &got, NULL), KRB5KRB_AP_ERR_REPEAT);
    krb5_free_data_contents(context, &sent);
    pair_free(&p);
}

static void a_ticket_is_taken_apart(void **state) {
    UNUSED(state);
    krb5_creds creds = creds_with(1000);
    krb5_ticket *ticket;
    krb5_keytab kt;
    assert_int_equal(krb5_decode_ticket(&creds.ticket, &ticket), 0);
    assert_int_equal(ticket->enc_part.enctype, 18);
    assert_int_equal(ticket->enc_part.kvno, 2);
    assert_true(krb5_principal_compare(context, ticket->server, creds.server));
    assert_int_equal(krb5_kt_default(context, &kt), 0);
    assert_int_equal(krb5_server_decrypt_ticket_keytab(context, kt, ticket), 0);
    assert_memory_equal(ticket->enc_part2->session->contents, session_key, 32);
    krb5_free_ticket(context, ticket);
    assert_int_equal(krb5_kt_close(context, kt), 0);
    creds.ticket.length--;
    assert_int_not_equal(krb5_decode_ticket(&creds.ticket, &ticket), 0);
    assert_null(ticket);
    krb5_free_cred_contents(context, &creds);
}

// A realm on the way could name any user of any other: a KDC that lets the path pass does not say
// that it is trusted.
static void initial_credentials_that_came_through_a_strange_realm_are_none(void **state) {
    UNUSED(state);
    came_by = (struct transited_encoding){1, slice_str("EVIL.TEST")};
    krb5_creds creds = creds_with(1000);
    came_by = (struct transited_encoding){0};
    assert_int_equal(krb5_verify_init_creds(context, &creds, creds.server, NULL, NULL, NULL),
                     KRB5KRB_AP_PATH_NOT_ACCEPTED);
    krb5_free_cred_contents(context, &creds);
}

static void initial_credentials_are_verified(void **state) {
    UNUSED(state);
    krb5_creds creds = creds_with(1000);
    krb5_verify_init_creds_opt opt;
    krb5_keytab none;
    krb5_ccache cc = NULL;
    krb5_verify_init_creds_opt_init(&opt);
    assert_int_equal(krb5_verify_init_creds(context, &creds, creds.server, NULL, &cc, &opt), 0);
    assert_int_equal(krb5_cc_destroy(context, cc), 0);
    // Somebody else's KDC made this one.
    creds.ticket.data[creds.ticket.length - 1] ^= 1;
    assert_int_not_equal(krb5_verify_init_creds(context, &creds, creds.server, NULL, NULL, &opt),
                         0);
    // Without keys it passes, unless that is not wanted.
    assert_int_equal(krb5_kt_resolve(context, "MEMORY:none", &none), 0);
    assert_int_equal(krb5_verify_init_creds(context, &creds, NULL, none, NULL, &opt), 0);
    krb5_verify_init_creds_opt_set_ap_req_nofail(&opt, 1);
    assert_int_not_equal(krb5_verify_init_creds(context, &creds, NULL, none, NULL, &opt), 0);
    assert_int_equal(krb5_kt_close(context, none), 0);
    krb5_free_cred_contents(context, &creds);
}

// The same where the keytab has keys, but none of the server that was named.
static void a_server_that_the_keytab_lacks_verifies_only_where_it_must(void **state) {
    UNUSED(state);
    krb5_creds creds = creds_with(1000);
    krb5_verify_init_creds_opt opt;
    krb5_principal lacking;
    krb5_verify_init_creds_opt_init(&opt);
    assert_int_equal(krb5_parse_name(context, "imap/elsewhere@TEST", &lacking), 0);
    assert_int_equal(krb5_verify_init_creds(context, &creds, lacking, NULL, NULL, &opt), 0);
    krb5_verify_init_creds_opt_set_ap_req_nofail(&opt, 1);
    assert_int_equal(krb5_verify_init_creds(context, &creds, lacking, NULL, NULL, &opt),
                     KRB5_KT_NOTFOUND);
    krb5_free_principal(context, lacking);
    krb5_free_cred_contents(context, &creds);
}

// ---- over a stream

struct service_end {
    int fd;
    const char *application;
    krb5_error_code code;
    char client[64];
};
static void *serve(void *arg) {
    struct service_end *s = arg;
    krb5_context own;
    krb5_auth_context ac = NULL;
    krb5_ticket *ticket = NULL;
    char *name, application[16];
    snprintf(application, sizeof application, "%s", s->application);
    s->code = krb5_init_context(&own);
    if (s->code)
        return NULL;
    s->code = krb5_recvauth(own, &ac, &s->fd, application, NULL, 0, NULL, &ticket);
    if (s->code == 0 && krb5_unparse_name(own, ticket->enc_part2->client, &name) == 0) {
        snprintf(s->client, sizeof s->client, "%s", name);
        krb5_free_unparsed_name(own, name);
    }
    krb5_free_ticket(own, ticket);
    (void)krb5_auth_con_free(own, ac);
    krb5_free_context(own);
    return NULL;
}
static krb5_error_code log_in(struct service_end *s, int64_t lifetime, krb5_error **why) {
    int ends[2];
    pthread_t thread;
    krb5_creds creds = creds_with(lifetime);
    krb5_auth_context ac = NULL;
    krb5_ap_rep_enc_part *reply = NULL;
    krb5_creds *used = NULL;
    char application[] = "sample";
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    s->fd = ends[1];
    assert_int_equal(pthread_create(&thread, NULL, serve, s), 0);
    krb5_error_code code =
        krb5_sendauth(context, &ac, &ends[0], application, NULL, NULL, AP_OPTS_MUTUAL_REQUIRED,
                      NULL, &creds, NULL, why, &reply, &used);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true((code == 0) == (reply != NULL));
    assert_ptr_equal(used, code ? NULL : &creds); // as MIT's gives them
    krb5_free_ap_rep_enc_part(context, reply);
    krb5_free_cred_contents(context, &creds);
    assert_int_equal(krb5_auth_con_free(context, ac), 0);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
    return code;
}
static void both_ends_meet_on_a_stream(void **state) {
    UNUSED(state);
    struct service_end s = {.application = "sample"};
    krb5_error *why = NULL;
    assert_int_equal(log_in(&s, 1000, &why), 0);
    assert_null(why);
    assert_int_equal(s.code, 0);
    assert_string_equal(s.client, "alice@EXAMPLE.COM");
    struct service_end other = {.application = "other"};
    assert_int_equal(log_in(&other, 1000, NULL), KRB5_SENDAUTH_BADAPPLVERS);
    assert_int_equal(other.code, KRB5_SENDAUTH_BADAPPLVERS);
    struct service_end late = {.application = "sample"};
    assert_int_equal(log_in(&late, -1000, &why), KRB5_SENDAUTH_REJECTED);
    assert_int_equal(late.code, KRB5KRB_AP_ERR_TKT_EXPIRED);
    assert_non_null(why); // what the service said
    assert_int_equal(why->error, KRB5KRB_AP_ERR_TKT_EXPIRED - ERROR_TABLE_BASE_krb5);
    assert_true(why->text.length > 0);
    krb5_free_error(context, why);
    assert_int_equal(log_in(&late, -1000, NULL), KRB5_SENDAUTH_REJECTED);
}

static void an_error_message_is_made_and_read(void **state) {
    UNUSED(state);
    krb5_error e = {.stime = 1790000000, .susec = 7, .error = 37, .server = named("host/a")}, *got;
    krb5_data bytes;
    e.text = (krb5_data){0, 4, (char *)(uintptr_t) "why?"};
    assert_int_equal(krb5_mk_error(context, &e, &bytes), 0);
    assert_int_equal(krb5_rd_error(context, &bytes, &got), 0);
    assert_int_equal(got->error, 37);
    assert_int_equal(got->stime, 1790000000);
    assert_memory_equal(got->text.data, "why?", 4);
    assert_true(krb5_principal_compare(context, got->server, e.server));
    assert_null(got->client);
    krb5_free_error(context, got);
    for (unsigned n = 0; n < bytes.length; n++) {
        krb5_data cut = {0, n, bytes.data};
        assert_int_not_equal(krb5_rd_error(context, &cut, &got), 0);
        assert_null(got);
    }
    bytes.data[0] = 0x6e; // another message
    assert_int_equal(krb5_rd_error(context, &bytes, &got), KRB5KRB_AP_ERR_MSG_TYPE);
    krb5_free_data_contents(context, &bytes);
    krb5_free_principal(context, e.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_come_to_know_each_other),
        cmocka_unit_test(a_replay_is_refused),
        cmocka_unit_test(a_dead_ticket_is_refused),
        cmocka_unit_test(a_ticket_for_another_service_is_refused),
        cmocka_unit_test(an_enctype_that_is_not_permitted_is_refused),
        cmocka_unit_test(a_bound_ticket_is_taken_from_its_addresses_only),
        cmocka_unit_test(an_ipv4_peer_of_a_socket_for_both_families_has_an_ipv4_address),
        cmocka_unit_test(every_bit_of_a_request_counts),
        cmocka_unit_test(a_reply_to_another_request_is_refused),
        cmocka_unit_test(messages_go_sealed),
        cmocka_unit_test(messages_go_with_a_checksum),
        cmocka_unit_test(a_message_that_only_time_protects_comes_once),
        cmocka_unit_test(a_ticket_is_taken_apart),
        cmocka_unit_test(initial_credentials_are_verified),
        cmocka_unit_test(a_server_that_the_keytab_lacks_verifies_only_where_it_must),
        cmocka_unit_test(initial_credentials_that_came_through_a_strange_realm_are_none),
        cmocka_unit_test(both_ends_meet_on_a_stream),
        cmocka_unit_test(an_error_message_is_made_and_read),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
