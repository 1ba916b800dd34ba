// com_err.c: error_message() of Debian's libcom_err knows our codes when that library is there. Who
// calls it has linked it, or loads it by name for itself alone and maybe after us (Node's
// `kerberos`): so it is looked for when we are loaded and with each new context, and never loaded.
#include "compat/private.h"
#include <dlfcn.h>
#include <stdatomic.h>

#define TABLE_CODES 256
static const char *texts[TABLE_CODES];
static const struct error_table table = {texts, ERROR_TABLE_BASE_krb5, TABLE_CODES};

typedef errcode_t table_function(const struct error_table *table);
static void *_Atomic library;

static void call(void *from, const char *name) {
    table_function *f;
    void *symbol = dlsym(from, name);
    if (!symbol)
        return;
    memcpy(&f, &symbol, sizeof f); // C knows no conversion between the two kinds of pointer
    (void)f(&table);
}

void com_err_register(void) {
    if (atomic_load(&library))
        return;
    void *found = dlopen("libcom_err.so.2", RTLD_LAZY | RTLD_NOLOAD), *nobody = NULL;
    if (!found)
        return;
    if (atomic_compare_exchange_strong(&library, &nobody, found))
        call(found, "add_error_table");
    else
        dlclose(found); // another thread was faster
}

__attribute__((constructor)) static void begin(void) {
    for (int i = 0; i < TABLE_CODES; i++) {
        const char *text = code_text((krb5_error_code)(ERROR_TABLE_BASE_krb5 + i));
        texts[i] = text ? text : "an error that has no text";
    }
    com_err_register();
}

// Nobody is to read the table once we are unloaded.
__attribute__((destructor)) static void end(void) {
    void *found = atomic_exchange(&library, NULL);
    if (!found)
        return;
    call(found, "remove_error_table");
    dlclose(found);
}

void initialize_krb5_error_table(void) {
    com_err_register();
}
