// replay.c: main of a fuzz target without libFuzzer: gives it every file of the folders named, so
// that each build compiles the targets and each test run repeats what fuzzing once found.
#include "fuzz.h"
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX ((size_t)1 << 20)

int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

// The bytes are copied to a block of their exact size, so that ASan sees the first one read past
// it.
static int replay_file(const char *path, uint8_t *buffer) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    size_t n = fread(buffer, 1, INPUT_MAX, f);
    fclose(f);
    uint8_t *exact = malloc(n ? n : 1);
    if (!exact)
        return 1;
    memcpy(exact, buffer, n);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    return 0;
}

static int replay_folder(const char *folder, uint8_t *buffer, unsigned *count) {
    DIR *dir = opendir(folder);
    if (!dir) {
        perror(folder);
        return 1;
    }
    int failed = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        char path[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        failed |= replay_file(path, buffer);
        ++*count;
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv) {
    unsigned count = 0;
    int failed = 0;
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    uint8_t *buffer = malloc(INPUT_MAX);
    if (!buffer)
        return 1;
    for (int i = 1; i < argc; i++)
        failed |= replay_folder(argv[i], buffer, &count);
    free(buffer);
    printf("%u inputs\n", count);
    return failed || count == 0;
}
