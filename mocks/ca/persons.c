/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "persons.h"

#include "authority.h"
#include "base/file.h"
#include "base/hex.h"
#include "own_people.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_KEY_LENGTH 32
#define FILE_MAX (1 << 26)

typedef struct writer {
    buffer *out;
    const char *issuer;  /* RFC 4514 */
    const char *holders; /* the register's text */
    own_people own;
    uint8_t link_key[LINK_KEY_LENGTH];
    bool after_change;
    char last_day_before[CLOCK_DATE_SIZE], first_day_after[CLOCK_DATE_SIZE];
} writer;

result persons_add_holder(office *o, const char *person_id, uint32_t serial) {
    return office_append(o->secrets, "holders.txt", 0600, "%s %08X", person_id, serial);
}

static result read_holders(const office *o, buffer *text) {
    char *path = file_join(o->secrets, "holders.txt");
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, text);
    free(path);
    return r == RESULT_NOT_FOUND ? RESULT_OK : r;
}

/* The register's next line about this person from *at on. */
static bool next_card(const char **at, const char *person_id, char serial[9]) {
    char id[64];
    while (*at != NULL && sscanf(*at, "%63s %8s", id, serial) == 2) {
        const char *end = strchr(*at, '\n');
        *at = end ? end + 1 : NULL;
        if (strcmp(id, person_id) == 0)
            return true;
    }
    return false;
}

result persons_add_missing_holders(office *o) {
    buffer holders = BUFFER_INIT(OFFICE_REGISTER_MAX);
    result r = read_holders(o, &holders);
    for (size_t i = 0; r == RESULT_OK && i < people_count; i++) {
        const char *at = buffer_text(&holders);
        char known[9];
        uint32_t serial;
        if (next_card(&at, people[i].id, known))
            continue;
        r = office_next_serial(o, &serial);
        if (r == RESULT_OK)
            r = persons_add_holder(o, people[i].id, serial);
    }
    buffer_wipe(&holders);
    return r;
}

/* A JSON string (RFC 8259 7). */
static void put_string(buffer *out, const char *text) {
    buffer_append_u8(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buffer_append_u8(out, '\\');
        if ((unsigned char)*text < 0x20)
            buffer_append_format(out, "\\u%04x", (unsigned)*text);
        else
            buffer_append_u8(out, (uint8_t)*text);
    }
    buffer_append_u8(out, '"');
}

static void put_member(buffer *out, const char *name, const char *value) {
    buffer_append_format(out, "\"%s\":", name);
    if (value != NULL)
        put_string(out, value);
    else
        buffer_append_text(out, "null");
}

/* A member and a comma; nothing when there is no value. */
static void put_optional(writer *w, const char *name, const char *value) {
    if (value == NULL)
        return;
    put_member(w->out, name, value);
    buffer_append_text(w->out, ",");
}

static void put_coverage(writer *w, const coverage *c, const char *from, const char *to) {
    const struct {
        const char *name, *value;
    } members[] = {{"insurerNumber", c->insurer_number},
                   {"insurerName", c->insurer_name},
                   {"symbol", c->symbol},
                   {"number", c->number},
                   {"branch", c->branch},
                   {"relationship", c->relationship},
                   {"from", from},
                   {"to", to}};
    buffer_append_text(w->out, "\n      {");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        put_member(w->out, members[i].name, members[i].value);
        buffer_append_text(w->out, ",");
    }
    put_optional(w, "lossReason", c->loss_reason);
    put_optional(w, "limitCategory", c->limit);
    buffer_append_format(w->out, "\"burdenRatio\":%s}", c->burden_ratio);
}

static void put_coverages(writer *w, const person *p) {
    bool changed = w->after_change && p->after_change_of_job != NULL;
    buffer_append_text(w->out, "\"coverages\":[");
    for (size_t i = 0; i < PERSON_COVERAGES_MAX && p->coverages[i].insurer_number != NULL; i++) {
        const coverage *c = &p->coverages[i];
        buffer_append_text(w->out, i ? "," : "");
        put_coverage(w, c, c->from, changed && c->to == NULL ? w->last_day_before : c->to);
    }
    if (changed) {
        buffer_append_text(w->out, ",");
        put_coverage(w, p->after_change_of_job, w->first_day_after, NULL);
    }
    buffer_append_text(w->out, "]");
}

static void put_public_expenses(writer *w, const public_expense *e) {
    buffer_append_text(w->out, ",\n     \"publicExpenses\":[");
    if (e->payer_number != NULL) {
        buffer_append_text(w->out, "{");
        put_optional(w, "payerNumber", e->payer_number);
        put_optional(w, "recipientNumber", e->recipient_number);
        put_optional(w, "name", e->name);
        put_member(w->out, "from", e->from);
        buffer_append_text(w->out, "}");
    }
    buffer_append_text(w->out, "]");
}

static void put_certificates(writer *w, const person *p) {
    char serial[9];
    const char *at = w->holders, *separator = "{";
    buffer_append_text(w->out, "\"certificates\":[");
    for (; next_card(&at, p->id, serial); separator = ",{") {
        buffer_append_text(w->out, separator);
        put_member(w->out, "issuer", w->issuer);
        buffer_append_text(w->out, ",");
        put_member(w->out, "serial", serial);
        buffer_append_text(w->out, "}");
    }
    buffer_append_text(w->out, "],\n     ");
}

/* The same for a person in every file of this office, and says nothing about the person. */
static result put_link_seed(writer *w, const person *p) {
    uint8_t digest[32];
    char text[2 * sizeof digest + 1];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
              EVP_DigestUpdate(context, w->link_key, sizeof w->link_key) == 1 &&
              EVP_DigestUpdate(context, p->id, strlen(p->id)) == 1 && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    if (!ok)
        return RESULT_INTERNAL;
    hex_encode(bytes_of(digest, 16), text, sizeof text);
    put_member(w->out, "linkSeed", text);
    return RESULT_OK;
}

static const char *sex_word(const x509_person *p) {
    char digit = *x509_sex(p);
    return digit == '1' ? "male" : digit == '9' ? "other" : "female";
}

static result put_person(writer *w, const person *p) {
    buffer_append_text(w->out, "    {");
    result r = put_link_seed(w, p);
    buffer_append_text(w->out, ",\n     ");
    put_certificates(w, p);
    put_member(w->out, "name", p->x509.name);
    buffer_append_text(w->out, ",");
    put_member(w->out, "kana", p->kana);
    buffer_append_text(w->out, ",");
    put_member(w->out, "birthDate", p->x509.birth);
    buffer_append_text(w->out, ",");
    put_member(w->out, "sex", sex_word(&p->x509));
    buffer_append_text(w->out, ",\n     ");
    put_optional(w, "postalCode", p->postal_code);
    put_member(w->out, "address", p->x509.address);
    buffer_append_text(w->out, ",\n     ");
    put_coverages(w, p);
    put_public_expenses(w, &p->public_expense);
    buffer_append_text(w->out, "}");
    return r;
}

static result write_file(writer *w, office *o, const char *name) {
    buffer text = BUFFER_INIT(FILE_MAX);
    result r = RESULT_OK;
    w->out = &text;
    buffer_append_text(&text, "{\"persons\":[\n");
    size_t count = people_count + w->own.count;
    for (size_t i = 0; r == RESULT_OK && i < count; i++) {
        r = put_person(w, i < people_count ? &people[i] : &w->own.list[i - people_count]);
        buffer_append_text(&text, i + 1 < count ? ",\n" : "\n");
    }
    buffer_append_text(&text, "]}\n");
    char *path = file_join(o->folder, name);
    if (r == RESULT_OK)
        r = path == NULL ? RESULT_NO_MEMORY : text.failed;
    if (r == RESULT_OK)
        r = file_replace(path, buffer_bytes(&text), 0600);
    w->out = NULL;
    buffer_wipe(&text);
    free(path);
    return r;
}

/* The key of the links is made once per office. */
static result link_key(office *o, uint8_t key[LINK_KEY_LENGTH]) {
    buffer raw = BUFFER_INIT(LINK_KEY_LENGTH);
    char *path = file_join(o->secrets, "link.key");
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &raw);
    if (r == RESULT_OK && raw.length == LINK_KEY_LENGTH)
        memcpy(key, raw.data, LINK_KEY_LENGTH);
    else if (r == RESULT_NOT_FOUND && RAND_bytes(key, LINK_KEY_LENGTH) == 1)
        r = file_replace(path, bytes_of(key, LINK_KEY_LENGTH), 0600);
    else
        r = r == RESULT_OK ? RESULT_INVALID : r;
    buffer_wipe(&raw);
    free(path);
    return r;
}

/* The new coverage begins with this month in Japan: it is in force on the day of the issue and all days after. */
static void turn_of_month(int64_t now, writer *w) {
    clock_date_in_japan(now, w->first_day_after);
    memcpy(w->first_day_after + 8, "01", 2);
    int64_t day = now;
    do {
        day -= 86400;
        clock_date_in_japan(day, w->last_day_before);
    } while (strncmp(w->last_day_before, w->first_day_after, 7) == 0);
}

result persons_write(office *o) {
    writer w = {0};
    buffer holders = BUFFER_INIT(OFFICE_REGISTER_MAX);
    authority issuer = {0};
    char *name = NULL;
    result r = read_holders(o, &holders);
    if (r == RESULT_OK)
        r = own_people_read(o, &w.own);
    if (r == RESULT_OK)
        r = link_key(o, w.link_key);
    if (r == RESULT_OK)
        r = authority_open(o, AUTHORITY_JPKI_AUTH, &issuer);
    if (r == RESULT_OK && (name = name_text(X509_get_subject_name(issuer.certificate))) == NULL)
        r = RESULT_NO_MEMORY;
    w.issuer = name;
    w.holders = buffer_text(&holders);
    turn_of_month(o->now, &w);
    if (r == RESULT_OK)
        r = write_file(&w, o, "persons.json");
    w.after_change = true;
    if (r == RESULT_OK)
        r = write_file(&w, o, "persons-after.json");
    authority_close(&issuer);
    own_people_free(&w.own);
    OPENSSL_free(name);
    buffer_wipe(&holders);
    return r;
}
