// keyutils.c: the kernel's key rings by their system calls (add_key(2), keyctl(2)); see keyutils.h.
#include "keyutils.h"
#include <sys/syscall.h>
#include <unistd.h>

// Every argument of keyctl(2) is a long of the kernel's.
static long keyctl(int operation, long a, long b, long c, long d) {
    return syscall(SYS_keyctl, (long)operation, a, b, c, d);
}

static long address(const void *p) {
    return (long)(uintptr_t)p;
}

key_serial_t add_key(const char *type, const char *description, const void *payload, size_t len,
                     key_serial_t ring) {
    return (key_serial_t)syscall(SYS_add_key, type, description, payload, len, (long)ring);
}

key_serial_t keyctl_get_keyring_ID(key_serial_t id, int create) {
    return (key_serial_t)keyctl(KEYCTL_GET_KEYRING_ID, id, create, 0, 0);
}

long keyctl_get_persistent(uid_t uid, key_serial_t id) {
    return keyctl(KEYCTL_GET_PERSISTENT, (long)uid, id, 0, 0);
}

long keyctl_clear(key_serial_t ring) {
    return keyctl(KEYCTL_CLEAR, ring, 0, 0, 0);
}

long keyctl_link(key_serial_t id, key_serial_t ring) {
    return keyctl(KEYCTL_LINK, id, ring, 0, 0);
}

long keyctl_unlink(key_serial_t id, key_serial_t ring) {
    return keyctl(KEYCTL_UNLINK, id, ring, 0, 0);
}

long keyctl_search(key_serial_t ring, const char *type, const char *description,
                   key_serial_t destination) {
    return keyctl(KEYCTL_SEARCH, ring, address(type), address(description), destination);
}

long keyctl_describe(key_serial_t id, char *buffer, size_t len) {
    return keyctl(KEYCTL_DESCRIBE, id, address(buffer), (long)len, 0);
}

long keyctl_read(key_serial_t id, char *buffer, size_t len) {
    return keyctl(KEYCTL_READ, id, address(buffer), (long)len, 0);
}

long keyctl_set_timeout(key_serial_t id, unsigned timeout) {
    return keyctl(KEYCTL_SET_TIMEOUT, id, (long)timeout, 0, 0);
}
