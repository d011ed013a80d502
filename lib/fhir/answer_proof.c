/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/answer_proof.h"

#include "base/hex.h"
#include "fhir/signed_answer.h"

#include <stdio.h>
#include <string.h>

/* --- path and root ------------------------------------------------------------------------------------------------ */

void answer_path_write(const hash_tree_path *path, char text[ANSWER_PATH_SIZE]) {
    int at = snprintf(text, ANSWER_PATH_SIZE, "%zu/%zu", path->index, path->count);
    for (size_t i = 0; i < path->length; i++) {
        text[at++] = ' ';
        hex_encode(BYTES(path->beside[i]), text + at, (size_t)(ANSWER_PATH_SIZE - at));
        at += 2 * CRYPT_SHA256_LENGTH;
    }
}

static result read_hash(const char *text, uint8_t hash[CRYPT_SHA256_LENGTH]) {
    char hex[2 * CRYPT_SHA256_LENGTH + 1] = "";
    memcpy(hex, text, strnlen(text, sizeof hex - 1));
    return hex_decode_exactly(hex, hash, CRYPT_SHA256_LENGTH);
}

result answer_path_read(const char *text, hash_tree_path *out) {
    char again[ANSWER_PATH_SIZE];
    int used = 0;
    *out = (hash_tree_path){0};
    if (sscanf(text, "%3zu/%3zu%n", &out->index, &out->count, &used) != 2)
        return RESULT_INVALID;
    for (const char *rest = text + used; *rest == ' '; rest += 1 + 2 * CRYPT_SHA256_LENGTH) {
        if (out->length == HASH_TREE_PATH_MAX || strlen(rest) < 1 + 2 * CRYPT_SHA256_LENGTH ||
            read_hash(rest + 1, out->beside[out->length++]) != RESULT_OK)
            return RESULT_INVALID;
    }
    answer_path_write(out, again); /* one text for one path */
    return strcmp(again, text) == 0 ? RESULT_OK : RESULT_INVALID;
}

result answer_proof_root(size_t entries, const uint8_t root[CRYPT_SHA256_LENGTH], buffer *content) {
    char hex[2 * CRYPT_SHA256_LENGTH + 1];
    hex_encode(bytes_of(root, CRYPT_SHA256_LENGTH), hex, sizeof hex);
    return buffer_append_format(content, "{\"entries\":%zu,\"root\":\"%s\",\"type\":\"uketsuke-batch-answer-2\"}",
                                entries, hex);
}

result answer_proof_climb(bytes entry, const hash_tree_path *path, uint8_t root[CRYPT_SHA256_LENGTH]) {
    uint8_t leaf[CRYPT_SHA256_LENGTH];
    const result code = hash_tree_leaf(entry, leaf);
    return code == RESULT_OK ? hash_tree_climb(leaf, path, root) : code;
}

/* --- the proof as JSON -------------------------------------------------------------------------------------------- */

static json_t *parsed(bytes text) {
    return json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
}

result answer_proof_write_alone(bytes answer, bytes signature, buffer *text) {
    return fhir_dump_and_free(
        json_pack("{s:o,s:o}", "answer", parsed(answer), "signature", fhir_base64_string(signature)), text);
}

result answer_proof_write_entry(bytes entry, const char *path, bytes signature, buffer *text) {
    return fhir_dump_and_free(
        json_pack("{s:o,s:s,s:o}", "entry", parsed(entry), "path", path, "signature", fhir_base64_string(signature)),
        text);
}

static result take_entry(const json_t *root, const json_t *entry, answer_proof *out, fhir_problem *problem) {
    char text[ANSWER_PATH_SIZE], status[4];
    uint8_t top[CRYPT_SHA256_LENGTH];
    hash_tree_path path;
    buffer leaf = BUFFER_INIT(ANSWER_PROOF_MAX);
    result code = fhir_text(root, "path", text, sizeof text, problem);
    if (code == RESULT_OK)
        code = fhir_text(entry, "response.status", status, sizeof status, problem);
    if (code == RESULT_OK && strcmp(status, "200") != 0 && strcmp(status, "201") != 0)
        code = fhir_complain(problem, "entry: is no answer, its status is %s", status);
    if (code == RESULT_OK && answer_path_read(text, &path) != RESULT_OK)
        code = fhir_complain(problem, "path: must be INDEX/COUNT and hashes in capital hexadecimal");
    if (code == RESULT_OK)
        code = fhir_dump(entry, &leaf);
    if (code == RESULT_OK && answer_proof_climb(buffer_bytes(&leaf), &path, top) != RESULT_OK)
        code = fhir_complain(problem, "path: does not lead to a root");
    buffer_wipe(&leaf);
    return code == RESULT_OK ? answer_proof_root(path.count, top, &out->content) : code;
}

static result take(const json_t *root, answer_proof *out, fhir_problem *problem) {
    const json_t *entry = json_object_get(root, "entry"), *alone = json_object_get(root, "answer");
    const json_t *answer = entry != NULL ? json_object_get(entry, "resource") : alone;
    if ((entry != NULL) == (alone != NULL) || !json_is_object(answer))
        return fhir_complain(problem, "either answer or entry with a resource");
    if (json_object_size(root) != (entry != NULL ? 3 : 2)) /* nothing beside what is signed, and so read */
        return fhir_complain(problem, "more than the answer, its path and its signature");
    result code = fhir_base64(root, "signature", &out->signature, problem);
    if (code == RESULT_OK)
        code = fhir_dump(answer, &out->answer);
    if (code == RESULT_OK)
        code = entry != NULL ? take_entry(root, entry, out, problem)
                             : buffer_append(&out->content, buffer_bytes(&out->answer));
    return code == RESULT_OK ? code : RESULT_INVALID;
}

result answer_proof_read(bytes text, answer_proof *out, fhir_problem *problem) {
    *out = (answer_proof){BUFFER_INIT(ANSWER_PROOF_MAX), BUFFER_INIT(ANSWER_PROOF_MAX),
                          BUFFER_INIT(ANSWER_PROOF_SIGNATURE_MAX)};
    json_t *root = text.length <= ANSWER_PROOF_MAX ? fhir_parse(text, problem) : NULL;
    const result code = root != NULL ? take(root, out, problem) : RESULT_INVALID;
    json_decref(root);
    return code;
}

void answer_proof_wipe(answer_proof *proof) {
    buffer_wipe(&proof->answer);
    buffer_wipe(&proof->content);
    buffer_wipe(&proof->signature);
}

bool answer_proof_is_bare(bytes text) {
    answer_proof proof;
    signed_answer form;
    const bool bare = answer_proof_read(text, &proof, NULL) == RESULT_OK &&
                      signed_answer_read(buffer_bytes(&proof.answer), &form, NULL) == RESULT_OK;
    answer_proof_wipe(&proof);
    return bare;
}
