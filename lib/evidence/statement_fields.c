/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "evidence/statement_internal.h"

#include "base/hex.h"
#include "crypt/base64.h"

#include <stddef.h>
#include <string.h>

#define PURPOSE "insurance-eligibility"

static const char *const modes[] = {[STATEMENT_OFFLINE] = "offline", [STATEMENT_ONLINE] = "online", NULL};
static const char *const grades[] = {
    [STATEMENT_PENDING] = "pending",
    [STATEMENT_PROVISIONAL_A] = "provisional-a",
    [STATEMENT_PROVISIONAL_B] = "provisional-b",
    [STATEMENT_PROVISIONAL_C] = "provisional-c",
    NULL,
};

static const char *const identifications[] = {[STATEMENT_NOT_ASKED] = "not-asked",
                                              [STATEMENT_BY_FACE] = "face",
                                              [STATEMENT_BY_PIN] = "pin",
                                              [STATEMENT_BY_NOBODY] = "nobody",
                                              NULL};

const char *statement_identified_text(statement_identified identified) {
    return (unsigned)identified <= STATEMENT_BY_NOBODY ? identifications[identified] : "unknown";
}

bool statement_identified_of(const char *text, statement_identified *out) {
    for (int i = 0; identifications[i] != NULL; i++)
        if (strcmp(text, identifications[i]) == 0) {
            *out = (statement_identified)i;
            return true;
        }
    return false;
}

const char *statement_mode_text(statement_mode mode) {
    return modes[mode == STATEMENT_ONLINE];
}

const char *statement_grade_text(statement_grade grade) {
    return (unsigned)grade <= STATEMENT_PROVISIONAL_C ? grades[grade] : "unknown";
}

/* --- forms of texts --------------------------------------------------------------------------------------------- */

static bool is_text(const char *text) { /* printable; UTF-8 is checked where it is written */
    for (const char *p = text; *p != 0; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return false;
    return *text != 0;
}

static bool is_code(const char *text) {
    return strlen(text) == STATEMENT_CODE_SIZE - 1 && strspn(text, "0123456789") == STATEMENT_CODE_SIZE - 1;
}

static bool is_date(const char *text) {
    return clock_check_date(text) == RESULT_OK;
}

static bool is_time(const char *text) {
    int64_t ignored;
    return clock_parse(text, &ignored) == RESULT_OK;
}

static bool is_card_id(const char *text) {
    return strlen(text) == INSTITUTION_CARD_ID_LENGTH && is_text(text);
}

static bool is_serial(const char *text) {
    size_t length = strlen(text);
    return length >= 2 && length % 2 == 0 && strspn(text, "0123456789ABCDEF") == length;
}

static bool is_hash(const char *text) {
    return strlen(text) == STATEMENT_HASH_SIZE - 1 && is_serial(text);
}

/* --- the fields ------------------------------------------------------------------------------------------------- */

static bool is_there(presence when, const statement *s, bool empty) {
    return when == ALWAYS || (when == ONLINE_ONLY && s->mode == STATEMENT_ONLINE) || (when == MAY_BE_NULL && !empty);
}

static result append_null(buffer *json) {
    return buffer_append_text(json, "null");
}

/* --- texts ------------------------------------------------------------------------------------------------------ */

static result write_text(const statement_field *f, const statement *s, buffer *json) {
    const char *text = (const char *)s + f->offset;
    if (memchr(text, 0, f->size) == NULL)
        return RESULT_INVALID;
    if (!is_there(f->when, s, *text == 0))
        return *text == 0 ? append_null(json) : RESULT_INVALID;
    return f->has_form(text) ? canonical_append_text(json, text) : RESULT_INVALID;
}

static bool read_text(const statement_field *f, canonical_reader *r, statement *out) {
    return (f->when != ALWAYS && canonical_take(r, "null")) || canonical_take_text(r, (char *)out + f->offset, f->size);
}

/* --- bytes ------------------------------------------------------------------------------------------------------ */

static result write_bytes(const statement_field *f, const statement *s, buffer *json,
                          result (*append)(buffer *text, bytes data)) {
    if (!is_there(f->when, s, false))
        return append_null(json);
    buffer_append_u8(json, '"');
    append(json, bytes_of((const uint8_t *)s + f->offset, f->size));
    return buffer_append_u8(json, '"');
}

static bool keep_bytes(const statement_field *f, buffer *raw, statement *out) {
    bool whole = raw->length == f->size;
    if (whole)
        memcpy((uint8_t *)out + f->offset, raw->data, f->size);
    buffer_wipe(raw);
    return whole;
}

static result write_hex(const statement_field *f, const statement *s, buffer *json) {
    return write_bytes(f, s, json, hex_append);
}

static bool read_hex(const statement_field *f, canonical_reader *r, statement *out) {
    char text[2 * STATEMENT_NONCE_LENGTH + 1];
    if (f->when != ALWAYS && canonical_take(r, "null"))
        return true;
    buffer raw = BUFFER_INIT(f->size);
    if (canonical_take_text(r, text, sizeof text))
        hex_decode(text, &raw);
    return keep_bytes(f, &raw, out);
}

static result write_base64(const statement_field *f, const statement *s, buffer *json) {
    return write_bytes(f, s, json, crypt_base64_append);
}

static bool read_base64(const statement_field *f, canonical_reader *r, statement *out) {
    bytes text;
    buffer raw = BUFFER_INIT(f->size);
    if (canonical_take_plain(r, &text))
        crypt_base64_decode(text, &raw);
    return keep_bytes(f, &raw, out);
}

/* --- words ------------------------------------------------------------------------------------------------------ */

/* The index of the next text in a NULL-closed list, or -1. */
static int take_word(canonical_reader *r, const char *const words[]) {
    char text[STATEMENT_TEXT_MAX];
    bool there = canonical_take_text(r, text, sizeof text);
    for (int i = 0; there && words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return -1;
}

static result write_mode(const statement_field *f, const statement *s, buffer *json) {
    (void)f;
    return canonical_append_text(json, statement_mode_text(s->mode));
}

static bool read_mode(const statement_field *f, canonical_reader *r, statement *out) {
    int mode = take_word(r, modes);
    (void)f;
    out->mode = mode == STATEMENT_ONLINE ? STATEMENT_ONLINE : STATEMENT_OFFLINE;
    return mode >= 0;
}

/* Online the answer gives the grade; offline the terminal does. */
static result write_grade(const statement_field *f, const statement *s, buffer *json) {
    (void)f;
    return (s->mode == STATEMENT_ONLINE) == (s->grade == STATEMENT_PENDING)
               ? canonical_append_text(json, statement_grade_text(s->grade))
               : RESULT_INVALID;
}

static bool read_grade(const statement_field *f, canonical_reader *r, statement *out) {
    int grade = take_word(r, grades);
    (void)f;
    out->grade = (statement_grade)(grade < 0 ? 0 : grade);
    return grade >= 0;
}

static result write_identified(const statement_field *f, const statement *s, buffer *json) {
    (void)f;
    return (unsigned)s->identified <= STATEMENT_BY_NOBODY
               ? canonical_append_text(json, statement_identified_text(s->identified))
               : RESULT_INVALID;
}

static bool read_identified(const statement_field *f, canonical_reader *r, statement *out) {
    const int word = take_word(r, identifications);
    (void)f;
    out->identified = (statement_identified)(word < 0 ? 0 : word);
    return word >= 0;
}

static const char *const clock_words[] = {"unsynchronised", "synchronised", NULL};

static result write_clock_quality(const statement_field *f, const statement *s, buffer *json) {
    (void)f;
    return canonical_append_text(json, clock_words[s->clock_synchronised]);
}

static bool read_clock_quality(const statement_field *f, canonical_reader *r, statement *out) {
    int word = take_word(r, clock_words);
    (void)f;
    out->clock_synchronised = word == 1;
    return word >= 0;
}

static result write_purpose(const statement_field *f, const statement *s, buffer *json) {
    (void)f;
    (void)s;
    return buffer_append_text(json, "\"" PURPOSE "\"");
}

static bool read_purpose(const statement_field *f, canonical_reader *r, statement *out) {
    (void)f;
    (void)out;
    return canonical_take(r, "\"" PURPOSE "\"");
}

static int version_of(const statement *s) {
    return s->older_version != 0 ? s->older_version : STATEMENT_VERSION;
}

static result write_version(const statement_field *f, const statement *s, buffer *json) {
    (void)f;
    return buffer_append_format(json, "%d", version_of(s));
}

/* The fields that are there have decided the version; this field must agree. */
static bool read_version(const statement_field *f, canonical_reader *r, statement *out) {
    int64_t version;
    (void)f;
    return canonical_take_integer(r, &version) && version == version_of(out);
}

/* --- objects ---------------------------------------------------------------------------------------------------- */

#define MEMBER(member) offsetof(statement, member), sizeof((statement *)0)->member
#define TEXT(name, member, form, when) {name, write_text, read_text, 1, MEMBER(member), form, when}

static const statement_field issuer = TEXT("issuer", patient_issuer, is_text, ALWAYS),
                             serial = TEXT("serial", patient_serial, is_serial, ALWAYS);

static result write_certificate(const statement_field *f, const statement *s, buffer *json) {
    (void)f;
    buffer_append_text(json, "{\"issuer\":");
    result code = write_text(&issuer, s, json);
    buffer_append_text(json, ",\"serial\":");
    if (code == RESULT_OK)
        code = write_text(&serial, s, json);
    return code == RESULT_OK ? buffer_append_u8(json, '}') : code;
}

static bool read_certificate(const statement_field *f, canonical_reader *r, statement *out) {
    (void)f;
    return canonical_take(r, "{\"issuer\":") && read_text(&issuer, r, out) && canonical_take(r, ",\"serial\":") &&
           read_text(&serial, r, out) && canonical_take(r, "}");
}

static bool is_bounded(int64_t seconds) {
    return seconds >= -STATEMENT_CLOCK_MAX && seconds <= STATEMENT_CLOCK_MAX;
}

static result write_clock(const statement_field *f, const statement *s, buffer *json) {
    const statement_clock *c = &s->clock;
    (void)f;
    if (c->beacon[0] == 0)
        return c->restarted || c->age != 0 || c->offset != 0 || c->jump != 0 ? RESULT_INVALID : append_null(json);
    if (!is_time(c->beacon))
        return RESULT_INVALID;
    if (c->restarted)
        return buffer_append_format(json, "{\"age\":null,\"beacon\":\"%s\",\"jump\":null,\"offset\":null}", c->beacon);
    if (c->age < 0 || !is_bounded(c->age) || !is_bounded(c->offset) || !is_bounded(c->jump))
        return RESULT_INVALID;
    return buffer_append_format(json, "{\"age\":%lld,\"beacon\":\"%s\",\"jump\":%lld,\"offset\":%lld}",
                                (long long)c->age, c->beacon, (long long)c->jump, (long long)c->offset);
}

static bool read_clock(const statement_field *f, canonical_reader *r, statement *out) {
    statement_clock *c = &out->clock;
    (void)f;
    if (canonical_take(r, "null"))
        return true;
    c->restarted = canonical_take(r, "{\"age\":null,\"beacon\":");
    if (c->restarted)
        return canonical_take_text(r, c->beacon, sizeof c->beacon) &&
               canonical_take(r, ",\"jump\":null,\"offset\":null}");
    return canonical_take(r, "{\"age\":") && canonical_take_integer(r, &c->age) && canonical_take(r, ",\"beacon\":") &&
           canonical_take_text(r, c->beacon, sizeof c->beacon) && canonical_take(r, ",\"jump\":") &&
           canonical_take_integer(r, &c->jump) && canonical_take(r, ",\"offset\":") &&
           canonical_take_integer(r, &c->offset) && canonical_take(r, "}");
}

static result write_se(const statement_field *f, const statement *s, buffer *json) {
    (void)f;
    if (s->mode == STATEMENT_ONLINE)
        return append_null(json);
    buffer_append_format(json, "{\"counter\":%u,\"serial\":", s->se_counter);
    result code = is_text(s->se_serial) ? canonical_append_text(json, s->se_serial) : RESULT_INVALID;
    return code == RESULT_OK ? buffer_append_u8(json, '}') : code;
}

static bool read_se(const statement_field *f, canonical_reader *r, statement *out) {
    int64_t counter = 0;
    (void)f;
    if (canonical_take(r, "null"))
        return true;
    bool good = canonical_take(r, "{\"counter\":") && canonical_take_integer(r, &counter) && counter >= 0 &&
                counter <= UINT32_MAX && canonical_take(r, ",\"serial\":") &&
                canonical_take_text(r, out->se_serial, sizeof out->se_serial) && canonical_take(r, "}");
    out->se_counter = good ? (uint32_t)counter : 0;
    return good;
}

/* --- the statement ---------------------------------------------------------------------------------------------- */

#define HEX(name, member, when) {name, write_hex, read_hex, 1, MEMBER(member), NULL, when}
#define OWN(name, kind, later) {name, write_##kind, read_##kind, later, 0, 0, NULL, ALWAYS}

const statement_field statement_fields[] = {
    TEXT("cardId", card_id, is_card_id, ALWAYS),
    HEX("certificateHolderReference", holder_reference, ALWAYS),
    HEX("challenge", challenge, ALWAYS),
    OWN("clockQuality", clock_quality, 1),
    TEXT("evidenceId", evidence_id, uuid_is_valid, ALWAYS),
    OWN("grade", grade, 1),
    OWN("holderIdentified", identified, 3),
    TEXT("institutionCode", institution_code, is_code, ALWAYS),
    {"institutionSignature", write_base64, read_base64, 1, MEMBER(institution_signature), NULL, ALWAYS},
    TEXT("lastPlatformContact", last_platform_contact, is_time, MAY_BE_NULL),
    OWN("mode", mode, 1),
    HEX("nonce", nonce, ONLINE_ONLY),
    TEXT("operatorId", operator_id, is_text, ALWAYS),
    OWN("patientCertificate", certificate, 1),
    OWN("platformClock", clock, 2),
    TEXT("previousEvidence", previous_evidence, is_hash, MAY_BE_NULL),
    OWN("purpose", purpose, 1),
    OWN("secureElement", se, 1),
    TEXT("serviceDate", service_date, is_date, ALWAYS),
    TEXT("session", session, uuid_is_valid, ONLINE_ONLY),
    TEXT("terminalId", terminal_id, is_text, ALWAYS),
    TEXT("terminalTime", terminal_time, is_time, ALWAYS),
    OWN("version", version, 1),
};
const size_t statement_field_count = sizeof statement_fields / sizeof *statement_fields;
