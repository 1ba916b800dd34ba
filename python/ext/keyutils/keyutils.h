// keyutils.h: what src/cred/ccache_keyring.c uses of libkeyutils, for the Python package: slim
// systems have no libkeyutils, and these are only system calls (keyutils.c). The numbers are the
// kernel's, of linux/keyctl.h.
#ifndef OBOL_PYTHON_KEYUTILS_H
#define OBOL_PYTHON_KEYUTILS_H

#include <linux/keyctl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef int32_t key_serial_t;

key_serial_t add_key(const char *type, const char *description, const void *payload, size_t len,
                     key_serial_t ring);
key_serial_t keyctl_get_keyring_ID(key_serial_t id, int create);
long keyctl_get_persistent(uid_t uid, key_serial_t id);
long keyctl_clear(key_serial_t ring);
long keyctl_link(key_serial_t id, key_serial_t ring);
long keyctl_unlink(key_serial_t id, key_serial_t ring);
long keyctl_search(key_serial_t ring, const char *type, const char *description,
                   key_serial_t destination);
long keyctl_describe(key_serial_t id, char *buffer, size_t len);
long keyctl_read(key_serial_t id, char *buffer, size_t len);
long keyctl_set_timeout(key_serial_t id, unsigned timeout);

#endif
