// profile_file.c: configuration files and directories of them, and the includes within.
#include "config/profile_internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum obol_code profile_mistake(const struct profile_parse *parse, struct error *err,
                               const char *format, ...) {
    char expected[300];
    va_list args;
    va_start(args, format);
    vsnprintf(expected, sizeof expected, format, args);
    va_end(args);
    enum obol_code code = error_set(err, OBOL_CONFIG_SYNTAX, __func__, "%s:%u: expected %s",
                                    parse->file, parse->line, expected);
    error_fact(err, "file", "%s", parse->file);
    error_fact(err, "line", "%u", parse->line);
    error_fact(err, "expected", "%s", expected);
    return code;
}

void profile_note(struct profile_parse *parse, const char *format, ...) {
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    config_note(&parse->profile->notes, parse->file, parse->line, "%s", text);
}

enum obol_code profile_parse(struct profile *p, const char *file, struct slice text,
                             struct error *err) {
    struct profile_parse parse = {.profile = p, .file = file, .follow = true};
    return profile_parse_lines(&parse, text, err);
}

enum obol_code profile_parse_alone(struct profile *p, const char *file, struct slice text,
                                   struct error *err) {
    struct profile_parse parse = {.profile = p, .file = file};
    return profile_parse_lines(&parse, text, err);
}

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
}

// read_bytes gives the whole file; errno tells on a failure.
static bool read_bytes(struct arena *a, const char *path, struct slice *out) {
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return false;
    // A file of an unknown size (a pipe, /dev/stdin) is read as it comes; it was opened without
    // waiting for a writer, but what the writer has to say is waited for.
    bool regular = S_ISREG(st.st_mode);
    size_t room = regular ? (size_t)st.st_size + 1 : 65536;
    if (!regular && fcntl(fd, F_SETFL, 0) != 0)
        return false;
    errno = S_ISDIR(st.st_mode) ? EISDIR : EFBIG;
    if (S_ISDIR(st.st_mode) || room > PROFILE_FILE_MAX)
        return false;
    struct buf bytes = arena_buf(a, room);
    errno = ENOMEM;
    if (!bytes.ptr)
        return false;
    size_t len = 0;
    while (len < bytes.len) {
        ssize_t n = read(fd, bytes.ptr + len, bytes.len - len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n == 0)
            break;
        len += n > 0 ? (size_t)n : 0;
    }
    errno = EFBIG;
    *out = slice_of(bytes.ptr, len);
    return regular || len < bytes.len;
}

static enum obol_code parse_file(struct profile *p, const char *path, unsigned level,
                                 struct error *err) {
    struct slice text;
    struct profile_parse parse = {.profile = p, .file = path, .follow = true, .level = level};
    if (!read_bytes(p->arena, path, &text)) {
        int why = errno;
        ENSURE(why != ENOENT, NOT_FOUND, "%s does not exist", path);
        ENSURE(why != EACCES, PERMISSION, "%s cannot be read: %s", path, strerror(why));
        ENSURE(false, IO, "%s cannot be read: %s", path, strerror(why));
    }
    p->files++;
    ENSURE(p->files <= PROFILE_FILES_MAX, CONFIG_SYNTAX, "%s: more than %d files", path,
           PROFILE_FILES_MAX);
    return profile_parse_lines(&parse, text, err);
}

// Names that editors and package managers leave behind are passed over, as MIT does.
static bool is_config_name(const char *name) {
    struct slice s = slice_str(name);
    if (s.len == 0 || s.ptr[0] == '.')
        return false;
    if (s.len >= 5 && slice_eq_str(slice_sub(s, s.len - 5, 5), ".conf"))
        return true;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.ptr[i], letter = (uint8_t)(c | 0x20);
        bool fits =
            (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'z') || c == '-' || c == '_';
        if (!fits)
            return false;
    }
    return true;
}

static int keep_config_names(const struct dirent *entry) {
    return is_config_name(entry->d_name);
}

static enum obol_code parse_directory(struct profile *p, const char *path, unsigned level,
                                      struct error *err) {
    struct dirent **names = NULL;
    int count = scandir(path, &names, keep_config_names, alphasort);
    ENSURE(count >= 0 || errno != ENOENT, NOT_FOUND, "%s does not exist", path);
    ENSURE(count >= 0, IO, "%s cannot be read: %s", path, strerror(errno));
    enum obol_code code = OBOL_OK;
    for (int i = 0; i < count; i++) {
        struct slice file = arena_printf(p->arena, "%s/%s", path, names[i]->d_name);
        free(names[i]);
        if (code == OBOL_OK && file.ptr)
            code = parse_file(p, (const char *)file.ptr, level, err);
    }
    free(names);
    return code;
}

static bool is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum obol_code profile_include(const struct profile_parse *parse, struct slice path, bool is_dir,
                               struct error *err) {
    struct profile *p = parse->profile;
    const char *name = arena_cstr(p->arena, path);
    ENSURE_MEMORY(name);
    if (parse->level >= PROFILE_DEPTH_MAX)
        return profile_mistake(parse, err, "no more than %d files that include each other",
                               PROFILE_DEPTH_MAX);
    struct error inner;
    error_init(&inner);
    enum obol_code code = is_dir ? parse_directory(p, name, parse->level + 1, &inner)
                                 : parse_file(p, name, parse->level + 1, &inner);
    if (code == OBOL_CONFIG_SYNTAX && err)
        *err = inner;
    if (code != OBOL_OK && code != OBOL_CONFIG_SYNTAX)
        return profile_mistake(parse, err, "a readable %s to include: %s",
                               is_dir ? "directory" : "file", inner.detail);
    return code;
}

enum obol_code profile_read(struct profile *p, struct slice path, struct error *err) {
    const char *name = arena_cstr(p->arena, path);
    ENSURE(name != NULL, INVALID_ARGUMENT, "the file's name holds a NUL byte");
    return is_directory(name) ? parse_directory(p, name, 0, err) : parse_file(p, name, 0, err);
}

enum obol_code profile_read_paths(struct profile *p, struct slice paths, struct error *err) {
    while (paths.len) {
        size_t end = slice_find(paths, ':');
        struct slice path = slice_sub(paths, 0, end);
        paths = slice_sub(paths, end + 1, SIZE_MAX);
        const char *name = arena_cstr(p->arena, path);
        ENSURE(name != NULL, INVALID_ARGUMENT, "the file's name holds a NUL byte");
        if (path.len && access(name, F_OK) == 0)
            TRY(profile_read(p, path, err));
    }
    return OBOL_OK;
}
