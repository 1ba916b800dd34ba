// sendauth.c: the AP exchange over a stream, framed as MIT's programs have it: each message behind
// its length in four bytes. The client names the protocol and the application, the service answers
// with one byte; then come AP-REQ, an error or nothing, and AP-REP if the client asked for it.
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/private.h"
#include "proto/types.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MESSAGE_MAX 1048576u
static const char PROTOCOL[] = "KRB5_SENDAUTH_V1.0"; // with its NUL

enum { ANSWER_OK = 0, ANSWER_BAD_PROTOCOL = 1, ANSWER_BAD_APPLICATION = 2 };

static krb5_error_code write_all(int fd, struct slice bytes) {
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        at += (size_t)n;
    }
    return 0;
}

static krb5_error_code read_all(int fd, void *out, size_t len) {
    for (size_t at = 0; at < len;) {
        ssize_t n = read(fd, (uint8_t *)out + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? errno : ECONNABORTED;
        at += (size_t)n;
    }
    return 0;
}

// krb5_write_message and krb5_read_message: `fd` points to the descriptor. The bytes that were read
// are freed with krb5_free_data_contents.
krb5_error_code krb5_write_message(krb5_context context, krb5_pointer fd, krb5_data *message) {
    UNUSED(context);
    if (!fd || !message)
        return EINVAL;
    uint8_t head[4] = {(uint8_t)(message->length >> 24), (uint8_t)(message->length >> 16),
                       (uint8_t)(message->length >> 8), (uint8_t)message->length};
    krb5_error_code code = write_all(*(int *)fd, slice_of(head, sizeof head));
    return code ? code : write_all(*(int *)fd, data_in(message));
}

krb5_error_code krb5_read_message(krb5_context context, krb5_pointer fd, krb5_data *out) {
    UNUSED(context);
    uint8_t head[4];
    if (!fd || !out)
        return EINVAL;
    *out = (krb5_data){0};
    krb5_error_code code = read_all(*(int *)fd, head, sizeof head);
    if (code)
        return code;
    uint32_t len =
        (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
    if (len > MESSAGE_MAX)
        return KRB5_BAD_MSIZE;
    out->data = calloc(1, len + 1u);
    if (!out->data)
        return ENOMEM;
    out->length = len;
    code = read_all(*(int *)fd, out->data, len);
    if (code)
        krb5_free_data_contents(NULL, out);
    return code;
}

// ---- the client

static krb5_error_code introduce(krb5_context context, krb5_pointer fd, const char *application) {
    krb5_data protocol = {.length = sizeof PROTOCOL, .data = (char *)(uintptr_t)PROTOCOL};
    krb5_data name = {.length = (unsigned)strlen(application) + 1,
                      .data = (char *)(uintptr_t)application};
    uint8_t answer;
    krb5_error_code code = krb5_write_message(context, fd, &protocol);
    if (!code)
        code = krb5_write_message(context, fd, &name);
    if (!code)
        code = read_all(*(int *)fd, &answer, 1);
    if (code)
        return code;
    if (answer == ANSWER_OK)
        return 0;
    return answer == ANSWER_BAD_PROTOCOL      ? KRB5_SENDAUTH_BADAUTHVERS
           : answer == ANSWER_BAD_APPLICATION ? KRB5_SENDAUTH_BADAPPLVERS
                                              : KRB5_SENDAUTH_BADRESPONSE;
}

// What the service says of the AP-REQ: nothing, or a KRB-ERROR.
static krb5_error_code read_verdict(krb5_context context, krb5_pointer fd, krb5_error **error) {
    krb5_data verdict;
    krb5_error_code code = krb5_read_message(context, fd, &verdict);
    if (code)
        return code;
    bool refused = verdict.length > 0;
    if (refused && error)
        code = krb5_rd_error(context, &verdict, error);
    krb5_free_data_contents(context, &verdict);
    return code ? code : refused ? KRB5_SENDAUTH_REJECTED : 0;
}

static krb5_error_code read_proof(krb5_context context, krb5_auth_context ac, krb5_pointer fd,
                                  krb5_ap_rep_enc_part **out) {
    krb5_data reply;
    krb5_ap_rep_enc_part *part = NULL;
    krb5_error_code code = krb5_read_message(context, fd, &reply);
    if (code)
        return code;
    code = krb5_rd_rep(context, ac, &reply, &part);
    krb5_free_data_contents(context, &reply);
    if (out)
        *out = part;
    else
        krb5_free_ap_rep_enc_part(context, part);
    return code;
}

// The credentials: those given, if they hold a ticket, else from the cache.
static krb5_error_code find_creds(krb5_context context, krb5_principal client,
                                  krb5_principal server, krb5_creds *given, krb5_ccache cc,
                                  krb5_creds **found, bool *ours) {
    krb5_creds want = {0};
    krb5_ccache own = NULL;
    *found = given;
    *ours = false;
    if (given && given->ticket.length)
        return 0;
    krb5_error_code code = cc ? 0 : krb5_cc_default(context, &own);
    if (given)
        want = *given;
    want.server = given && given->server ? given->server : server;
    want.client = given && given->client ? given->client : client;
    if (code == 0)
        code = krb5_get_credentials(context, 0, cc ? cc : own, &want, found);
    *ours = code == 0;
    (void)krb5_cc_close(context, own);
    return code;
}

krb5_error_code krb5_sendauth(krb5_context context, krb5_auth_context *ac, krb5_pointer fd,
                              char *application, krb5_principal client, krb5_principal server,
                              krb5_flags options, krb5_data *data, krb5_creds *given,
                              krb5_ccache cc, krb5_error **error, krb5_ap_rep_enc_part **reply,
                              krb5_creds **out_creds) {
    krb5_auth_context own = NULL, *used = ac ? ac : &own;
    krb5_creds *creds = NULL;
    krb5_data request = {0};
    bool ours = false;
    if (!context || !fd || !application)
        return EINVAL;
    if (error)
        *error = NULL;
    if (reply)
        *reply = NULL;
    krb5_error_code code = introduce(context, fd, application);
    if (!code)
        code = find_creds(context, client, server, given, cc, &creds, &ours);
    if (!code)
        code = krb5_mk_req_extended(context, used, options, data, creds, &request);
    if (!code)
        code = krb5_write_message(context, fd, &request);
    if (!code)
        code = read_verdict(context, fd, error);
    if (!code && (options & AP_OPTS_MUTUAL_REQUIRED))
        code = read_proof(context, *used, fd, reply);
    krb5_free_data_contents(context, &request);
    if (!code && out_creds)
        *out_creds = creds; // those that were given, if they were used
    else if (ours)
        krb5_free_creds(context, creds);
    (void)krb5_auth_con_free(context, own);
    return code;
}

// ---- the service

static krb5_error_code hear_out(krb5_context context, krb5_pointer fd, const char *application,
                                krb5_int32 flags, krb5_data *version) {
    krb5_data protocol = {0}, name = {0};
    uint8_t answer = ANSWER_OK;
    krb5_error_code code = 0;
    if (!(flags & KRB5_RECVAUTH_SKIP_VERSION))
        code = krb5_read_message(context, fd, &protocol);
    if (!code)
        code = krb5_read_message(context, fd, &name);
    bool known = (flags & KRB5_RECVAUTH_SKIP_VERSION) ||
                 slice_eq(data_in(&protocol), slice_of(PROTOCOL, sizeof PROTOCOL));
    bool same =
        !application || slice_eq(data_in(&name), slice_of(application, strlen(application) + 1));
    krb5_free_data_contents(context, &protocol);
    if (code)
        return code;
    known = known && !(flags & KRB5_RECVAUTH_BADAUTHVERS);
    answer = !known ? ANSWER_BAD_PROTOCOL : same ? ANSWER_OK : ANSWER_BAD_APPLICATION;
    if (version && answer == ANSWER_OK)
        *version = name;
    else
        krb5_free_data_contents(context, &name);
    code = write_all(*(int *)fd, slice_of(&answer, 1));
    if (code)
        return code;
    return answer == ANSWER_OK ? 0 : known ? KRB5_SENDAUTH_BADAPPLVERS : KRB5_SENDAUTH_BADAUTHVERS;
}

// Nothing for yes, a KRB-ERROR (RFC 4120 5.9.1) for no.
static enum obol_code make_error(struct call *c, krb5_error_code why, krb5_const_principal server,
                                 struct slice *out) {
    struct error *err = &c->err;
    // MIT's for a service that does not say which it is.
    struct slice unknown = SLICE_LITERAL("????"), text = slice_str(code_text(why));
    struct principal service = {context_realm(c->context), {NT_PRINCIPAL, {&unknown, 1}}};
    int64_t now = env_now_us(env_system());
    long number = (long)why - ERROR_TABLE_BASE_krb5;
    if (server)
        TRY(principal_in(server, &c->arena, &service, err));
    const struct krb_error e = {
        .present = text.len ? KRB_ERROR_E_TEXT : 0,
        .pvno = KRB_PVNO,
        .msg_type = KRB_ERROR,
        .stime = now / 1000000,
        .susec = (int32_t)(now % 1000000),
        .error_code = number > 0 && number < 128 ? (int32_t)number : 60,
        .realm = service.realm,
        .sname = service.name,
        .e_text = text,
    };
    return der_encode(&TYPE_KRB_ERROR, &e, &c->arena, out, err);
}

static krb5_error_code send_verdict(krb5_context context, krb5_pointer fd, krb5_error_code why,
                                    krb5_const_principal server) {
    CALL(call, context);
    struct slice bytes = {0};
    if (why) {
        enum obol_code code = make_error(&call, why, server, &bytes);
        if (code != OBOL_OK)
            return call_end(&call, code);
    }
    krb5_data verdict = {.length = (unsigned)bytes.len, .data = (char *)(uintptr_t)bytes.ptr};
    return krb5_write_message(context, fd, &verdict);
}

static krb5_error_code receive(krb5_context context, krb5_auth_context *ac, krb5_pointer fd,
                               krb5_principal server, krb5_keytab kt, krb5_ticket **ticket) {
    krb5_data request, reply;
    krb5_flags options = 0;
    krb5_error_code code = krb5_read_message(context, fd, &request);
    if (code)
        return code;
    code = krb5_rd_req(context, ac, &request, server, kt, &options, ticket);
    krb5_free_data_contents(context, &request);
    krb5_error_code sent = send_verdict(context, fd, code, server);
    if (code || sent)
        return code ? code : sent;
    if (!(options & AP_OPTS_MUTUAL_REQUIRED))
        return 0;
    code = krb5_mk_rep(context, *ac, &reply);
    if (code)
        return code;
    code = krb5_write_message(context, fd, &reply);
    krb5_free_data_contents(context, &reply);
    return code;
}

krb5_error_code krb5_recvauth_version(krb5_context context, krb5_auth_context *ac, krb5_pointer fd,
                                      krb5_principal server, krb5_int32 flags, krb5_keytab kt,
                                      krb5_ticket **ticket, krb5_data *version) {
    if (!context || !ac || !fd)
        return EINVAL;
    krb5_error_code code = hear_out(context, fd, NULL, flags, version);
    return code ? code : receive(context, ac, fd, server, kt, ticket);
}

krb5_error_code krb5_recvauth(krb5_context context, krb5_auth_context *ac, krb5_pointer fd,
                              char *application, krb5_principal server, krb5_int32 flags,
                              krb5_keytab kt, krb5_ticket **ticket) {
    if (!context || !ac || !fd)
        return EINVAL;
    krb5_error_code code = hear_out(context, fd, application, flags, NULL);
    return code ? code : receive(context, ac, fd, server, kt, ticket);
}
