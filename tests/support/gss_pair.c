// gss_pair.c: one end of a GSS-API context, for whatever library the linker finds: tokens come on
// standard input and go to standard output, each behind a length of four bytes; what happened goes
// to standard error as one line of JSON. Linked with MIT's, Heimdal's and our library, two of these
// show whether the libraries understand each other.
//
//   gss_pair init   MECH FLAGS BINDINGS TARGET    MECH: krb5, spnego, iakerb; FLAGS: hexadecimal
//   gss_pair accept MECH FLAGS BINDINGS -         BINDINGS: application data, or -
//   gss_pair bench  MECH FLAGS BINDINGS TARGET    both ends in this process, for SECONDS_OF_CPU
//   gss_pair rcache MECH FLAGS BINDINGS TARGET    the replay cache's part of the CPU time of such
//   contexts
//
// For iakerb the initiator logs in as GSS_USER with GSS_PASSWORD (environment), or goes to the KDC
// with its tickets.
#include <arpa/inet.h>
#include <gssapi/gssapi.h>
#ifdef WITH_EXTENSIONS
#include <gssapi/gssapi_ext.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DCE   0x1000u
#define DELEG 1u
#define CONF  16u

static gss_OID_desc KRB5 = {9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
static gss_OID_desc SPNEGO = {6, "\x2b\x06\x01\x05\x05\x02"};
static gss_OID_desc IAKERB = {6, "\x2b\x06\x01\x05\x02\x05"};
#ifdef WITH_EXTENSIONS
static gss_OID_desc USER = {10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01"};
#endif
static gss_OID_desc HOSTBASED = {10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"};

static void say_text(const char *key, OM_uint32 status, int type) {
    OM_uint32 minor, more = 0;
    fprintf(stderr, ", \"%s\": \"", key);
    do {
        gss_buffer_desc text = {0};
        gss_display_status(&minor, status, type, GSS_C_NO_OID, &more, &text);
        for (size_t i = 0; i < text.length; i++) {
            char c = ((char *)text.value)[i];
            if (c != '"' && c != '\\' && (unsigned char)c >= 0x20)
                fputc(c, stderr);
        }
        if (more)
            fputs("; ", stderr);
        gss_release_buffer(&minor, &text);
    } while (more);
    fputc('"', stderr);
}

static _Noreturn void fail(const char *where, OM_uint32 major, OM_uint32 minor) {
    fprintf(stderr, "{\"failed\": \"%s\", \"major\": %u, \"minor\": %d", where, major, (int)minor);
    say_text("major_text", major, GSS_C_GSS_CODE);
    say_text("minor_text", minor, GSS_C_MECH_CODE);
    fputs("}\n", stderr);
    exit(1);
}

static void send_bytes(gss_buffer_t b) {
    uint32_t len = htonl((uint32_t)b->length);
    if (fwrite(&len, 4, 1, stdout) != 1 ||
        (b->length && fwrite(b->value, b->length, 1, stdout) != 1) || fflush(stdout))
        fail("send", 0, 0);
}

static gss_buffer_desc receive(void) {
    uint32_t len;
    gss_buffer_desc b = {0};
    if (fread(&len, 4, 1, stdin) != 1)
        fail("the other end is gone", 0, 0);
    b.length = ntohl(len);
    b.value = malloc(b.length + 1);
    if (!b.value || (b.length && fread(b.value, b.length, 1, stdin) != 1))
        fail("receive", 0, 0);
    return b;
}

static struct gss_channel_bindings_struct *bindings_of(char *text) {
    static struct gss_channel_bindings_struct b;
    if (strcmp(text, "-") == 0)
        return NULL;
    b.application_data = (gss_buffer_desc){strlen(text), text};
    return &b;
}

static gss_OID mech_of(const char *name) {
    if (strcmp(name, "spnego") == 0)
        return &SPNEGO;
    return strcmp(name, "iakerb") == 0 ? &IAKERB : &KRB5;
}

static gss_name_t import(char *text) {
    OM_uint32 major, minor;
    gss_buffer_desc b = {strlen(text), text};
    gss_name_t name;
    if ((major = gss_import_name(&minor, &b, &HOSTBASED, &name)))
        fail("import_name", major, minor);
    return name;
}

// ---- credentials: the default ones, but for IAKERB, which is asked for

#ifdef WITH_EXTENSIONS
static gss_cred_id_t cred_of(const char *mech, int accept) {
    OM_uint32 major, minor;
    gss_OID_set_desc set = {1, &IAKERB};
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    if (mech_of(mech) != &IAKERB)
        return cred;
    if (accept || !getenv("GSS_PASSWORD")) {
        major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &set,
                                 accept ? GSS_C_ACCEPT : GSS_C_INITIATE, &cred, NULL, NULL);
    } else {
        char *user = getenv("GSS_USER"), *password = getenv("GSS_PASSWORD");
        gss_buffer_desc u = {strlen(user), user}, p = {strlen(password), password};
        gss_name_t name;
        if ((major = gss_import_name(&minor, &u, &USER, &name)))
            fail("import_name", major, minor);
        major = gss_acquire_cred_with_password(&minor, name, &p, 0, &set, GSS_C_INITIATE, &cred,
                                               NULL, NULL);
    }
    if (major)
        fail("acquire_cred", major, minor);
    return cred;
}
#else
#define cred_of(mech, accept) GSS_C_NO_CREDENTIAL // Heimdal has no IAKERB
#endif

// ---- messages under the context

static void send_wrapped(gss_ctx_id_t ctx, int conf, const char *text) {
    OM_uint32 major, minor;
    gss_buffer_desc in = {strlen(text), (void *)(size_t)text}, out;
    int state;
    if ((major = gss_wrap(&minor, ctx, conf, 0, &in, &state, &out)))
        fail("wrap", major, minor);
    if (state != conf)
        fail("wrap: other confidentiality than asked for", 0, 0);
    send_bytes(&out);
}

static void receive_wrapped(gss_ctx_id_t ctx, int conf, const char *text) {
    OM_uint32 major, minor;
    gss_buffer_desc in = receive(), out;
    int state;
    if ((major = gss_unwrap(&minor, ctx, &in, &out, &state, NULL)))
        fail("unwrap", major, minor);
    if (state != conf || out.length != strlen(text) || memcmp(out.value, text, out.length) != 0)
        fail("unwrap: another message", 0, 0);
}

static void send_mic(gss_ctx_id_t ctx, const char *text) {
    OM_uint32 major, minor;
    gss_buffer_desc in = {strlen(text), (void *)(size_t)text}, out;
    if ((major = gss_get_mic(&minor, ctx, 0, &in, &out)))
        fail("get_mic", major, minor);
    send_bytes(&out);
}

static void receive_mic(gss_ctx_id_t ctx, const char *text) {
    OM_uint32 major, minor;
    gss_buffer_desc in = {strlen(text), (void *)(size_t)text}, mic = receive();
    if ((major = gss_verify_mic(&minor, ctx, &in, &mic, NULL)))
        fail("verify_mic", major, minor);
}

static void talk(gss_ctx_id_t ctx, int initiator, OM_uint32 flags) {
    int conf = (flags & CONF) != 0;
    for (int turn = 0; turn < 2; turn++) {
        if ((turn == 0) == initiator) {
            send_wrapped(ctx, conf, "a sealed message");
            send_wrapped(ctx, 0, "an open message");
            send_mic(ctx, "a message of its own");
        } else {
            receive_wrapped(ctx, conf, "a sealed message");
            receive_wrapped(ctx, 0, "an open message");
            receive_mic(ctx, "a message of its own");
        }
    }
}

// ---- what both ends report

static void say_name(const char *key, gss_name_t name) {
    OM_uint32 minor;
    gss_buffer_desc text = {0};
    if (!name || gss_display_name(&minor, name, &text, NULL))
        return;
    fprintf(stderr, ", \"%s\": \"%.*s\"", key, (int)text.length, (char *)text.value);
}

static void report(gss_ctx_id_t ctx, OM_uint32 flags, gss_cred_id_t delegated) {
    OM_uint32 major, minor, lifetime, inquired;
    gss_name_t source = NULL, target = NULL, owner = NULL;
    gss_OID mech;
    int local, open;
    major = gss_inquire_context(&minor, ctx, &source, &target, &lifetime, &mech, &inquired, &local,
                                &open);
    if (major)
        fail("inquire_context", major, minor);
    fprintf(stderr,
            "{\"ok\": true, \"flags\": %u, \"inquired\": %u, \"lifetime\": %u, \"open\": %d", flags,
            inquired, lifetime, open);
    say_name("client", source);
    say_name("service", target);
    if (delegated &&
        gss_inquire_cred(&minor, delegated, &owner, NULL, NULL, NULL) == GSS_S_COMPLETE)
        say_name("delegated", owner);
    fputs("}\n", stderr);
}

static void initiate(char **argv) {
    OM_uint32 major, minor, flags = 0, wanted = (OM_uint32)strtoul(argv[3], NULL, 16);
    gss_name_t target = import(argv[5]);
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_cred_id_t cred = cred_of(argv[2], 0);
    gss_buffer_desc in = {0}, out;
    do {
        major = gss_init_sec_context(&minor, cred, &ctx, target, mech_of(argv[2]), wanted, 0,
                                     bindings_of(argv[4]), in.length ? &in : NULL, NULL, &out,
                                     &flags, NULL);
        if (out.length)
            send_bytes(&out);
        if (GSS_ERROR(major))
            fail("init_sec_context", major, minor);
        if (major & GSS_S_CONTINUE_NEEDED)
            in = receive();
    } while (major & GSS_S_CONTINUE_NEEDED);
    talk(ctx, 1, flags);
    report(ctx, flags, GSS_C_NO_CREDENTIAL);
    gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
}

static void take(char **argv) {
    OM_uint32 major, minor, flags = 0;
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL, cred = cred_of(argv[2], 1);
    do {
        gss_buffer_desc in = receive(), out;
        major = gss_accept_sec_context(&minor, &ctx, cred, &in, bindings_of(argv[4]), NULL, NULL,
                                       &out, &flags, NULL, &delegated);
        if (out.length)
            send_bytes(&out);
        if (GSS_ERROR(major))
            fail("accept_sec_context", major, minor);
    } while (major & GSS_S_CONTINUE_NEEDED);
    talk(ctx, 0, flags);
    report(ctx, flags, delegated);
    gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
}

// ---- the benchmark

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void establish(gss_name_t target, gss_cred_id_t acceptor, char **argv) {
    OM_uint32 minor, mi = GSS_S_CONTINUE_NEEDED, ma = GSS_S_CONTINUE_NEEDED, mt;
    OM_uint32 wanted = (OM_uint32)strtoul(argv[3], NULL, 16);
    gss_ctx_id_t i = GSS_C_NO_CONTEXT, a = GSS_C_NO_CONTEXT;
    gss_buffer_desc to_a = {0}, to_i = {0};
    while (mi == GSS_S_CONTINUE_NEEDED || to_a.length) {
        if (mi == GSS_S_CONTINUE_NEEDED) {
            mi = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &i, target, mech_of(argv[2]),
                                      wanted, 0, NULL, &to_i, NULL, &to_a, NULL, NULL);
            if (GSS_ERROR(mi))
                fail("init_sec_context", mi, minor);
            gss_release_buffer(&mt, &to_i);
        }
        if (!to_a.length)
            break;
        ma = gss_accept_sec_context(&minor, &a, acceptor, &to_a, NULL, NULL, NULL, &to_i, NULL,
                                    NULL, NULL);
        if (GSS_ERROR(ma))
            fail("accept_sec_context", ma, minor);
        gss_release_buffer(&mt, &to_a);
        to_a.length = 0;
    }
    if (mi || ma)
        fail("not established", mi, ma);
    gss_release_buffer(&mt, &to_i);
    gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER);
    gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER);
}

static double seconds_of_cpu(void) {
    const char *text = getenv("SECONDS_OF_CPU");
    return text ? atof(text) : 1.0;
}

static gss_cred_id_t default_acceptor(void) {
    OM_uint32 minor, major;
    gss_cred_id_t cred;
    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL,
                             NULL);
    if (major)
        fail("acquire_cred", major, minor);
    return cred;
}

static void bench(char **argv) {
    gss_name_t target = import(argv[5]);
    gss_cred_id_t acceptor = default_acceptor();
    double seconds = seconds_of_cpu();
    establish(target, acceptor, argv); // the ticket is in the cache from here on
    unsigned long count = 0;
    double begin = cpu_seconds(), end = begin;
    while (end - begin < seconds) {
        for (int n = 0; n < 50; n++, count++)
            establish(target, acceptor, argv);
        end = cpu_seconds();
    }
    printf("%.0f\n", (double)count / (end - begin));
}

#ifdef WITH_EXTENSIONS
static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double slice_of(gss_name_t target, gss_cred_id_t acceptor, char **argv) {
    double begin = cpu_seconds();
    for (int n = 0; n < 40; n++)
        establish(target, acceptor, argv);
    return cpu_seconds() - begin;
}

// By turns with the cache and without, some milliseconds each: the speed of a shared machine moves
// by a quarter within a second, which two runs of a second each would take for the cache. The
// middle of the pairs' differences is what the cache costs.
static void rcache(char **argv) {
    enum { PAIRS = 4001 };
    static double with[PAIRS], cost[PAIRS];
    OM_uint32 minor, major;
    gss_name_t target = import(argv[5]);
    gss_cred_id_t cached = default_acceptor(), uncached;
    gss_key_value_element_desc none = {"rcache", "none:"};
    gss_key_value_set_desc store = {1, &none};
    if ((major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT,
                                       &store, &uncached, NULL, NULL)))
        fail("acquire_cred_from", major, minor);
    establish(target, cached, argv);
    int pairs = 0;
    for (double end = cpu_seconds() + seconds_of_cpu(); pairs < PAIRS && cpu_seconds() < end;
         pairs++) {
        double first = slice_of(target, pairs % 2 ? cached : uncached, argv);
        double second = slice_of(target, pairs % 2 ? uncached : cached, argv);
        with[pairs] = pairs % 2 ? first : second;
        cost[pairs] = with[pairs] - (pairs % 2 ? second : first);
    }
    qsort(with, (size_t)pairs, sizeof *with, by_size);
    qsort(cost, (size_t)pairs, sizeof *cost, by_size);
    printf("%.4f\n", cost[pairs / 2] / with[pairs / 2]);
}
#else
static void rcache(char **argv) {
    (void)argv;
    fail("acquire_cred_from: not in this library", GSS_S_UNAVAILABLE, 0);
}
#endif

int main(int argc, char **argv) {
    if (argc != 6)
        return 2;
    if (strcmp(argv[1], "bench") == 0)
        bench(argv);
    else if (strcmp(argv[1], "rcache") == 0)
        rcache(argv);
    else if (strcmp(argv[1], "init") == 0)
        initiate(argv);
    else
        take(argv);
    return 0;
}
