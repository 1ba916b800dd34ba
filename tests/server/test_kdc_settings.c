// test_kdc_settings.c: what kdc.conf of one realm, or of several, makes of the daemon.
#include "../test.h"
#include "config/kdcconf.h"
#include "server/kdc_serve.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/obol-settings-XXXXXX";
static char homes[2][64], files[2][80];

static int setup(void **state) {
    UNUSED(state);
    strcpy(dir + sizeof dir - 7, "XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    for (size_t i = 0; i < COUNT_OF(homes); i++) {
        snprintf(homes[i], sizeof homes[i], "%s/%zu", dir, i);
        snprintf(files[i], sizeof files[i], "%s/kdc.conf", homes[i]);
        if (mkdir(homes[i], 0700) != 0)
            return -1;
    }
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(homes); i++) {
        unlink(files[i]);
        rmdir(homes[i]);
    }
    return rmdir(dir);
}

static void write_conf(size_t home, const char *text) {
    FILE *f = fopen(files[home], "w");
    assert_non_null(f);
    fprintf(f, "[kdcdefaults]\n realm = REALM%zu.TEST\n%s%s[realms]\n REALM%zu.TEST = {\n }\n",
            home, home == 0 ? " also_serve = ../1\n" : "", text, home);
    assert_int_equal(fclose(f), 0);
}

static struct error error;
static const struct server_config *load(struct kdc_settings **out, const char *const *only) {
    const struct kdc_serve_options options = {
        .home = homes[0], .ready_fd = -1, .listen = only, .listen_count = only ? 1 : 0};
    error_init(&error);
    if (kdc_settings_load(out, &options, &error) != OBOL_OK)
        fail_msg("%s", error.detail);
    return kdc_settings_server(*out);
}

static const char *joined(const char *const *items, size_t count) {
    static char out[2][256];
    static size_t turn;
    char *to = out[turn++ % 2];
    to[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        strcat(to, i ? " " : "");
        strcat(to, items[i]);
    }
    return to;
}

static void a_further_realm_adds_the_addresses_that_it_says(void **state) {
    static const struct {
        const char *first, *further, *udp, *tcp; // tcp "": as for UDP
    } rows[] = {
        {" kdc_listen = :1\n", "", ":1", ""},
        {" kdc_listen = :1\n", " kdc_listen = :2\n", ":1 :2", ""},
        {" kdc_listen = :1\n", " kdc_tcp_listen = :2\n", ":1", ":1 :2"},
        {" kdc_listen = :1\n", " kdc_tcp_ports = 2\n", ":1", ":1 :2"},
        {" kdc_listen = :1\n", " kdc_tcp_listen = :88\n", ":1", ":1 :88"},
        {" kdc_listen = :1\n", " kdc_listen = :2\n kdc_tcp_listen = :3\n", ":1 :2", ":1 :3"},
        {" kdc_tcp_listen = :3\n", " kdc_tcp_listen = :2\n", KDCCONF_LISTEN, ":3 :2"},
        {" kdc_listen = :1\n kdc_tcp_listen = :3\n", " kdc_tcp_listen = :2\n", ":1", ":3 :2"},
        {" kdc_listen = :1\n kdc_tcp_listen = :3\n", " kdc_listen = :2\n", ":1 :2", ":3 :2"},
        {"", " kdc_tcp_listen = :2\n", KDCCONF_LISTEN, KDCCONF_LISTEN " :2"},
    };
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kdc_settings *s;
        write_conf(0, rows[i].first);
        write_conf(1, rows[i].further);
        const struct server_config *c = load(&s, NULL);
        assert_string_equal(joined(c->listen, c->listen_count), rows[i].udp);
        assert_string_equal(joined(c->tcp_listen, c->tcp_listen_count), rows[i].tcp);
        kdc_settings_free(s);
    }
}

static void an_address_of_a_further_realm_is_known_as_its(void **state) {
    struct kdc_settings *s;
    UNUSED(state);
    write_conf(0, " kdc_listen = :1\n");
    write_conf(1, " kdc_tcp_listen = :2\n");
    const struct server_config *c = load(&s, NULL);
    assert_null(c->tcp_listen_by[0]);
    assert_string_equal(c->tcp_listen_by[1], "the realm REALM1.TEST");
    kdc_settings_free(s);
}

static void the_command_line_says_where_all_realms_are_served(void **state) {
    static const char *const only[] = {":9"};
    struct kdc_settings *s;
    UNUSED(state);
    write_conf(0, " kdc_listen = :1\n");
    write_conf(1, " kdc_listen = :2\n kdc_tcp_listen = :3\n");
    const struct server_config *c = load(&s, only);
    assert_string_equal(joined(c->listen, c->listen_count), ":9");
    assert_int_equal(c->tcp_listen_count, 0);
    kdc_settings_free(s);
}

static void a_further_realm_that_cannot_be_read_is_told_with_its_home(void **state) {
    const struct kdc_serve_options options = {.home = homes[0], .ready_fd = -1};
    struct kdc_settings *s;
    UNUSED(state);
    write_conf(0, " kdc_listen = :1\n");
    write_conf(1, " kdc_tcp_listen = [::1:2\n");
    error_init(&error);
    assert_code(kdc_settings_load(&s, &options, &error), OBOL_CONFIG_SYNTAX);
    assert_non_null(strstr(error.detail, "`kdc_tcp_listen`"));
    assert_non_null(memmem(error.facts, error.facts_len, homes[0], strlen(homes[0])));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_further_realm_adds_the_addresses_that_it_says),
        CASE(an_address_of_a_further_realm_is_known_as_its),
        CASE(the_command_line_says_where_all_realms_are_served),
        CASE(a_further_realm_that_cannot_be_read_is_told_with_its_home),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
