/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "evidence/statement_internal.h"

static void append_name(buffer *json, const statement_field *f, bool first) {
    buffer_append_text(json, first ? "{\"" : ",\"");
    buffer_append_text(json, f->name);
    buffer_append_text(json, "\":");
}

result statement_write(const statement *s, buffer *json) {
    const size_t before = json->length;
    result code = RESULT_OK;
    for (size_t i = 0; i < statement_field_count && code == RESULT_OK; i++) {
        if (s->older_version != 0 && statement_fields[i].since > s->older_version)
            continue;
        append_name(json, &statement_fields[i], i == 0);
        code = statement_fields[i].write(&statement_fields[i], s, json);
    }
    if (code == RESULT_OK)
        code = buffer_append_u8(json, '}');
    if (code == RESULT_OK)
        code = json->failed;
    if (code != RESULT_OK)
        buffer_truncate(json, before);
    return code;
}

static bool take_name(canonical_reader *r, const statement_field *f, bool first) {
    canonical_reader after = *r;
    bool there = canonical_take(&after, first ? "{\"" : ",\"") && canonical_take(&after, f->name) &&
                 canonical_take(&after, "\":");
    if (there)
        *r = after;
    return there;
}

/* A missing field limits the version. */
static void note_older(statement *out, int version) {
    if (out->older_version == 0 || version < out->older_version)
        out->older_version = version;
}

static const char *read_fields(canonical_reader *r, statement *out) {
    for (size_t i = 0; i < statement_field_count; i++) {
        bool there = take_name(r, &statement_fields[i], i == 0);
        if (!there && statement_fields[i].since > 1)
            note_older(out, statement_fields[i].since - 1);
        else if (!there || !statement_fields[i].read(&statement_fields[i], r, out))
            return statement_fields[i].name;
    }
    return canonical_take(r, "}") && r->rest.length == 0 ? NULL : "(the end)";
}

/* Reading checks types and sizes; writing again checks every form, and proves that the bytes are the canonical ones. */
result statement_read(bytes json, statement *out, const char **field) {
    buffer again = BUFFER_INIT(STATEMENT_MAX);
    canonical_reader r = {json};
    *out = (statement){0};
    const char *wrong = json.length <= STATEMENT_MAX ? read_fields(&r, out) : "(the length)";
    if (wrong == NULL && (statement_write(out, &again) != RESULT_OK || !bytes_equal(buffer_bytes(&again), json)))
        wrong = "(a field's form)";
    buffer_wipe(&again);
    if (field != NULL)
        *field = wrong;
    return wrong == NULL ? RESULT_OK : RESULT_INVALID;
}
