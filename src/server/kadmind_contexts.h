// kadmind_contexts.h: the security contexts of kadmin's clients, in memory that the processes of
// the daemon share: a reload, or the death of a worker, ends nobody's session. MIT krb5's clients
// do not make a new context when theirs is lost.
#ifndef OBOL_SERVER_KADMIND_CONTEXTS_H
#define OBOL_SERVER_KADMIND_CONTEXTS_H

#include "base/env.h"
#include "gss/rpc_server.h"

enum {
    KADMIND_CONTEXTS = 256,          // of all clients; then the one longest unused makes room
    KADMIND_CONTEXTS_OF_ONE = 32,    // likewise, of one client
    KADMIND_CONTEXT_BYTES_MAX = 4096 // of one, as gss_context_write has it
};

struct kadmind_contexts;
// kadmind_contexts_new maps a table for this process and those that it forks; NULL without memory.
// It holds keys: it is locked where the system allows it, left out of core dumps, and wiped.
struct kadmind_contexts *kadmind_contexts_new(const struct env *env);
void kadmind_contexts_free(struct kadmind_contexts *c); // NULL is fine; of this process alone
struct rpc_context_store kadmind_contexts_store(struct kadmind_contexts *c);

#endif
