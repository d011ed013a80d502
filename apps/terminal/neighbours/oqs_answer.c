/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/oqs_answer.h"

#include "base/cleanup.h"

#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>

/* Codes as docs/interfaces/neighbours.md lists them. */
#define RESULT_NORMAL "1"
#define RESULT_IN_PROGRESS "2"
#define RESULT_ABNORMAL "9"
#define STATUS_NORMAL "1"
#define STATUS_ERROR "2"
#define REFERENCE_CARD "1"
#define REFERENCE_INSURANCE "2"

static void put(xmlNode *to, const char *name, const char *text) {
    if (*text != 0)
        xmlNewTextChild(to, NULL, (const xmlChar *)name, (const xmlChar *)text);
}

/* 2026-11-30 as 20261130. */
static void put_day(xmlNode *to, const char *name, const char *day) {
    char digits[9] = "";
    if (strlen(day) == 10)
        snprintf(digits, sizeof digits, "%.4s%.2s%.2s", day, day + 5, day + 8);
    put(to, name, digits);
}

static void put_time(xmlNode *to, const char *name, int64_t at) {
    char shown[CLOCK_PEOPLE_SIZE], digits[15];
    clock_text_in_japan(at, shown); /* 2026-11-30 09:02:11 JST */
    snprintf(digits, sizeof digits, "%.4s%.2s%.2s%.2s%.2s%.2s", shown, shown + 5, shown + 8, shown + 11, shown + 14,
             shown + 17);
    put(to, name, digits);
}

static const char *sex_code(const char *sex) {
    return strcmp(sex, "male") == 0 ? "1" : strcmp(sex, "female") == 0 ? "2" : "3";
}

/* An answer of the platform is there. */
static bool is_answered(const list_row *row) {
    return row != NULL && row->validity != 0;
}

static const char *segment(const oqs_answer *a) {
    return a->row == NULL ? RESULT_ABNORMAL : is_answered(a->row) ? RESULT_NORMAL : RESULT_IN_PROGRESS;
}

static void put_header(xmlNode *root, const oqs_request *request, const oqs_answer *a) {
    xmlNode *header = xmlNewChild(root, NULL, (const xmlChar *)"MessageHeader", NULL);
    char day[CLOCK_DATE_SIZE];
    clock_date_in_japan(a->now, day);
    put_time(header, "ProcessExecutionTime", a->now);
    put_day(header, "QualificationConfirmationDate", request->day[0] != 0 ? request->day : day);
    put(header, "MedicalInstitutionCode", a->institution);
    put(header, "ArbitraryFileIdentifier", request->file_identifier);
    put(header, "ReferenceClassification",
        a->row != NULL && a->row->without_card ? REFERENCE_INSURANCE : REFERENCE_CARD);
    put(header, "SegmentOfResult", segment(a));
    if (a->row == NULL) {
        put(header, "ErrorCode", a->code);
        put(header, "ErrorMessage", a->problem);
    }
    put(header, "CharacterCodeIdentifier", request->encoding == ENCODING_SHIFT_JIS ? "1" : "0");
}

static void put_coverage(xmlNode *to, const list_row *row) {
    const eligibility_coverage *c = &row->coverage;
    char share[16] = "";
    put(to, "InsurerNumber", c->insurer_number);
    put(to, "InsuredCardSymbol", c->symbol);
    put(to, "InsuredIdentificationNumber", c->number);
    put(to, "InsuredBranchNumber", c->branch);
    put(to, "PersonalFamilyClassification", c->family ? "2" : "1");
    put(to, "Name", row->person.name);
    put(to, "NameKana", row->person.kana);
    put(to, "Sex1", sex_code(row->person.sex));
    put_day(to, "Birthdate", row->person.birth_date);
    put_day(to, "InsuredCardValidDate", c->from);
    put_day(to, "InsuredCardExpirationDate", c->to);
    snprintf(share, sizeof share, "%03d", c->burden_permille / 10);
    put(to, "InsuredPartialContributionRatio", share);
    put(to, "InsurerName", c->insurer_name);
    put(to, "ReferenceNumber", row->note.hospital_number);
}

static void put_body(xmlNode *root, const oqs_answer *a) {
    xmlNode *body = xmlNewChild(root, NULL, (const xmlChar *)"MessageBody", NULL);
    char validity[8];
    put(body, "ProcessingResultStatus", a->row != NULL ? STATUS_NORMAL : STATUS_ERROR);
    if (!is_answered(a->row))
        return;
    snprintf(validity, sizeof validity, "%d", (int)a->row->validity);
    put(body, "QualificationValidity", validity);
    if (a->row->coverage.insurer_number[0] == 0)
        return;
    xmlNode *list = xmlNewChild(body, NULL, (const xmlChar *)"ResultList", NULL);
    put_coverage(xmlNewChild(list, NULL, (const xmlChar *)"ResultOfQualificationConfirmation", NULL), a->row);
}

static result dump(xmlDoc *document, text_encoding encoding, buffer *file) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(OQS_FILE_MAX);
    xmlBuffer *body = xmlBufferCreate();
    buffer_append_format(&text, "<?xml version=\"1.0\" encoding=\"%s\" standalone=\"no\"?>\n",
                         encoding == ENCODING_SHIFT_JIS ? "Shift_JIS" : "UTF-8");
    if (body == NULL || xmlNodeDump(body, document, xmlDocGetRootElement(document), 0, 0) < 0) {
        xmlBufferFree(body);
        return RESULT_NO_MEMORY;
    }
    buffer_append(&text, bytes_of(xmlBufferContent(body), (size_t)xmlBufferLength(body)));
    xmlBufferFree(body);
    buffer_append_text(&text, "\n");
    return text.failed == RESULT_OK ? text_encode(encoding, buffer_bytes(&text), file) : text.failed;
}

result oqs_answer_write(const oqs_request *request, const oqs_answer *answer, buffer *file) {
    xmlDoc *document = xmlNewDoc((const xmlChar *)"1.0");
    xmlNode *root = document != NULL ? xmlNewNode(NULL, (const xmlChar *)"XmlMsg") : NULL;
    if (root == NULL) {
        xmlFreeDoc(document);
        return RESULT_NO_MEMORY;
    }
    xmlDocSetRootElement(document, root);
    put_header(root, request, answer);
    put_body(root, answer);
    const result code = dump(document, request->encoding, file);
    xmlFreeDoc(document);
    return code;
}
