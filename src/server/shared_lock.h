// shared_lock.h: a lock in memory that processes share, which outlives the death of its holder.
// What it protects is written so that half of it does no harm.
#ifndef OBOL_SERVER_SHARED_LOCK_H
#define OBOL_SERVER_SHARED_LOCK_H

#include "base/base.h"
#include <errno.h>
#include <pthread.h>

static inline bool shared_lock_init(pthread_mutex_t *lock) {
    pthread_mutexattr_t attr;
    return pthread_mutexattr_init(&attr) == 0 &&
           pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0 &&
           pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0 &&
           pthread_mutex_init(lock, &attr) == 0;
}
static inline bool shared_lock_take(pthread_mutex_t *lock) {
    int result = pthread_mutex_lock(lock);
    if (result == EOWNERDEAD)
        result = pthread_mutex_consistent(lock);
    return result == 0;
}
static inline void shared_lock_give(pthread_mutex_t *lock) {
    (void)pthread_mutex_unlock(lock);
}

#endif
