/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "revocation-lists.h"

#include "base/hex.h"
#include "crypt/der.h"
#include "iso7816/tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LIST_MAX 8192

char lists_folder[] = "/tmp/test-revocation.XXXXXX";
int64_t lists_now;
test_identity lists_ca, lists_namesake, lists_person, lists_ended_ca, lists_of_ended;

char *lists_path(const char *name) {
    return test_path(lists_folder, name);
}

int lists_begin(void **state) {
    (void)state;
    lists_now = time(NULL);
    assert_non_null(mkdtemp(lists_folder));
    const test_profile of_ca = {"CN=A CA,C=JP", 1, lists_now - 1000 * DAY, lists_now + 1000 * DAY, CA_USAGE, NULL};
    const test_profile ended = {"CN=Ended CA,C=JP", 2, lists_now - 1000 * DAY, lists_now - 10 * DAY, CA_USAGE, NULL};
    const test_profile of_person = {"CN=Person,C=JP",
                                    PERSON_SERIAL,
                                    lists_now - 900 * DAY,
                                    lists_now + 900 * DAY,
                                    GNUTLS_KEY_DIGITAL_SIGNATURE,
                                    GNUTLS_KP_TLS_WWW_CLIENT};
    test_identity_make(&lists_ca, &of_ca, NULL, NULL);
    test_identity_make(&lists_namesake, &of_ca, NULL, NULL);
    test_identity_make(&lists_person, &of_person, &lists_ca, NULL);
    test_identity_make(&lists_ended_ca, &ended, NULL, NULL);
    test_identity_make(&lists_of_ended, &of_person, &lists_ended_ca, NULL);
    return 0;
}

int lists_end(void **state) {
    (void)state;
    test_identity *const all[] = {&lists_ca, &lists_namesake, &lists_person, &lists_ended_ca, &lists_of_ended};
    for (size_t i = 0; i < COUNT(all); i++)
        test_identity_free(all[i]);
    unlink(lists_path("a.pem"));
    unlink(lists_path("a.crl"));
    return rmdir(lists_folder);
}

static void add_hex(buffer *out, const char *hex) {
    assert_int_equal(hex_decode(hex, out), RESULT_OK);
}

static void wrap(buffer *of, uint32_t tag) {
    buffer whole = BUFFER_INIT(LIST_MAX);
    assert_int_equal(tlv_append(&whole, tag, buffer_bytes(of)), RESULT_OK);
    buffer_wipe(of);
    *of = whole;
}

/* RFC 5280 5.1.2.4: UTCTime until 2049. */
static void add_time(buffer *out, int64_t at, bool always_general) {
    char text[16];
    struct tm parts;
    const time_t seconds = (time_t)at;
    assert_non_null(gmtime_r(&seconds, &parts));
    assert_int_equal(strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &parts), 15);
    const bool utc = parts.tm_year < 150 && !always_general;
    tlv_append(out, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, bytes_of(text + (utc ? 2 : 0), utc ? 13 : 15));
}

static void add_entry(const list_order *o, buffer *out) {
    buffer entry = BUFFER_INIT(LIST_MAX), extensions = BUFFER_INIT(LIST_MAX);
    add_hex(&entry, "02021234");
    add_time(&entry, lists_now + o->revoked * DAY, false);
    if (o->entry_extension != NULL)
        add_hex(&extensions, o->entry_extension);
    if (o->invalid != 0) {
        buffer value = BUFFER_INIT(64), extension = BUFFER_INIT(64);
        add_time(&value, lists_now + o->invalid * DAY, true);
        wrap(&value, DER_OCTET_STRING);
        add_hex(&extension, "0603551D18");
        buffer_append(&extension, buffer_bytes(&value));
        wrap(&extension, DER_SEQUENCE);
        buffer_append(&extensions, buffer_bytes(&extension));
        buffer_wipe(&value);
        buffer_wipe(&extension);
    }
    if (extensions.length > 0) {
        wrap(&extensions, DER_SEQUENCE);
        buffer_append(&entry, buffer_bytes(&extensions));
    }
    wrap(&entry, DER_SEQUENCE);
    buffer_append(out, buffer_bytes(&entry));
    buffer_wipe(&entry);
    buffer_wipe(&extensions);
}

static void add_body(const list_order *o, buffer *out) {
    gnutls_datum_t name = {NULL, 0};
    buffer entries = BUFFER_INIT(LIST_MAX), extensions = BUFFER_INIT(LIST_MAX);
    add_hex(out, "020101"
                 "300D06092A864886F70D01010B0500");
    assert_int_equal(gnutls_x509_crt_get_raw_dn(lists_ca.certificate, &name), 0);
    buffer_append(out, bytes_of(name.data, name.size));
    gnutls_free(name.data);
    add_time(out, lists_now + o->from * DAY, false);
    if (o->until != NO_UPDATE)
        add_time(out, lists_now + o->until * DAY, false);
    if (o->revoked != NOBODY) {
        add_entry(o, &entries);
        wrap(&entries, DER_SEQUENCE);
        buffer_append(out, buffer_bytes(&entries));
    }
    add_hex(&extensions, "300A0603551D140403020101");
    if (o->extension != NULL)
        add_hex(&extensions, o->extension);
    wrap(&extensions, DER_SEQUENCE);
    wrap(&extensions, DER_CONTEXT(0));
    buffer_append(out, buffer_bytes(&extensions));
    wrap(out, DER_SEQUENCE);
    buffer_wipe(&entries);
    buffer_wipe(&extensions);
}

static void append_list(const list_order *o, FILE *file) {
    buffer list = BUFFER_INIT(LIST_MAX), bits = BUFFER_INIT(LIST_MAX);
    gnutls_privkey_t key;
    gnutls_datum_t signature, pem;
    add_body(o, &list);
    const gnutls_datum_t body = {list.data, (unsigned)list.length};
    assert_int_equal(gnutls_privkey_init(&key), 0);
    assert_int_equal(gnutls_privkey_import_x509(key, (o->signer != NULL ? o->signer : &lists_ca)->key, 0), 0);
    assert_int_equal(gnutls_privkey_sign_data2(key, GNUTLS_SIGN_RSA_SHA256, 0, &body, &signature), 0);
    add_hex(&list, "300D06092A864886F70D01010B0500");
    buffer_append_u8(&bits, 0);
    buffer_append(&bits, bytes_of(signature.data, signature.size));
    wrap(&bits, DER_BIT_STRING);
    buffer_append(&list, buffer_bytes(&bits));
    wrap(&list, DER_SEQUENCE);
    const gnutls_datum_t whole = {list.data, (unsigned)list.length};
    assert_int_equal(gnutls_pem_base64_encode2("X509 CRL", &whole, &pem), 0);
    assert_int_equal(fwrite(pem.data, 1, pem.size, file), pem.size);
    gnutls_free(pem.data);
    gnutls_free(signature.data);
    gnutls_privkey_deinit(key);
    buffer_wipe(&list);
    buffer_wipe(&bits);
}

void lists_write(const list_order *orders, size_t count) {
    FILE *file = fopen(lists_path("new"), "w");
    assert_non_null(file);
    for (size_t i = 0; i < count; i++)
        append_list(&orders[i], file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(lists_path("new"), lists_path("a.crl")), 0);
}
