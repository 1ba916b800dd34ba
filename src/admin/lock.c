// lock.c: the lock of kadmin.local. Each operation that writes holds the file's lock together with
// others (op.c); who holds it alone lets no other process change anything.
#include "admin/op.h"
#include "store/files.h"

enum obol_code admin_lock(struct admin *adm, struct error *err) {
    if (adm->lock_fd >= 0)
        return OBOL_OK;
    ENSURE(adm->lock_path, UNSUPPORTED, "a store without a home directory has no lock");
    return files_lock_alone(adm->lock_path, slice_sub(adm->actor, 0, 64), &adm->lock_fd, err);
}

void admin_unlock(struct admin *adm) {
    files_unlock(adm->lock_fd);
    adm->lock_fd = -1;
}

enum obol_code op_lock(const struct admin *adm, int *fd, struct error *err) {
    *fd = -1;
    if (!adm->lock_path || adm->lock_fd >= 0)
        return OBOL_OK;
    return files_lock(adm->lock_path, fd, err);
}
