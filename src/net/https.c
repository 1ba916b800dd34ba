// https.c: see https.h. TLS 1.2 or later, the server's name and certificate checked against the
// realm's http_anchors or the system's CAs; no redirects, and no more bytes than a reply may have.
#include "net/https.h"
#include "base/writer.h"
#include "krb/kkdcp.h"
#include "net/transport.h"
#include "proto/messages.h"
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>

#define ANCHORS_MAX (4u << 20) // bytes of certificates

// libcurl, as far as it is used.
static struct {
    bool there;
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_multi_init) *multi_init;
    __typeof__(curl_multi_cleanup) *multi_cleanup;
    __typeof__(curl_multi_add_handle) *multi_add_handle;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_perform) *multi_perform;
    __typeof__(curl_multi_fdset) *multi_fdset;
    __typeof__(curl_multi_info_read) *multi_info_read;
    __typeof__(curl_slist_append) *slist_append;
    __typeof__(curl_slist_free_all) *slist_free_all;
} lib;

#define FUNCTION(member)                                                                           \
    { "curl_" #member, (void **)&lib.member }

static void load_library(void) {
    const struct {
        const char *name;
        void **to;
    } functions[] = {
        FUNCTION(global_init),     FUNCTION(easy_init),           FUNCTION(easy_cleanup),
        FUNCTION(easy_setopt),     FUNCTION(easy_getinfo),        FUNCTION(easy_strerror),
        FUNCTION(multi_init),      FUNCTION(multi_cleanup),       FUNCTION(multi_add_handle),
        FUNCTION(multi_perform),   FUNCTION(multi_remove_handle), FUNCTION(multi_fdset),
        FUNCTION(multi_info_read), FUNCTION(slist_append),        FUNCTION(slist_free_all),
    };
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; handle && i < COUNT_OF(functions); i++) {
        *functions[i].to = dlsym(handle, functions[i].name);
        if (!*functions[i].to)
            return;
    }
    lib.there = handle && lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

struct https_post {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    struct writer answer;
    bool too_long;
};

static void say(struct buf why, const char *text) {
    snprintf((char *)why.ptr, why.len, "%s", text);
}

static size_t take_bytes(char *bytes, size_t one, size_t count, void *ctx) {
    struct https_post *p = ctx;
    UNUSED(one); // is 1
    if (count > NET_REPLY_MAX - p->answer.len) {
        p->too_long = true;
        return 0;
    }
    writer_bytes(&p->answer, slice_of(bytes, count));
    return writer_ok(&p->answer) ? count : 0;
}

static bool read_file(const char *path, struct writer *to) {
    FILE *f = fopen(path, "re");
    uint8_t bytes[4096];
    size_t n = 0;
    while (f && to->len < ANCHORS_MAX && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
        writer_bytes(to, slice_of(bytes, n));
    bool whole = f && !ferror(f) && n == 0;
    if (f)
        fclose(f);
    writer_str(to, "\n");
    return whole && writer_ok(to);
}

// One of http_anchors: certificates go to the blob, a directory to *dir. False: it cannot be read.
static bool take_anchor(struct slice anchor, struct arena *a, struct writer *blob,
                        const char **dir) {
    const char *text = arena_cstr(a, anchor);
    if (text && strncmp(text, "ENV:", 4) == 0)
        text = getenv(text + 4);
    if (!text)
        return false;
    if (strncmp(text, "DIR:", 4) == 0) {
        *dir = text + 4;
        return true;
    }
    return read_file(strncmp(text, "FILE:", 5) == 0 ? text + 5 : text, blob);
}

static bool set_anchors(const struct https_post *p, const struct https_params *params,
                        struct buf why) {
    struct writer blob = writer_to_arena(params->arena);
    const char *dir = NULL;
    if (!params->anchors || params->anchors->count == 0)
        return true;
    for (size_t i = 0; i < params->anchors->count; i++)
        if (!take_anchor(params->anchors->items[i], params->arena, &blob, &dir)) {
            snprintf((char *)why.ptr, why.len, "http_anchors '%.*s' cannot be read",
                     SLICE_ARG(params->anchors->items[i]));
            return false;
        }
    struct curl_blob certificates = {blob.out.ptr, blob.len, CURL_BLOB_COPY};
    // Those named take the place of the system's.
    bool set =
        lib.easy_setopt(p->easy, CURLOPT_CAINFO, NULL) == CURLE_OK &&
        lib.easy_setopt(p->easy, CURLOPT_CAPATH, dir) == CURLE_OK &&
        (blob.len == 0 || lib.easy_setopt(p->easy, CURLOPT_CAINFO_BLOB, &certificates) == CURLE_OK);
    if (!set)
        say(why, "this libcurl cannot take http_anchors");
    return set;
}

static bool set_options(struct https_post *p, const struct https_params *params, struct buf why) {
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_POST, 1},
        {CURLOPT_POSTFIELDSIZE, (long)params->body.len},
        {CURLOPT_TIMEOUT, params->seconds},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    };
    bool set = true;
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        set &= lib.easy_setopt(p->easy, numbers[i].option, numbers[i].value) == CURLE_OK;
    static const char *const headers[] = {"Content-Type: " KKDCP_CONTENT_TYPE,
                                          "Expect:", "Accept: " KKDCP_CONTENT_TYPE};
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        struct curl_slist *longer = lib.slist_append(p->headers, headers[i]);
        set &= longer != NULL;
        p->headers = longer ? longer : p->headers;
    }
    set &= lib.easy_setopt(p->easy, CURLOPT_URL, params->url) == CURLE_OK &&
           lib.easy_setopt(p->easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           lib.easy_setopt(p->easy, CURLOPT_POSTFIELDS, params->body.ptr) == CURLE_OK &&
           lib.easy_setopt(p->easy, CURLOPT_HTTPHEADER, p->headers) == CURLE_OK &&
           lib.easy_setopt(p->easy, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
           lib.easy_setopt(p->easy, CURLOPT_WRITEDATA, p) == CURLE_OK;
    if (!set)
        say(why, "libcurl refuses the request");
    return set && set_anchors(p, params, why) &&
           lib.multi_add_handle(p->multi, p->easy) == CURLM_OK;
}

struct https_post *https_post_new(const struct https_params *params, struct buf why) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_library);
    struct https_post *p = lib.there ? calloc(1, sizeof *p) : NULL;
    if (!p) {
        say(why, lib.there ? "no memory" : "KDCs behind https need libcurl.so.4 (libcurl4)");
        return NULL;
    }
    p->answer = writer_to_arena(params->arena);
    p->multi = lib.multi_init();
    p->easy = lib.easy_init();
    say(why, "no memory");
    if (p->multi && p->easy && set_options(p, params, why))
        return p;
    https_post_free(p);
    return NULL;
}

int https_post_poll(struct https_post *p, short *events) {
    fd_set in, out, odd;
    int highest = -1;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&odd);
    *events = 0;
    // Fails where a descriptor is too high for a set: then time alone drives it.
    if (lib.multi_fdset(p->multi, &in, &out, &odd, &highest) != CURLM_OK || highest < 0)
        return -1;
    if (FD_ISSET(highest, &in))
        *events = POLLIN;
    if (FD_ISSET(highest, &out))
        *events = (short)(*events | POLLOUT);
    return highest;
}

static enum https_status finish(struct https_post *p, CURLcode code, struct slice *answer,
                                struct buf why) {
    long status = 0;
    lib.easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status == 200) {
        *answer = writer_slice(&p->answer);
        return HTTPS_WHOLE;
    }
    if (p->too_long)
        say(why, "its answer has too many bytes");
    else if (code == CURLE_OK)
        snprintf((char *)why.ptr, why.len, "answers with HTTP status %ld", status);
    else
        say(why, lib.easy_strerror(code));
    return HTTPS_FAILED;
}

enum https_status https_post_step(struct https_post *p, struct slice *answer, struct buf why) {
    int running = 0, left;
    if (lib.multi_perform(p->multi, &running) != CURLM_OK) {
        say(why, "libcurl failed");
        return HTTPS_FAILED;
    }
    for (const CURLMsg *m; (m = lib.multi_info_read(p->multi, &left)) != NULL;)
        if (m->msg == CURLMSG_DONE)
            return finish(p, m->data.result, answer, why);
    return HTTPS_MORE;
}

void https_post_free(struct https_post *p) {
    if (!p)
        return;
    if (p->multi && p->easy)
        lib.multi_remove_handle(p->multi, p->easy);
    if (p->easy)
        lib.easy_cleanup(p->easy);
    if (p->multi)
        lib.multi_cleanup(p->multi);
    lib.slist_free_all(p->headers);
    free(p);
}
