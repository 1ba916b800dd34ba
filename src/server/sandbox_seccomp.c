// sandbox_seccomp.c: the filter by libseccomp. The lists name what a job needs; everything else
// fails with EPERM, and what only an intruder would try ends the process.
#include "server/sandbox_filter.h"
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/socket.h>

// For every process: memory, clocks, signals, descriptors that are open, the end.
static const int common[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    SCMP_SYS(mlock),
    SCMP_SYS(mlock2),
    SCMP_SYS(munlock),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(geteuid),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(tgkill),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(lseek),
    SCMP_SYS(sched_yield),
    SCMP_SYS(rseq),
};
static const int worker[] = {
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl),  SCMP_SYS(recvmmsg),
    SCMP_SYS(sendmmsg),   SCMP_SYS(recvfrom),    SCMP_SYS(sendto),     SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),    SCMP_SYS(accept4),     SCMP_SYS(shutdown),   SCMP_SYS(pread64),
    SCMP_SYS(fcntl),      SCMP_SYS(fcntl64),     SCMP_SYS(setsockopt),
};
static const int writer[] = {
    SCMP_SYS(openat),    SCMP_SYS(pwrite64), SCMP_SYS(pwritev),   SCMP_SYS(fsync),
    SCMP_SYS(fdatasync), SCMP_SYS(msync),    SCMP_SYS(ftruncate), SCMP_SYS(flock),
};
static const int scribe[] = {
    SCMP_SYS(openat),  SCMP_SYS(fcntl),   SCMP_SYS(fsync),  SCMP_SYS(signalfd4),
    SCMP_SYS(socket),  SCMP_SYS(connect), SCMP_SYS(sendto), SCMP_SYS(recvmsg), // syslog
    SCMP_SYS(pread64),                                                         // how the log ends
};
// A thread of libmicrohttpd's with its epoll, and TLS.
static const int proxy[] = {
    SCMP_SYS(accept4),     SCMP_SYS(recvfrom),        SCMP_SYS(recvmsg),     SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),     SCMP_SYS(readv),           SCMP_SYS(shutdown),    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockopt),  SCMP_SYS(getsockname),     SCMP_SYS(getpeername), SCMP_SYS(fcntl),
    SCMP_SYS(fcntl64),     SCMP_SYS(epoll_create1),   SCMP_SYS(epoll_ctl),   SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2),        SCMP_SYS(clone),       SCMP_SYS(clone3),
    SCMP_SYS(pread64),     SCMP_SYS(set_robust_list), SCMP_SYS(prctl),       SCMP_SYS(getrusage),
    SCMP_SYS(getuid),      SCMP_SYS(sysinfo),         SCMP_SYS(time),        SCMP_SYS(uname),
};
// Nobody who serves tickets has a use for these.
static const int deadly[] = {
    SCMP_SYS(execve),           SCMP_SYS(execveat),          SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(bpf),
    SCMP_SYS(init_module),      SCMP_SYS(kexec_load),
};

static bool add(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, action, calls[i], 0) != 0)
            return false;
    return true;
}

// A worker reads files but writes none: the master key may be replaced while it runs.
static bool add_reading(scmp_filter_ctx filter) {
    const unsigned writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY)) == 0;
}

// Sockets of this machine are made and connected; those of the network are open already.
static bool add_asking(scmp_filter_ctx filter) {
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_EQ, AF_UNIX)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0) == 0;
}

static bool load(scmp_filter_ctx filter, enum sandbox_kind kind) {
    const int *own = kind == SANDBOX_SCRIBE ? scribe : kind == SANDBOX_PROXY ? proxy : worker;
    size_t own_count = kind == SANDBOX_SCRIBE  ? COUNT_OF(scribe)
                       : kind == SANDBOX_PROXY ? COUNT_OF(proxy)
                                               : COUNT_OF(worker);
    // The calls of every batch stand first in the filter, by their priority.
    return seccomp_syscall_priority(filter, SCMP_SYS(recvmmsg), 255) == 0 &&
           seccomp_syscall_priority(filter, SCMP_SYS(sendmmsg), 254) == 0 &&
           seccomp_syscall_priority(filter, SCMP_SYS(epoll_wait), 253) == 0 &&
           seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
           add(filter, SCMP_ACT_ALLOW, common, COUNT_OF(common)) &&
           add(filter, SCMP_ACT_ALLOW, own, own_count) &&
           ((kind != SANDBOX_WORKER && kind != SANDBOX_ASKER) || add_reading(filter)) &&
           (kind != SANDBOX_ASKER || add_asking(filter)) &&
           (kind != SANDBOX_WRITER || add(filter, SCMP_ACT_ALLOW, writer, COUNT_OF(writer))) &&
           add(filter, SCMP_ACT_KILL_PROCESS, deadly, COUNT_OF(deadly)) &&
           seccomp_load(filter) == 0;
}

enum obol_code sandbox_filter(enum sandbox_kind kind, struct error *err) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    ENSURE(filter, NO_MEMORY, "the system call filter");
    bool loaded = load(filter, kind);
    seccomp_release(filter);
    ENSURE(loaded, INTERNAL, "the system call filter cannot be set");
    return OBOL_OK;
}
