/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_tls.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/file_stamp.h"
#include "base/log.h"
#include "base/secret.h"
#include "crypt/key_rule.h"
#include "net/http_identity.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PEM_MAX (256 * 1024)
#define DAY_MS (24LL * 60 * 60 * 1000)

enum { CERTIFICATE, KEY, CLIENT_CA, CLIENT_CRL, FILES };

/* Former ones stay until the server ends: connections may still use them. */
typedef struct credentials {
    struct credentials *former;
    gnutls_certificate_credentials_t handle;
} credentials;

struct http_tls {
    const http_server_options *options;
    buffer pem[FILES - 1]; /* those of the start: libmicrohttpd keeps pointers to them */
    file_stamp stamps[FILES];
    pthread_mutex_t lock; /* over trust and present */
    http_trust *trust;
    credentials *present;
    gnutls_datum_t ticket_key; /* of the sessions that may be resumed */
    atomic_uint generation;
    int64_t warned_ms; /* time of the last log line about the lists; 0: none */
};

static const char *path_of(const http_tls *tls, int file) {
    const http_server_options *o = tls->options;
    const char *const paths[FILES] = {o->certificate, o->key, o->client_ca, o->client_crl};
    return paths[file];
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static result read_one(const char *path, bool secret, buffer *into) {
    *into = secret ? BUFFER_SECRET(PEM_MAX) : BUFFER_INIT(PEM_MAX);
    result outcome = !path ? RESULT_NOT_FOUND : secret ? file_read_secret(path, into) : file_read_guarded(path, into);
    if (outcome != RESULT_OK)
        log_error("%s: %s. Check the path in the configuration.", path ? path : "(no file given)",
                  result_text(outcome));
    return outcome;
}

static result read_pem(const http_tls *tls, buffer pem[FILES - 1]) {
    result outcome = RESULT_OK;
    for (int i = 0; i < FILES - 1; i++) {
        const result one = outcome == RESULT_OK ? read_one(path_of(tls, i), i == KEY, &pem[i]) : RESULT_OK;
        outcome = outcome == RESULT_OK ? one : outcome;
    }
    return outcome == RESULT_OK ? http_identity_check(path_of(tls, CERTIFICATE), buffer_bytes(&pem[CERTIFICATE]),
                                                      path_of(tls, KEY), buffer_bytes(&pem[KEY]))
                                : outcome;
}

static void wipe_pem(buffer pem[FILES - 1]) {
    for (int i = 0; i < FILES - 1; i++)
        buffer_wipe(&pem[i]);
}

static gnutls_datum_t datum_of(const buffer *text) {
    return (gnutls_datum_t){text->data, (unsigned)text->length};
}

static result make_credentials(const buffer pem[FILES - 1], credentials **out) {
    const gnutls_datum_t certificate = datum_of(&pem[CERTIFICATE]), key = datum_of(&pem[KEY]),
                         client_ca = datum_of(&pem[CLIENT_CA]);
    credentials *made = *out = calloc(1, sizeof *made);
    if (!made || gnutls_certificate_allocate_credentials(&made->handle) < 0) {
        free(made);
        *out = NULL;
        return RESULT_NO_MEMORY;
    }
    if (gnutls_certificate_set_x509_key_mem(made->handle, &certificate, &key, GNUTLS_X509_FMT_PEM) >= 0 &&
        gnutls_certificate_set_x509_trust_mem(made->handle, &client_ca, GNUTLS_X509_FMT_PEM) > 0)
        return RESULT_OK;
    gnutls_certificate_free_credentials(made->handle);
    free(made);
    *out = NULL;
    return RESULT_INVALID;
}

static result read_trust(const http_tls *tls, http_trust **out) {
    const http_server_options *o = tls->options;
    const char *unusable = o->client_ca;
    const result outcome = http_trust_new(o->client_ca, o->client_crl, &o->client_policy, out, &unusable);
    if (outcome == RESULT_BAD_SIGNATURE)
        log_error("%s: none of the CAs in %s signed this CRL. Get both from one place.", unusable, o->client_ca);
    else if (outcome != RESULT_OK)
        log_error("%s: %s is no usable %s", unusable, result_text(outcome),
                  unusable == o->client_crl ? "CRL of the client CA" : "CA certificate");
    return outcome;
}

static void stamp(http_tls *tls) {
    for (int i = 0; i < FILES; i++)
        tls->stamps[i] = file_stamp_of(path_of(tls, i));
}

static bool is_as_stamped(const http_tls *tls, int from, int to) {
    for (int i = from; i <= to; i++) {
        const file_stamp now = file_stamp_of(path_of(tls, i));
        if (!file_stamp_equal(&now, &tls->stamps[i]))
            return false;
    }
    return true;
}

static void warn_of_lists(http_tls *tls) {
    if (tls->warned_ms != 0 && clock_monotonic_ms() - tls->warned_ms < DAY_MS)
        return;
    tls->warned_ms = clock_monotonic_ms();
    const revocation_rule rule = revocation_rule_of(http_trust_lists_state(tls->trust), &tls->options->client_policy);
    if (rule.warns)
        log_write(rule.permits ? LOG_WARNING : LOG_ERROR, "%s: this revocation list %s%s", tls->options->client_crl,
                  rule.text, rule.permits ? "" : ". No client is taken until then");
}

/* A handshake that resumes a session costs no signature, neither here nor of the client's key. The ticket holds the
 * client's certificate, which every connection's first request is checked by, as always. */
static result make_ticket_key(http_tls *tls) {
    const char *path = tls->options->ticket_key;
    if (gnutls_session_ticket_key_generate(&tls->ticket_key) < 0)
        return RESULT_NO_MEMORY;
    if (!path)
        return RESULT_OK;
    buffer content = BUFFER_SECRET(HTTP_TLS_TICKET_KEY);
    result outcome = file_read_secret(path, &content);
    if (outcome == RESULT_OK && (content.length != HTTP_TLS_TICKET_KEY || tls->ticket_key.size != content.length))
        outcome = RESULT_INVALID;
    if (outcome == RESULT_OK)
        memcpy(tls->ticket_key.data, content.data, content.length);
    else
        log_error("%s: %s; [server] ticket-key names a file of %d random bytes.", path, result_text(outcome),
                  HTTP_TLS_TICKET_KEY);
    buffer_wipe(&content);
    return outcome;
}

result http_tls_new(const http_server_options *options, http_tls **out) {
    http_tls *tls = *out = calloc(1, sizeof *tls);
    if (!tls)
        return RESULT_NO_MEMORY;
    tls->options = options;
    tls->generation = 1;
    pthread_mutex_init(&tls->lock, NULL);
    stamp(tls);
    result outcome = read_pem(tls, tls->pem);
    if (outcome == RESULT_OK)
        outcome = make_ticket_key(tls);
    if (outcome == RESULT_OK)
        outcome = read_trust(tls, &tls->trust);
    if (outcome == RESULT_OK)
        outcome = make_credentials(tls->pem, &tls->present);
    if (outcome == RESULT_OK)
        warn_of_lists(tls);
    else
        http_tls_free(out);
    return outcome;
}

void http_tls_free(http_tls **tls) {
    http_tls *mine = *tls;
    *tls = NULL;
    if (!mine)
        return;
    while (mine->present) {
        credentials *one = mine->present;
        mine->present = one->former;
        gnutls_certificate_free_credentials(one->handle);
        free(one);
    }
    if (mine->trust)
        http_trust_free(&mine->trust);
    wipe_pem(mine->pem);
    if (mine->ticket_key.data) {
        secret_wipe(mine->ticket_key.data, mine->ticket_key.size);
        gnutls_free(mine->ticket_key.data);
    }
    pthread_mutex_destroy(&mine->lock);
    free(mine);
}

const char *http_tls_certificate(http_tls *tls) {
    return buffer_text(&tls->pem[CERTIFICATE]);
}

const char *http_tls_key(http_tls *tls) {
    return buffer_text(&tls->pem[KEY]);
}

const char *http_tls_client_ca(http_tls *tls) {
    return buffer_text(&tls->pem[CLIENT_CA]);
}

/* --- reading again ------------------------------------------------------------------------------------------------ */

/* Certificate, key and CA belong together: if one is unusable, all former ones stay. */
static void renew_credentials(http_tls *tls) {
    buffer pem[FILES - 1] = {{0}};
    credentials *made = NULL;
    result outcome = read_pem(tls, pem);
    if (outcome == RESULT_OK)
        outcome = make_credentials(pem, &made);
    if (outcome == RESULT_OK) {
        pthread_mutex_lock(&tls->lock);
        made->former = tls->present;
        tls->present = made;
        pthread_mutex_unlock(&tls->lock);
        log_notice("%s and its key serve new connections from now on", path_of(tls, CERTIFICATE));
    } else {
        log_error("The former TLS certificate stays in force.");
    }
    wipe_pem(pem);
}

static void renew_trust(http_tls *tls) {
    http_trust *next = NULL, *former = tls->trust;
    result outcome = read_trust(tls, &next);
    if (outcome == RESULT_OK && http_trust_is_older(next, former)) {
        log_error("%s: this list is older than the one in force. Get the present one from the CA.",
                  tls->options->client_crl);
        outcome = RESULT_EXPIRED;
    }
    if (outcome != RESULT_OK) {
        log_error("The former data stays in force until it expires.");
        http_trust_free(&next);
        return;
    }
    pthread_mutex_lock(&tls->lock);
    tls->trust = next;
    tls->generation++;
    tls->generation += tls->generation == 0;
    pthread_mutex_unlock(&tls->lock);
    http_trust_free(&former);
    tls->warned_ms = 0;
    log_notice("%s and its revocation list were read again", tls->options->client_ca);
}

void http_tls_look(http_tls *tls, bool again) {
    const bool trust = again || !is_as_stamped(tls, CLIENT_CA, CLIENT_CRL),
               own = again || !is_as_stamped(tls, CERTIFICATE, CLIENT_CA);
    if (trust || own)
        stamp(tls);
    if (trust)
        renew_trust(tls);
    if (own)
        renew_credentials(tls);
    if ((trust || own) && !is_as_stamped(tls, CERTIFICATE, CLIENT_CRL))
        tls->stamps[CERTIFICATE] = tls->stamps[CLIENT_CRL] = (file_stamp){.inode = 1}; /* being written: read again */
    warn_of_lists(tls);
}

http_trust *http_tls_trust(http_tls *tls, unsigned *generation) {
    pthread_mutex_lock(&tls->lock);
    http_trust *shared = http_trust_share(tls->trust);
    *generation = tls->generation;
    pthread_mutex_unlock(&tls->lock);
    return shared;
}

unsigned http_tls_generation(const http_tls *tls) {
    return tls->generation;
}

/* --- the handshake ------------------------------------------------------------------------------------------------ */

/* A length of that many bytes, and that number of bytes. */
static bool take_vector(bytes *rest, size_t digits, bytes *out) {
    size_t length = 0;
    if (rest->length < digits)
        return false;
    for (size_t i = 0; i < digits; i++)
        length = length << 8 | rest->data[i];
    if (rest->length - digits < length)
        return false;
    *out = bytes_slice(*rest, digits, length);
    *rest = bytes_slice(*rest, digits + length, rest->length);
    return true;
}

bool http_tls_message_fits(bytes message, bool of_1_3) {
    bytes context, list, first;
    gnutls_x509_crt_t certificate;
    if ((of_1_3 && !take_vector(&message, 1, &context)) || !take_vector(&message, 3, &list) ||
        !take_vector(&list, 3, &first) || gnutls_x509_crt_init(&certificate) < 0)
        return true;
    const gnutls_datum_t der = {(unsigned char *)(uintptr_t)first.data, (unsigned)first.length};
    const bool fits = gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) < 0 ||
                      key_rule_check_certificate(certificate) != RESULT_KEY;
    gnutls_x509_crt_deinit(certificate);
    return fits;
}

/* GnuTLS verifies signatures with it only afterwards. */
static int check_message(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                         const gnutls_datum_t *message) {
    (void)type;
    (void)when;
    const bool of_1_3 = gnutls_protocol_get_version(session) == GNUTLS_TLS1_3;
    return !incoming || http_tls_message_fits(bytes_of(message->data, message->size), of_1_3)
               ? 0
               : GNUTLS_E_CERTIFICATE_ERROR;
}

void http_tls_prepare(http_tls *tls, gnutls_session_t session) {
    pthread_mutex_lock(&tls->lock);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->present->handle);
    pthread_mutex_unlock(&tls->lock);
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    gnutls_session_ticket_enable_server(session, &tls->ticket_key);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CERTIFICATE_PKT, GNUTLS_HOOK_POST, check_message);
}
