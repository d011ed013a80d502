/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A process that may have no more threads is ended by the module (GLib aborts). MODULE. Link with -rdynamic. */
#include "upstream.h"

#include <errno.h>
#include <pthread.h>

/* As under RLIMIT_NPROC, or a control group's limit of tasks. */
__attribute__((visibility("default"), used)) int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                                                void *(*run)(void *), void *argument) {
    (void)thread, (void)attributes, (void)run, (void)argument;
    return EAGAIN;
}

int main(int count, char **arguments) {
    CK_C_INITIALIZE_ARGS none = {.flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS};
    if (count != 2)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = load(arguments[1]);
    said("C_Initialize(CKF_LIBRARY_CANT_CREATE_OS_THREADS)", p11->C_Initialize(&none));
    return verdict(false, "PKCS #11 2.40, 5.4, C_Initialize: CKR_NEED_TO_CREATE_THREADS, or CKR_HOST_MEMORY.");
}
