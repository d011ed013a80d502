/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/affiliates.h"

#include <string.h>

#define TEXT_MAX 1024
#define WORD_MAX 64

bool affiliates_accept(const affiliates *a, const char *code, role r) {
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->list[i].code, code) == 0)
            return (a->list[i].roles & r) != 0;
    return false;
}

/* ROLE_NONE: a word that is no role, or none at all. */
static unsigned roles_of(const char *text) {
    char copy[WORD_MAX], *rest = copy;
    unsigned roles = ROLE_NONE;
    if (strlen(text) >= sizeof copy)
        return ROLE_NONE;
    strcpy(copy, text);
    for (const char *word = strtok_r(copy, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        if (role_of(word) == ROLE_NONE)
            return ROLE_NONE;
        roles |= role_of(word);
    }
    return roles;
}

static void take_out(affiliates *a, const char *code) {
    size_t kept = 0;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->list[i].code, code) != 0)
            a->list[kept++] = a->list[i];
    a->count = kept;
}

const char *affiliates_take(affiliates *a, const char *text) {
    affiliate one = {0};
    if (strspn(text, "0123456789") != AFFILIATE_CODE_SIZE - 1 || text[AFFILIATE_CODE_SIZE - 1] != '=')
        return N_("an institution is said as CODE=ROLE,ROLE with a code of 10 digits");
    memcpy(one.code, text, AFFILIATE_CODE_SIZE - 1);
    const char *what = text + AFFILIATE_CODE_SIZE;
    one.roles = roles_of(what);
    if (one.roles == ROLE_NONE && strcmp(what, "none") != 0)
        return N_("the roles are reception, doctor, administrator, separated by commas, or none");
    take_out(a, one.code);
    if (one.roles == ROLE_NONE)
        return NULL;
    if (a->count == AFFILIATES_MAX)
        return N_("there are too many institutions");
    a->list[a->count++] = one;
    return NULL;
}

static result write_one(const affiliate *one, buffer *text) {
    const result code = buffer_append_format(text, "%s%s=", text->length > 0 ? " " : "", one->code);
    return code == RESULT_OK ? roles_write(one->roles, text) : code;
}

result affiliates_write(const affiliates *a, buffer *text) {
    result code = RESULT_OK;
    for (size_t i = 0; i < a->count && code == RESULT_OK; i++)
        code = write_one(&a->list[i], text);
    return code;
}

result affiliates_read(const char *text, affiliates *a) {
    char copy[TEXT_MAX], *rest = copy;
    *a = (affiliates){0};
    if (strlen(text) >= sizeof copy)
        return RESULT_TOO_LONG;
    strcpy(copy, text);
    for (const char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        if (affiliates_take(a, word) != NULL)
            return RESULT_INVALID;
    return RESULT_OK;
}
