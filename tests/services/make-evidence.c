/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes evidence from key files instead of cards, for tests of the services.
 *
 *   make-evidence PKI CARD OUT [NAME=VALUE...]
 *
 * PKI: what mock-ca wrote; CARD: a patient's image below PKI/cards or PKI/extra/cards. Prints evidence id, patient, day,
 * time. Names: id, mode (offline, online), institution, terminal, date (by default the day of time), time (RFC 3339),
 * previous (hash), synchronised (yes, no), counter, challenge (by default one more; at random), card-id, serial (of the
 * SE), session, nonce,
 * holder (CHR), beacon (RFC 3339), age (seconds, or "restarted"), offset, jump (seconds): the platform's clock, by
 * default never heard; signature (base64; by default the institution key of se-1 makes it), damage=signature (one byte
 * of it is flipped). */
#include "evidence_maker.h"

#include "base/file.h"
#include "base/hex.h"
#include "crypt/base64.h"

#include <string.h>

static const char *value_of(char **pairs, const char *name, const char *otherwise) {
    size_t length = strlen(name);
    for (; *pairs; pairs++)
        if (strncmp(*pairs, name, length) == 0 && (*pairs)[length] == '=')
            return *pairs + length + 1;
    return otherwise;
}

static void decode_hex(const char *text, uint8_t *out, size_t length) {
    buffer raw = BUFFER_INIT(length);
    CHECK(hex_decode(text, &raw));
    if (raw.length != length)
        exit(1);
    memcpy(out, raw.data, length);
    buffer_wipe(&raw);
}

static void change(statement *s, char **pairs) {
    const struct {
        const char *name;
        char *field;
        size_t size;
    } texts[] = {{"id", s->evidence_id, sizeof s->evidence_id},
                 {"institution", s->institution_code, sizeof s->institution_code},
                 {"terminal", s->terminal_id, sizeof s->terminal_id},
                 {"previous", s->previous_evidence, sizeof s->previous_evidence},
                 {"card-id", s->card_id, sizeof s->card_id},
                 {"serial", s->se_serial, sizeof s->se_serial},
                 {"date", s->service_date, sizeof s->service_date},
                 {"time", s->terminal_time, sizeof s->terminal_time}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *value = value_of(pairs, texts[i].name, NULL);
        if (value)
            snprintf(texts[i].field, texts[i].size, "%s", value);
    }
    int64_t at = 0;
    if (!value_of(pairs, "date", NULL) && clock_parse(s->terminal_time, &at) == RESULT_OK)
        clock_date_in_japan(at, s->service_date);
    const char *counter = value_of(pairs, "counter", NULL), *challenge = value_of(pairs, "challenge", NULL);
    s->clock_synchronised = strcmp(value_of(pairs, "synchronised", "yes"), "yes") == 0;
    if (counter)
        s->se_counter = (uint32_t)strtoul(counter, NULL, 10);
    snprintf(s->clock.beacon, sizeof s->clock.beacon, "%s", value_of(pairs, "beacon", ""));
    s->clock.restarted = strcmp(value_of(pairs, "age", "0"), "restarted") == 0;
    if (!s->clock.restarted) {
        s->clock.age = atoll(value_of(pairs, "age", "0"));
        s->clock.offset = atoll(value_of(pairs, "offset", "0"));
        s->clock.jump = atoll(value_of(pairs, "jump", "0"));
    }
    if (challenge)
        decode_hex(challenge, s->challenge, sizeof s->challenge);
    const char *holder = value_of(pairs, "holder", NULL);
    if (holder)
        decode_hex(holder, s->holder_reference, sizeof s->holder_reference);
    if (strcmp(value_of(pairs, "mode", "offline"), "online") != 0)
        return;
    s->mode = STATEMENT_ONLINE;
    s->grade = STATEMENT_PENDING;
    s->se_serial[0] = '\0';
    s->se_counter = 0;
    snprintf(s->session, sizeof s->session, "%s", value_of(pairs, "session", ""));
    decode_hex(value_of(pairs, "nonce", ""), s->nonce, sizeof s->nonce);
}

static void sign(const evidence_maker *m, statement *s, char **pairs) {
    const char *signature = value_of(pairs, "signature", NULL);
    evidence_maker_sign_challenge(m, s);
    if (signature) {
        buffer raw = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
        CHECK(crypt_base64_decode(bytes_of(signature, strlen(signature)), &raw));
        memcpy(s->institution_signature, raw.data, raw.length);
        buffer_wipe(&raw);
    }
    if (strcmp(value_of(pairs, "damage", ""), "signature") == 0)
        s->institution_signature[100] ^= 1;
}

int main(int argc, char **argv) {
    static statement s;
    evidence_maker m;
    buffer der = BUFFER_INIT(EVIDENCE_MAX);
    if (argc < 4)
        return 2;
    evidence_maker_open(argv[1], argv[2], &m);
    evidence_maker_fill(&m, &s);
    change(&s, argv + 4);
    sign(&m, &s, argv + 4);
    evidence_maker_create(&m, &s, &der);
    CHECK(file_replace(argv[3], buffer_bytes(&der), 0600));
    printf("%s %s#%s %s %s\n", s.evidence_id, s.patient_issuer, s.patient_serial, s.service_date, s.terminal_time);
    buffer_wipe(&der);
    return 0;
}
