// secret.c: see secret.h.
#include "base/secret.h"
#include "base/ct.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

bool secret_init(struct secret *s, size_t len) {
    *s = (struct secret){0};
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (len > SIZE_MAX / 2)
        return false;
    size_t body = len ? (len + page - 1) / page * page : page;
    uint8_t *map = mmap(NULL, body + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return false;
    if (mprotect(map + page, body, PROT_READ | PROT_WRITE) != 0) {
        munmap(map, body + 2 * page);
        return false;
    }
    (void)mlock(map + page, body); // best effort: RLIMIT_MEMLOCK is small for plain users
    (void)madvise(map + page, body, MADV_DONTDUMP);
    // The bytes end at the far guard, so that an overrun by one faults at once.
    *s = (struct secret){map + page + body - len, len, map, body + 2 * page};
    return true;
}

bool secret_copy(struct secret *s, struct slice bytes) {
    if (!secret_init(s, bytes.len))
        return false;
    if (bytes.len)
        memcpy(s->ptr, bytes.ptr, bytes.len);
    return true;
}

void secret_clear(struct secret *s) {
    if (s->map) {
        wipe(s->ptr, s->len);
        munmap(s->map, s->map_len);
    }
    *s = (struct secret){0};
}

void secret_harden_process(void) {
    const struct rlimit none = {0, 0};
    // Both only give up what the process has, which nobody is refused.
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
