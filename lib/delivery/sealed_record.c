/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/sealed_record.h"

#include "delivery/ledger.h"
#include "delivery/record_seal.h"
#include "delivery/search_index.h"

#include "base/hex.h"
#include "base/log.h"
#include "crypt/digest.h"
#include "fhir/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reception_record_wipe(reception_record *record) {
    buffer_wipe(&record->evidence);
    buffer_wipe(&record->answer);
    buffer_wipe(&record->signature);
}

result record_subject(const store_access *s, const char *issuer, const char *serial, char subject[TERMINAL_WORD_SIZE]) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    buffer text = BUFFER_INIT(2 * CRYPT_NAME_MAX);
    buffer_append_format(&text, "%s#%s", issuer, serial);
    result code = text.failed == RESULT_OK ? crypt_hmac_sha256(BYTES(s->index_key), buffer_bytes(&text), mac)
                                           : text.failed;
    buffer_wipe(&text);
    hex_encode(BYTES(mac), subject, TERMINAL_WORD_SIZE);
    return code;
}

/* --- settings ----------------------------------------------------------------------------------------------------- */

/* A setting exists if the ledger names it, whatever the table says; then it must be there. */
result record_setting(store_access *s, const char *name, buffer *value) {
    buffer sealed = BUFFER_INIT(RECORD_MAX);
    int64_t version = 0;
    const int64_t wanted = ledger_setting(s, name);
    if (wanted == 0)
        return RESULT_NOT_FOUND;
    result code = terminal_store_setting(s->file, name, &version, &sealed);
    if (code == RESULT_NOT_FOUND || (code == RESULT_OK && version != wanted))
        code = RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK)
        code = record_open_setting(s, name, version, buffer_bytes(&sealed), value);
    buffer_wipe(&sealed);
    return code;
}

result record_set(store_access *s, const char *name, bytes value) {
    buffer sealed = BUFFER_INIT(RECORD_MAX);
    terminal_change change = {.settings = {{.name = name, .version = ledger_next(s)}}};
    result code = record_seal_setting(s, name, change.settings[0].version, value, &sealed);
    change.settings[0].value = buffer_bytes(&sealed);
    if (code == RESULT_OK)
        code = ledger_write(s, NULL, &change);
    buffer_wipe(&sealed);
    return code;
}

result record_unset(store_access *s, const char *name) {
    terminal_change change = {.settings = {{.name = name, .gone = true}}};
    return ledger_setting(s, name) != 0 ? ledger_write(s, NULL, &change) : RESULT_OK;
}

int64_t record_time(store_access *s, const char *name) {
    buffer text = BUFFER_INIT(CLOCK_TEXT_SIZE);
    int64_t at = 0;
    if (record_setting(s, name, &text) != RESULT_OK || clock_parse(buffer_text(&text), &at) != RESULT_OK)
        at = 0;
    buffer_wipe(&text);
    return at;
}

result record_set_time(store_access *s, const char *name, int64_t at) {
    char text[CLOCK_TEXT_SIZE];
    clock_text(at, text);
    return record_set(s, name, bytes_of(text, strlen(text)));
}

int64_t record_last_contact(store_access *s) {
    return record_time(s, SETTING_CONTACT);
}

result record_note_contact(store_access *s, int64_t at) {
    return record_set_time(s, SETTING_CONTACT, at);
}

/* --- receptions as JSON ------------------------------------------------------------------------------------------- */

/* The person, as a Patient; null when unknown. */
static json_t *person_json(const eligibility_person *person) {
    buffer text = BUFFER_INIT(PERSON_PATIENT_MAX);
    json_t *json = NULL;
    if (!eligibility_person_is_known(person))
        return json_null();
    if (eligibility_person_write(person, &text) == RESULT_OK)
        json = fhir_parse(buffer_bytes(&text), NULL);
    buffer_wipe(&text);
    return json;
}

static result write_reception(const reception_record *r, buffer *text) {
    return fhir_dump_and_free(
        json_pack(
            "{s:s,s:s,s:o,s:o,s:o,s:o,s:s,s:s,s:s,s:o}", "mode", statement_mode_text(r->mode), "grade", r->grade,
            "person", person_json(&r->person), "evidence", fhir_base64_string(buffer_bytes(&r->evidence)), "answer",
            r->answer.length > 0 ? json_stringn((const char *)r->answer.data, r->answer.length) : json_string(""),
            "signature", r->signature.length > 0 ? fhir_base64_string(buffer_bytes(&r->signature)) : json_string(""),
            "assumedInsurer", r->assumed_insurer, "assumedNumber", r->assumed_number, "reason", r->reason, "desk",
            desk_note_json(&r->note)),
        text);
}

static result read_reception(bytes text, reception_record *out) {
    json_t *root = fhir_parse(text, NULL);
    char mode[16];
    if (root == NULL)
        return RESULT_INVALID;
    fhir_copy(root, "mode", mode, sizeof mode);
    out->mode = strcmp(mode, "online") == 0 ? STATEMENT_ONLINE : STATEMENT_OFFLINE;
    fhir_copy(root, "grade", out->grade, sizeof out->grade);
    fhir_copy(root, "assumedInsurer", out->assumed_insurer, sizeof out->assumed_insurer);
    fhir_copy(root, "assumedNumber", out->assumed_number, sizeof out->assumed_number);
    fhir_copy(root, "reason", out->reason, sizeof out->reason);
    desk_note_read(json_object_get(root, "desk"), &out->note);
    result code = fhir_base64(root, "evidence", &out->evidence, NULL);
    const json_t *answer = json_object_get(root, "answer");
    if (code == RESULT_OK && json_is_string(answer))
        code = buffer_append(&out->answer, bytes_of(json_string_value(answer), json_string_length(answer)));
    if (code == RESULT_OK && json_string_length(json_object_get(root, "signature")) > 0)
        code = fhir_base64(root, "signature", &out->signature, NULL);
    const json_t *person = json_object_get(root, "person"); /* the version before had none */
    if (code == RESULT_OK && json_is_object(person))
        code = eligibility_person_of(person, &out->person, NULL);
    json_decref(root);
    return code;
}

void reception_person(const reception_record *record, desk_person *out) {
    const eligibility_person *p = &record->person;
    *out = record->note.said;
    if (!eligibility_person_is_known(p))
        return;
    *out = (desk_person){0};
    snprintf(out->name, sizeof out->name, "%s", p->name);
    snprintf(out->kana, sizeof out->kana, "%s", p->kana);
    snprintf(out->birth_date, sizeof out->birth_date, "%s", p->birth_date);
    snprintf(out->sex, sizeof out->sex, "%s", eligibility_sex_code(p->sex));
}

static result tokens_of(const store_access *s, const reception_record *record, terminal_tokens *out) {
    desk_person person;
    reception_person(record, &person);
    return search_index_tokens(s, record->evidence_id, record->note.hospital_number, &person, out);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

result record_add(store_access *s, terminal_record *row, bytes plain, const char *setting, const char *value) {
    return record_add_listed(s, row, plain, NULL, setting, value);
}

result record_add_listed(store_access *s, terminal_record *row, bytes plain, const terminal_tokens *tokens,
                         const char *setting, const char *value) {
    buffer sealed = BUFFER_INIT(RECORD_SIZE_MAX), sealed_value = BUFFER_INIT(1024);
    terminal_change change = {.record = row, .is_new = true, .tokens = tokens};
    row->version = ledger_next(s);
    result code = record_seal(s, row, plain, &sealed);
    if (code == RESULT_OK && setting != NULL)
        code = record_seal_setting(s, setting, row->version, bytes_of(value, strlen(value)), &sealed_value);
    change.sealed = buffer_bytes(&sealed);
    if (setting != NULL)
        change.settings[0] = (terminal_setting){
            .name = setting, .version = row->version, .value = buffer_bytes(&sealed_value)};
    if (code == RESULT_OK)
        code = ledger_write(s, NULL, &change);
    buffer_wipe(&sealed);
    buffer_wipe(&sealed_value);
    return code;
}

static result seal_additions(store_access *s, terminal_addition *all, const bytes *content, size_t count,
                             buffer *sealed) {
    result code = RESULT_OK;
    for (size_t i = 0; code == RESULT_OK && i < count; i++) {
        sealed[i] = BUFFER_INIT(RECORD_SIZE_MAX);
        all[i].record.version = ledger_next(s);
        code = record_seal(s, &all[i].record, content[i], &sealed[i]);
        all[i].sealed = buffer_bytes(&sealed[i]);
    }
    return code;
}

result record_add_together(store_access *s, terminal_addition *all, const bytes *content, size_t count) {
    terminal_change change = {.additions = all, .addition_count = count};
    buffer *sealed = calloc(count, sizeof *sealed);
    if (sealed == NULL)
        return RESULT_NO_MEMORY;
    result code = seal_additions(s, all, content, count, sealed);
    if (code == RESULT_OK)
        code = ledger_write(s, NULL, &change);
    for (size_t i = 0; i < count; i++) {
        buffer_wipe(&sealed[i]);
        all[i].sealed = bytes_of(NULL, 0);
    }
    free(sealed);
    return code;
}

result record_read(store_access *s, const char *id, terminal_record *row, buffer *plain) {
    buffer sealed = BUFFER_INIT(RECORD_SIZE_MAX);
    result code = terminal_store_get(s->file, id, row, &sealed);
    if (code == RESULT_OK)
        code = record_open(s, row, buffer_bytes(&sealed), plain);
    buffer_wipe(&sealed);
    return code;
}

/* The row as it is now, which the ledger must know. */
static result replace(store_access *s, const char *id, const char *state, const bytes *plain,
                      const terminal_tokens *tokens) {
    buffer sealed = BUFFER_INIT(RECORD_SIZE_MAX);
    terminal_record before, after;
    result code = terminal_store_get(s->file, id, &before, &sealed);
    buffer_clear(&sealed);
    if (code != RESULT_OK) {
        buffer_wipe(&sealed);
        return code;
    }
    after = before;
    after.version = ledger_next(s);
    snprintf(after.state, sizeof after.state, "%s", state);
    if (plain != NULL)
        code = record_seal(s, &after, *plain, &sealed);
    terminal_change change = {.record = &after, .sealed = buffer_bytes(&sealed), .tokens = tokens};
    if (code == RESULT_OK)
        code = ledger_write(s, &before, &change);
    buffer_wipe(&sealed);
    return code;
}

result record_replace(store_access *s, const char *id, const char *state, bytes plain) {
    return replace(s, id, state, &plain, NULL);
}

result record_replace_listed(store_access *s, const char *id, const char *state, bytes plain,
                             const terminal_tokens *tokens) {
    return replace(s, id, state, &plain, tokens);
}

bool record_is_damage(result code) {
    return code == RESULT_BAD_SIGNATURE || code == RESULT_INVALID || code == RESULT_TRUNCATED ||
           code == RESULT_TOO_LONG;
}

result record_quarantine(store_access *s, const char *id, result why, terminal_record *row) {
    buffer sealed = BUFFER_INIT(RECORD_SIZE_MAX);
    if (!record_is_damage(why))
        return why;
    result code = terminal_store_get(s->file, id, row, &sealed);
    buffer_wipe(&sealed);
    if (code == RESULT_OK)
        code = replace(s, id, STATE_DAMAGED, NULL, NULL);
    if (code == RESULT_OK)
        log_write(LOG_ERROR, "%s %s in the local store cannot be read (%s): set aside", row->kind, row->id,
                  result_text(why));
    return code;
}

result record_add_reception(store_access *s, const reception_record *record, const char *subject, const char *setting,
                            const char *value) {
    buffer plain = BUFFER_INIT(RECORD_MAX);
    terminal_record row = {.at = record->at, .kind = RECORD_RECEPTION};
    snprintf(row.id, sizeof row.id, "%s", record->evidence_id);
    snprintf(row.subject, sizeof row.subject, "%s", subject);
    snprintf(row.state, sizeof row.state, "%s", record->state);
    terminal_tokens tokens;
    result code = write_reception(record, &plain);
    if (code == RESULT_OK)
        code = tokens_of(s, record, &tokens);
    if (code == RESULT_OK)
        code = record_add_listed(s, &row, buffer_bytes(&plain), &tokens, setting, value);
    buffer_wipe(&plain);
    return code;
}

result record_replace_reception(store_access *s, const reception_record *record) {
    buffer plain = BUFFER_INIT(RECORD_MAX);
    terminal_tokens tokens;
    result code = write_reception(record, &plain);
    if (code == RESULT_OK)
        code = tokens_of(s, record, &tokens);
    if (code == RESULT_OK)
        code = record_replace_listed(s, record->evidence_id, record->state, buffer_bytes(&plain), &tokens);
    buffer_wipe(&plain);
    return code;
}

result record_get_reception(store_access *s, const char *evidence_id, reception_record *out) {
    buffer plain = BUFFER_INIT(RECORD_MAX);
    terminal_record row;
    *out = RECEPTION_RECORD_INIT;
    result code = record_read(s, evidence_id, &row, &plain);
    if (code == RESULT_OK && strcmp(row.kind, RECORD_RECEPTION) != 0)
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK) {
        snprintf(out->evidence_id, sizeof out->evidence_id, "%s", row.id);
        snprintf(out->state, sizeof out->state, "%s", row.state);
        out->at = row.at;
        code = read_reception(buffer_bytes(&plain), out);
    }
    buffer_wipe(&plain);
    return code;
}
