// test_locate.c: which addresses a realm's KDCs have, from krb5.conf and from a pretended DNS; and
// the principals of services on hosts.
#include "../test.h"
#include "net/host.h"
#include "proto/codes.h"
#include <netinet/in.h>
#include <string.h>

struct fixture {
    struct arena arena;
    struct krb5conf conf;
    struct net_resolver resolver;
    struct net net;
    struct net_server_list list;
    struct error error;
    unsigned srv_questions;
};

static bool fake_addresses(void *ctx, const char *host, uint16_t port, unsigned protocols,
                           struct net_server_list *list) {
    UNUSED(ctx);
    if (strstr(host, "gone") || list->count == NET_SERVERS_MAX)
        return false;
    struct net_server *s = &list->items[list->count++];
    memset(s, 0, sizeof *s);
    struct sockaddr_in *in = (struct sockaddr_in *)&s->address;
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    s->address_len = sizeof *in;
    s->protocols = protocols;
    return true;
}

static bool fake_srv(void *ctx, const char *name, unsigned protocols, struct arena *a,
                     struct net_place *out, size_t max, size_t *count) {
    struct fixture *f = ctx;
    UNUSED(a);
    f->srv_questions++;
    if (strcmp(name, "_kerberos._udp.EXAMPLE.COM.") != 0)
        return strstr(name, "SILENT") == NULL;
    static const struct {
        const char *host;
        uint16_t priority, weight;
    } records[] = {{"third", 2, 100}, {"second", 1, 10}, {"first", 1, 20}, {"gone", 0, 0}};
    for (size_t i = 0; i < COUNT_OF(records) && *count < max; i++)
        out[(*count)++] = (struct net_place){.host = slice_str(records[i].host),
                                             .port = 88,
                                             .protocols = protocols,
                                             .priority = records[i].priority,
                                             .weight = records[i].weight};
    return true;
}

static struct slice fake_canonical(void *ctx, const char *host, bool rdns, struct arena *a) {
    UNUSED(ctx);
    UNUSED(a);
    if (strcmp(host, "web") == 0)
        return slice_str(rdns ? "Reverse.Example.com." : "www.example.com");
    return (struct slice){0};
}

static void configure(struct fixture *f, const char *text) {
    error_init(&f->error);
    assert_ok(krb5conf_from_text(&f->conf, "test", slice_str(text), &f->arena, &f->error));
}
static int setup(void **state) {
    static struct fixture f;
    memset(&f, 0, sizeof f);
    assert_true(arena_init(&f.arena, 1 << 16, 1 << 22));
    f.resolver = (struct net_resolver){&f, fake_addresses, fake_srv, fake_canonical};
    f.net = (struct net){.conf = &f.conf, .resolver = &f.resolver};
    *state = &f;
    return 0;
}
static int teardown(void **state) {
    arena_clear(&((struct fixture *)*state)->arena);
    return 0;
}
static enum obol_code locate(struct fixture *f, const char *realm, enum net_service service) {
    error_init(&f->error);
    return net_locate(&f->conf, slice_str(realm), service, &f->resolver, &f->arena, &f->list,
                      &f->error);
}

static void a_place_is_read_in_all_its_forms(void **state) {
    UNUSED(state);
    static const struct {
        const char *text, *host;
        uint16_t port;
        unsigned protocols;
    } good[] = {
        {"kdc", "kdc", 88, 3},         {" kdc.example.com ", "kdc.example.com", 88, 3},
        {"kdc:750", "kdc", 750, 3},    {"10.0.0.1:88", "10.0.0.1", 88, 3},
        {"[::1]", "::1", 88, 3},       {"[::1]:750", "::1", 750, 3},
        {"fe80::1", "fe80::1", 88, 3}, {"tcp/kdc:88", "kdc", 88, 2},
        {"TCP/[::1]:9", "::1", 9, 2},  {"udp/kdc", "kdc", 88, 1},
    };
    static const char *const bad[] = {"",          ":88",    "kdc:", "kdc:0",
                                      "kdc:65536", "kdc:8x", "[::1", "[::1]88",
                                      "[]:88",     "a/b",    "tcp/", "kdc:99999999999999999999"};
    static const char *const proxies[] = {"https://proxy/KdcProxy", "HTTPS://proxy:8443",
                                          "https://[::1]:1/a/b?c"};
    static const char *const none[] = {"https://",     "https:///path", "https://a:0/",
                                       "https://a b/", "https://a\n/",  "https://:443/"};
    char path[200];
    struct net_place p;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_ok(net_place_parse(slice_str(good[i].text), 88, &p, NULL));
        assert_slice_str(p.host, good[i].host);
        assert_int_equal(p.port, good[i].port);
        assert_int_equal(p.protocols, good[i].protocols);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_code(net_place_parse(slice_str(bad[i]), 88, &p, NULL), OBOL_CONFIG_SYNTAX);
    for (size_t i = 0; i < COUNT_OF(proxies); i++) {
        assert_ok(net_place_parse(slice_str(proxies[i]), 88, &p, NULL));
        assert_slice_str(p.host, proxies[i]);
        assert_int_equal(p.protocols, NET_HTTPS);
    }
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_code(net_place_parse(slice_str(none[i]), 88, &p, NULL), OBOL_CONFIG_SYNTAX);
    assert_ok(net_place_parse(SLICE_LITERAL("/run/kdc.sock"), 88, &p, NULL));
    assert_slice_str(p.host, "/run/kdc.sock");
    assert_true(p.local);
    assert_int_equal(p.protocols, NET_TCP);
    memset(path, '/', sizeof path); // longer than the address of a socket can hold
    assert_code(net_place_parse(slice_of(path, 108), 88, &p, NULL), OBOL_CONFIG_SYNTAX);
    assert_ok(net_place_parse(slice_of(path, 107), 88, &p, NULL));
}

static void kdcs_of_the_configuration_come_in_its_order(void **state) {
    struct fixture *f = *state;
    configure(f, "[realms]\nEXAMPLE.COM = {\n kdc = one:1\n kdc = https://p\n kdc = tcp/two:2\n"
                 " kdc = /run/kdc.sock\n http_anchors = FILE:/ca\n}\n");
    assert_ok(locate(f, "EXAMPLE.COM", NET_KDC));
    assert_int_equal(f->list.count, 4);
    assert_string_equal(f->list.items[0].name, "one:1");
    assert_string_equal(f->list.items[1].url, "https://p");
    assert_int_equal(f->list.items[1].anchors->count, 1);
    assert_string_equal(f->list.items[2].name, "two:2");
    assert_int_equal(f->list.items[2].protocols, NET_TCP);
    assert_null(f->list.items[2].url);
    assert_int_equal(f->list.items[3].address.ss_family, AF_UNIX);
    assert_int_equal(f->srv_questions, 0);
}

static void dns_is_asked_where_the_configuration_is_silent(void **state) {
    struct fixture *f = *state;
    configure(f, "");
    assert_ok(locate(f, "EXAMPLE.COM", NET_KDC));
    assert_int_equal(f->srv_questions, 2);
    assert_int_equal(f->list.count, 3);
    assert_string_equal(f->list.items[0].name, "first:88");
    assert_string_equal(f->list.items[1].name, "second:88");
    assert_string_equal(f->list.items[2].name, "third:88");
    assert_code(locate(f, "OTHER.COM", NET_KDC), OBOL_KDC_NOT_KNOWN);
    assert_non_null(strstr(f->error.detail, "the DNS has no SRV record for it"));
    assert_code(locate(f, "no domain", NET_KDC), OBOL_KDC_NOT_KNOWN);
    assert_int_equal(f->srv_questions, 4);
    assert_code(locate(f, "SILENT.COM", NET_KDC), OBOL_KDC_NOT_KNOWN);
    assert_non_null(strstr(f->error.detail, "the DNS gave no answer"));
    configure(f, "[libdefaults]\ndns_lookup_kdc = false\n");
    assert_code(locate(f, "EXAMPLE.COM", NET_KDC), OBOL_KDC_NOT_KNOWN);
    assert_non_null(strstr(f->error.detail, "dns_lookup_kdc"));
}

static void what_cannot_be_reached_says_why(void **state) {
    struct fixture *f = *state;
    configure(f, "[realms]\nG = {\n kdc = gone1\n kdc = gone2\n}\n"
                 "B = {\n kdc = [::1\n}\n");
    assert_code(locate(f, "G", NET_KDC), OBOL_KDC_UNREACHABLE);
    assert_code(locate(f, "B", NET_KDC), OBOL_CONFIG_SYNTAX);
}

static void a_realm_in_the_wrong_case_is_answered_with_the_right_one(void **state) {
    struct fixture *f = *state;
    configure(f,
              "[libdefaults]\ndns_lookup_kdc = false\n[realms]\nEXAMPLE.COM = {\n kdc = kdc1\n}\n"
              "NOKDC.COM = {\n}\n");
    assert_code(locate(f, "example.com", NET_KDC), OBOL_KDC_NOT_KNOWN);
    assert_non_null(strstr(f->error.detail, "did you mean the realm EXAMPLE.COM?"));
    assert_code(locate(f, "wholly.other", NET_KDC), OBOL_KDC_NOT_KNOWN);
    assert_null(strstr(f->error.detail, "did you mean"));
    assert_non_null(memmem(f->error.facts, f->error.facts_len, "EXAMPLE.COM", 11));
}

static void a_place_that_is_none_is_noted_with_its_line(void **state) {
    struct fixture *f = *state;
    configure(f, "[realms]\nA = {\n kdc = good:88\n kdc = bad:99999\n kpasswd_server = a b/c\n"
                 " kdc = https://later\n}\nB = {\n admin_server = host:\n}\n");
    net_places_check(&f->conf, &f->arena);
    const struct config_note *n = f->conf.profile.notes.first;
    const struct {
        unsigned line;
        const char *text;
    } expected[] = {{4, "`kdc` is 'bad:99999'"},
                    {5, "`kpasswd_server` is 'a b/c'"},
                    {9, "`admin_server` is 'host:'"}};
    for (size_t i = 0; i < COUNT_OF(expected); i++, n = n->next) {
        assert_non_null(n);
        assert_int_equal(n->line, expected[i].line);
        assert_true(slice_starts(n->text, slice_str(expected[i].text)));
    }
    assert_null(n);
}

static void kpasswd_stands_in_for_itself_at_its_own_port(void **state) {
    struct fixture *f = *state;
    configure(f, "[realms]\nA = {\n admin_server = adm:749\n}\nK = {\n kpasswd_server = k:4\n}\n");
    assert_ok(locate(f, "A", NET_KPASSWD));
    assert_string_equal(f->list.items[0].name, "adm:464");
    assert_ok(locate(f, "K", NET_KPASSWD));
    assert_string_equal(f->list.items[0].name, "k:4");
}

static void kadmind_is_at_its_own_place_else_at_the_kdcs(void **state) {
    struct fixture *f = *state;
    configure(f, "[realms]\nA = {\n kdc = k1:88\n admin_server = adm\n admin_server = b:7\n}\n"
                 "K = {\n kdc = https://proxy\n kdc = /run/kdc.sock\n kdc = k1:88\n}\n");
    assert_ok(locate(f, "A", NET_KADMIN));
    assert_int_equal(f->list.count, 2);
    assert_string_equal(f->list.items[0].name, "adm:749");
    assert_string_equal(f->list.items[1].name, "b:7");
    assert_ok(locate(f, "K", NET_KADMIN));
    assert_int_equal(f->list.count, 1);
    assert_string_equal(f->list.items[0].name, "k1:749");
    assert_code(locate(f, "NO.COM", NET_KADMIN), OBOL_KDC_NOT_KNOWN);
    assert_non_null(strstr(f->error.detail, "`admin_server`"));
    assert_int_equal(f->srv_questions, 1); // _kerberos-adm goes by TCP alone
    assert_ok(net_locate_place(SLICE_LITERAL("[::1]"), SLICE_LITERAL("A"), NET_KADMIN, &f->resolver,
                               &f->arena, &f->list, &f->error));
    assert_string_equal(f->list.items[0].name, "::1:749");
    assert_code(net_locate_place(SLICE_LITERAL("a:b:"), SLICE_LITERAL("A"), NET_KADMIN, NULL,
                                 &f->arena, &f->list, NULL),
                OBOL_KDC_UNREACHABLE);
    assert_code(net_locate_place(SLICE_LITERAL("a:0"), SLICE_LITERAL("A"), NET_KADMIN, &f->resolver,
                                 &f->arena, &f->list, NULL),
                OBOL_CONFIG_SYNTAX);
}

static void expect_names(struct fixture *f, const char *host, const char *first,
                         const char *second) {
    struct principal names[NET_HOST_NAMES_MAX];
    size_t count;
    assert_ok(net_host_service(&f->net, slice_str("HTTP"), slice_str(host), &f->arena, names,
                               &count, NULL));
    assert_int_equal(count, second ? 2 : 1);
    assert_slice_str(principal_text(&names[0], &f->arena), first);
    if (second)
        assert_slice_str(principal_text(&names[1], &f->arena), second);
}

static void a_services_name_follows_the_configuration(void **state) {
    struct fixture *f = *state;
    configure(f, "[libdefaults]\ndns_canonicalize_hostname = false\n"
                 "[domain_realm]\n.example.com = EXAMPLE.COM\n");
    expect_names(f, "WWW.Example.COM.", "HTTP/www.example.com@EXAMPLE.COM", NULL);
    expect_names(f, "web", "HTTP/web@", NULL);
    configure(f, "[libdefaults]\ndns_canonicalize_hostname = true\nrdns = false\n");
    expect_names(f, "web", "HTTP/www.example.com@", NULL);
    expect_names(f, "unknown", "HTTP/unknown@", NULL);
    configure(f, "[libdefaults]\ndns_canonicalize_hostname = true\nrdns = true\n");
    expect_names(f, "web", "HTTP/reverse.example.com@", NULL);
    configure(f, "[libdefaults]\ndns_canonicalize_hostname = fallback\nrdns = false\n");
    expect_names(f, "web", "HTTP/web@", "HTTP/www.example.com@");
    expect_names(f, "www.example.com", "HTTP/www.example.com@", NULL);
    configure(f,
              "[libdefaults]\ndns_canonicalize_hostname = false\nqualify_shortname = corp.com\n");
    expect_names(f, "web", "HTTP/web.corp.com@", NULL);
}

static void a_port_beside_the_host_stays_and_names_no_other_host(void **state) {
    struct fixture *f = *state;
    configure(f, "[libdefaults]\ndns_canonicalize_hostname = true\nrdns = false\n"
                 "qualify_shortname = corp.com\n"
                 "[domain_realm]\n.example.com = EXAMPLE.COM\n.corp.com = CORP.COM\n");
    expect_names(f, "Web:80", "HTTP/www.example.com:80@EXAMPLE.COM", NULL);
    expect_names(f, "db.Example.COM:SQL2", "HTTP/db.example.com:SQL2@EXAMPLE.COM", NULL);
    expect_names(f, "2001:db8::1", "HTTP/2001:db8::1@", NULL); // an address, and no port
    expect_names(f, "unknown.corp.com:", "HTTP/unknown.corp.com:@", NULL);
    configure(f, "[libdefaults]\ndns_canonicalize_hostname = fallback\nrdns = false\n"
                 "[domain_realm]\n.example.com = EXAMPLE.COM\n");
    expect_names(f, "web:80", "HTTP/web:80@", "HTTP/www.example.com:80@EXAMPLE.COM");
    expect_names(f, "www.example.com:80", "HTTP/www.example.com:80@EXAMPLE.COM", NULL);
}

static void what_is_no_host_makes_no_name(void **state) {
    struct fixture *f = *state;
    struct principal names[NET_HOST_NAMES_MAX];
    size_t count;
    static const char *const bad[] = {"",     ".",        "a b", "a/b",   "a@b",
                                      "\x01", "\xc3\xbc", ":80", "a:8 0", "a:8/0"};
    configure(f, "[libdefaults]\ndns_canonicalize_hostname = false\n");
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_code(net_host_service(&f->net, slice_str("HTTP"), slice_str(bad[i]), &f->arena,
                                     names, &count, NULL),
                    OBOL_NAME_MALFORMED);
    assert_code(
        net_host_service(&f->net, slice_str(""), slice_str("web"), &f->arena, names, &count, NULL),
        OBOL_NAME_MALFORMED);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_place_is_read_in_all_its_forms),
        CASE(kdcs_of_the_configuration_come_in_its_order),
        CASE(dns_is_asked_where_the_configuration_is_silent),
        CASE(what_cannot_be_reached_says_why),
        CASE(a_realm_in_the_wrong_case_is_answered_with_the_right_one),
        CASE(a_place_that_is_none_is_noted_with_its_line),
        CASE(kpasswd_stands_in_for_itself_at_its_own_port),
        CASE(kadmind_is_at_its_own_place_else_at_the_kdcs),
        CASE(a_services_name_follows_the_configuration),
        CASE(a_port_beside_the_host_stays_and_names_no_other_host),
        CASE(what_is_no_host_makes_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
