/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "openssl_context/openssl_context.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static OSSL_LIB_CTX *context;
static OSSL_PROVIDER *provider;

/* OPENSSL_init_crypto(3): fails after OPENSSL_cleanup. */
static bool openssl_lives(void) {
    return OPENSSL_init_crypto(0, NULL) == 1;
}

static void make(void) {
    context = OSSL_LIB_CTX_new();
    if (context != NULL)
        provider = OSSL_PROVIDER_load(context, "default");
    if (provider != NULL)
        return;
    OSSL_LIB_CTX_free(context);
    context = NULL;
}

OSSL_LIB_CTX *openssl_context(void) {
    if (!openssl_lives())
        return NULL;
    pthread_once(&once, make);
    return context;
}

/* When the library that it is linked into is unloaded. At the process's end OpenSSL is cleaned up already, or the
 * memory is freed soon. */
__attribute__((destructor)) static void unmake(void) {
    if (context == NULL || !openssl_lives())
        return;
    OSSL_PROVIDER_unload(provider);
    OSSL_LIB_CTX_free(context);
    context = NULL;
}
