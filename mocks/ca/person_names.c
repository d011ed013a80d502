/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "person_names.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define PERSON_ARC "1.2.392.200149.8.5.5."
#define OPERATED_BY "Uketsuke mock CA"

static bool push_directory_name(GENERAL_NAMES *names, const name_part *parts) {
    GENERAL_NAME *general = GENERAL_NAME_new();
    X509_NAME *name = name_new(parts);
    if (general == NULL || name == NULL || sk_GENERAL_NAME_push(names, general) <= 0) {
        GENERAL_NAME_free(general);
        X509_NAME_free(name);
        return false;
    }
    GENERAL_NAME_set0_value(general, GEN_DIRNAME, name);
    return true;
}

static bool add_directory_name(X509 *certificate, int nid, const name_part *parts) {
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool ok = names != NULL && push_directory_name(names, parts) &&
              X509_add1_ext_i2d(certificate, nid, names, 0, X509V3_ADD_APPEND) == 1;
    GENERAL_NAMES_free(names);
    return ok;
}

static bool add_distribution_point(X509 *certificate, const name_part *parts) {
    CRL_DIST_POINTS *points = CRL_DIST_POINTS_new();
    DIST_POINT *point = DIST_POINT_new();
    bool ok = points != NULL && point != NULL && sk_DIST_POINT_push(points, point) > 0;
    if (ok) {
        point->distpoint = DIST_POINT_NAME_new();
        if (point->distpoint != NULL)
            point->distpoint->type = 0; /* fullName */
        ok = point->distpoint != NULL && (point->distpoint->name.fullname = GENERAL_NAMES_new()) != NULL &&
             push_directory_name(point->distpoint->name.fullname, parts) &&
             X509_add1_ext_i2d(certificate, NID_crl_distribution_points, points, 0, X509V3_ADD_APPEND) == 1;
    } else {
        DIST_POINT_free(point);
    }
    CRL_DIST_POINTS_free(points);
    return ok;
}

static bool push_other_name(GENERAL_NAMES *names, const char *oid, const char *value) {
    GENERAL_NAME *general = GENERAL_NAME_new();
    ASN1_OBJECT *type = OBJ_txt2obj(oid, 1);
    ASN1_TYPE *holder = ASN1_TYPE_new();
    ASN1_UTF8STRING *text = ASN1_UTF8STRING_new();
    bool ok = general != NULL && type != NULL && holder != NULL && text != NULL &&
              ASN1_STRING_set(text, value, -1) == 1;
    if (ok) {
        ASN1_TYPE_set(holder, V_ASN1_UTF8STRING, text);
        text = NULL;
        ok = GENERAL_NAME_set0_othername(general, type, holder) == 1;
    }
    if (ok) {
        type = NULL;
        holder = NULL;
        ok = sk_GENERAL_NAME_push(names, general) > 0;
    }
    if (!ok)
        GENERAL_NAME_free(general);
    ASN1_UTF8STRING_free(text);
    ASN1_OBJECT_free(type);
    ASN1_TYPE_free(holder);
    return ok;
}

static bool is_first_byte(char c) {
    return ((unsigned char)c & 0xC0) != 0x80;
}

static const char *next_character(const char *text) {
    do
        text++;
    while (!is_first_byte(*text));
    return text;
}

/* One digit per character of UTF-8: 0 where it is the person's own, 1 where it stands in for a rare one. */
static void substitution_digits(const char *own, const char *shown, char *digits, size_t size) {
    size_t count = 0;
    while (*own != '\0' && *shown != '\0' && count + 1 < size) {
        const char *own_end = next_character(own), *shown_end = next_character(shown);
        bool same = own_end - own == shown_end - shown && memcmp(own, shown, (size_t)(own_end - own)) == 0;
        digits[count++] = same ? '0' : '1';
        own = own_end;
        shown = shown_end;
    }
    digits[count] = '\0';
}

/* EYYYYMMDD: E is the era's digit (1 Meiji, 2 Taisho, 3 Showa, 4 Heisei, 5 Reiwa), the year is the Gregorian one. */
static void era_date(const char *birth, char text[10]) {
    static const char *const first_days[] = {"1912-07-30", "1926-12-25", "1989-01-08", "2019-05-01"};
    char era = '1';
    for (size_t i = 0; i < sizeof first_days / sizeof first_days[0]; i++)
        era = (char)(era + (strcmp(birth, first_days[i]) >= 0));
    snprintf(text, 10, "%c%.4s%.2s%.2s", era, birth, birth + 5, birth + 8);
}

static bool add_person(X509 *certificate, const x509_person *person) {
    char birth[10], name_digits[64], address_digits[128];
    const char *name = person->substituted_name ? person->substituted_name : person->name;
    const char *address = person->substituted_address ? person->substituted_address : person->address;
    era_date(person->birth, birth);
    substitution_digits(person->name, name, name_digits, sizeof name_digits);
    substitution_digits(person->address, address, address_digits, sizeof address_digits);
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool ok = names != NULL && push_other_name(names, PERSON_ARC "1", name) &&
              push_other_name(names, PERSON_ARC "2", name_digits) &&
              push_other_name(names, PERSON_ARC "3", x509_sex(person)) &&
              push_other_name(names, PERSON_ARC "4", birth) && push_other_name(names, PERSON_ARC "5", address) &&
              push_other_name(names, PERSON_ARC "6", address_digits) &&
              X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_APPEND) == 1;
    GENERAL_NAMES_free(names);
    return ok;
}

static bool add_of_patient(X509 *certificate, const profile *p, const x509_person *person) {
    char point[64];
    snprintf(point, sizeof point, "%s CRLDP", person->city);
    const name_part issuer[] = {
        {"C", "JP"}, {"O", "公的個人認証サービス"}, {"OU", p->issuer_unit}, {"OU", OPERATED_BY}, {NULL, NULL}};
    const name_part distribution[] = {{"C", "JP"},
                                      {"O", "JPKI-MOCK"},
                                      {"OU", p->distribution_unit},
                                      {"OU", "CRL Distribution Points"},
                                      {"OU", person->prefecture},
                                      {"CN", point},
                                      {NULL, NULL}};
    return add_directory_name(certificate, NID_issuer_alt_name, issuer) &&
           add_distribution_point(certificate, distribution);
}

bool person_names_add(X509 *certificate, const x509_request *request) {
    const profile *p = request->profile;
    if (request->alternative_unit != NULL) {
        const name_part parts[] = {{"C", "JP"},
                                   {"O", "公的個人認証サービス"},
                                   {"OU", request->alternative_unit},
                                   {"OU", OPERATED_BY},
                                   {NULL, NULL}};
        const name_part distribution[] = {{"C", "JP"},
                                          {"O", "JPKI-MOCK"},
                                          {"OU", request->distribution_unit},
                                          {"OU", "CRL Distribution Points"},
                                          {"CN", "CA CRLDP"},
                                          {NULL, NULL}};
        return add_directory_name(certificate, NID_subject_alt_name, parts) &&
               (request->distribution_unit == NULL || add_distribution_point(certificate, distribution));
    }
    if (p->issuer_unit == NULL)
        return true;
    if (request->person == NULL || !add_of_patient(certificate, p, request->person))
        return false;
    return strcmp(p->name, "patient-sign") != 0 || add_person(certificate, request->person);
}
