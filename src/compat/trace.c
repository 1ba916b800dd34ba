// trace.c: KRB5_TRACE and the callbacks of programs: what the library says to whom, a line each.
#include "compat/trace.h"
#include "compat/context.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void to_file(krb5_context context, const krb5_trace_info *info, void *data) {
    UNUSED(context);
    int fd = *(int *)data;
    if (info && write(fd, info->message, strlen(info->message)) < 0)
        return;  // a trace that cannot be written is no reason to fail
    if (!info) { // it is replaced
        (void)close(fd);
        free(data);
    }
}

// One line: process, time, what happened.
void trace_event(void *ctx, const struct net_trace_event *event) {
    krb5_context context = ctx;
    static const char *const verbs[] = {"sending", "received", "failed"};
    uint8_t line[512];
    struct writer w = writer_to_buf(buf_of(line, sizeof line - 1));
    int64_t now = env_now_us(env_system());
    writer_printf(&w, "[%d] %lld.%06d: ", (int)getpid(), (long long)(now / 1000000),
                  (int)(now % 1000000));
    writer_printf(&w, "%s ", verbs[event->kind]);
    if (event->bytes.len)
        writer_printf(&w, "%zu bytes ", event->bytes.len);
    writer_printf(&w, "%s %s, realm %.*s", event->transport, event->peer, SLICE_ARG(event->realm));
    if (event->text)
        writer_printf(&w, ": %s", event->text);
    writer_str(&w, "\n");
    line[w.failed ? 0 : w.len] = '\0';
    const krb5_trace_info info = {(const char *)line};
    context->trace(context, &info, context->trace_data);
}

// A callback that is replaced is told so with a NULL, so that it frees its data.
krb5_error_code krb5_set_trace_callback(krb5_context context, krb5_trace_callback callback,
                                        void *data) {
    if (!context)
        return EINVAL;
    if (context->trace)
        context->trace(context, NULL, context->trace_data);
    context->trace = callback;
    context->trace_data = data;
    return 0;
}

krb5_error_code krb5_set_trace_filename(krb5_context context, const char *path) {
    if (!context || !path)
        return EINVAL;
    int *fd = malloc(sizeof *fd);
    if (!fd)
        return ENOMEM;
    *fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (*fd < 0) {
        free(fd);
        return errno;
    }
    return krb5_set_trace_callback(context, to_file, fd);
}

void trace_begin(krb5_context context) {
    const char *path = secure_getenv("KRB5_TRACE");
    if (path && *path)
        (void)krb5_set_trace_filename(context, path); // a program works without it, as with MIT's
}
