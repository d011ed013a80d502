/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls of GnuTLS, libmicrohttpd, libcurl and POSIX threads that lib/net makes when it begins something. */
#include "failing.h"

#include <curl/curl.h>
#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>

#define NO_MEMORY GNUTLS_E_MEMORY_ERROR

FAILING(int, NO_MEMORY, gnutls_x509_crt_init, (gnutls_x509_crt_t * out), (out))
FAILING(int, NO_MEMORY, gnutls_x509_crt_import,
        (gnutls_x509_crt_t out, const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format), (out, data, format))
FAILING(int, NO_MEMORY, gnutls_x509_crt_list_import2,
        (gnutls_x509_crt_t * *out, unsigned *count, const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format,
         unsigned flags),
        (out, count, data, format, flags))
FAILING(int, NO_MEMORY, gnutls_x509_trust_list_init, (gnutls_x509_trust_list_t * out, unsigned size), (out, size))
FAILING(int, 0, gnutls_x509_trust_list_add_cas,
        (gnutls_x509_trust_list_t list, const gnutls_x509_crt_t *all, unsigned count, unsigned flags),
        (list, all, count, flags))
FAILING(int, NO_MEMORY, gnutls_x509_trust_list_verify_crt2,
        (gnutls_x509_trust_list_t list, gnutls_x509_crt_t *chain, unsigned count, gnutls_typed_vdata_st *data,
         unsigned elements, unsigned flags, unsigned *status, gnutls_verify_output_function *f),
        (list, chain, count, data, elements, flags, status, f))
FAILING(int, NO_MEMORY, gnutls_certificate_allocate_credentials, (gnutls_certificate_credentials_t * out), (out))
FAILING(int, NO_MEMORY, gnutls_certificate_set_x509_key_mem,
        (gnutls_certificate_credentials_t to, const gnutls_datum_t *certificate, const gnutls_datum_t *key,
         gnutls_x509_crt_fmt_t format),
        (to, certificate, key, format))
FAILING(int, 0, gnutls_certificate_set_x509_trust_mem,
        (gnutls_certificate_credentials_t to, const gnutls_datum_t *ca, gnutls_x509_crt_fmt_t format), (to, ca, format))
FAILING(CURL *, NULL, curl_easy_init, (void), ())
FAILING(CURLM *, NULL, curl_multi_init, (void), ())
FAILING(CURLU *, NULL, curl_url, (void), ())
FAILING(int, EAGAIN, pthread_create,
        (pthread_t * out, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
        (out, attributes, start, argument))
