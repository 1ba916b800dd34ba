// web.c: the web service that only a ticket opens; see web.h.
#include "server/web.h"
#include "base/hex.h"
#include "gss/acceptor.h"
#include "server/http.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#define TOKEN_MAX       (64u * 1024) // bytes of an Authorization header
#define CONNECTIONS_MAX 256
#define IDLE_SECONDS    30
#define LOGIN_ARENA     (256u * 1024)
#define LOGIN_ARENA_MAX (1024u * 1024)
#define NEGOTIATE       "Negotiate"

struct web {
    struct web_options options;
    const struct env *env;
    struct MHD_Daemon *daemon;
};

// What a connection keeps between the tokens of one login: more than one come only where the client
// would rather speak another mechanism.
struct web_login {
    struct arena arena;
    struct gss_acceptor acceptor;
    bool open;
};

struct answer {
    unsigned status;
    const char *title;
    struct slice token; // for WWW-Authenticate; empty: none
    const struct gss_context *who;
    const struct error *why;
};

static bool is_special(uint8_t c) {
    return c == '<' || c == '>' || c == '&' || c == '"' || c == '\'';
}

static void html(struct writer *w, struct slice text) {
    for (size_t i = 0; i < text.len; i++) {
        size_t plain = i;
        while (i < text.len && !is_special(text.ptr[i]))
            i++;
        text_escape(w, slice_sub(text, plain, i - plain));
        if (i < text.len)
            writer_printf(w, "&#%u;", text.ptr[i]);
    }
}

static void html_principal(struct writer *w, const struct principal *p, struct arena *a) {
    html(w, principal_text(p, a));
}

static void write_page(struct writer *w, const struct answer *answer, struct arena *a) {
    writer_printf(
        w,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s</title>\n"
        "<style>body{font:18px/1.5 sans-serif;max-width:38em;margin:3em auto;padding:0 1em}"
        "h1{font-size:1.6em}pre{white-space:pre-wrap}</style></head>\n<body><h1>%s</h1>\n",
        answer->title, answer->title);
    if (answer->who) {
        writer_str(w, "<p>You are <strong>");
        html_principal(w, &answer->who->client, a);
        writer_str(w, "</strong>. Your ticket for ");
        html_principal(w, &answer->who->service, a);
        writer_printf(w, " is good for %s. No password came here.</p>\n",
                      answer->who->flags & GSS_FLAG_MUTUAL
                          ? "both ends: this service proved itself to you too"
                          : "one end: you did not ask this service to prove itself");
    }
    if (answer->why && answer->why->code != OBOL_OK) {
        struct writer text = writer_to_arena(a);
        error_write(answer->why, &text);
        writer_str(w, "<pre>");
        html(w, writer_slice(&text));
        writer_str(w, "</pre>\n");
    }
    if (answer->status == MHD_HTTP_UNAUTHORIZED && !answer->why)
        writer_str(w,
                   "<p>This page opens with a Kerberos ticket only. Log in "
                   "(<code>obol login</code> or <code>kinit</code>), then ask with a client that "
                   "speaks Negotiate: <code>curl --negotiate -u :</code>, a browser that trusts "
                   "this site, or requests with HTTPKerberosAuth.</p>\n");
    writer_str(w, "</body></html>\n");
}

static enum MHD_Result send_answer(struct MHD_Connection *c, const struct answer *answer,
                                   struct arena *a) {
    struct writer page = writer_to_arena(a), head = writer_to_arena(a);
    write_page(&page, answer, a);
    writer_str(&head, NEGOTIATE);
    if (answer->token.len) {
        writer_str(&head, " ");
        base64_write(&head, answer->token);
    }
    writer_u8(&head, 0);
    if (!writer_ok(&page) || !writer_ok(&head))
        return MHD_NO;
    const char *name = NULL, *value = (const char *)writer_slice(&head).ptr;
    if (answer->status == MHD_HTTP_UNAUTHORIZED || answer->token.len)
        name = "WWW-Authenticate";
    if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        name = "Allow";
        value = "GET, HEAD";
    }
    return http_answer(c, answer->status, "text/html; charset=utf-8", writer_slice(&page), name,
                       value);
}

enum obol_code web_token_read(struct slice text, struct arena *a, struct slice *token,
                              struct error *err) {
    struct slice scheme = slice_sub(text, 0, sizeof NEGOTIATE - 1);
    ENSURE(text.len <= TOKEN_MAX, TOKEN_MALFORMED, "the Authorization header has %zu bytes",
           text.len);
    ENSURE(slice_eq_nocase(scheme, SLICE_LITERAL(NEGOTIATE)) && text.len > scheme.len &&
               text.ptr[scheme.len] == ' ',
           MECH_UNSUPPORTED, "the Authorization header is of scheme \"%.*s\", not Negotiate",
           SLICE_ARG(slice_sub(text, 0, slice_find(slice_sub(text, 0, 20), ' '))));
    ENSURE(base64_decode(slice_trim(slice_sub(text, scheme.len, text.len)), a, token),
           TOKEN_MALFORMED, "the Authorization header holds no base64");
    return OBOL_OK;
}

static enum obol_code take_token(struct web *w, struct web_login *login, const char *header,
                                 struct slice *out, enum gss_progress *progress,
                                 struct error *err) {
    if (!login->open) {
        arena_reset(&login->arena);
        const struct gss_acceptor_params params = {
            .keys = w->options.keys,
            .replay = w->options.replay,
            .service = w->options.service,
            .clockskew = w->options.clockskew,
        };
        gss_acceptor_init(&login->acceptor, &params, w->env, &login->arena);
    }
    login->open = false;
    struct slice token;
    TRY(web_token_read(slice_str(header), &login->arena, &token, err));
    TRY(gss_acceptor_step(&login->acceptor, token, out, progress, err));
    login->open = *progress == GSS_PROGRESS_MORE;
    return OBOL_OK;
}

static enum MHD_Result serve_login(struct web *w, struct web_login *login, const char *header,
                                   struct MHD_Connection *c) {
    struct error err;
    error_init(&err);
    enum gss_progress progress = GSS_PROGRESS_MORE;
    struct answer answer = {MHD_HTTP_UNAUTHORIZED, "Unauthorized", {0}, NULL, &err};
    enum obol_code code = take_token(w, login, header, &answer.token, &progress, &err);
    if (code == OBOL_OK && progress == GSS_PROGRESS_DONE) {
        answer.status = MHD_HTTP_OK;
        answer.title = "Welcome";
        answer.who = &login->acceptor.context;
    }
    return send_answer(c, &answer, &login->arena);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request) {
    UNUSED(url);
    UNUSED(version);
    UNUSED(upload);
    struct web_login *login = http_kept(c);
    if (!login)
        return MHD_NO;
    // The first call of a request comes before its body, the next after: answer at the end.
    if (!*request) {
        *request = login;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0; // a body is read and dropped
        return MHD_YES;
    }
    const char *header = mhd.lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
    bool allowed = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    if (header && allowed)
        return serve_login(ctx, login, header, c);
    login->open = false;
    arena_reset(&login->arena);
    const struct answer no = {MHD_HTTP_METHOD_NOT_ALLOWED, "Method not allowed", {0}, NULL, NULL};
    const struct answer ask = {MHD_HTTP_UNAUTHORIZED, "A ticket is needed", {0}, NULL, NULL};
    return send_answer(c, allowed ? &ask : &no, &login->arena);
}

// A connection's login lives from its start to its end.
static void on_connection(void *ctx, struct MHD_Connection *c, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    UNUSED(ctx);
    UNUSED(c);
    struct web_login *login = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (login)
            arena_clear(&login->arena);
        free(login);
        *socket_context = NULL;
        return;
    }
    login = calloc(1, sizeof *login);
    if (login && !arena_init(&login->arena, LOGIN_ARENA, LOGIN_ARENA_MAX)) {
        free(login);
        login = NULL;
    }
    *socket_context = login;
}

static enum obol_code read_address(const struct web_options *o, struct sockaddr_storage *out,
                                   struct error *err) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    *out = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, o->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(o->port);
        return OBOL_OK;
    }
    ENSURE(inet_pton(AF_INET6, o->address, &v6->sin6_addr) == 1, INVALID_ARGUMENT,
           "\"%s\" is not an IP address", o->address);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(o->port);
    return OBOL_OK;
}

enum obol_code web_start(struct web **out, const struct web_options *options, const struct env *env,
                         struct error *err) {
    *out = NULL;
    struct sockaddr_storage address;
    TRY(read_address(options, &address, err));
    TRY(http_start(err));
    struct web *w = calloc(1, sizeof *w);
    ENSURE_MEMORY(w);
    *w = (struct web){.options = *options, .env = env};
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO;
    flags |= address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u;
    errno = 0;
    w->daemon = mhd.start_daemon(
        flags, options->port, NULL, NULL, on_request, w, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(2 * TOKEN_MAX), MHD_OPTION_END);
    if (!w->daemon) {
        int why = errno;
        free(w);
        return error_set(err, OBOL_IO, __func__, "cannot listen on %s port %u: %s",
                         options->address, options->port,
                         why ? strerror(why) : "libmicrohttpd refused");
    }
    *out = w;
    return OBOL_OK;
}

uint16_t web_port(const struct web *w) {
    const union MHD_DaemonInfo *info = mhd.get_daemon_info(w->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void web_stop(struct web *w) {
    if (!w)
        return;
    mhd.stop_daemon(w->daemon);
    free(w);
}
