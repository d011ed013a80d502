#include "evidence/statement.h"

#include "base/hex.h"
#include "crypt/base64.h"

#include <jansson.h>
#include <stddef.h>
#include <string.h>

#define VERSION 2 /* 1: without platformClock */
#define CLOCK_FIELD "platformClock"
#define PURPOSE "insurance-eligibility"

static const char *const modes[] = {[STATEMENT_OFFLINE] = "offline", [STATEMENT_ONLINE] = "online", NULL};
static const char *const grades[] = {
    [STATEMENT_PENDING] = "pending",
    [STATEMENT_PROVISIONAL_A] = "provisional-a",
    [STATEMENT_PROVISIONAL_B] = "provisional-b",
    [STATEMENT_PROVISIONAL_C] = "provisional-c",
    NULL,
};

const char *statement_mode_text(statement_mode mode) {
    return modes[mode == STATEMENT_ONLINE];
}

const char *statement_grade_text(statement_grade grade) {
    return (unsigned)grade <= STATEMENT_PROVISIONAL_C ? grades[grade] : "unknown";
}

/* --- forms of texts ------------------------------------------------------------------------------------------------- */

static bool is_text(const char *text) { /* printable; UTF-8 is jansson's to check */
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

/* --- the fields ----------------------------------------------------------------------------------------------------- */

/* When a field is there; elsewhere it is JSON's null. */
typedef enum presence { ALWAYS, MAY_BE_NULL, ONLINE_ONLY } presence;

typedef struct text_field {
    const char *name;
    const char *parent; /* the object it lies in, or NULL */
    size_t offset, size;
    bool (*has_form)(const char *text);
    presence when;
} text_field;

#define TEXT(name, parent, member, form, when)                                                                         \
    { name, parent, offsetof(statement, member), sizeof((statement *)0)->member, form, when }

static const text_field text_fields[] = {
    TEXT("evidenceId", NULL, evidence_id, uuid_is_valid, ALWAYS),
    TEXT("institutionCode", NULL, institution_code, is_code, ALWAYS),
    TEXT("terminalId", NULL, terminal_id, is_text, ALWAYS),
    TEXT("operatorId", NULL, operator_id, is_text, ALWAYS),
    TEXT("serviceDate", NULL, service_date, is_date, ALWAYS),
    TEXT("terminalTime", NULL, terminal_time, is_time, ALWAYS),
    TEXT("lastPlatformContact", NULL, last_platform_contact, is_time, MAY_BE_NULL),
    TEXT("cardId", NULL, card_id, is_card_id, ALWAYS),
    TEXT("issuer", "patientCertificate", patient_issuer, is_text, ALWAYS),
    TEXT("serial", "patientCertificate", patient_serial, is_serial, ALWAYS),
    TEXT("session", NULL, session, uuid_is_valid, ONLINE_ONLY),
    TEXT("previousEvidence", NULL, previous_evidence, is_hash, MAY_BE_NULL),
};

typedef struct byte_field {
    const char *name;
    size_t offset, length;
    bool base64; /* else capital hexadecimal */
    presence when;
} byte_field;

#define RAW(name, member, base64, when) { name, offsetof(statement, member), sizeof((statement *)0)->member, base64, when }

static const byte_field byte_fields[] = {
    RAW("certificateHolderReference", holder_reference, false, ALWAYS),
    RAW("challenge", challenge, false, ALWAYS),
    RAW("institutionSignature", institution_signature, true, ALWAYS),
    RAW("nonce", nonce, false, ONLINE_ONLY),
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool is_there(presence when, const statement *s, bool empty) {
    return when == ALWAYS || (when == ONLINE_ONLY && s->mode == STATEMENT_ONLINE) || (when == MAY_BE_NULL && !empty);
}

/* --- writing -------------------------------------------------------------------------------------------------------- */

static result put(json_t *object, const char *name, json_t *value) {
    return value != NULL && json_object_set_new(object, name, value) == 0 ? RESULT_OK : RESULT_INVALID;
}

static result put_text_field(json_t *root, const text_field *field, const statement *s) {
    const char *text = (const char *)s + field->offset;
    json_t *object = field->parent != NULL ? json_object_get(root, field->parent) : root;
    if (memchr(text, 0, field->size) == NULL)
        return RESULT_INVALID;
    if (!is_there(field->when, s, *text == 0))
        return *text == 0 ? put(object, field->name, json_null()) : RESULT_INVALID;
    return field->has_form(text) ? put(object, field->name, json_string(text)) : RESULT_INVALID;
}

static result put_byte_field(json_t *root, const byte_field *field, const statement *s) {
    bytes value = bytes_of((const uint8_t *)s + field->offset, field->length);
    buffer text = BUFFER_INIT(2 * field->length);
    if (!is_there(field->when, s, false))
        return put(root, field->name, json_null());
    result code = field->base64 ? crypt_base64_append(&text, value) : hex_append(&text, value);
    if (code == RESULT_OK)
        code = put(root, field->name, json_string(buffer_text(&text)));
    buffer_wipe(&text);
    return code;
}

static bool is_bounded(int64_t seconds) {
    return seconds >= -STATEMENT_CLOCK_MOST && seconds <= STATEMENT_CLOCK_MOST;
}

static result put_clock(json_t *root, const statement_clock *c) {
    if (c->beacon[0] == 0)
        return c->restarted || c->age != 0 || c->offset != 0 || c->jump != 0 ? RESULT_INVALID
                                                                             : put(root, CLOCK_FIELD, json_null());
    if (!is_time(c->beacon))
        return RESULT_INVALID;
    if (c->restarted)
        return put(root, CLOCK_FIELD, json_pack("{s:s,s:n,s:n,s:n}", "beacon", c->beacon, "age", "offset", "jump"));
    if (c->age < 0 || !is_bounded(c->age) || !is_bounded(c->offset) || !is_bounded(c->jump))
        return RESULT_INVALID;
    return put(root, CLOCK_FIELD, json_pack("{s:s,s:I,s:I,s:I}", "beacon", c->beacon, "age", (json_int_t)c->age, "offset",
                                            (json_int_t)c->offset, "jump", (json_int_t)c->jump));
}

static result put_fixed(json_t *root, const statement *s) {
    json_t *se = s->mode == STATEMENT_ONLINE ? json_null() : NULL;
    if (s->mode != STATEMENT_ONLINE && is_text(s->se_serial))
        se = json_pack("{s:s,s:I}", "serial", s->se_serial, "counter", (json_int_t)s->se_counter);
    bool ok = put(root, "secureElement", se) == RESULT_OK &&
              put(root, "version", json_integer(s->first_version ? 1 : VERSION)) == RESULT_OK &&
              put(root, "mode", json_string(statement_mode_text(s->mode))) == RESULT_OK &&
              put(root, "purpose", json_string(PURPOSE)) == RESULT_OK &&
              put(root, "clockQuality", json_string(s->clock_synchronised ? "synchronised" : "unsynchronised")) == RESULT_OK &&
              put(root, "grade", json_string(statement_grade_text(s->grade))) == RESULT_OK &&
              put(root, "patientCertificate", json_object()) == RESULT_OK;
    if (ok && !s->first_version)
        ok = put_clock(root, &s->clock) == RESULT_OK;
    /* Online the answer gives the grade; offline the terminal does. */
    return ok && (s->mode == STATEMENT_ONLINE) == (s->grade == STATEMENT_PENDING) ? RESULT_OK : RESULT_INVALID;
}

result statement_write(const statement *s, buffer *json) {
    json_t *root = json_object();
    result code = root != NULL ? put_fixed(root, s) : RESULT_NO_MEMORY;
    for (size_t i = 0; i < COUNT(text_fields) && code == RESULT_OK; i++)
        code = put_text_field(root, &text_fields[i], s);
    for (size_t i = 0; i < COUNT(byte_fields) && code == RESULT_OK; i++)
        code = put_byte_field(root, &byte_fields[i], s);
    char *text = code == RESULT_OK ? json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    if (code == RESULT_OK)
        code = text != NULL ? buffer_append_text(json, text) : RESULT_NO_MEMORY;
    free(text);
    json_decref(root);
    return code;
}

/* --- reading -------------------------------------------------------------------------------------------------------- */

static result get_text_field(const json_t *root, const text_field *field, statement *out) {
    const json_t *object = field->parent != NULL ? json_object_get(root, field->parent) : root;
    const json_t *value = json_object_get(object, field->name);
    if (json_is_null(value) && field->when != ALWAYS)
        return RESULT_OK;
    size_t length = json_string_length(value);
    if (!json_is_string(value) || length == 0 || length >= field->size || strlen(json_string_value(value)) != length)
        return RESULT_INVALID;
    memcpy((char *)out + field->offset, json_string_value(value), length);
    return RESULT_OK;
}

static result get_byte_field(const json_t *root, const byte_field *field, statement *out) {
    const json_t *value = json_object_get(root, field->name);
    if (json_is_null(value) && field->when != ALWAYS)
        return RESULT_OK;
    if (!json_is_string(value))
        return RESULT_INVALID;
    buffer raw = BUFFER_INIT(field->length);
    bytes text = bytes_of(json_string_value(value), json_string_length(value));
    result code = field->base64 ? crypt_base64_decode(text, &raw) : hex_decode(json_string_value(value), &raw);
    if (code == RESULT_OK && raw.length != field->length)
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        memcpy((uint8_t *)out + field->offset, raw.data, raw.length);
    buffer_wipe(&raw);
    return code;
}

/* The index of value's text in a NULL-closed list, or -1. */
static int word_of(const json_t *value, const char *const words[]) {
    for (int i = 0; json_is_string(value) && words[i] != NULL; i++)
        if (strcmp(json_string_value(value), words[i]) == 0)
            return i;
    return -1;
}

/* Types and sizes; put_clock knows the form. */
static bool get_clock(const json_t *root, statement *out) {
    const json_t *version = json_object_get(root, "version"), *clock = json_object_get(root, CLOCK_FIELD);
    const json_t *beacon = json_object_get(clock, "beacon"), *age = json_object_get(clock, "age");
    const json_t *offset = json_object_get(clock, "offset"), *jump = json_object_get(clock, "jump");
    out->first_version = json_integer_value(version) == 1;
    if (out->first_version || json_is_null(clock))
        return true;
    if (!json_is_string(beacon) || json_string_length(beacon) != sizeof out->clock.beacon - 1)
        return false;
    memcpy(out->clock.beacon, json_string_value(beacon), sizeof out->clock.beacon);
    out->clock.restarted = json_is_null(age);
    if (out->clock.restarted)
        return true;
    out->clock.age = json_integer_value(age);
    out->clock.offset = json_integer_value(offset);
    out->clock.jump = json_integer_value(jump);
    return json_is_integer(age) && json_is_integer(offset) && json_is_integer(jump);
}

static const char *get_fixed(const json_t *root, statement *out) {
    static const char *const clock_words[] = {"unsynchronised", "synchronised", NULL};
    int mode = word_of(json_object_get(root, "mode"), modes), grade = word_of(json_object_get(root, "grade"), grades);
    int clock = word_of(json_object_get(root, "clockQuality"), clock_words);
    if (mode < 0 || grade < 0 || clock < 0)
        return mode < 0 ? "mode" : grade < 0 ? "grade" : "clockQuality";
    if (!get_clock(root, out))
        return CLOCK_FIELD;
    out->mode = (statement_mode)mode;
    out->grade = (statement_grade)grade;
    out->clock_synchronised = clock == 1;
    if (out->mode == STATEMENT_ONLINE)
        return NULL;
    const json_t *se = json_object_get(root, "secureElement");
    const json_t *serial = json_object_get(se, "serial"), *counter = json_object_get(se, "counter");
    size_t length = json_string_length(serial);
    if (!json_is_string(serial) || length >= sizeof out->se_serial || !json_is_integer(counter) ||
        json_integer_value(counter) < 0 || json_integer_value(counter) > UINT32_MAX)
        return "secureElement";
    memcpy(out->se_serial, json_string_value(serial), length);
    out->se_counter = (uint32_t)json_integer_value(counter);
    return NULL;
}

static const char *get_all(const json_t *root, statement *out) {
    const char *wrong = get_fixed(root, out);
    for (size_t i = 0; i < COUNT(text_fields) && wrong == NULL; i++)
        if (get_text_field(root, &text_fields[i], out) != RESULT_OK)
            wrong = text_fields[i].name;
    for (size_t i = 0; i < COUNT(byte_fields) && wrong == NULL; i++)
        if (get_byte_field(root, &byte_fields[i], out) != RESULT_OK)
            wrong = byte_fields[i].name;
    return wrong;
}

/* Reading checks types and sizes; writing again checks every form, the absence of other fields and the canonical bytes. */
result statement_read(bytes json, statement *out, const char **field) {
    buffer again = BUFFER_INIT(STATEMENT_MOST);
    const char *wrong = "(the JSON itself)";
    *out = (statement){0};
    json_t *root = json.length <= STATEMENT_MOST
                       ? json_loadb((const char *)json.data, json.length, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;
    if (json_is_object(root))
        wrong = get_all(root, out);
    if (wrong == NULL &&
        (statement_write(out, &again) != RESULT_OK || !bytes_equal(buffer_bytes(&again), json)))
        wrong = "(a field's form, an unknown field, or the order)";
    json_decref(root);
    buffer_wipe(&again);
    if (field != NULL)
        *field = wrong;
    return wrong == NULL ? RESULT_OK : RESULT_INVALID;
}
