// token_module.c: a PKCS#11 module that is whatever the test says that it is (token.h).
#define CRYPTOKI_GNU 1
#include <p11-kit/pkcs11.h>

__attribute__((visibility("default"))) struct ck_function_list *token_functions;

__attribute__((visibility("default"))) ck_rv_t C_GetFunctionList(struct ck_function_list **list) {
    *list = token_functions;
    return token_functions ? CKR_OK : CKR_GENERAL_ERROR;
}
