/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A library context of our own, in processes whose OpenSSL was configured, or cleaned up, by the host program. Such a
 * case is a process of its own, begun with its own OPENSSL_CONF. */
#include "openssl_context/openssl_context.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "openssl_conf = begin\n[begin]\n"
#define FIPS HEAD "alg_section = algorithms\n[algorithms]\ndefault_properties = fips=yes\n"
#define NO_PROVIDER HEAD "providers = list\n[list]\nbase = base\n[base]\nactivate = 1\n"

static bool digests(OSSL_LIB_CTX *context) {
    unsigned char value[EVP_MAX_MD_SIZE];
    size_t length = 0;
    return EVP_Q_digest(context, "SHA256", NULL, "abc", 3, value, &length) == 1 && length == 32 && value[0] == 0xBA;
}

/* The host's cannot do it, so the configuration was read; ours can. */
static int beside_the_hosts(void) {
    return digests(NULL) ? 2 : digests(openssl_context()) ? 0 : 1;
}

static int after_the_end(void) {
    const bool before = digests(openssl_context());
    OPENSSL_cleanup();
    return before && openssl_context() == NULL ? 0 : 1;
}

static int first_asked_after_the_end(void) {
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
    OPENSSL_cleanup();
    return openssl_context() == NULL ? 0 : 1;
}

static const struct {
    const char *name;
    int (*run)(void);
} cases[] = {{"beside", beside_the_hosts}, {"after", after_the_end}, {"first-after", first_asked_after_the_end}};

/* This program again. qemu-user lets the machine itself start programs, and it cannot start one of another architecture:
 * EMULATOR names what can (tests/room/arm64.sh). Returns when it failed. */
static void begin_again(const char *name) {
    char self[4096];
    const char *emulator = getenv("EMULATOR");
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return;
    self[length] = '\0';
    if (emulator != NULL)
        execlp(emulator, emulator, self, name, NULL);
    else
        execl(self, self, name, NULL);
}

/* Its exit status; -1: a signal ended it. */
static int run_apart(const char *name, const char *configuration) {
    char file[] = "/tmp/openssl-context.XXXXXX";
    int status = -1, handle = mkstemp(file);
    assert_true(handle >= 0);
    assert_int_equal(write(handle, configuration, strlen(configuration)), strlen(configuration));
    close(handle);
    pid_t child = fork();
    if (child == 0) {
        setenv("OPENSSL_CONF", file, 1);
        begin_again(name);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    unlink(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_host_for_fips_only(void **state) {
    (void)state;
    assert_int_equal(run_apart("beside", FIPS), 0);
}

static void a_host_without_the_default_provider(void **state) {
    (void)state;
    assert_int_equal(run_apart("beside", NO_PROVIDER), 0);
}

static void a_host_whose_openssl_has_ended(void **state) {
    (void)state;
    assert_int_equal(run_apart("after", ""), 0);
    assert_int_equal(run_apart("first-after", ""), 0);
}

static void *ask(void *unused) {
    (void)unused;
    return openssl_context();
}

static void one_for_all_threads(void **state) {
    pthread_t threads[8];
    void *seen[8];
    (void)state;
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, NULL), 0);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_join(threads[i], &seen[i]), 0);
    for (size_t i = 0; i < 8; i++)
        assert_ptr_equal(seen[i], openssl_context());
    assert_non_null(openssl_context());
}

/* What it is for: a signature over a certificate, with nothing of the process-wide context. */
static void certificates_verify(void **state) {
    (void)state;
    OSSL_LIB_CTX *context = openssl_context();
    EVP_PKEY *key = EVP_PKEY_Q_keygen(context, NULL, "RSA", (size_t)2048);
    X509 *made = X509_new_ex(context, NULL), *read = X509_new_ex(context, NULL);
    unsigned char *der = NULL;
    assert_non_null(key);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(made), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(made), 3600));
    assert_int_equal(X509_set_pubkey(made, key), 1);
    assert_true(X509_sign(made, key, EVP_sha256()) > 0);
    const int length = i2d_X509(made, &der);
    const unsigned char *at = der;
    assert_non_null(d2i_X509(&read, &at, length));
    assert_int_equal(X509_verify(read, key), 1);
    der[length - 1] ^= 1;
    at = der;
    assert_non_null(d2i_X509(&read, &at, length));
    assert_int_equal(X509_verify(read, key), 0);
    OPENSSL_free(der);
    X509_free(made);
    X509_free(read);
    EVP_PKEY_free(key);
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_for_fips_only),
        cmocka_unit_test(a_host_without_the_default_provider),
        cmocka_unit_test(a_host_whose_openssl_has_ended),
        cmocka_unit_test(one_for_all_threads),
        cmocka_unit_test(certificates_verify),
    };
    for (size_t i = 0; count == 2 && i < sizeof cases / sizeof *cases; i++)
        if (strcmp(arguments[1], cases[i].name) == 0)
            return cases[i].run();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
