/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_anchor.h"

#include "base/buffer.h"
#include "base/log.h"
#include "net/http_profile.h"

#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX 8
#define CERTIFICATE_MAX (64 * 1024)

struct http_anchor {
    revocation_policy policy;
    char *ca_file, *crl_file, *host;
    bool allow_tls_1_2;
    http_trust *trust; /* NULL: not read yet, or unusable */
    buffer good;       /* DER of the certificate that was last checked good, for connections that are kept */
};

/* The name that a certificate must bear: an IPv6 address without its brackets (RFC 3986 3.2.2). */
static char *host_of(const char *url) {
    CURLU *parsed = curl_url();
    char *host = NULL, *name = NULL;
    if (parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        const size_t length = strlen(host);
        name = host[0] == '[' && length > 2 ? strndup(host + 1, length - 2) : strdup(host);
    }
    curl_free(host);
    curl_url_cleanup(parsed);
    return name;
}

result http_anchor_new(const char *url, const char *ca_file, const char *crl_file, const revocation_policy *policy,
                       bool allow_tls_1_2, http_anchor **out) {
    http_anchor *anchor = calloc(1, sizeof *anchor);
    *out = NULL;
    if (!anchor)
        return RESULT_NO_MEMORY;
    anchor->allow_tls_1_2 = allow_tls_1_2;
    anchor->policy = *policy;
    anchor->good = BUFFER_INIT(CERTIFICATE_MAX);
    anchor->ca_file = strdup(ca_file);
    anchor->crl_file = crl_file ? strdup(crl_file) : NULL;
    anchor->host = host_of(url);
    const bool complete = anchor->ca_file && (anchor->crl_file || !crl_file);
    if (complete && anchor->host) {
        *out = anchor;
        return RESULT_OK;
    }
    http_anchor_free(&anchor);
    return complete ? RESULT_INVALID : RESULT_NO_MEMORY;
}

void http_anchor_free(http_anchor **anchor) {
    if (!*anchor)
        return;
    http_trust_free(&(*anchor)->trust);
    buffer_wipe(&(*anchor)->good);
    free((*anchor)->ca_file);
    free((*anchor)->crl_file);
    free((*anchor)->host);
    free(*anchor);
    *anchor = NULL;
}

/* The former data stays in force when the new files cannot be used. */
static result read_again(http_anchor *anchor) {
    http_trust *next = NULL;
    const char *unusable = anchor->ca_file;
    result outcome = http_trust_new(anchor->ca_file, anchor->crl_file, &anchor->policy, &next, &unusable);
    if (outcome == RESULT_OK && anchor->trust && http_trust_is_older(next, anchor->trust)) {
        log_error("%s: this list is older than the one in force, which stays so. Get the present one from the CA.",
                  anchor->crl_file);
        http_trust_free(&next);
    } else if (outcome == RESULT_OK) {
        if (anchor->trust)
            http_trust_free(&anchor->trust);
        anchor->trust = next;
    } else if (anchor->trust) {
        log_error("%s: %s. The former data stays in force until it expires; put the right file there.", unusable,
                  result_text(outcome));
        outcome = RESULT_OK;
    }
    return outcome;
}

static gnutls_session_t session_of(CURL *transfer) {
    struct curl_tlssessioninfo *info = NULL;
    if (curl_easy_getinfo(transfer, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info ||
        info->backend != CURLSSLBACKEND_GNUTLS)
        return NULL;
    return info->internals;
}

static bool is_good_already(const http_anchor *anchor, const gnutls_datum_t *own) {
    return own && anchor->good.length > 0 && anchor->good.length == own->size &&
           memcmp(anchor->good.data, own->data, own->size) == 0;
}

static void remember(http_anchor *anchor, const gnutls_datum_t *own) {
    buffer_wipe(&anchor->good);
    if (own && buffer_append(&anchor->good, bytes_of(own->data, own->size)) != RESULT_OK)
        buffer_wipe(&anchor->good);
}

bool http_anchor_check(http_anchor *anchor, CURL *transfer, http_anchor_finding *out) {
    long connections = 1;
    unsigned count = 0;
    gnutls_session_t session = session_of(transfer);
    *out = (http_anchor_finding){.files = RESULT_OK, .verdict = HTTP_TRUST_NOT_CHECKED};
    if (!session)
        return false;
    const gnutls_datum_t *own = gnutls_certificate_get_peers(session, &count);
    out->resumed = gnutls_session_is_resumed(session) != 0;
    out->outside_profile = !http_profile_kept(session, anchor->allow_tls_1_2);
    curl_easy_getinfo(transfer, CURLINFO_NUM_CONNECTS, &connections); /* 0: a kept connection is used */
    if (connections == 0 && is_good_already(anchor, own)) {
        out->verdict = HTTP_TRUST_GOOD;
        return !out->outside_profile;
    }
    remember(anchor, NULL);
    out->files = read_again(anchor);
    if (out->files == RESULT_OK)
        out->verdict = http_trust_check_peer(anchor->trust, session, GNUTLS_KP_TLS_WWW_SERVER, anchor->host);
    if (out->verdict == HTTP_TRUST_GOOD)
        remember(anchor, own);
    return out->verdict == HTTP_TRUST_GOOD && !out->outside_profile;
}

http_trust_verdict http_anchor_check_kept(http_anchor *anchor, CURL *transfer) {
    struct curl_certinfo *kept = NULL;
    gnutls_datum_t chain[CHAIN_MAX];
    unsigned count = 0;
    if (curl_easy_getinfo(transfer, CURLINFO_CERTINFO, &kept) != CURLE_OK || !kept || read_again(anchor) != RESULT_OK)
        return HTTP_TRUST_NOT_CHECKED;
    for (; count < CHAIN_MAX && (int)count < kept->num_of_certs; count++) {
        const struct curl_slist *entry = kept->certinfo[count];
        while (entry && strncmp(entry->data, "Cert:", 5) != 0)
            entry = entry->next;
        if (!entry)
            break;
        chain[count] = (gnutls_datum_t){(unsigned char *)entry->data + 5, (unsigned)strlen(entry->data + 5)};
    }
    return count == 0 ? HTTP_TRUST_NOT_CHECKED
                      : http_trust_check(anchor->trust, chain, count, GNUTLS_X509_FMT_PEM, GNUTLS_KP_TLS_WWW_SERVER,
                                         anchor->host);
}
