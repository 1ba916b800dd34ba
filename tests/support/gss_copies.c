// gss_copies.c: several GSS libraries in one process, each by dlopen and RTLD_LOCAL: every one of
// them makes contexts with every other, in turn and then all in threads at once. Usage: gss_copies
// SERVICE@HOST LIBRARY... It ends with a line "ok N", N contexts, or says who failed.
#include "../gssapi/copies.h"
#include <pthread.h>
#include <stdlib.h>

enum { MOST = 8, ROUNDS = 10 };
static const gss_OID_desc mechs[] = {{9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"},
                                     {6, (void *)"\x2b\x06\x01\x05\x05\x02"}};
static struct copy copies[MOST];
static const char *service;

static unsigned log_in(size_t from, size_t to, char **paths) {
    for (size_t m = 0; m < 2; m++) {
        const char *failed =
            copy_login(&copies[from], &copies[to], (gss_OID)(uintptr_t)&mechs[m], service);
        if (failed) {
            printf("%s to %s, mechanism %zu: %s\n", paths[from], paths[to], m, failed);
            exit(1);
        }
    }
    return 2;
}

static char **all_paths;
static void *alone(void *arg) {
    unsigned made = 0;
    for (int round = 0; round < ROUNDS; round++)
        made += log_in((uintptr_t)arg, (uintptr_t)arg, all_paths);
    return (void *)(uintptr_t)made;
}

int main(int argc, char **argv) {
    size_t count = (size_t)argc - 2;
    uintptr_t made = 0;
    pthread_t threads[MOST];
    if (argc < 3 || count > MOST)
        return 2;
    service = argv[1];
    all_paths = argv + 2;
    for (size_t i = 0; i < count; i++)
        if (!copy_open(&copies[i], all_paths[i])) {
            printf("%s cannot be loaded\n", all_paths[i]);
            return 1;
        }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            if (copies[i].wrap == copies[k].wrap && i != k) {
                printf("%s and %s are one library\n", all_paths[i], all_paths[k]);
                return 1;
            } else
                made += log_in(i, k, all_paths);
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, alone, (void *)(uintptr_t)i) != 0)
            return 2;
    for (size_t i = 0; i < count; i++) {
        void *got;
        pthread_join(threads[i], &got);
        made += (uintptr_t)got;
    }
    printf("ok %lu\n", (unsigned long)made);
    return 0;
}
