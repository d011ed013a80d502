#include "core/record.h"

#include "base/hex.h"
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

result record_subject(const terminal *t, const char *issuer, const char *serial, char subject[TERMINAL_WORD_SIZE]) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    buffer text = BUFFER_INIT(2 * CRYPT_NAME_MOST);
    buffer_append_format(&text, "%s#%s", issuer, serial);
    result code = text.failed == RESULT_OK ? crypt_hmac_sha256(BYTES(t->index_key), buffer_bytes(&text), mac)
                                           : text.failed;
    buffer_wipe(&text);
    hex_encode(BYTES(mac), subject, TERMINAL_WORD_SIZE);
    return code;
}

/* --- sealing ------------------------------------------------------------------------------------------------------ */

/* Id and kind are bound to the content: a record moved to another place does not open. */
result record_seal(const terminal *t, const char *id, const char *kind, bytes plain, buffer *sealed) {
    char place[2 * TERMINAL_WORD_SIZE];
    snprintf(place, sizeof place, "%s %s", kind, id);
    return crypt_seal(t->record_key, bytes_of(place, strlen(place)), plain, sealed);
}

result record_open(const terminal *t, const char *id, const char *kind, bytes sealed, buffer *plain) {
    char place[2 * TERMINAL_WORD_SIZE];
    snprintf(place, sizeof place, "%s %s", kind, id);
    return crypt_open(t->record_key, bytes_of(place, strlen(place)), sealed, plain);
}

result record_setting(terminal *t, const char *name, buffer *value) {
    buffer sealed = BUFFER_INIT(RECORD_MOST);
    result code = terminal_store_setting(t->store, name, &sealed);
    if (code == RESULT_OK)
        code = record_open(t, name, "setting", buffer_bytes(&sealed), value);
    buffer_wipe(&sealed);
    return code;
}

result record_set(terminal *t, const char *name, bytes value) {
    buffer sealed = BUFFER_INIT(RECORD_MOST);
    result code = record_seal(t, name, "setting", value, &sealed);
    if (code == RESULT_OK)
        code = terminal_store_set(t->store, name, buffer_bytes(&sealed));
    buffer_wipe(&sealed);
    return code;
}

int64_t record_time(terminal *t, const char *name) {
    buffer text = BUFFER_INIT(CLOCK_TEXT_SIZE);
    int64_t at = 0;
    if (record_setting(t, name, &text) != RESULT_OK || clock_parse(buffer_text(&text), &at) != RESULT_OK)
        at = 0;
    buffer_wipe(&text);
    return at;
}

result record_set_time(terminal *t, const char *name, int64_t at) {
    char text[CLOCK_TEXT_SIZE];
    clock_text(at, text);
    return record_set(t, name, bytes_of(text, strlen(text)));
}

int64_t record_last_contact(terminal *t) {
    return record_time(t, SETTING_CONTACT);
}

result record_note_contact(terminal *t, int64_t at) {
    return record_set_time(t, SETTING_CONTACT, at);
}

/* --- receptions as JSON ------------------------------------------------------------------------------------------- */

static result write_reception(const reception_record *r, buffer *text) {
    return fhir_dump_and_free(
        json_pack("{s:s,s:s,s:o,s:o,s:o,s:s,s:s,s:s}", "mode", statement_mode_text(r->mode), "grade", r->grade,
                  "evidence", fhir_base64_string(buffer_bytes(&r->evidence)), "answer",
                  r->answer.length > 0 ? json_stringn((const char *)r->answer.data, r->answer.length) : json_string(""),
                  "signature",
                  r->signature.length > 0 ? fhir_base64_string(buffer_bytes(&r->signature)) : json_string(""),
                  "assumedInsurer", r->assumed_insurer, "assumedNumber", r->assumed_number, "reason", r->reason),
        text);
}

static void copy_member(const json_t *root, const char *name, char *text, size_t size) {
    const json_t *value = json_object_get(root, name);
    snprintf(text, size, "%s", json_is_string(value) ? json_string_value(value) : "");
}

static result read_reception(bytes text, reception_record *out) {
    json_t *root = fhir_parse(text, NULL);
    char mode[16];
    if (root == NULL)
        return RESULT_INVALID;
    copy_member(root, "mode", mode, sizeof mode);
    out->mode = strcmp(mode, "online") == 0 ? STATEMENT_ONLINE : STATEMENT_OFFLINE;
    copy_member(root, "grade", out->grade, sizeof out->grade);
    copy_member(root, "assumedInsurer", out->assumed_insurer, sizeof out->assumed_insurer);
    copy_member(root, "assumedNumber", out->assumed_number, sizeof out->assumed_number);
    copy_member(root, "reason", out->reason, sizeof out->reason);
    result code = fhir_base64(root, "evidence", &out->evidence, NULL);
    const json_t *answer = json_object_get(root, "answer");
    if (code == RESULT_OK && json_is_string(answer))
        code = buffer_append(&out->answer, bytes_of(json_string_value(answer), json_string_length(answer)));
    if (code == RESULT_OK && json_string_length(json_object_get(root, "signature")) > 0)
        code = fhir_base64(root, "signature", &out->signature, NULL);
    json_decref(root);
    return code;
}

static result seal_reception(const terminal *t, const reception_record *record, buffer *sealed) {
    buffer plain = BUFFER_INIT(RECORD_MOST);
    result code = write_reception(record, &plain);
    if (code == RESULT_OK)
        code = record_seal(t, record->evidence_id, RECORD_RECEPTION, buffer_bytes(&plain), sealed);
    buffer_wipe(&plain);
    return code;
}

result record_add_reception(terminal *t, const reception_record *record, const char *subject, const char *setting,
                            const char *value) {
    buffer sealed = BUFFER_INIT(RECORD_MOST), sealed_value = BUFFER_INIT(1024);
    terminal_record row = {.at = record->at};
    snprintf(row.id, sizeof row.id, "%s", record->evidence_id);
    snprintf(row.kind, sizeof row.kind, "%s", RECORD_RECEPTION);
    snprintf(row.subject, sizeof row.subject, "%s", subject);
    snprintf(row.state, sizeof row.state, "%s", record->state);
    result code = seal_reception(t, record, &sealed);
    if (code == RESULT_OK)
        code = record_seal(t, setting, "setting", bytes_of(value, strlen(value)), &sealed_value);
    if (code == RESULT_OK)
        code = terminal_store_add(t->store, &row, buffer_bytes(&sealed), setting, buffer_bytes(&sealed_value));
    buffer_wipe(&sealed);
    buffer_wipe(&sealed_value);
    return code;
}

result record_replace_reception(terminal *t, const reception_record *record) {
    buffer sealed = BUFFER_INIT(RECORD_MOST);
    result code = seal_reception(t, record, &sealed);
    if (code == RESULT_OK)
        code = terminal_store_replace(t->store, record->evidence_id, record->state, buffer_bytes(&sealed));
    buffer_wipe(&sealed);
    return code;
}

result record_get_reception(terminal *t, const char *evidence_id, reception_record *out) {
    buffer sealed = BUFFER_INIT(RECORD_MOST), plain = BUFFER_INIT(RECORD_MOST);
    terminal_record row;
    *out = RECEPTION_RECORD_INIT;
    result code = terminal_store_get(t->store, evidence_id, &row, &sealed);
    if (code == RESULT_OK)
        code = record_open(t, row.id, row.kind, buffer_bytes(&sealed), &plain);
    if (code == RESULT_OK) {
        snprintf(out->evidence_id, sizeof out->evidence_id, "%s", row.id);
        snprintf(out->state, sizeof out->state, "%s", row.state);
        out->at = row.at;
        code = read_reception(buffer_bytes(&plain), out);
    }
    buffer_wipe(&sealed);
    buffer_wipe(&plain);
    return code;
}
