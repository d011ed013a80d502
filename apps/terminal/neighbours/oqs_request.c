/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "neighbours/oqs_request.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DECLARATION_MAX 128
#define OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT)
#define BLANKS " \t\r\n"

/* XML 1.0, 2.8: the declaration names the encoding. */
static text_encoding declared(bytes file) {
    char start[DECLARATION_MAX + 1] = "";
    memcpy(start, file.data, file.length < DECLARATION_MAX ? file.length : DECLARATION_MAX);
    const char *end = strstr(start, "?>");
    if (end == NULL)
        return ENCODING_UTF8;
    start[end - start] = 0;
    return strcasestr(start, "shift_jis") != NULL || strcasestr(start, "windows-31j") != NULL ? ENCODING_SHIFT_JIS
                                                                                              : ENCODING_UTF8;
}

static const xmlNode *child(const xmlNode *of, const char *name) {
    for (const xmlNode *at = of != NULL ? of->children : NULL; at != NULL; at = at->next)
        if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0)
            return at;
    return NULL;
}

/* What is missing is empty. RESULT_INVALID: too long, or a control character. */
static result take_text(const xmlNode *of, const char *name, char *out, size_t size) {
    const xmlNode *item = child(of, name);
    xmlChar *content = item != NULL ? xmlNodeGetContent(item) : NULL;
    const char *text = content != NULL ? (const char *)content : "";
    text += strspn(text, BLANKS);
    size_t length = strlen(text);
    while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
        length--;
    result code = length < size ? RESULT_OK : RESULT_INVALID;
    for (size_t i = 0; i < length; i++)
        if ((uint8_t)text[i] < ' ')
            code = RESULT_INVALID;
    if (code == RESULT_OK) {
        memcpy(out, text, length);
        out[length] = 0;
    }
    xmlFree(content);
    return code;
}

/* YYYYMMDD. */
static result take_day(const xmlNode *of, const char *name, char out[CLOCK_DATE_SIZE]) {
    char digits[OQS_TEXT_SIZE] = "";
    int64_t begins;
    const result code = take_text(of, name, digits, sizeof digits);
    if (code != RESULT_OK || digits[0] == 0)
        return code;
    if (strlen(digits) != 8 || strspn(digits, "0123456789") != 8)
        return RESULT_INVALID;
    snprintf(out, CLOCK_DATE_SIZE, "%.4s-%.2s-%.2s", digits, digits + 4, digits + 6);
    return clock_begin_in_japan(out, &begins);
}

static result take(const xmlNode *root, oqs_request *out) {
    const xmlNode *header = child(root, "MessageHeader"),
                  *wanted = child(child(root, "MessageBody"), "QualificationConfirmSearchInfo");
    const struct {
        const xmlNode *of;
        const char *name;
        char *text;
    } items[] = {
        {header, "ArbitraryFileIdentifier", out->file_identifier},
        {header, "MedicalInstitutionCode", out->institution},
        {wanted, "InsurerNumber", out->insurer_number},
        {wanted, "InsuredCardSymbol", out->symbol},
        {wanted, "InsuredIdentificationNumber", out->number},
        {wanted, "InsuredBranchNumber", out->branch},
    };
    if (root == NULL || strcmp((const char *)root->name, "XmlMsg") != 0)
        return RESULT_INVALID;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (take_text(items[i].of, items[i].name, items[i].text, OQS_TEXT_SIZE) != RESULT_OK)
            return RESULT_INVALID;
    if (take_day(header, "QualificationConfirmationDate", out->day) != RESULT_OK ||
        take_day(wanted, "Birthdate", out->birth_date) != RESULT_OK)
        return RESULT_INVALID;
    return out->institution[0] != 0 && out->insurer_number[0] != 0 && out->number[0] != 0 && out->birth_date[0] != 0
               ? RESULT_OK
               : RESULT_INVALID;
}

static result parse(bytes text, oqs_request *out) {
    /* What declares a type of its own is no such request; so no entity is ever declared. */
    if (memmem(text.data, text.length, "<!DOCTYPE", 9) != NULL || memchr(text.data, 0, text.length) != NULL)
        return RESULT_INVALID;
    xmlDoc *document = xmlReadMemory((const char *)text.data, (int)text.length, NULL, "UTF-8", OPTIONS);
    const result code = document != NULL ? take(xmlDocGetRootElement(document), out) : RESULT_INVALID;
    xmlFreeDoc(document);
    return code;
}

result oqs_request_read(bytes file, oqs_request *out) {
    *out = (oqs_request){.encoding = ENCODING_UTF8};
    if (file.length == 0 || file.length > OQS_FILE_MAX)
        return RESULT_INVALID;
    out->encoding = declared(file);
    buffer text = BUFFER_INIT(3 * OQS_FILE_MAX);
    result code = text_decode(out->encoding, file, &text);
    if (code == RESULT_OK)
        code = parse(buffer_bytes(&text), out);
    buffer_wipe(&text);
    return code == RESULT_OK ? RESULT_OK : RESULT_INVALID;
}
