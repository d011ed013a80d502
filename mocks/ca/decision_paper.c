/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "decision_paper.h"

#include "authority.h"
#include "base/file.h"
#include "ca_keys.h"

#include <ctype.h>
#include <openssl/cms.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIGEST_LENGTH 64
#define PAPER_MAX 16384

static const char *const kinds[] = {"limits", "anchors", "institutions", "clock", "se"};

static result make_signer(office *o, const char *folder) {
    static const name_part subject[] = {{"C", "JP"},          {"O", "Uketsuke"},
                                        {"title", "office"},  {"serialNumber", "office"},
                                        {"CN", "認証局窓口"}, {NULL, NULL}};
    x509_request request = {.profile = profile_find("decision-office"), .subject = subject, .key = keys_rsa()};
    X509 *certificate = NULL;
    request.valid = validity_years(o->now, request.profile->years);
    result r = request.key == NULL ? RESULT_INTERNAL : keys_write(folder, "office.key", request.key);
    if (r == RESULT_OK)
        r = authority_issue(o, AUTHORITY_OPERATOR, &request, "office/office.pem", &certificate);
    if (r == RESULT_OK)
        r = x509_write(folder, "office.pem", certificate);
    X509_free(certificate);
    EVP_PKEY_free(request.key);
    return r;
}

static result open_signer(office *o, X509 **certificate, EVP_PKEY **key) {
    char *folder = office_folder(o, "office", 0700), *path = folder != NULL ? file_join(folder, "office.pem") : NULL;
    result r = path == NULL ? RESULT_NO_MEMORY : access(path, F_OK) == 0 ? RESULT_OK : make_signer(o, folder);
    if (r == RESULT_OK)
        r = x509_read(folder, "office.pem", certificate);
    if (r == RESULT_OK)
        r = keys_read(folder, "office.key", key);
    free(path);
    free(folder);
    return r;
}

/* The content, as the terminal expects it (apps/terminal/core/signed_decision.c). */
static result write_text(const paper_order *order, buffer *text) {
    char digest[DIGEST_LENGTH + 1] = "";
    bool known = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        known |= order->kind != NULL && strcmp(kinds[i], order->kind) == 0;
    if (!known || order->digest == NULL || strlen(order->digest) != DIGEST_LENGTH ||
        strspn(order->digest, "0123456789abcdefABCDEF") != DIGEST_LENGTH)
        return RESULT_INVALID;
    for (size_t i = 0; i < DIGEST_LENGTH; i++)
        digest[i] = (char)toupper((unsigned char)order->digest[i]);
    return buffer_append_format(text, "Uketsuke-PAPER-1\n%s\n%s %s\n%s\n", order->kind, order->institution_code,
                                order->terminal, digest);
}

static result sign_text(bytes text, X509 *certificate, EVP_PKEY *key, buffer *der) {
    BIO *content = BIO_new_mem_buf(text.data, (int)text.length);
    CMS_ContentInfo *cms = content != NULL
                               ? CMS_sign(certificate, key, NULL, content, CMS_BINARY | CMS_CADES | CMS_NOSMIMECAP)
                               : NULL;
    unsigned char *encoded = NULL;
    const int length = cms != NULL ? i2d_CMS_ContentInfo(cms, &encoded) : -1;
    const result r = length > 0 ? buffer_append(der, bytes_of(encoded, (size_t)length)) : RESULT_INTERNAL;
    OPENSSL_free(encoded);
    CMS_ContentInfo_free(cms);
    BIO_free(content);
    return r;
}

static char *path_of(const office *o, const char *name) {
    char file[64], *folder = office_folder(o, "papers", 0755);
    snprintf(file, sizeof file, "%s.p7m", name);
    char *path = folder != NULL ? file_join(folder, file) : NULL;
    free(folder);
    return path;
}

result decision_paper_make(office *o, const paper_order *order, const char *name) {
    buffer text = BUFFER_INIT(PAPER_MAX), der = BUFFER_INIT(PAPER_MAX);
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    char *path = path_of(o, name);
    result r = path == NULL ? RESULT_NO_MEMORY : access(path, F_OK) == 0 ? RESULT_EXISTS : write_text(order, &text);
    if (r == RESULT_OK)
        r = open_signer(o, &certificate, &key);
    if (r == RESULT_OK)
        r = sign_text(buffer_bytes(&text), certificate, key, &der);
    if (r == RESULT_OK)
        r = file_replace(path, buffer_bytes(&der), 0644);
    X509_free(certificate);
    EVP_PKEY_free(key);
    free(path);
    buffer_wipe(&text);
    buffer_wipe(&der);
    return r;
}
