// A service that cannot be reached: for each way in which it is misconfigured the cause is named,
// and the command that mends it; a sound one is left in peace. The KDC, the DNS and the environment
// are pretended.
#include "../test.h"
#include "cred/keytab.h"
#include "doctor/doctor.h"
#include "krb/seal.h"
#include "proto/codes.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define R "EXAMPLE.COM"
static struct arena arena;
static struct error err_, *err = &err_;
static struct ccache *cache;
static struct doctor doctor;
static const uint8_t KEY[] = "0123456789abcdef0123456789abcdef";
static struct slice alice_parts[] = {SLICE_LITERAL("alice")};
static const struct principal ALICE = {SLICE_LITERAL(R), {NT_PRINCIPAL, {alice_parts, 1}}};

// ---- the pretended world

static struct {
    const char *names[4]; // what the KDC knows
    uint32_t kvno, cached_kvno;
    enum obol_code refusal;
    int64_t ahead;
    bool dead, expired;
    unsigned asked; // the KDC, for tickets
    const char *canonical, *reverse;
    const char *http_proxy, *no_proxy;
} with;

static struct principal named(const char *text) {
    struct principal p;
    assert_ok(principal_parse(slice_str(text), SLICE_LITERAL(R), NT_UNKNOWN, &arena, &p, err));
    return p;
}

static struct cred sealed(const struct principal *server, uint32_t kvno) {
    const struct env *env = env_system();
    struct crypto_key *key;
    const struct enc_ticket_part part = {.key = {ENCTYPE_AES256_SHA1, slice_of(KEY, 32)},
                                         .crealm = ALICE.realm,
                                         .cname = ALICE.name,
                                         .authtime = env_now(env),
                                         .endtime = env_now(env) + 3600};
    struct ticket t = {.tkt_vno = KRB_PVNO, .realm = server->realm, .sname = server->name};
    struct cred out = {.client = ALICE,
                       .server = *server,
                       .key = part.key,
                       .endtime = part.endtime - (with.expired ? 7200 : 0)};
    assert_ok(crypto_key_in_arena(&key, &arena, ENCTYPE_AES256_SHA1, slice_of(KEY, 32), err));
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, key, KU_TICKET, kvno, env, &arena, &t.enc_part,
                       err));
    assert_ok(der_encode(&TYPE_TICKET, &t, &arena, &out.ticket, err));
    return out;
}

static enum obol_code give(void *ctx, const struct principal *service, bool cached,
                           struct ticket_result *out, struct error *fail) {
    UNUSED(ctx);
    bool known = principal_is_krbtgt(&service->name);
    with.asked += !cached;
    for (size_t i = 0; i < COUNT_OF(with.names) && with.names[i]; i++) {
        const struct principal have = named(with.names[i]);
        known = known || principal_eq(&have, service);
    }
    if (cached && !principal_is_krbtgt(&service->name) && with.cached_kvno == 0)
        return error_set(fail, OBOL_CRED_NOT_FOUND, __func__, "none");
    if (!known)
        return error_set(fail, with.refusal ? with.refusal : OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN,
                         __func__, "the KDC says no");
    *out = (struct ticket_result){
        .ticket = sealed(service, cached && with.cached_kvno ? with.cached_kvno : with.kvno)};
    return OBOL_OK;
}

static enum obol_code ask(void *ctx, struct slice realm, struct slice *where, int64_t *ahead,
                          struct error *fail) {
    UNUSED(ctx);
    assert_slice_str(realm, R);
    if (with.dead) {
        error_remedy(fail, "Start it.");
        error_fact(fail, "udp 192.0.2.1:88", "timed out");
        return error_set(fail, OBOL_KDC_UNREACHABLE, __func__, "nobody answers");
    }
    *where = SLICE_LITERAL("the KDC");
    *ahead = with.ahead;
    return OBOL_OK;
}

static struct slice canonical(void *ctx, const char *host, bool reverse, struct arena *a) {
    UNUSED(ctx);
    UNUSED(host);
    UNUSED(a);
    return slice_str(reverse ? with.reverse : with.canonical);
}
static const struct net_resolver RESOLVER = {.canonical = canonical};

static const char *environment(void *ctx, const char *name) {
    UNUSED(ctx);
    return strcmp(name, "http_proxy") == 0 || strcmp(name, "https_proxy") == 0 ? with.http_proxy
           : strcmp(name, "no_proxy") == 0                                     ? with.no_proxy
                                                                               : NULL;
}
static const struct doctor_world WORLD = {
    .ticket = give, .kdc = ask, .resolver = &RESOLVER, .environment = environment};
static const struct krb5conf CONF = {.clockskew = 300};
static const char *const NO_POLICIES[] = {NULL};

static bool examine(const char *target) {
    doctor = (struct doctor){.world = &WORLD,
                             .conf = &CONF,
                             .env = env_system(),
                             .arena = &arena,
                             .realm = SLICE_LITERAL(R),
                             .cache = cache,
                             .keytab = doctor.keytab,
                             .policies = doctor.policies ? doctor.policies : NO_POLICIES};
    if (!target)
        return doctor_examine(&doctor);
    struct doctor_target *t = &doctor.target;
    assert_ok(doctor_target_parse(slice_str(target), &arena, t, err));
    doctor.spn = t->exact
                     ? named(target)
                     : named((const char *)arena_printf(&arena, "%.*s/%.*s", SLICE_ARG(t->service),
                                                        SLICE_ARG(t->host))
                                 .ptr);
    return doctor_examine(&doctor);
}

// A finding of a probe that is not good; NULL if there is none.
static const struct doctor_finding *complaint(const char *probe) {
    for (size_t i = 0; i < doctor.count; i++)
        if (strcmp(doctor.findings[i].probe, probe) == 0 &&
            doctor.findings[i].verdict != DOCTOR_GOOD)
            return &doctor.findings[i];
    return NULL;
}

static void assert_says(const char *probe, const char *cause, const char *command) {
    const struct doctor_finding *f = complaint(probe);
    assert_non_null(f);
    if (!memmem(f->cause.ptr, f->cause.len, cause, strlen(cause)))
        fail_msg("'%s' is not in: %.*s", cause, SLICE_ARG(f->cause));
    assert_slice_str(f->command, command);
    assert_true(f->remedy.len > 0);
}

// ---- the realm and the login

static void a_sound_service_is_left_in_peace(void **state) {
    UNUSED(state);
    assert_true(examine("HTTP/web.example.com"));
    for (size_t i = 0; i < doctor.count; i++)
        assert_int_equal(doctor.findings[i].verdict, DOCTOR_GOOD);
    assert_true(examine("https://alice@web.example.com:8443/x?y@z"));
    assert_true(examine("HTTP@web.example.com"));
    assert_true(examine(NULL));
}

static void a_kdc_that_is_silent_is_told_with_what_to_do(void **state) {
    UNUSED(state);
    with.dead = true;
    assert_false(examine(NULL));
    assert_says("KDC", "nobody answers; udp 192.0.2.1:88 timed out", "");
    assert_int_equal(complaint("KDC")->code, OBOL_KDC_UNREACHABLE);
    assert_slice_str(complaint("KDC")->remedy, "Start it"); // whose full stop is the command's
}

static void a_kdc_that_is_silent_is_waited_for_once(void **state) {
    UNUSED(state);
    with.dead = true;
    with.canonical = with.reverse = "srv1.example.com";
    assert_false(examine("HTTP/web.example.com"));
    assert_null(complaint("name"));
    assert_null(complaint("DNS"));
    assert_int_equal(with.asked, 0);
    with.dead = false; // and one that falls silent later
    with.names[0] = NULL;
    with.refusal = OBOL_KDC_UNREACHABLE;
    assert_false(examine("HTTP/web.example.com"));
    assert_int_equal(complaint("name")->code, OBOL_KDC_UNREACHABLE);
    assert_int_equal(with.asked, 1);
    with.refusal = OBOL_OK; // the next examination asks again
    assert_false(examine("HTTP/web.example.com"));
    assert_int_equal(complaint("name")->code, OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
}

static void clocks_that_differ_are_told_with_the_seconds(void **state) {
    UNUSED(state);
    with.ahead = 600;
    assert_false(examine(NULL));
    assert_says("clock", "600 seconds behind the KDC's", "timedatectl set-ntp true");
    assert_int_equal(complaint("clock")->code, OBOL_KRB_AP_ERR_SKEW);
    with.ahead = -100; // within what services allow
    assert_true(examine(NULL));
    assert_says("clock", "100 seconds ahead of the KDC's", "timedatectl set-ntp true");
    with.ahead = 5;
    assert_true(examine(NULL) && !complaint("clock"));
}

static void who_is_not_logged_in_is_told_to(void **state) {
    UNUSED(state);
    with.expired = true;
    assert_false(examine("HTTP/web.example.com"));
    assert_says("login", "no valid ticket-granting ticket", "obol login alice@" R);
    with.expired = false;
    assert_ok(ccache_destroy(cache, err));
    assert_false(examine("HTTP/web.example.com"));
    assert_non_null(complaint("login"));
    assert_null(complaint("name")); // nothing is known of it
}

// ---- the name

static void wrong_names_are_answered_with_the_right_one(void **state) {
    UNUSED(state);
    static const struct {
        const char *typed, *known, *cause, *command;
    } cases[] = {
        {"HTTP/WEB.example.com", "HTTP/web.example.com", "lower case",
         "obol spn add HTTP/WEB.example.com HTTP/web.example.com"},
        {"http/web.example.com", "HTTP/web.example.com", "usual spelling",
         "obol spn add http/web.example.com HTTP/web.example.com"},
        {"HTTPS/web.example.com", "HTTP/web.example.com", "usual spelling",
         "obol spn add HTTPS/web.example.com HTTP/web.example.com"},
        {"HTTP/web", "HTTP/web.example.com", "in full",
         "obol spn add HTTP/web HTTP/web.example.com"},
        {"HTTP/web.example.com", "HTTP/web", "short name",
         "obol spn add HTTP/web.example.com HTTP/web"},
        {"MSSQLSvc/db.example.com", "MSSQLSvc/db.example.com:1433", "with the port",
         "obol spn add MSSQLSvc/db.example.com MSSQLSvc/db.example.com:1433"},
        {"MSSQLSvc/db.example.com:1433", "MSSQLSvc/db.example.com", "without the port",
         "obol spn add MSSQLSvc/db.example.com:1433 MSSQLSvc/db.example.com"},
        {"nfs/files.example.com", "host/files.example.com", "service of the machine",
         "obol spn add nfs/files.example.com host/files.example.com"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        with.names[0] = cases[i].known;
        assert_false(examine(cases[i].typed));
        assert_says("name", cases[i].cause, cases[i].command);
        with.names[0] = cases[i].typed;
        assert_true(examine(cases[i].typed) && !complaint("name"));
    }
}

static void a_name_of_another_realm_is_answered_with_the_right_realm(void **state) {
    UNUSED(state);
    with.refusal = OBOL_KDC_NOT_KNOWN;
    assert_false(examine("HTTP/web.example.com@OTHER.COM"));
    assert_says("name", "in the realm that you log in to", "");
    assert_int_equal(complaint("name")->code, OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_non_null(memmem(complaint("name")->remedy.ptr, complaint("name")->remedy.len,
                           "web.example.com = " R, 29));
}

static void a_name_that_nobody_has_is_to_be_registered(void **state) {
    UNUSED(state);
    with.names[0] = NULL;
    assert_false(examine("HTTP/web.example.com"));
    assert_says("name", "nor a name like it", "obol spn add HTTP/web.example.com");
    doctor.keytab = "/nonexistent/http.keytab";
    assert_false(examine("HTTP/web.example.com"));
    assert_says("name", "nor a name like it",
                "obol spn add HTTP/web.example.com && obol keytab create "
                "/nonexistent/http.keytab HTTP/web.example.com");
    doctor.keytab = NULL;
}

static void a_name_that_two_accounts_have_is_told_so(void **state) {
    UNUSED(state);
    with.names[0] = NULL;
    with.refusal = OBOL_KDC_ERR_PRINCIPAL_NOT_UNIQUE;
    assert_false(examine("HTTP/web.example.com"));
    assert_says("name", "two accounts", "setspn -Q HTTP/web.example.com");
    with.refusal = OBOL_KDC_ERR_POLICY; // and what else a KDC says is passed on
    assert_false(examine("HTTP/web.example.com"));
    assert_int_equal(complaint("name")->code, OBOL_KDC_ERR_POLICY);
}

static void a_cached_ticket_of_an_older_key_is_told(void **state) {
    UNUSED(state);
    with.cached_kvno = 2;
    with.kvno = 3;
    assert_false(examine("HTTP/web.example.com"));
    assert_says("cache", "of key 2, and the service's key is 3",
                "obol ticket --fresh HTTP/web.example.com@" R);
    with.cached_kvno = 3;
    assert_true(examine("HTTP/web.example.com"));
}

// ---- the DNS

static void other_names_of_the_dns_are_told_and_no_shell_runs_them(void **state) {
    UNUSED(state);
    with.canonical = "srv1.example.com.";
    assert_true(examine("HTTP/web.example.com"));
    assert_says("DNS", "calls the host srv1.example.com",
                "obol spn add HTTP/srv1.example.com HTTP/web.example.com");
    with.names[1] = "HTTP/srv1.example.com";
    with.reverse = "srv1.example.com";
    assert_true(examine("HTTP/web.example.com") && !complaint("DNS"));
    with.canonical = "web.example.com";
    with.reverse = "ip-10-0-0-1.example.com";
    assert_true(examine("HTTP/web.example.com"));
    assert_says("DNS", "calls the host's address ip-10-0-0-1.example.com",
                "obol spn add HTTP/ip-10-0-0-1.example.com HTTP/web.example.com");
    with.names[1] = "H'T/web.example.com";
    assert_true(examine("H'T/web.example.com"));
    assert_says("DNS", "calls the host's address",
                "obol spn add 'H'\\''T/ip-10-0-0-1.example.com' 'H'\\''T/web.example.com'");
    with.reverse = "x;reboot";
    assert_true(examine("HTTP/web.example.com") && !complaint("DNS"));
    with.canonical = "";
    assert_true(examine("HTTP/web.example.com"));
    assert_says("DNS", "no address", "");
}

static void an_alias_of_the_dns_is_found_under_its_canonical_name(void **state) {
    UNUSED(state);
    with.names[0] = "HTTP/srv1.example.com";
    with.canonical = "SRV1.example.com";
    assert_false(examine("HTTP/www.example.com"));
    assert_says("name", "canonical name",
                "obol spn add HTTP/www.example.com HTTP/srv1.example.com");
}

// ---- the keytab

static char folder[] = "/tmp/test_doctor.XXXXXX", file[64];

static void write_keytab(const char *name, uint32_t kvno, int32_t etype) {
    struct keytab_entry entry = {
        .principal = named(name), .kvno = kvno, .key = {etype, slice_of(KEY, 32)}};
    (void)unlink(file);
    assert_ok(keytab_add(file, &entry, 1, err));
    doctor.keytab = file;
}

static void a_keytab_must_hold_the_name_version_and_enctype_of_the_ticket(void **state) {
    UNUSED(state);
    const struct slice command =
        arena_printf(&arena, "obol keytab create %s HTTP/web.example.com", file);
    write_keytab("HTTP/web.example.com", 1, ENCTYPE_AES256_SHA1);
    assert_true(examine("HTTP/web.example.com"));
    write_keytab("HTTP/web.example.com", 7, ENCTYPE_AES256_SHA1);
    assert_false(examine("HTTP/web.example.com"));
    assert_says("keytab", "kvno", (const char *)command.ptr);
    assert_int_equal(complaint("keytab")->code, OBOL_KRB_AP_ERR_BADKEYVER);
    write_keytab("HTTP/web.example.com", 1, ENCTYPE_AES256_SHA384);
    assert_false(examine("HTTP/web.example.com"));
    assert_says("keytab", "aes256-cts-hmac-sha384-192", (const char *)command.ptr);
    assert_int_equal(complaint("keytab")->code, OBOL_KRB_AP_ERR_NOKEY);
    write_keytab("HTTP/other.example.com", 1, ENCTYPE_AES256_SHA1);
    assert_false(examine("HTTP/web.example.com"));
    assert_says("keytab", "HTTP/other.example.com", (const char *)command.ptr);
    assert_int_equal(complaint("keytab")->code, OBOL_KRB_AP_ERR_NOT_US);
}

static void a_keytab_is_read_by_its_service_and_by_nobody_else(void **state) {
    UNUSED(state);
    write_keytab("HTTP/web.example.com", 1, ENCTYPE_AES256_SHA1);
    assert_int_equal(chmod(file, 0644), 0);
    assert_false(examine("HTTP/web.example.com"));
    assert_says("keytab", "everybody on this machine",
                (const char *)arena_printf(&arena, "chmod o= %s", file).ptr);
    assert_int_equal(chmod(file, 0600), 0);
    assert_true(examine("HTTP/web.example.com"));
    doctor.keytab = "/nonexistent/keytab";
    assert_false(examine("HTTP/web.example.com"));
    assert_int_equal(complaint("keytab")->code, OBOL_KEYTAB_NOT_FOUND);
    assert_says("keytab", "/nonexistent/keytab",
                "obol keytab create /nonexistent/keytab HTTP/web.example.com");
}

static void a_keytab_that_the_service_cannot_read_is_told_with_its_owner(void **state) {
    UNUSED(state);
    write_keytab("HTTP/web.example.com", 1, ENCTYPE_AES256_SHA1);
    assert_int_equal(chmod(file, 0), 0);
    bool root = geteuid() == 0; // whom no mode stops
    assert_int_equal(chmod(folder, 0755), 0);
    assert_true(!root || seteuid(65534) == 0);
    bool healthy = examine("HTTP/web.example.com");
    assert_true(!root || seteuid(0) == 0);
    assert_false(healthy);
    const char *us = root ? "nobody" : getenv("USER");
    assert_says(
        "keytab", "with mode 000",
        (const char *)arena_printf(&arena, "chown %s %s && chmod 600 %s", us, file, file).ptr);
    assert_int_equal(complaint("keytab")->code, OBOL_PERMISSION);
    assert_non_null(memmem(complaint("keytab")->remedy.ptr, complaint("keytab")->remedy.len,
                           "If the service runs as ", 23));
}

static void a_pipe_in_place_of_a_keytab_is_not_waited_for(void **state) {
    UNUSED(state);
    (void)unlink(file);
    assert_int_equal(mkfifo(file, 0600), 0);
    doctor.keytab = file;
    assert_false(examine("HTTP/web.example.com"));
    assert_says("keytab", "is not a regular file", "");
    assert_int_equal(unlink(file), 0);
}

// ---- what stands before the login

static void a_proxy_in_between_is_told_but_for_hosts_without_it(void **state) {
    UNUSED(state);
    with.http_proxy = "http://proxy:3128";
    assert_true(examine("https://web.example.com/"));
    assert_says("proxy", "https_proxy has programs go through", "export no_proxy=web.example.com");
    with.no_proxy = "localhost,.example.org";
    assert_true(examine("http://web.example.com/"));
    assert_says("proxy", "http_proxy", "export no_proxy=localhost,.example.org,web.example.com");
    with.no_proxy = "a b;reboot"; // goes to a shell
    (void)examine("http://it's/");
    assert_says("proxy", "http_proxy", "export no_proxy='a b;reboot,it'\\''s'");
    with.no_proxy = "localhost, .example.com";
    assert_true(examine("http://web.example.com/") && !complaint("proxy"));
    with.no_proxy = NULL;
    assert_true(examine("HTTP/web.example.com") && !complaint("proxy")); // no URL, no browser
}

static void write_policy(const char *text) {
    FILE *f = fopen((const char *)arena_printf(&arena, "%s/p/a.json", folder).ptr, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void browsers_log_in_only_where_a_policy_lets_them(void **state) {
    UNUSED(state);
    struct slice path = arena_printf(&arena, "%s/p", folder);
    const char *const places[] = {(const char *)path.ptr, NULL};
    doctor.policies = places;
    assert_true(examine("https://web.example.com/") && !complaint("browser")); // there is none
    assert_int_equal(mkdir((const char *)path.ptr, 0700), 0);
    assert_true(examine("https://web.example.com/"));
    assert_says("browser", "no policy lets",
                (const char *)arena_printf(
                    &arena,
                    "echo '{\"AuthServerAllowlist\": \"web.example.com\"}' > %s/kerberos.json",
                    places[0])
                    .ptr);
    (void)examine("https://w';reboot;'/");
    assert_says("browser", "no policy lets", "");
    const char *taken = (const char *)arena_printf(&arena, "%s/kerberos.json", places[0]).ptr;
    assert_int_equal(symlink("/dev/null", taken), 0); // of somebody else's, with something else
    assert_true(examine("https://web.example.com/"));
    assert_says("browser", "no policy lets", "");
    assert_int_equal(unlink(taken), 0);
    static const char *const allow[] = {
        "{\"AuthServerAllowlist\": \"a.example.org,*.example.com\"}",
        "{\"AuthServerAllowlist\":\"WEB.example.com\"}",
        "{\"policies\": {\"Authentication\": {\"SPNEGO\": [\"https://web.example.com\", \"b\"]}}}",
    };
    for (size_t i = 0; i < COUNT_OF(allow); i++) {
        write_policy(allow[i]);
        assert_true(examine("https://web.example.com/") && !complaint("browser"));
    }
    static const char *const deny[] = {
        "{\"AuthServerAllowlist\": \"xweb.example.com, example.com\"}",
        "{\"policies\": {\"Authentication\": {\"SPNEGO\": [\"a\"]}}, \"x\": \"web.example.com\"}",
    };
    for (size_t i = 0; i < COUNT_OF(deny); i++) {
        write_policy(deny[i]);
        assert_true(examine("https://web.example.com/"));
        assert_says("browser", "but not to web.example.com", "");
    }
    doctor.policies = NULL;
}

// ---- what is typed

static void targets_that_name_no_service_on_a_host_are_refused(void **state) {
    UNUSED(state);
    static const char *const bad[] = {"",           "alice",  "a/b/c",        "https://",
                                      "https:///x", "HTTP/",  "/web",         "@web",
                                      "HTTP@",      "://web", "https://[::1", "https://#x"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct doctor_target t;
        error_init(err);
        if (doctor_target_parse(slice_str(bad[i]), &arena, &t, err) == OBOL_OK)
            fail_msg("'%s' was taken: %.*s/%.*s", bad[i], SLICE_ARG(t.service), SLICE_ARG(t.host));
    }
    struct doctor_target t;
    assert_ok(doctor_target_parse(SLICE_LITERAL("wss://[fe80::1]:443/x"), &arena, &t, err));
    assert_slice_str(t.service, "HTTP");
    assert_slice_str(t.host, "fe80::1");
    assert_ok(doctor_target_parse(SLICE_LITERAL("https://web#x"), &arena, &t, err));
    assert_slice_str(t.host, "web");
    assert_ok(doctor_target_parse(SLICE_LITERAL("MSSQLSvc/db:INST@R"), &arena, &t, err));
    assert_slice_str(t.host, "db");
    assert_slice_str(t.port, "INST");
    assert_slice_str(t.realm, "R");
}

static void words_of_commands_are_quoted_for_the_shell(void **state) {
    UNUSED(state);
    doctor.arena = &arena;
    assert_slice_str(doctor_word(&doctor, SLICE_LITERAL("HTTP/web:1@R")), "HTTP/web:1@R");
    assert_slice_str(doctor_word(&doctor, SLICE_LITERAL("a b")), "'a b'");
    assert_slice_str(doctor_word(&doctor, SLICE_LITERAL("it's;$(x)")), "'it'\\''s;$(x)'");
    assert_slice_str(doctor_word(&doctor, SLICE_LITERAL("")), "''");
}

static int start(void **state) {
    UNUSED(state);
    const struct ccache_content held = {.principal = ALICE};
    memset(&with, 0, sizeof with);
    with.names[0] = "HTTP/web.example.com";
    with.kvno = 1;
    with.canonical = with.reverse = "web.example.com";
    doctor.keytab = NULL;
    error_init(err);
    arena_reset(&arena);
    return ccache_open(&cache, SLICE_LITERAL("MEMORY:doctor"), &CONF, err) == OBOL_OK &&
                   ccache_initialize(cache, &held, err) == OBOL_OK
               ? 0
               : -1;
}

static int stop(void **state) {
    UNUSED(state);
    ccache_close(cache);
    return 0;
}

static int start_all(void **state) {
    UNUSED(state);
    if (!arena_init(&arena, 1 << 20, 1 << 26) || !mkdtemp(folder))
        return -1;
    snprintf(file, sizeof file, "%s/http.keytab", folder);
    return 0;
}

static int stop_all(void **state) {
    UNUSED(state);
    (void)unlink(file);
    (void)unlink((const char *)arena_printf(&arena, "%s/p/a.json", folder).ptr);
    (void)rmdir((const char *)arena_printf(&arena, "%s/p", folder).ptr);
    (void)rmdir(folder);
    arena_clear(&arena);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_sound_service_is_left_in_peace),
        CASE(a_kdc_that_is_silent_is_told_with_what_to_do),
        CASE(a_kdc_that_is_silent_is_waited_for_once),
        CASE(clocks_that_differ_are_told_with_the_seconds),
        CASE(who_is_not_logged_in_is_told_to),
        CASE(wrong_names_are_answered_with_the_right_one),
        CASE(a_name_of_another_realm_is_answered_with_the_right_realm),
        CASE(a_name_that_nobody_has_is_to_be_registered),
        CASE(a_name_that_two_accounts_have_is_told_so),
        CASE(a_cached_ticket_of_an_older_key_is_told),
        CASE(other_names_of_the_dns_are_told_and_no_shell_runs_them),
        CASE(an_alias_of_the_dns_is_found_under_its_canonical_name),
        CASE(a_keytab_must_hold_the_name_version_and_enctype_of_the_ticket),
        CASE(a_keytab_is_read_by_its_service_and_by_nobody_else),
        CASE(a_keytab_that_the_service_cannot_read_is_told_with_its_owner),
        CASE(a_pipe_in_place_of_a_keytab_is_not_waited_for),
        CASE(a_proxy_in_between_is_told_but_for_hosts_without_it),
        CASE(browsers_log_in_only_where_a_policy_lets_them),
        CASE(targets_that_name_no_service_on_a_host_are_refused),
        CASE(words_of_commands_are_quoted_for_the_shell),
    };
    return cmocka_run_group_tests(cases, start_all, stop_all);
}
