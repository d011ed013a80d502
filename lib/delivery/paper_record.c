/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/paper_record.h"

#include "delivery/search_index.h"

#include <stdio.h>
#include <string.h>

static const char *const words[PAPER_KINDS] = {
    [PAPER_CERTIFICATE] = "certificate", [PAPER_NOTICE] = "notice",     [PAPER_STATEMENT] = "statement",
    [PAPER_WELFARE] = "welfare",         [PAPER_SELF_PAY] = "self-pay",
};

const char *paper_kind_word(paper_kind kind) {
    return words[kind];
}

result paper_kind_read(const char *word, paper_kind *out) {
    for (size_t i = 0; i < PAPER_KINDS; i++) {
        *out = (paper_kind)i;
        if (strcmp(words[i], word) == 0)
            return RESULT_OK;
    }
    return RESULT_INVALID;
}

static result write_paper(const paper_record *r, buffer *text) {
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "paper", words[r->kind], "insurerNumber",
                                        r->insurer_number, "symbol", r->symbol, "number", r->number, "branch",
                                        r->branch, "validTo", r->valid_to, "operator", r->operator_id, "desk",
                                        desk_note_json(&r->note)),
                              text);
}

static result read_paper(bytes text, paper_record *out) {
    json_t *root = fhir_parse(text, NULL);
    char word[16];
    if (root == NULL)
        return RESULT_INVALID;
    fhir_copy(root, "paper", word, sizeof word);
    fhir_copy(root, "insurerNumber", out->insurer_number, sizeof out->insurer_number);
    fhir_copy(root, "symbol", out->symbol, sizeof out->symbol);
    fhir_copy(root, "number", out->number, sizeof out->number);
    fhir_copy(root, "branch", out->branch, sizeof out->branch);
    fhir_copy(root, "validTo", out->valid_to, sizeof out->valid_to);
    fhir_copy(root, "operator", out->operator_id, sizeof out->operator_id);
    desk_note_read(json_object_get(root, "desk"), &out->note);
    json_decref(root);
    return paper_kind_read(word, &out->kind);
}

static result write_indexed(const store_access *s, const paper_record *record, buffer *plain, terminal_tokens *tokens) {
    const result code = write_paper(record, plain);
    return code == RESULT_OK
               ? search_index_tokens(s, record->id, record->note.hospital_number, &record->note.said, tokens)
               : code;
}

result paper_record_add(store_access *s, const paper_record *record) {
    buffer plain = BUFFER_INIT(RECORD_MAX);
    terminal_tokens tokens;
    terminal_record row = {.at = record->at, .kind = RECORD_WITHOUT_CARD, .state = STATE_RECEIVED};
    snprintf(row.id, sizeof row.id, "%s", record->id);
    result code = write_indexed(s, record, &plain, &tokens);
    if (code == RESULT_OK)
        code = record_add_listed(s, &row, buffer_bytes(&plain), &tokens, NULL, NULL);
    buffer_wipe(&plain);
    return code;
}

result paper_record_replace(store_access *s, const paper_record *record) {
    buffer plain = BUFFER_INIT(RECORD_MAX);
    terminal_tokens tokens;
    result code = write_indexed(s, record, &plain, &tokens);
    if (code == RESULT_OK)
        code = record_replace_listed(s, record->id, STATE_RECEIVED, buffer_bytes(&plain), &tokens);
    buffer_wipe(&plain);
    return code;
}

result paper_record_get(store_access *s, const char *id, paper_record *out) {
    buffer plain = BUFFER_INIT(RECORD_MAX);
    terminal_record row;
    *out = (paper_record){0};
    result code = record_read(s, id, &row, &plain);
    if (code == RESULT_OK && strcmp(row.kind, RECORD_WITHOUT_CARD) != 0)
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK) {
        snprintf(out->id, sizeof out->id, "%s", row.id);
        out->at = row.at;
        code = read_paper(buffer_bytes(&plain), out);
    }
    buffer_wipe(&plain);
    return code;
}
