/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "x509.h"

#include "base/file.h"
#include "person_names.h"

#include <openssl/conf.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_FILE_MAX 16384

static bool add_profile_extensions(const profile *p, X509V3_CTX *context, X509 *certificate) {
    BIO *text = BIO_new_mem_buf(p->extensions, -1);
    CONF *conf = NCONF_new(NULL);
    long wrong_line;
    bool ok = text != NULL && conf != NULL && NCONF_load_bio(conf, text, &wrong_line) == 1;
    if (ok) {
        X509V3_set_nconf(context, conf);
        ok = X509V3_EXT_add_nconf(conf, context, "default", certificate) == 1;
    }
    NCONF_free(conf);
    BIO_free(text);
    return ok;
}

static bool set_names(X509 *certificate, const x509_request *request, X509 *issuer) {
    X509_NAME *subject = name_new(request->subject);
    bool ok = subject != NULL && X509_set_subject_name(certificate, subject) == 1 &&
              X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : subject) == 1;
    X509_NAME_free(subject);
    return ok;
}

static bool set_times(X509 *certificate, validity valid) {
    return ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)valid.from) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)valid.to) != NULL;
}

static bool fill(X509 *certificate, const x509_request *request, X509 *issuer) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer ? issuer : certificate, certificate, NULL, NULL, 0);
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), request->serial) == 1 &&
           set_names(certificate, request, issuer) && set_times(certificate, request->valid) &&
           X509_set_pubkey(certificate, request->key) == 1 &&
           add_profile_extensions(request->profile, &context, certificate) && person_names_add(certificate, request);
}

X509 *x509_issue(const x509_request *request, X509 *issuer, EVP_PKEY *issuer_key) {
    X509 *certificate = X509_new();
    if (certificate != NULL && fill(certificate, request, issuer) &&
        X509_sign(certificate, issuer_key, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}

static result write_bio(const char *folder, const char *name, BIO *content) {
    char *data, *path = file_join(folder, name);
    long length = BIO_get_mem_data(content, &data);
    result r = path == NULL ? RESULT_NO_MEMORY : file_replace(path, bytes_of(data, (size_t)length), 0644);
    free(path);
    return r;
}

result x509_write(const char *folder, const char *name, X509 *certificate) {
    BIO *out = BIO_new(BIO_s_mem());
    bool ok = out != NULL && PEM_write_bio_X509(out, certificate) == 1;
    result r = ok ? write_bio(folder, name, out) : RESULT_INTERNAL;
    BIO_free(out);
    return r;
}

result x509_write_der(const char *folder, const char *name, X509 *certificate) {
    BIO *out = BIO_new(BIO_s_mem());
    bool ok = out != NULL && i2d_X509_bio(out, certificate) == 1;
    result r = ok ? write_bio(folder, name, out) : RESULT_INTERNAL;
    BIO_free(out);
    return r;
}

result x509_read(const char *folder, const char *name, X509 **certificate) {
    buffer text = BUFFER_INIT(CERTIFICATE_FILE_MAX);
    char *path = file_join(folder, name);
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &text);
    if (r == RESULT_OK) {
        BIO *in = BIO_new_mem_buf(text.data, (int)text.length);
        *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
        BIO_free(in);
        r = *certificate ? RESULT_OK : RESULT_INVALID;
    }
    buffer_wipe(&text);
    free(path);
    return r;
}
