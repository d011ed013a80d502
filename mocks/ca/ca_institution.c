/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ca_institution.h"

#include "base/file.h"
#include "card_image.h"
#include "ceremony.h"
#include "certificate_file.h"
#include "cvc_issue.h"
#include "ca_keys.h"
#include "pkcs10.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* TS, T0: four historical bytes "UKSE", T=1 with IFSC 254, TCK. */
#define SE_ATR "3B848111FE554B5345E2"
#define FATE_SE "waits here for personalise-se, which puts it into the SE and destroys this copy"

#define FATE_OWN "made by its holder and never here: the request proved possession"

typedef struct item {
    const char *file; /* file.key, file.pem */
    const char *profile;
    authority_kind issuer;
    const name_part *subject;
    EVP_PKEY *(*make_key)(void);
    bool with_chain; /* file.cvc: it also authenticates to cards */
    const char *fate;
} item;

static result make_certificate(office *o, const item *it, const char *folder, EVP_PKEY *key) {
    char name[64];
    x509_request request = {.profile = profile_find(it->profile), .subject = it->subject, .key = key};
    snprintf(name, sizeof name, "%s.pem", it->file);
    return certificate_file_issue(o, it->issuer, &request, folder, name, it->fate);
}

static result make_chain(office *o, const item *it, const char *folder, EVP_PKEY *key) {
    char name[64], what[600];
    snprintf(name, sizeof name, "%s.cvc", it->file);
    snprintf(what, sizeof what, "%s/%s", office_relative(o, folder), name);
    result r = cvc_issue_chain(o, key, folder, name);
    return r == RESULT_OK ? ceremony_key(o, what, key, it->fate) : r;
}

static result make_item(office *o, const item *it, const char *folder) {
    char name[64];
    EVP_PKEY *key = it->make_key();
    snprintf(name, sizeof name, "%s.key", it->file);
    result r = key == NULL ? RESULT_INTERNAL : keys_write(folder, name, key);
    if (r == RESULT_OK && it->profile != NULL)
        r = make_certificate(o, it, folder, key);
    if (r == RESULT_OK && it->with_chain)
        r = make_chain(o, it, folder, key);
    EVP_PKEY_free(key);
    return r;
}

static result make_items(office *o, const item *items, size_t count, const char *folder) {
    result r = RESULT_OK;
    for (size_t i = 0; r == RESULT_OK && i < count; i++)
        r = make_item(o, &items[i], folder);
    return r;
}

/* Random digits, one line. */
static result write_digits(const char *folder, const char *name, size_t count) {
    uint8_t random[32], text[32];
    char *path = file_join(folder, name);
    result r = path == NULL ? RESULT_NO_MEMORY : RAND_bytes(random, sizeof random) == 1 ? RESULT_OK : RESULT_INTERNAL;
    for (size_t i = 0; r == RESULT_OK && i < count; i++)
        text[i] = (uint8_t)('0' + random[i] % 10);
    text[count] = '\n';
    if (r == RESULT_OK)
        r = file_replace(path, bytes_of(text, count + 1), 0600);
    OPENSSL_cleanse(text, sizeof text);
    OPENSSL_cleanse(random, sizeof random);
    free(path);
    return r;
}

result institution_make_se(const office *o, const char *name) {
    card_image image = {.personality = "se", .atr = SE_ATR};
    char *cards = office_folder(o, "cards", 0700), *folder = cards ? file_join(cards, name) : NULL;
    result r = folder == NULL ? RESULT_IO : card_image_new_id("53", image.card_id);
    if (r == RESULT_OK)
        r = card_image_write(folder, &image);
    free(cards);
    free(folder);
    return r;
}

#define INSTITUTION_SUBJECT(order)                                                                                     \
    {                                                                                                                  \
        {"C", "JP"}, {"O", (order)->name}, {"serialNumber", (order)->code}, {                                          \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }
#define TERMINAL_SUBJECT(order)                                                                                        \
    {                                                                                                                  \
        {"C", "JP"}, {"O", (order)->name}, {"serialNumber", (order)->code}, {"CN", (order)->terminal}, {               \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }

result institution_make(office *o, const institution_order *order, const char *name) {
    const name_part institution[] = INSTITUTION_SUBJECT(order), terminal[] = TERMINAL_SUBJECT(order);
    const item items[] = {
        {"institution", "institution", AUTHORITY_INSTITUTION, institution, keys_rsa, true, FATE_SE},
        {"tls-client", "tls-client", AUTHORITY_TLS, terminal, keys_rsa, false, FATE_SE},
        {"store-wrapping", "store-wrapping", AUTHORITY_INSTITUTION, institution, keys_rsa, false, FATE_SE},
    };
    char *folder = office_folder(o, name, 0700);
    result r = folder == NULL ? RESULT_IO : institution_make_se(o, name);
    if (r == RESULT_OK)
        r = make_items(o, items, sizeof items / sizeof items[0], folder);
    if (r == RESULT_OK)
        r = write_digits(folder, "pin", 6);
    if (r == RESULT_OK)
        r = write_digits(folder, "puk", 8);
    if (r == RESULT_OK)
        r = write_digits(folder, "so-pin", 8);
    free(folder);
    return r;
}

/* Odd and above 3: with 1 everybody has the private key, too. */
static bool exponent_fits(const uint8_t e[3]) {
    return (e[2] & 1) != 0 && (e[0] != 0 || e[1] != 0 || e[2] > 3);
}

static result accept_rsa(EVP_PKEY *key) {
    uint8_t modulus[256], exponent[3];
    return keys_rsa_numbers(key, modulus, exponent) == RESULT_OK && exponent_fits(exponent) ? RESULT_OK : RESULT_KEY;
}

static result certify_item(office *o, const item *it, const char *folder, const char *request) {
    EVP_PKEY *key = NULL;
    char name[64];
    snprintf(name, sizeof name, "%s.pem", it->file);
    char *there = file_join(folder, name);
    result r = there == NULL              ? RESULT_NO_MEMORY
               : access(there, F_OK) == 0 ? RESULT_EXISTS
                                          : pkcs10_read(request, accept_rsa, &key);
    if (r == RESULT_OK)
        r = make_certificate(o, it, folder, key);
    if (r == RESULT_OK && it->with_chain)
        r = make_chain(o, it, folder, key);
    EVP_PKEY_free(key);
    free(there);
    return r;
}

/* A folder with one request per key, as `uketsuke enroll begin` writes it, or a single file for the
 * institution's key. */
result institution_certify(office *o, const institution_order *order, const char *name, const char *request) {
    const name_part institution[] = INSTITUTION_SUBJECT(order), terminal[] = TERMINAL_SUBJECT(order);
    const item items[] = {
        {"institution", "institution", AUTHORITY_INSTITUTION, institution, NULL, true, FATE_OWN},
        {"tls-client", "tls-client", AUTHORITY_TLS, terminal, NULL, false, FATE_OWN},
    };
    struct stat seen;
    char *folder = office_folder(o, name, 0700);
    result r = folder == NULL ? RESULT_IO : stat(request, &seen) != 0 ? RESULT_NOT_FOUND : RESULT_OK;
    if (r == RESULT_OK && !S_ISDIR(seen.st_mode))
        r = certify_item(o, &items[0], folder, request);
    else
        for (size_t i = 0; r == RESULT_OK && i < sizeof items / sizeof items[0]; i++) {
            char file[64];
            snprintf(file, sizeof file, "%s.csr", items[i].file);
            char *path = file_join(request, file);
            r = path == NULL ? RESULT_NO_MEMORY : certify_item(o, &items[i], folder, path);
            free(path);
        }
    free(folder);
    return r;
}

#define SERVICE_NAME(common_name)                                                                                      \
    {                                                                                                                  \
        {"C", "JP"}, {"O", "Uketsuke mock services"}, {"CN", common_name}, {                                           \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }
#define FATE_SERVICE "in this file, for the service"

static const name_part server_name[] = SERVICE_NAME("localhost");
static const name_part answer_name[] = SERVICE_NAME("Platform answers");
static const name_part receipt_name[] = SERVICE_NAME("History receipts");

static const item tls_server = {"tls", "tls-server", AUTHORITY_TLS, server_name, keys_p256, false, FATE_SERVICE};
static const item platform_items[] = {
    {"institution", NULL, AUTHORITY_COUNT, NULL, keys_rsa, true, FATE_SERVICE},
    {"answer", "service-signing", AUTHORITY_INSTITUTION, answer_name, keys_rsa, false, FATE_SERVICE},
};
static const item receipt = {"receipt", "service-signing", AUTHORITY_INSTITUTION, receipt_name, keys_rsa,
                             false,     FATE_SERVICE};

result institution_make_tls_server(office *o, const char *folder) {
    return make_item(o, &tls_server, folder);
}

result institution_make_services(office *o) {
    char *platform = office_folder(o, "pf", 0700), *history = office_folder(o, "history", 0700);
    result r = platform == NULL || history == NULL ? RESULT_IO : institution_make_tls_server(o, platform);
    if (r == RESULT_OK)
        r = make_items(o, platform_items, sizeof platform_items / sizeof platform_items[0], platform);
    if (r == RESULT_OK)
        r = institution_make_tls_server(o, history);
    if (r == RESULT_OK)
        r = make_item(o, &receipt, history);
    free(platform);
    free(history);
    return r;
}
