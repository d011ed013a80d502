/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "evidence_maker.h"

#include "base/copy_text.h"
#include "base/file.h"
#include "crypt/digest.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

char *path_of(const char *folder, const char *name) {
    char *path = file_join(folder, name);
    if (!path)
        exit(1);
    return path;
}

static void read_card_id(const char *folder, char id[INSTITUTION_CARD_ID_LENGTH + 1]) {
    buffer raw = BUFFER_INIT(64);
    CHECK(file_read(path_of(folder, "card-id"), &raw));
    memcpy(id, raw.data, INSTITUTION_CARD_ID_LENGTH);
    buffer_wipe(&raw);
}

static void read_holder(const char *pki, uint8_t holder[CVC_REFERENCE_LENGTH]) {
    buffer chain = BUFFER_INIT(16 * CVC_LENGTH);
    CHECK(file_read(path_of(pki, "se-1/institution.cvc"), &chain));
    bytes rest = buffer_bytes(&chain), raw;
    cvc one;
    while (cvc_chain_next(&rest, &one, &raw) == RESULT_OK)
        memcpy(holder, one.holder_reference, CVC_REFERENCE_LENGTH);
    buffer_wipe(&chain);
}

#define COUNTERS_AT_ONCE 100000 /* that one process takes from the file */

static pthread_mutex_t counter_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t counter; /* of the SE: one for the process, whatever makers it has */

/* The file stands for the SE, which counts on from process to process. */
static void take_counters(const char *pki) {
    unsigned long first = 0;
    int file = open(path_of(pki, "se-1/counter"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return; /* a folder that nobody may change: one process only */
    if (flock(file, LOCK_EX) != 0)
        exit(1);
    char text[32] = "";
    if (pread(file, text, sizeof text - 1, 0) > 0)
        first = strtoul(text, NULL, 10);
    int length = snprintf(text, sizeof text, "%lu\n", first + COUNTERS_AT_ONCE);
    if (pwrite(file, text, (size_t)length, 0) != length)
        exit(1);
    close(file);
    counter = (uint32_t)first;
}

/* Time and counter rise together, also with several threads. */
static void count(statement *s) {
    pthread_mutex_lock(&counter_lock);
    s->se_counter = counter += 2;
    clock_text(clock_wall_s(), s->terminal_time);
    clock_date_in_japan(clock_wall_s(), s->service_date);
    pthread_mutex_unlock(&counter_lock);
}

void evidence_maker_open(const char *pki, const char *card, evidence_maker *out) {
    memset(out, 0, sizeof *out);
    CHECK(certificate_from_file(path_of(card, "ef/000A"), &out->patient));
    CHECK(cms_key_from_file(path_of(card, "key/auth.pem"), &out->patient_key));
    CHECK(certificate_from_file(path_of(pki, "se-1/institution.pem"), &out->institution));
    CHECK(cms_key_from_file(path_of(pki, "se-1/institution.key"), &out->institution_key));
    read_card_id(card, out->card_id);
    read_card_id(path_of(pki, "cards/se-1"), out->se_serial);
    read_holder(pki, out->holder);
    take_counters(pki);
    COPY_TEXT(out->institution_code, "1312345678");
    COPY_TEXT(out->terminal_id, "T-01");
}

void evidence_maker_fill(const evidence_maker *m, statement *s) {
    memset(s, 0, sizeof *s);
    s->mode = STATEMENT_OFFLINE;
    s->grade = STATEMENT_PROVISIONAL_C;
    s->clock_synchronised = true;
    count(s);
    CHECK(crypt_random(s->challenge, sizeof s->challenge));
    CHECK(uuid_v7(s->evidence_id));
    COPY_TEXT(s->institution_code, m->institution_code);
    COPY_TEXT(s->terminal_id, m->terminal_id);
    COPY_TEXT(s->operator_id, "OP-1");
    COPY_TEXT(s->se_serial, m->se_serial);
    COPY_TEXT(s->card_id, m->card_id);
    COPY_TEXT(s->patient_issuer, certificate_issuer(m->patient));
    COPY_TEXT(s->patient_serial, certificate_serial(m->patient));
    memcpy(s->holder_reference, m->holder, sizeof s->holder_reference);
}

void evidence_maker_sign_challenge(const evidence_maker *m, statement *s) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    buffer signature = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
    institution_message((const uint8_t *)s->card_id, s->holder_reference, s->challenge, message);
    CHECK(cms_key_sign(m->institution_key, BYTES(message), &signature));
    memcpy(s->institution_signature, signature.data, sizeof s->institution_signature);
    buffer_wipe(&signature);
}

void evidence_maker_create(const evidence_maker *m, const statement *s, buffer *der) {
    const cms_signer patient = cms_key_signer(m->patient_key, m->patient);
    const cms_signer institution = cms_key_signer(m->institution_key, m->institution);
    CHECK(evidence_create(s, &patient, s->mode == STATEMENT_OFFLINE ? &institution : NULL, der));
}
