/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crl.h"

#include "base/file.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static result read_register(const office *o, buffer *text) {
    char *path = file_join(o->secrets, "revoked.txt");
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, text);
    free(path);
    return r == RESULT_NOT_FOUND ? RESULT_OK : r;
}

bool crl_lists(const office *o, const char *serial) {
    buffer text = BUFFER_INIT(OFFICE_REGISTER_MAX);
    bool found = false;
    if (read_register(o, &text) == RESULT_OK)
        for (const char *at = buffer_text(&text); (at = strstr(at, serial)) != NULL && !found; at++)
            found = at == buffer_text(&text) || at[-1] == '\n';
    buffer_wipe(&text);
    return found;
}

static bool add_entry(X509_CRL *crl, const char *serial, const char *when) {
    int64_t time_s;
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *date = clock_parse(when, &time_s) == RESULT_OK ? ASN1_TIME_set(NULL, (time_t)time_s) : NULL;
    X509_REVOKED *entry = X509_REVOKED_new();
    bool ok = number != NULL && date != NULL && entry != NULL &&
              ASN1_INTEGER_set_uint64(number, strtoul(serial, NULL, 16)) == 1 &&
              X509_REVOKED_set_serialNumber(entry, number) == 1 && X509_REVOKED_set_revocationDate(entry, date) == 1 &&
              X509_CRL_add0_revoked(crl, entry) == 1;
    if (!ok)
        X509_REVOKED_free(entry);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(date);
    return ok;
}

static result add_entries(const office *o, const char *authority, X509_CRL *crl) {
    buffer text = BUFFER_INIT(OFFICE_REGISTER_MAX);
    result r = read_register(o, &text);
    char serial[9], name[32], when[CLOCK_TEXT_SIZE];
    for (const char *line = buffer_text(&text); r == RESULT_OK && line != NULL && *line != '\0';) {
        if (sscanf(line, "%8s %31s %20s", serial, name, when) != 3)
            r = RESULT_INVALID;
        else if (strcmp(name, authority) == 0 && !add_entry(crl, serial, when))
            r = RESULT_INTERNAL;
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    buffer_wipe(&text);
    return r;
}

/* One counter per authority (RFC 5280 5.2.3): ca/<authority>.crl-number. */
static result next_number(office *o, const char *authority, uint64_t *number) {
    char name[64];
    snprintf(name, sizeof name, "%s.crl-number", authority);
    char *path = file_join(o->secrets, name);
    buffer text = BUFFER_INIT(32);
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &text);
    *number = r == RESULT_OK ? strtoull(buffer_text(&text), NULL, 10) + 1 : 1;
    if (r == RESULT_OK || r == RESULT_NOT_FOUND) {
        buffer_clear(&text);
        buffer_append_format(&text, "%llu\n", (unsigned long long)*number);
        r = text.failed == RESULT_OK ? file_replace(path, buffer_bytes(&text), 0600) : text.failed;
    }
    buffer_wipe(&text);
    free(path);
    return r;
}

static bool fill(X509_CRL *crl, const office *o, X509 *issuer, uint64_t number) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
    ASN1_TIME *this_update = ASN1_TIME_set(NULL, (time_t)o->now);
    ASN1_TIME *next_update = ASN1_TIME_set(NULL, (time_t)(o->now + CRL_DAYS * 86400L));
    ASN1_INTEGER *crl_number = ASN1_INTEGER_new();
    X509_EXTENSION *key_id = X509V3_EXT_nconf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
    bool ok = this_update != NULL && next_update != NULL && crl_number != NULL && key_id != NULL &&
              X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1 &&
              X509_CRL_set1_lastUpdate(crl, this_update) == 1 && X509_CRL_set1_nextUpdate(crl, next_update) == 1 &&
              ASN1_INTEGER_set_uint64(crl_number, number) == 1 && X509_CRL_add_ext(crl, key_id, -1) == 1 &&
              X509_CRL_add1_ext_i2d(crl, NID_crl_number, crl_number, 0, X509V3_ADD_APPEND) == 1;
    ASN1_TIME_free(this_update);
    ASN1_TIME_free(next_update);
    ASN1_INTEGER_free(crl_number);
    X509_EXTENSION_free(key_id);
    return ok;
}

static result write_pem(const char *folder, const char *authority, X509_CRL *crl) {
    char name[64], *data;
    snprintf(name, sizeof name, "%s.crl", authority);
    char *path = file_join(folder, name);
    BIO *out = BIO_new(BIO_s_mem());
    result r = RESULT_INTERNAL;
    if (path != NULL && out != NULL && PEM_write_bio_X509_CRL(out, crl) == 1) {
        long length = BIO_get_mem_data(out, &data);
        r = file_replace(path, bytes_of(data, (size_t)length), 0644);
    }
    BIO_free(out);
    free(path);
    return r;
}

result crl_write(office *o, const char *folder, const char *authority, X509 *issuer, EVP_PKEY *key) {
    X509_CRL *crl = X509_CRL_new();
    uint64_t number;
    result r = crl == NULL ? RESULT_NO_MEMORY : next_number(o, authority, &number);
    if (r == RESULT_OK && !fill(crl, o, issuer, number))
        r = RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = add_entries(o, authority, crl);
    if (r == RESULT_OK && (X509_CRL_sort(crl) != 1 || X509_CRL_sign(crl, key, EVP_sha256()) <= 0))
        r = RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = write_pem(folder, authority, crl);
    X509_CRL_free(crl);
    return r;
}
