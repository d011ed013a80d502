/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What terminals do at a relay, or at a service, over HTTPS on localhost.
 *
 *   relay_load kept PORT PKI KEY THREADS SECONDS BYTES     POST /pf/fhir, each another request of so many bytes; every
 *                                                        answer must be 202. Prints how many a second
 *   relay_load calls PKI METHOD FILE COUNT PORT KEY PATH [PORT KEY PATH]
 *                                                        one call again and again on one connection, in turn at one or two
 *                                                        servers, FILE its body: prints for each median and 95th percentile
 *                                                        in milliseconds, and how many answers were no 200
 *   relay_load strangers PORT PKI COUNT                    so many connections without a certificate, 50 a second at
 *                                                        most, and a frame on each;
 *                                                        prints how many got an answer */
#include "https_client.h"
#include "samples.h"

#include "base/clock.h"

#include <openssl/err.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 64
#define BODY_MAX 65536
#define HEAD_MAX 512
#define WARM_UP 3
#define STRANGER_US 20000

static struct {
    uint16_t port;
    SSL_CTX *context;
    size_t bytes;
    int64_t until_ms;
    _Atomic long done, failed, number;
} load;

static size_t write_request(char *out, const char *method, const char *path, const char *body, size_t length) {
    const int head = snprintf(out, HEAD_MAX,
                              "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n"
                              "Content-Length: %zu\r\n\r\n",
                              method, path, length);
    memcpy(out + head, body, length);
    return (size_t)head + length;
}

/* --- what is kept ------------------------------------------------------------------------------------------------- */

static void *bring(void *unused) {
    char *body = malloc(BODY_MAX), *request = malloc(HEAD_MAX + BODY_MAX);
    SSL *ssl = https_connect(load.context, load.port, NULL);
    if (body == NULL || request == NULL)
        abort();
    memset(body, 'x', BODY_MAX);
    while (clock_monotonic_ms() < load.until_ms) {
        char number[32];
        const int length = snprintf(number, sizeof number, "%020ld", load.number++);
        memcpy(body, number, (size_t)length);
        if (ssl == NULL ||
            https_ask(ssl, request, write_request(request, "POST", "/pf/fhir", body, load.bytes)) != 202) {
            load.failed++;
            break;
        }
        load.done++;
    }
    if (ssl != NULL)
        https_close(ssl);
    free(body);
    free(request);
    return unused;
}

static int measure_kept(char **arguments) {
    pthread_t threads[THREADS_MAX];
    const size_t count = strtoul(arguments[0], NULL, 10);
    const int64_t begin = clock_monotonic_ms();
    load.until_ms = begin + (int64_t)(strtod(arguments[1], NULL) * 1000);
    load.number = begin * 1000000; /* another run brings others */
    load.bytes = strtoul(arguments[2], NULL, 10);
    if (count < 1 || count > THREADS_MAX || load.bytes < 20 || load.bytes > BODY_MAX)
        return 2;
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, bring, NULL) != 0)
            return 1;
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%.1f\n", (double)load.done * 1000 / (double)(clock_monotonic_ms() - begin));
    return load.failed ? 1 : 0;
}

/* --- one call ----------------------------------------------------------------------------------------------------- */

/* Where it is asked. */
typedef struct target {
    SSL *ssl;
    char request[HEAD_MAX + BODY_MAX];
    size_t length;
    samples times;
    long others; /* answers of another status than 200 */
} target;

static void ask(target *t, bool counts) {
    const double begun = samples_now_us();
    const int status = t->ssl != NULL ? https_ask(t->ssl, t->request, t->length) : 0;
    t->others += status != 200;
    if (counts)
        samples_add(&t->times, (samples_now_us() - begun) / 1000);
}

static void open_target(target *t, const char *pki, char *const *where, const char *method, const char *file) {
    static char body[BODY_MAX];
    FILE *from = fopen(file, "rb");
    const size_t length = from != NULL ? fread(body, 1, sizeof body, from) : 0;
    SSL_CTX *context = https_context(pki, where[1]);
    if (from != NULL)
        fclose(from);
    t->length = write_request(t->request, method, where[2], body, length);
    t->ssl = context != NULL ? https_connect(context, (uint16_t)strtoul(where[0], NULL, 10), NULL) : NULL;
}

/* In turn at each of one or two. */
static int measure_calls(char **arguments, int count) {
    static target targets[2];
    const int where = count > 7 ? 2 : 1;
    for (int i = 0; i < where; i++)
        open_target(&targets[i], arguments[0], arguments + 4 + 3 * i, arguments[1], arguments[2]);
    const long times = strtol(arguments[3], NULL, 10);
    for (long n = 0; n < times + WARM_UP; n++)
        for (int i = 0; i < where; i++)
            ask(&targets[i], n >= WARM_UP);
    for (int i = 0; i < where; i++)
        printf("%.3f %.3f %ld\n", samples_share(&targets[i].times, 0.5), samples_share(&targets[i].times, 0.95),
               targets[i].others);
    return 0;
}

/* --- strangers ---------------------------------------------------------------------------------------------------- */

/* With TLS 1.3 a client learns only at its first read that the server wanted a certificate. */
static int measure_strangers(long count) {
    static const char frame[16] = {0};
    long answered = 0;
    char answer[16];
    for (long i = 0; i < count; i++) {
        SSL *ssl = https_connect(load.context, load.port, NULL);
        if (ssl == NULL)
            continue;
        if (SSL_write(ssl, frame, sizeof frame) > 0 && SSL_read(ssl, answer, sizeof answer) > 0)
            answered++;
        https_close(ssl);
        usleep(STRANGER_US);
    }
    printf("%ld\n", answered);
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 6 ? argv[1] : "";
    if (strcmp(what, "calls") == 0 && argc >= 9)
        return measure_calls(argv + 2, argc - 2);
    if (argc < 5)
        return 2;
    const bool strangers = strcmp(argv[1], "strangers") == 0;
    load.port = (uint16_t)strtoul(argv[2], NULL, 10);
    load.context = https_context(argv[3], strangers ? NULL : argv[4]);
    if (load.context == NULL) {
        ERR_print_errors_fp(stderr);
        return 2;
    }
    if (strangers)
        return measure_strangers(strtol(argv[4], NULL, 10));
    return strcmp(argv[1], "kept") == 0 && argc == 8 ? measure_kept(argv + 5) : 2;
}
