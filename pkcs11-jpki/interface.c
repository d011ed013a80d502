#include "interface.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define NAME "PKCS 11"
/* Places in interface_functions.more */
#define PLACE_LIST 0
#define PLACE_INTERFACE 1
#define PLACE_CANCEL 3

/* CK_INTERFACE (PKCS #11 3.0, 3.1.2) */
typedef struct interface {
    const char *name;
    const void *functions; /* begins with its CK_VERSION */
    CK_FLAGS flags;
} interface;

EXPORT CK_RV C_GetInterfaceList(interface *list, CK_ULONG_PTR count);
EXPORT CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, interface **found, CK_FLAGS flags);

static interface_functions longer;
static CK_FUNCTION_LIST shorter;
static interface interfaces[] = {{NAME, &longer, 0}, {NAME, &shorter, 0}}; /* the first: for who asks for none */
#define INTERFACES (sizeof interfaces / sizeof *interfaces)

/* C_LoginUser and the functions of messages: no card of ours has them. Whoever calls gives arguments, and none is
 * looked at. */
static CK_RV refuse(void) {
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static void fill(void) {
    CK_FUNCTION_LIST_PTR functions;
    C_GetFunctionList(&functions);
    shorter = longer.first = *functions;
    longer.first.version = (CK_VERSION){3, 0};
    for (size_t i = 0; i < sizeof longer.more / sizeof *longer.more; i++)
        longer.more[i] = refuse;
    longer.more[PLACE_LIST] = (interface_function *)(void (*)(void))C_GetInterfaceList;
    longer.more[PLACE_INTERFACE] = (interface_function *)(void (*)(void))C_GetInterface;
    longer.more[PLACE_CANCEL] = (interface_function *)(void (*)(void))C_SessionCancel;
}

static void fill_once(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
}

CK_RV C_GetInterfaceList(interface *list, CK_ULONG_PTR count) {
    if (count == NULL)
        return CKR_ARGUMENTS_BAD;
    fill_once();
    CK_ULONG room = *count;
    *count = INTERFACES;
    if (list != NULL && room < INTERFACES)
        return CKR_BUFFER_TOO_SMALL;
    if (list != NULL)
        memcpy(list, interfaces, sizeof interfaces);
    return CKR_OK;
}

CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, interface **found, CK_FLAGS flags) {
    if (found == NULL)
        return CKR_ARGUMENTS_BAD;
    fill_once();
    for (size_t i = 0; i < INTERFACES; i++) {
        const CK_VERSION *has = interfaces[i].functions;
        bool named = name == NULL || strcmp((const char *)name, interfaces[i].name) == 0;
        bool versioned = version == NULL || (version->major == has->major && version->minor == has->minor);
        if (!named || !versioned || (interfaces[i].flags & flags) != flags)
            continue;
        *found = &interfaces[i];
        return CKR_OK;
    }
    return CKR_FUNCTION_FAILED;
}
