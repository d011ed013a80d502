/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "evidence/evidence.h"

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

result evidence_create(const statement *s, const cms_signer *patient, const cms_signer *institution, buffer *der) {
    buffer json = BUFFER_INIT(STATEMENT_MAX);
    cms_signer signers[2];
    size_t count = 0;
    int64_t at = 0;
    if ((institution == NULL) != (s->mode == STATEMENT_ONLINE))
        return RESULT_INVALID;
    signers[count++] = *patient;
    if (institution != NULL)
        signers[count++] = *institution;
    result code = statement_write(s, &json);
    if (code == RESULT_OK)
        code = clock_parse(s->terminal_time, &at);
    if (code == RESULT_OK)
        code = cms_sign(buffer_bytes(&json), false, signers, count, at, der);
    buffer_wipe(&json);
    return code;
}

result evidence_hash(bytes der, char text[STATEMENT_HASH_SIZE]) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    result code = crypt_sha256(der, digest);
    hex_encode(BYTES(digest), text, STATEMENT_HASH_SIZE);
    return code;
}

result evidence_print(const statement *s, buffer *text) {
    char holder[2 * CVC_REFERENCE_LENGTH + 1], challenge[2 * INSTITUTION_CHALLENGE_LENGTH + 1];
    hex_encode(BYTES(s->holder_reference), holder, sizeof holder);
    hex_encode(BYTES(s->challenge), challenge, sizeof challenge);
    const struct {
        const char *name, *value;
    } lines[] = {
        {"evidence", s->evidence_id},
        {"mode", statement_mode_text(s->mode)},
        {"grade given", statement_grade_text(s->grade)},
        {"holder identified", s->older_version != 0 ? "not stated" : statement_identified_text(s->identified)},
        {"service date", s->service_date},
        {"terminal time", s->terminal_time},
        {"clock", s->clock_synchronised ? "synchronised" : "unsynchronised"},
        {"last platform contact", *s->last_platform_contact != 0 ? s->last_platform_contact : "never"},
        {"institution code", s->institution_code},
        {"terminal", s->terminal_id},
        {"operator", s->operator_id},
        {"card", s->card_id},
        {"certificate serial", s->patient_serial},
        {"certificate issuer", s->patient_issuer},
        {"holder reference", holder},
        {"challenge", challenge},
        {"previous evidence", *s->previous_evidence != 0 ? s->previous_evidence : "none"},
    };
    char clock[160] = "never heard";
    if (s->clock.beacon[0] != 0 && s->clock.restarted)
        snprintf(clock, sizeof clock, "%s, started again since", s->clock.beacon);
    else if (s->clock.beacon[0] != 0)
        snprintf(clock, sizeof clock, "%s, %lld s before; ahead by %lld s then, set by %lld s since", s->clock.beacon,
                 (long long)s->clock.age, (long long)s->clock.offset, (long long)s->clock.jump);
    buffer_append_format(text, "%-22s %s\n", "platform's clock", clock);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        buffer_append_format(text, "%-22s %s\n", lines[i].name, lines[i].value);
    if (s->mode == STATEMENT_OFFLINE)
        buffer_append_format(text, "%-22s %s, %u signatures\n", "secure element", s->se_serial, s->se_counter);
    else
        buffer_append_format(text, "%-22s %s\n", "platform session", s->session);
    return text->failed;
}
