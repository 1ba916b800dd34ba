// pkcs11_module.c: PKCS#11 modules are loaded when somebody asks for one and started once for a
// process (PKCS#11 5.4: the second C_Initialize fails). Another library of the process may have
// found one started by us and go on with it, and C_Finalize ends the sessions of all: so what we
// have started is stopped at the process's end, and nothing else is. Modules stay loaded, too: they
// leave threads and exit handlers behind that must find their code.
#include "cred/pkcs11_internal.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct pkcs11_module {
    struct pkcs11_module *next;
    struct ck_function_list *f;
    unsigned users;
    unsigned started; // by us: p11-kit's proxy counts, and wants to be stopped as often
    pid_t starter;    // a child has started nothing, and must begin again (PKCS#11 5.4)
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pkcs11_module *modules; // each once, for good

#define ROW(name)                                                                                  \
    { CKR_##name, "CKR_" #name }
static const struct {
    ck_rv_t rv;
    const char *name;
} RESULTS[] = {
    ROW(HOST_MEMORY),
    ROW(SLOT_ID_INVALID),
    ROW(GENERAL_ERROR),
    ROW(FUNCTION_FAILED),
    ROW(ARGUMENTS_BAD),
    ROW(CANT_LOCK),
    ROW(DATA_INVALID),
    ROW(DATA_LEN_RANGE),
    ROW(DEVICE_ERROR),
    ROW(DEVICE_MEMORY),
    ROW(DEVICE_REMOVED),
    ROW(FUNCTION_CANCELED),
    ROW(FUNCTION_NOT_SUPPORTED),
    ROW(KEY_HANDLE_INVALID),
    ROW(KEY_SIZE_RANGE),
    ROW(KEY_TYPE_INCONSISTENT),
    ROW(KEY_FUNCTION_NOT_PERMITTED),
    ROW(MECHANISM_INVALID),
    ROW(PIN_INCORRECT),
    ROW(PIN_INVALID),
    ROW(PIN_LEN_RANGE),
    ROW(PIN_EXPIRED),
    ROW(PIN_LOCKED),
    ROW(SESSION_COUNT),
    ROW(SESSION_HANDLE_INVALID),
    ROW(TOKEN_NOT_PRESENT),
    ROW(TOKEN_NOT_RECOGNIZED),
    ROW(USER_NOT_LOGGED_IN),
    ROW(USER_PIN_NOT_INITIALIZED),
    ROW(USER_ANOTHER_ALREADY_LOGGED_IN),
    ROW(CRYPTOKI_NOT_INITIALIZED),
    ROW(BUFFER_TOO_SMALL),
};

const char *pkcs11_result_name(ck_rv_t rv) {
    for (size_t i = 0; i < COUNT_OF(RESULTS); i++)
        if (RESULTS[i].rv == rv)
            return RESULTS[i].name;
    return NULL;
}

enum obol_code pkcs11_result(ck_rv_t rv, const char *function, struct error *err) {
    const char *name = pkcs11_result_name(rv);
    if (rv == CKR_OK)
        return OBOL_OK;
    error_remedy(err, "See that the card is in its reader and that its module works: pkcs11-tool "
                      "--module MODULE -L -O.");
    error_fact(err, "PKCS#11", "%s: %s (0x%lx)", function, name ? name : "CKR_...", rv);
    ENSURE(false, CERTIFICATE_UNUSABLE, "the PKCS#11 module fails in %s: %s (0x%lx)", function,
           name ? name : "a result of its own", rv);
}

static enum obol_code load(struct ck_function_list **out, const char *name, struct error *err) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    const char *why = handle ? "" : dlerror();
    CK_C_GetFunctionList get =
        handle ? (CK_C_GetFunctionList)dlsym(handle, "C_GetFunctionList") : NULL;
    *out = NULL;
    if (!handle)
        error_remedy(err,
                     "Name the module that came with the card: PKCS11:/path/module.so (of OpenSC: "
                     "opensc-pkcs11.so); without a name it is " PKCS11_DEFAULT_MODULE
                     ", of Debian's p11-kit-modules.");
    ENSURE(handle, CERTIFICATE_UNUSABLE, "the PKCS#11 module %s cannot be loaded: %s", name,
           why ? why : "no reason given");
    if (!get)
        error_remedy(err, "Name a PKCS#11 module, a shared object that has C_GetFunctionList.");
    ENSURE(get, CERTIFICATE_UNUSABLE, "%s is no PKCS#11 module", name);
    TRY(pkcs11_result(get(out), "C_GetFunctionList", err));
    ENSURE(*out && (*out)->version.major == 2, CERTIFICATE_UNUSABLE,
           "the module %s is not of PKCS#11 2", name);
    return OBOL_OK;
}

// What a thread still uses or starts as the process ends is left to it: it may wait for a reader,
// and where the process is a child, the lock's holder is a thread that only its parent has.
void pkcs11_modules_stop(void) {
    if (pthread_mutex_trylock(&lock) != 0)
        return;
    for (struct pkcs11_module *m = modules; m; m = m->next)
        for (; m->starter == getpid() && m->users == 0 && m->started; m->started--)
            (void)m->f->C_Finalize(NULL);
    pthread_mutex_unlock(&lock);
}

// Behind the exit handlers that a module's first start has left: they run in the reverse order, so
// that the module finds whole what it needs to stop.
static enum obol_code note_start(struct pkcs11_module *m, struct error *err) {
    if (m->starter != getpid()) {
        m->started = 0;
        m->starter = getpid();
        ENSURE(atexit(pkcs11_modules_stop) == 0, NO_MEMORY, "an exit handler");
    }
    m->started++;
    return OBOL_OK;
}

// Within the lock, and at each use: whoever started it before may have stopped it.
static enum obol_code start(struct pkcs11_module *m, struct error *err) {
    struct ck_c_initialize_args args = {.flags = CKF_OS_LOCKING_OK};
    ck_rv_t rv = m->f->C_Initialize(&args);
    if (rv == CKR_CANT_LOCK || rv == CKR_ARGUMENTS_BAD)
        rv = m->f->C_Initialize(NULL);
    if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) // by us, or by a library that will stop it
        return OBOL_OK;
    TRY(pkcs11_result(rv, "C_Initialize", err));
    return note_start(m, err);
}

static struct pkcs11_module *find(const struct ck_function_list *f) {
    struct pkcs11_module *m = modules;
    while (m && m->f != f)
        m = m->next;
    return m;
}

static enum obol_code take(struct pkcs11_module **out, struct ck_function_list *f,
                           struct error *err) {
    struct pkcs11_module *m = find(f);
    if (!m) {
        m = calloc(1, sizeof *m);
        ENSURE_MEMORY(m);
        *m = (struct pkcs11_module){.next = modules, .f = f};
        modules = m;
    }
    TRY(start(m, err));
    m->users++;
    *out = m;
    return OBOL_OK;
}

enum obol_code pkcs11_module_open(struct pkcs11_module **out, struct slice name, struct arena *a,
                                  struct error *err) {
    struct ck_function_list *f;
    const char *text = arena_cstr(a, name);
    *out = NULL;
    ENSURE_MEMORY(text);
    TRY(load(&f, text, err));
    pthread_mutex_lock(&lock);
    enum obol_code code = take(out, f, err);
    pthread_mutex_unlock(&lock);
    return code;
}

void pkcs11_module_share(struct pkcs11_module *m) {
    pthread_mutex_lock(&lock);
    m->users++;
    pthread_mutex_unlock(&lock);
}

void pkcs11_module_close(struct pkcs11_module *m) {
    pthread_mutex_lock(&lock);
    m->users--;
    pthread_mutex_unlock(&lock);
}

const struct ck_function_list *pkcs11_functions(const struct pkcs11_module *m) {
    return m->f;
}
