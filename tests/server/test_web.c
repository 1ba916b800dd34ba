// The web service that only a ticket opens, over a real socket: what it refuses, what it lets in,
// and that it proves itself.
#include "../gss/fixture.h"
#include "server/web.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct site {
    struct fixture f;
    struct web *web;
};

static int start(void **state) {
    static struct site site;
    fixture_init(&site.f, ENCTYPE_AES256_SHA384);
    const struct web_options options = {
        .keys = &site.f.keys, .replay = &site.f.replay, .address = "127.0.0.1"};
    if (web_start(&site.web, &options, &site.f.env, &site.f.error) != OBOL_OK)
        return -1;
    *state = &site;
    return 0;
}

static int stop(void **state) {
    struct site *s = *state;
    web_stop(s->web);
    fixture_clear(&s->f);
    return 0;
}

// Sends one request on a connection of its own and reads the answer to its end.
static const char *ask(struct site *s, const char *method, const char *authorization) {
    static char answer[65536];
    char request[16384];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(web_port(s->web))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    int n = snprintf(request, sizeof request,
                     "%s / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s%s\r\n", method,
                     authorization, authorization[0] ? "\r\n" : "");
    assert_int_equal(write(fd, request, (size_t)n), n);
    size_t got = 0;
    ssize_t more;
    while ((more = read(fd, answer + got, sizeof answer - 1 - got)) > 0)
        got += (size_t)more;
    answer[got] = '\0';
    close(fd);
    return answer;
}

static const char *negotiate(struct fixture *f, struct gss_initiator *i) {
    static char header[16384];
    struct gss_initiator_params p = {.ticket = &f->ticket, .flags = GSS_FLAG_MUTUAL};
    struct slice token;
    assert_ok(gss_initiator_start(i, &p, &f->env, &f->arena, &token, &f->error));
    struct writer w = writer_to_buf(buf_of(header, sizeof header));
    writer_str(&w, "Authorization: Negotiate ");
    base64_write(&w, token);
    writer_u8(&w, 0);
    assert_true(writer_ok(&w));
    return header;
}

static void without_a_ticket_it_asks_for_one(void **state) {
    const char *answer = ask(*state, "GET", "");
    assert_ptr_equal(strstr(answer, "HTTP/1.1 401"), answer);
    assert_non_null(strstr(answer, "WWW-Authenticate: Negotiate\r\n"));
    assert_null(strstr(answer, "alice"));
}

static void a_ticket_opens_it_and_it_proves_itself(void **state) {
    struct site *s = *state;
    struct gss_initiator i;
    const char *answer = ask(s, "GET", negotiate(&s->f, &i));
    assert_ptr_equal(strstr(answer, "HTTP/1.1 200"), answer);
    assert_non_null(strstr(answer, "alice@OBOL.TEST"));
    const char *head = strstr(answer, "WWW-Authenticate: Negotiate ");
    assert_non_null(head);
    head += strlen("WWW-Authenticate: Negotiate ");
    struct slice text = slice_of(head, strcspn(head, "\r")), token, rest;
    assert_true(base64_decode(text, &s->f.arena, &token));
    assert_ok(gss_initiator_step(&i, token, &rest, &s->f.error));
    assert_true(i.done && i.mutual_proved);
}

static void a_header_heard_before_opens_nothing(void **state) {
    struct site *s = *state;
    struct gss_initiator i;
    const char *header = negotiate(&s->f, &i);
    assert_non_null(strstr(ask(s, "GET", header), "HTTP/1.1 200"));
    const char *answer = ask(s, "GET", header);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 401"), answer);
    assert_non_null(strstr(answer, "replay"));
}

static void what_is_no_ticket_is_told_so(void **state) {
    struct site *s = *state;
    const struct {
        const char *header, *says;
    } cases[] = {
        {"Authorization: Basic YWxpY2U6eA==", "Basic"},
        {"Authorization: Negotiate", "not Negotiate"},
        {"Authorization: Negotiate ***", "base64"},
        {"Authorization: Negotiate TlRMTVNTUAABAAAA", "NTLM"},
        {"Authorization: Negotiate YQ==", "GSS-API"},
        {"Authorization: <script>x", "&#60;script&#62;x"},
    };
    for (size_t n = 0; n < COUNT_OF(cases); n++) {
        const char *answer = ask(s, "GET", cases[n].header);
        assert_ptr_equal(strstr(answer, "HTTP/1.1 401"), answer);
        assert_non_null(strstr(answer, cases[n].says));
        assert_null(strstr(answer, "<script>"));
    }
    const char *refused = ask(s, "POST", "");
    assert_non_null(strstr(refused, "HTTP/1.1 405"));
    assert_non_null(strstr(refused, "\r\nAllow: GET, HEAD\r\n")); // RFC 9110 15.5.6
}

static void a_taken_port_is_named(void **state) {
    struct site *s = *state;
    struct web *second;
    const struct web_options options = {
        .keys = &s->f.keys, .address = "127.0.0.1", .port = web_port(s->web)};
    struct error e;
    error_init(&e);
    assert_code(web_start(&second, &options, &s->f.env, &e), OBOL_IO);
    assert_non_null(strstr(e.detail, "in use"));
    const struct web_options nowhere = {.keys = &s->f.keys, .address = "localhost"};
    assert_code(web_start(&second, &nowhere, &s->f.env, NULL), OBOL_INVALID_ARGUMENT);
    web_stop(NULL);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(without_a_ticket_it_asks_for_one),
        cmocka_unit_test(a_ticket_opens_it_and_it_proves_itself),
        cmocka_unit_test(a_header_heard_before_opens_nothing),
        cmocka_unit_test(what_is_no_ticket_is_told_so),
        cmocka_unit_test(a_taken_port_is_named),
    };
    return cmocka_run_group_tests(cases, start, stop);
}
