/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ca_keys.h"

#include "base/file.h"
#include "base/secret.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define RSA_BITS 2048
#define THREADS 2
#define POOL_MAX 128
#define KEY_FILE_MAX 8192

/* Keys made and not yet taken. Generation is most of an issue's time, so it runs beside the rest. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t threads[THREADS];
    unsigned running; /* threads */
    unsigned still_to_make, in_the_making, ready;
    EVP_PKEY *keys[POOL_MAX];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static EVP_PKEY *make_rsa(void) {
    return EVP_RSA_gen(RSA_BITS);
}

static void *fill_pool(void *unused) {
    (void)unused;
    pthread_mutex_lock(&pool.lock);
    while (pool.still_to_make > 0) {
        if (pool.ready + pool.in_the_making >= POOL_MAX) {
            pthread_cond_wait(&pool.changed, &pool.lock);
            continue;
        }
        pool.still_to_make--;
        pool.in_the_making++;
        pthread_mutex_unlock(&pool.lock);
        EVP_PKEY *key = make_rsa();
        pthread_mutex_lock(&pool.lock);
        pool.in_the_making--;
        if (key != NULL)
            pool.keys[pool.ready++] = key;
        pthread_cond_broadcast(&pool.changed);
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

void keys_expect(unsigned count) {
    pool.still_to_make = count;
    while (pool.running < THREADS && pthread_create(&pool.threads[pool.running], NULL, fill_pool, NULL) == 0)
        pool.running++;
    if (pool.running == 0)
        pool.still_to_make = 0;
}

void keys_finish(void) {
    pthread_mutex_lock(&pool.lock);
    pool.still_to_make = 0;
    pthread_cond_broadcast(&pool.changed);
    pthread_mutex_unlock(&pool.lock);
    while (pool.running > 0)
        pthread_join(pool.threads[--pool.running], NULL);
    while (pool.ready > 0)
        EVP_PKEY_free(pool.keys[--pool.ready]);
}

EVP_PKEY *keys_rsa(void) {
    EVP_PKEY *key = NULL;
    pthread_mutex_lock(&pool.lock);
    while (pool.ready == 0 && pool.still_to_make + pool.in_the_making > 0)
        pthread_cond_wait(&pool.changed, &pool.lock);
    if (pool.ready > 0)
        key = pool.keys[--pool.ready];
    pthread_cond_broadcast(&pool.changed);
    pthread_mutex_unlock(&pool.lock);
    return key != NULL ? key : make_rsa();
}

EVP_PKEY *keys_p256(void) {
    return EVP_EC_gen("P-256");
}

result keys_write(const char *folder, const char *name, EVP_PKEY *key) {
    BIO *text = BIO_new(BIO_s_secmem());
    char *path = file_join(folder, name);
    result r = RESULT_INTERNAL;
    if (text != NULL && path != NULL && PEM_write_bio_PKCS8PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) == 1) {
        char *data;
        long length = BIO_get_mem_data(text, &data);
        r = file_replace(path, bytes_of(data, (size_t)length), 0600);
    }
    BIO_free(text);
    free(path);
    return r;
}

result keys_read(const char *folder, const char *name, EVP_PKEY **key) {
    buffer text = BUFFER_INIT(KEY_FILE_MAX);
    char *path = file_join(folder, name);
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &text);
    if (r == RESULT_OK) {
        BIO *in = BIO_new_mem_buf(text.data, (int)text.length);
        *key = in ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
        BIO_free(in);
        r = *key ? RESULT_OK : RESULT_INVALID;
    }
    buffer_wipe(&text);
    free(path);
    return r;
}

result keys_rsa_numbers(EVP_PKEY *key, uint8_t modulus[256], uint8_t exponent[3]) {
    BIGNUM *n = NULL, *e = NULL;
    bool ok = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
              EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_num_bits(n) == RSA_BITS &&
              BN_bn2binpad(n, modulus, 256) == 256 && BN_bn2binpad(e, exponent, 3) == 3;
    BN_free(n);
    BN_free(e);
    return ok ? RESULT_OK : RESULT_INVALID;
}

result keys_sign(EVP_PKEY *key, bytes data, uint8_t signature[256]) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t length = 256;
    bool ok = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(context, signature, &length, data.data, data.length) == 1 && length == 256;
    EVP_MD_CTX_free(context);
    return ok ? RESULT_OK : RESULT_INTERNAL;
}

result keys_fingerprint(EVP_PKEY *key, uint8_t digest[32]) {
    uint8_t *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    bool ok = length > 0 && EVP_Digest(der, (size_t)length, digest, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return ok ? RESULT_OK : RESULT_INTERNAL;
}
