// gss_product.c: one end of many contexts, one after the other, for whatever library the linker
// finds: a line of standard error for each of the combinations in a file. Tokens come on standard
// input and go to standard output. Each context is exported half way, and another process (the
// heir, forked before the library was first called) imports it and ends the talk.
//
//   gss_product init|accept TARGET FILE     a line of FILE: krb5|spnego FLAGS - or bindings, NAME
//
// Beside what is taken stands what is refused, in each combination: another channel's bindings, the
// tokens of the combination before, tokens thrown back, and what comes twice or late.
#include <arpa/inet.h>
#include <gssapi/gssapi_krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define REPLAY   4u
#define SEQUENCE 8u
#define CHANNEL  4u // GSS_S_BAD_BINDINGS

static gss_OID_desc KRB5 = {9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
static gss_OID_desc SPNEGO = {6, "\x2b\x06\x01\x05\x05\x02"};
static gss_OID_desc HOSTBASED = {10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"};
static const gss_buffer_desc EMPTY;

static struct {
    const char *end; // init, accept
    int initiator, heir;
    gss_name_t target;
    gss_cred_id_t cred;
    // Of the combination:
    gss_OID mech;
    OM_uint32 flags;
    char mech_name[8], bindings[16], name[200];
    // Of the one before: an AP-REQ or AP-REP, and a message of each kind.
    gss_buffer_desc old_token, old_message[3];
} me;

static OM_uint32 minor;

static void say_status(OM_uint32 status, int type) {
    OM_uint32 ignored, more = 0;
    gss_buffer_desc text = {0};
    gss_display_status(&ignored, status, type, GSS_C_NO_OID, &more, &text);
    fprintf(stderr, ": %.*s", (int)text.length, (char *)text.value);
}

static _Noreturn void fail(const char *what, OM_uint32 major) {
    OM_uint32 why = minor;
    fprintf(stderr, "%s, %s: %s: major %08x", me.name, me.end, what, major);
    if (major) {
        say_status(major, GSS_C_GSS_CODE);
        say_status(why, GSS_C_MECH_CODE);
    }
    fputc('\n', stderr);
    exit(1);
}

static void must(OM_uint32 major, const char *what) {
    if (major != GSS_S_COMPLETE)
        fail(what, major);
}

// An error, and of the routine's own: not of the call (which would say that this program is wrong).
static void must_refuse(OM_uint32 major, const char *what) {
    if (!GSS_ROUTINE_ERROR(major) || GSS_CALLING_ERROR(major))
        fail(what, major);
}

// ---- tokens, each behind a length of four bytes

static void put(int fd, gss_buffer_desc b) {
    uint32_t len = htonl((uint32_t)b.length);
    struct iovec parts[] = {{&len, 4}, {b.value, b.length}};
    if (writev(fd, parts, 2) != (ssize_t)(4 + b.length))
        fail("the other end takes nothing", 0);
}

static int get_bytes(int fd, void *to, size_t len) {
    for (size_t have = 0; have < len;) {
        ssize_t n = read(fd, (char *)to + have, len - have);
        if (n <= 0)
            return 0;
        have += (size_t)n;
    }
    return 1;
}

static gss_buffer_desc get(int fd) {
    uint32_t len = 0;
    if (!get_bytes(fd, &len, 4))
        fail("the other end is gone", 0);
    gss_buffer_desc b = {ntohl(len), NULL};
    b.value = malloc(b.length + 1);
    if (!b.value || !get_bytes(fd, b.value, b.length))
        fail("the other end is gone", 0);
    return b;
}

static void put_released(gss_buffer_desc *b) {
    put(STDOUT_FILENO, *b);
    gss_release_buffer(&minor, b);
}

static void keep(gss_buffer_desc *old, gss_buffer_desc fresh) {
    free(old->value);
    *old = fresh;
}

// ---- messages

enum { SEALED, OPEN, MIC }; // kinds

static gss_buffer_desc text_of(int kind, unsigned n) {
    static char text[64];
    int len = snprintf(text, sizeof text, "kind %d, number %u", kind, n);
    return (gss_buffer_desc){(size_t)len, text};
}

static OM_uint32 take(gss_ctx_id_t ctx, int kind, gss_buffer_desc token, unsigned n) {
    gss_buffer_desc expected = text_of(kind, n), out = EMPTY;
    if (kind == MIC)
        return gss_verify_mic(&minor, ctx, &expected, &token, NULL);
    int conf = 9;
    OM_uint32 major = gss_unwrap(&minor, ctx, &token, &out, &conf, NULL), ignored;
    if (!GSS_ERROR(major)) {
        if (conf != (kind == SEALED))
            fail("unwrap: other confidentiality", 0);
        if (out.length != expected.length || memcmp(out.value, expected.value, out.length) != 0)
            fail("unwrap: another message", 0);
    }
    gss_release_buffer(&ignored, &out);
    return major;
}

static gss_buffer_desc make(gss_ctx_id_t ctx, int kind, unsigned n) {
    gss_buffer_desc in = text_of(kind, n), token = EMPTY;
    int conf = 9;
    if (kind == MIC)
        must(gss_get_mic(&minor, ctx, 0, &in, &token), "get_mic");
    else
        must(gss_wrap(&minor, ctx, kind == SEALED, 0, &in, &conf, &token), "wrap");
    if (kind != MIC && conf != (kind == SEALED))
        fail("wrap: other confidentiality", 0);
    must_refuse(take(ctx, kind, token, n), "its own message, thrown back, is taken");
    return token;
}

static void send_each(gss_ctx_id_t ctx) {
    for (int kind = 0; kind < 3; kind++) {
        gss_buffer_desc token = make(ctx, kind, 0);
        put_released(&token);
    }
}

static void receive_each(gss_ctx_id_t ctx) {
    for (int kind = 0; kind < 3; kind++) {
        gss_buffer_desc token = get(STDIN_FILENO), *old = &me.old_message[kind];
        if (old->length)
            must_refuse(take(ctx, kind, *old, 0), "a message of another combination is taken");
        must(take(ctx, kind, token, 0), kind == MIC ? "verify_mic" : "unwrap");
        keep(old, token);
    }
}

// The heir's: the second message comes first, and the first twice.
static void send_in_order(gss_ctx_id_t ctx) {
    for (unsigned n = 1; n <= 2; n++) {
        gss_buffer_desc token = make(ctx, n == 1 ? SEALED : MIC, n);
        put_released(&token);
    }
}

static void receive_out_of_order(gss_ctx_id_t ctx) {
    gss_buffer_desc first = get(STDIN_FILENO), second = get(STDIN_FILENO);
    OM_uint32 in_order = me.flags & SEQUENCE, once = me.flags & REPLAY;
    if (take(ctx, MIC, second, 2) != (in_order ? GSS_S_GAP_TOKEN : 0))
        fail("a message before its turn", 0);
    if (take(ctx, SEALED, first, 1) != (in_order ? GSS_S_UNSEQ_TOKEN : 0))
        fail("a message after its turn", 0);
    OM_uint32 again = in_order ? GSS_S_UNSEQ_TOKEN : 0;
    if (take(ctx, SEALED, first, 1) != (once ? GSS_S_DUPLICATE_TOKEN : again))
        fail("a message that came before", 0);
    ((char *)second.value)[second.length - 1] ^= 1;
    must_refuse(take(ctx, MIC, second, 2), "an altered message is taken");
    free(first.value);
    free(second.value);
}

// ---- what a context is, as a person asks for it

static int say_name(char *to, size_t size, const char *key, gss_name_t name) {
    gss_buffer_desc text = EMPTY;
    if (!name || gss_display_name(&minor, name, &text, NULL))
        return snprintf(to, size, ", \"%s\": null", key);
    int n = snprintf(to, size, ", \"%s\": \"%.*s\"", key, (int)text.length, (char *)text.value);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &name);
    return n;
}

// The heir says what the imported context tells, and then which keys are in it, which ends it.
static gss_buffer_desc describe(gss_ctx_id_t *ctx) {
    static char said[1024];
    gss_name_t source = NULL, service = NULL;
    OM_uint32 flags = 0;
    int local = 9, open = 9;
    gss_krb5_lucid_context_v1_t *keys;
    must(gss_inquire_context(&minor, *ctx, &source, &service, NULL, NULL, &flags, &local, &open),
         "inquire_context of the imported one");
    int n = snprintf(said, sizeof said, "\"inquired\": %u, \"local\": %d, \"open\": %d", flags,
                     local, open);
    n += say_name(said + n, sizeof said - (size_t)n, "client", source);
    n += say_name(said + n, sizeof said - (size_t)n, "service", service);
    must(gss_krb5_export_lucid_sec_context(&minor, ctx, 1, (void **)&keys), "lucid context");
    int cfx = keys->protocol == 1, subkey = cfx && keys->cfx_kd.have_acceptor_subkey;
    n += snprintf(said + n, sizeof said - (size_t)n,
                  ", \"cfx\": %d, \"subkey\": %d, \"enctype\": %u, \"subkey_enctype\": %u", cfx,
                  subkey, cfx ? keys->cfx_kd.ctx_key.type : keys->rfc1964_kd.ctx_key.type,
                  subkey ? keys->cfx_kd.acceptor_subkey.type : 0);
    must(gss_krb5_free_lucid_sec_context(&minor, keys), "free of a lucid context");
    return (gss_buffer_desc){(size_t)n, said};
}

// ---- the heir

static void inherit_one(int from) {
    gss_buffer_desc exported = get(from);
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    must(gss_import_sec_context(&minor, &exported, &ctx), "import_sec_context");
    free(exported.value);
    for (int turn = 0; turn < 2; turn++) {
        if ((turn == 0) == me.initiator)
            send_in_order(ctx);
        else
            receive_out_of_order(ctx);
    }
    put(from, describe(&ctx));
    gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
}

static gss_buffer_desc hand_over(gss_ctx_id_t *ctx) {
    gss_buffer_desc exported = EMPTY;
    must(gss_export_sec_context(&minor, ctx, &exported), "export_sec_context");
    if (*ctx != GSS_C_NO_CONTEXT)
        fail("a context is there after its export", 0);
    put(me.heir, exported);
    gss_release_buffer(&minor, &exported);
    return get(me.heir);
}

// ---- contexts

static gss_channel_bindings_t bindings(int other) {
    static struct gss_channel_bindings_struct b;
    if (me.bindings[0] == '-')
        return GSS_C_NO_CHANNEL_BINDINGS;
    b.application_data = (gss_buffer_desc){strlen(me.bindings), me.bindings};
    if (other)
        b.application_data.length--;
    return &b;
}

static OM_uint32 step_i(gss_ctx_id_t *ctx, gss_buffer_t in, int other, gss_buffer_t out,
                        OM_uint32 *flags) {
    return gss_init_sec_context(&minor, me.cred, ctx, me.target, me.mech, me.flags, 0,
                                bindings(other), in, NULL, out, flags, NULL);
}

static OM_uint32 step_a(gss_ctx_id_t *ctx, gss_buffer_t in, gss_buffer_t out, OM_uint32 *flags,
                        gss_cred_id_t *delegated) {
    return gss_accept_sec_context(&minor, ctx, me.cred, in, bindings(0), NULL, NULL, out, flags,
                                  NULL, delegated);
}

static void drop(gss_ctx_id_t *ctx, gss_buffer_t out) {
    OM_uint32 ignored;
    gss_release_buffer(&ignored, out);
    gss_delete_sec_context(&ignored, ctx, GSS_C_NO_BUFFER);
}

// A context of its own for what is to be refused: the acceptor is sent the token for another
// channel, and the initiator has the answer of the combination before.
static void refusals_i(void) {
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_buffer_desc out = EMPTY;
    if (!me.old_token.length && !bindings(1))
        return;
    OM_uint32 major = step_i(&ctx, GSS_C_NO_BUFFER, 1, &out, NULL);
    if (GSS_ERROR(major))
        fail("init_sec_context for another channel", major);
    if (bindings(1))
        put_released(&out);
    gss_release_buffer(&minor, &out);
    if (me.old_token.length && major == GSS_S_CONTINUE_NEEDED && (me.flags & GSS_C_MUTUAL_FLAG))
        must_refuse(step_i(&ctx, &me.old_token, 1, &out, NULL),
                    "an answer of another combination is taken");
    drop(&ctx, &out);
}

static void refusals_a(void) {
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_buffer_desc out = EMPTY;
    if (bindings(0)) {
        gss_buffer_desc in = get(STDIN_FILENO);
        OM_uint32 major = step_a(&ctx, &in, &out, NULL, NULL);
        if (GSS_ROUTINE_ERROR(major) != CHANNEL << GSS_C_ROUTINE_ERROR_OFFSET)
            fail("a token for another channel is not refused as such", major);
        free(in.value);
        drop(&ctx, &out);
    }
    if (me.old_token.length)
        must_refuse(step_a(&ctx, &me.old_token, &out, NULL, NULL),
                    "the first token of another combination is taken");
    drop(&ctx, &out);
}

static gss_ctx_id_t establish_i(OM_uint32 *flags) {
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_buffer_desc in = EMPTY, out = EMPTY;
    for (OM_uint32 major = GSS_S_CONTINUE_NEEDED, first = 1; major == GSS_S_CONTINUE_NEEDED;
         first = 0) {
        if (!first)
            in = get(STDIN_FILENO);
        major = step_i(&ctx, in.length ? &in : GSS_C_NO_BUFFER, 0, &out, flags);
        if (GSS_ERROR(major))
            fail("init_sec_context", major);
        if (out.length)
            put_released(&out);
        if (in.length)
            keep(&me.old_token, in);
    }
    return ctx;
}

static gss_ctx_id_t establish_a(OM_uint32 *flags, gss_cred_id_t *delegated) {
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_buffer_desc out = EMPTY;
    for (OM_uint32 major = GSS_S_CONTINUE_NEEDED, first = 1; major == GSS_S_CONTINUE_NEEDED;
         first = 0) {
        gss_buffer_desc in = get(STDIN_FILENO);
        major = step_a(&ctx, &in, &out, flags, delegated);
        if (GSS_ERROR(major))
            fail("accept_sec_context", major);
        if (out.length)
            put_released(&out);
        if (first)
            keep(&me.old_token, in);
        else
            free(in.value);
    }
    return ctx;
}

static void go_through(void) {
    OM_uint32 flags = 0;
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
    gss_name_t owner = NULL;
    char whose[200];
    (me.initiator ? refusals_i : refusals_a)();
    gss_ctx_id_t ctx = me.initiator ? establish_i(&flags) : establish_a(&flags, &delegated);
    for (int turn = 0; turn < 2; turn++)
        ((turn == 0) == me.initiator ? send_each : receive_each)(ctx);
    gss_buffer_desc said = hand_over(&ctx);
    if (delegated)
        must(gss_inquire_cred(&minor, delegated, &owner, NULL, NULL, NULL), "inquire_cred");
    say_name(whose, sizeof whose, "delegated", owner);
    gss_release_cred(&minor, &delegated);
    fprintf(stderr, "{\"name\": \"%s\", \"flags\": %u%s, %.*s}\n", me.name, flags, whose,
            (int)said.length, (char *)said.value);
    free(said.value);
}

// ---- the list

static void choose(const char *line) {
    if (sscanf(line, "%7s %x %15s %199[^\n]", me.mech_name, &me.flags, me.bindings, me.name) != 4)
        fail("the list has another form", 0);
    me.mech = strcmp(me.mech_name, "spnego") == 0 ? &SPNEGO : &KRB5;
}

static void be_heir(int from) {
    uint32_t len;
    char line[256];
    while (get_bytes(from, &len, 4)) {
        if (ntohl(len) >= sizeof line || !get_bytes(from, line, ntohl(len)))
            fail("the heir is told nothing", 0);
        line[ntohl(len)] = 0;
        choose(line);
        inherit_one(from);
    }
    exit(0);
}

static void begin(char **argv) {
    int pair[2];
    me.end = argv[1];
    me.initiator = strcmp(argv[1], "init") == 0;
    strcpy(me.name, "before the first");
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        fail("socketpair", 0);
    if (fork() == 0) {
        close(pair[0]);
        be_heir(pair[1]);
    }
    close(pair[1]);
    me.heir = pair[0];
    gss_buffer_desc text = {strlen(argv[2]), argv[2]};
    must(gss_import_name(&minor, &text, &HOSTBASED, &me.target), "import_name");
    must(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET,
                          me.initiator ? GSS_C_INITIATE : GSS_C_ACCEPT, &me.cred, NULL, NULL),
         "acquire_cred");
}

int main(int argc, char **argv) {
    char line[256];
    if (argc != 4)
        return 2;
    begin(argv);
    FILE *list = fopen(argv[3], "r");
    if (!list)
        fail("no list", 0);
    while (fgets(line, sizeof line, list)) {
        choose(line);
        put(me.heir, (gss_buffer_desc){strlen(line), line});
        go_through();
    }
    return 0;
}
