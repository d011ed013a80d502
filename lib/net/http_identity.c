/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_identity.h"

#include "base/clock.h"
#include "base/log.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static gnutls_datum_t datum_of(bytes text) {
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)text.data, (unsigned)text.length};
}

static void warn_of_time(const char *path, gnutls_x509_crt_t certificate) {
    const int64_t now = clock_wall_s();
    if (gnutls_x509_crt_get_expiration_time(certificate) < now)
        log_warning("%s has expired: clients will refuse it. Get a new certificate from the CA.", path);
    else if (gnutls_x509_crt_get_activation_time(certificate) > now)
        log_warning("%s is not valid yet: clients will refuse it. Check this machine's clock.", path);
}

/* By the key's identifier, which is made of the public key alone. */
static bool belong_together(gnutls_x509_crt_t certificate, gnutls_privkey_t key) {
    gnutls_pubkey_t of_key = NULL;
    unsigned char ids[2][64];
    size_t sizes[2] = {sizeof ids[0], sizeof ids[1]};
    bool same = gnutls_pubkey_init(&of_key) >= 0 && gnutls_pubkey_import_privkey(of_key, key, 0, 0) >= 0 &&
                gnutls_pubkey_get_key_id(of_key, GNUTLS_KEYID_USE_SHA256, ids[0], &sizes[0]) >= 0 &&
                gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256, ids[1], &sizes[1]) >= 0 &&
                sizes[0] == sizes[1] && memcmp(ids[0], ids[1], sizes[0]) == 0;
    gnutls_pubkey_deinit(of_key);
    return same;
}

static result check_key(const char *certificate_path, gnutls_x509_crt_t certificate, const char *key_path, bytes pem) {
    gnutls_privkey_t key = NULL;
    const gnutls_datum_t text = datum_of(pem);
    result outcome = RESULT_INVALID;
    if (gnutls_privkey_init(&key) < 0)
        return RESULT_NO_MEMORY;
    if (gnutls_privkey_import_x509_raw(key, &text, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
        log_error("%s holds no private key that can be read (PEM, without a password). Check the path in the "
                  "configuration.",
                  key_path);
    else if (!belong_together(certificate, key))
        log_error("%s is not the key of the certificate in %s. Check both paths in the configuration.", key_path,
                  certificate_path);
    else
        outcome = RESULT_OK;
    gnutls_privkey_deinit(key);
    return outcome;
}

result http_identity_check(const char *certificate_path, bytes certificate, const char *key_path, bytes key) {
    gnutls_x509_crt_t *chain = NULL;
    unsigned count = 0;
    const gnutls_datum_t text = datum_of(certificate);
    if (gnutls_x509_crt_list_import2(&chain, &count, &text, GNUTLS_X509_FMT_PEM, 0) < 0 || count == 0) {
        log_error("%s holds no certificate (PEM). Check the path in the configuration.", certificate_path);
        return RESULT_INVALID;
    }
    result outcome = check_key(certificate_path, chain[0], key_path, key);
    if (outcome == RESULT_OK)
        warn_of_time(certificate_path, chain[0]);
    while (count > 0)
        gnutls_x509_crt_deinit(chain[--count]);
    gnutls_free(chain);
    return outcome;
}
