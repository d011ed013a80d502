/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se/se_identity.h"

#include "core/audit.h"
#include "se/data_key.h"
#include "se/se_supervision.h"

#include "base/hex.h"
#include "crypt/certificate.h"
#include "crypt/digest.h"

#include <stdlib.h>
#include <string.h>

#define SE_INSTITUTION "institution"
#define CERTIFICATE_MAX 8192
#define SETTING_IDENTITY "se-identity"
#define SETTING_PAIRING "se-pairing" /* hexadecimal; "00000000": not paired */
#define PAIRING_SIZE 16
#define NOT_PAIRED "00000000"

/* Both must match: an SE with only a cloned certificate or a cloned serial number is another one. */
result identity_text(token *se, buffer *text) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char fingerprint[2 * CRYPT_SHA256_LENGTH + 1];
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    result code = token_certificate(se, SE_INSTITUTION, &der);
    if (code == RESULT_OK)
        code = crypt_sha256(buffer_bytes(&der), digest);
    buffer_wipe(&der);
    if (code != RESULT_OK)
        return code;
    hex_encode(BYTES(digest), fingerprint, sizeof fingerprint);
    return buffer_append_format(text, "%s %s", token_serial(se), fingerprint);
}

/* A token without an SE-state record (another maker's) counts as not paired; one that did not answer does not. */
static result pairing_text(token *se, char text[PAIRING_SIZE]) {
    se_state state;
    const result code = se_state_read(se, &state);
    snprintf(text, PAIRING_SIZE, "%08X", code == RESULT_OK ? state.pairing : 0);
    return se_tells_nothing(code) ? RESULT_OK : code;
}

/* Whether a setting is there, and is this text. */
static result compare(store_access *store, const char *name, const char *text, bool *same) {
    buffer known = BUFFER_INIT(IDENTITY_MAX);
    const result code = terminal_store_setting(store->file, name, NULL, &known);
    *same = code == RESULT_OK && strcmp(buffer_text(&known), text) == 0;
    buffer_wipe(&known);
    return code;
}

bool identity_has_serial(store_access *store, const char *serial) {
    buffer known = BUFFER_INIT(IDENTITY_MAX);
    const bool same = terminal_store_setting(store->file, SETTING_IDENTITY, NULL, &known) != RESULT_OK ||
                      strncmp(buffer_text(&known), serial, strlen(serial)) == 0;
    buffer_wipe(&known);
    return same;
}

/* The first pairing of an SE that was not paired is the end of its enrolment, and makes it only stricter. An SE with an
 * identity had a pairing: if the setting is missing, it was removed. */
static result check_pairing(store_access *store, token *se, identity_verdict *verdict) {
    char now[PAIRING_SIZE];
    bool same, was_not = false;
    result code = pairing_text(se, now);
    if (code != RESULT_OK)
        return code;
    code = compare(store, SETTING_PAIRING, now, &same);
    if (code == RESULT_OK && !same)
        code = compare(store, SETTING_PAIRING, NOT_PAIRED, &was_not);
    if (code == RESULT_NOT_FOUND || (code == RESULT_OK && !same && !was_not)) {
        *verdict = IDENTITY_PAIRED_ANEW;
        return RESULT_OK;
    }
    *verdict = IDENTITY_SAME;
    if (code != RESULT_OK || same)
        return code;
    audit_note(store, "se-paired", "");
    return terminal_store_set(store->file, SETTING_PAIRING, bytes_of(now, strlen(now)));
}

/* A store with a data key has an SE: if the setting that names it is missing, it was removed. */
static bool store_is_new(store_access *store) {
    buffer key = BUFFER_INIT(CERTIFICATE_MAX);
    const bool none = terminal_store_setting(store->file, SETTING_DATA_KEY, NULL, &key) == RESULT_NOT_FOUND;
    buffer_wipe(&key);
    return none;
}

result identity_validate(store_access *store, token *se, identity_verdict *verdict) {
    buffer now = BUFFER_INIT(IDENTITY_MAX);
    bool same = false;
    result code = identity_text(se, &now);
    if (code == RESULT_OK)
        code = compare(store, SETTING_IDENTITY, buffer_text(&now), &same);
    buffer_wipe(&now);
    *verdict = code == RESULT_NOT_FOUND && store_is_new(store) ? IDENTITY_FIRST : IDENTITY_OTHER;
    if (code == RESULT_NOT_FOUND)
        return RESULT_OK;
    return code == RESULT_OK && same ? check_pairing(store, se, verdict) : code;
}

result identity_take(store_access *store, token *se) {
    char pairing[PAIRING_SIZE];
    buffer now = BUFFER_INIT(IDENTITY_MAX);
    result code = pairing_text(se, pairing);
    if (code == RESULT_OK)
        code = identity_text(se, &now);
    if (code == RESULT_OK)
        code = terminal_store_set(store->file, SETTING_PAIRING, bytes_of(pairing, strlen(pairing)));
    if (code == RESULT_OK)
        code = terminal_store_set(store->file, SETTING_IDENTITY, buffer_bytes(&now));
    buffer_wipe(&now);
    return code;
}

/* Records that begin with an SE that has signed already are those of a terminal set up anew, or of one whose earlier
 * records were lost or removed: the auditor asks which. */
static result take_first(store_access *store, token *se) {
    se_state state;
    result code = se_state_read(se, &state);
    const bool signed_before = code == RESULT_OK && state.signatures > 0;
    if (code == RESULT_OK || se_tells_nothing(code))
        code = identity_take(store, se);
    if (code == RESULT_OK)
        audit_note(store, "se-first-seen", signed_before ? "signed-before" : "");
    return code;
}

/* Evidence must name the institution that the SE signs for, otherwise it is refused later. */
static outcome check_institution(command_context *ctx, token *se) {
    char code[IDENTITY_MAX] = "";
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    certificate *c = NULL;
    const bool read = token_certificate(se, SE_INSTITUTION, &der) == RESULT_OK &&
                      certificate_new(buffer_bytes(&der), &c) == RESULT_OK;
    if (read)
        certificate_subject_attribute(c, CERTIFICATE_SERIAL_NUMBER, code, sizeof code);
    certificate_free(&c);
    buffer_wipe(&der);
    if (!read || strcmp(code, ctx->configuration.institution_code) == 0)
        return OUTCOME_OK; /* one that cannot be read is checked, and told, by identity_validate */
    return report_failure(
        &ctx->report, OUTCOME_REFUSED, "se-institution",
        _("The Secure Element is of the institution %s, but the configuration says institution-code = %s. Put in this"
          " institution's Secure Element, or have the configuration set right."),
        *code != 0 ? code : "-", ctx->configuration.institution_code);
}

outcome identity_check(card_access *cards, store_access *store, command_context *ctx, token *se) {
    const outcome institution = check_institution(ctx, se);
    if (institution != OUTCOME_OK)
        return institution;
    identity_verdict verdict;
    result code = identity_validate(store, se, &verdict);
    if (code == RESULT_OK && verdict == IDENTITY_FIRST)
        code = take_first(store, se);
    /* A read that failed because the SE was just removed says nothing about its identity. */
    if (verdict != IDENTITY_SAME && token_card_present(cards->se_module, ctx->configuration.reader_se) != RESULT_OK)
        code = RESULT_REMOVED;
    if (code != RESULT_OK)
        return cards_token_failure(cards, &ctx->report, code, _("Secure Element"), se);
    const char *reason = verdict == IDENTITY_OTHER         ? "se-foreign"
                         : verdict == IDENTITY_PAIRED_ANEW ? "se-paired-anew"
                                                           : NULL;
    if (reason == NULL)
        return OUTCOME_OK;
    return report_failure(&ctx->report, OUTCOME_CARD, reason, _("Receptions are not possible. %s"),
                          se_trouble_sentence(reason));
}
