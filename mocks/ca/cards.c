/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cards.h"

#include "base/file.h"
#include "card_application.h"
#include "card_image.h"
#include "ceremony.h"
#include "ca_keys.h"
#include "persons.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMON_NAME_SIZE 24
#define SIGNATURE_AGE 15 /* younger people get no signature certificate */
#define PHOTO_AGE 1      /* younger people's cards have no photo (December 2024 on) */
#define TOKEN_ANDROID "JPKIAPGPSETOKEN"
#define TOKEN_IPHONE "JPKIAPIOSTOKEN"

typedef struct pair {
    authority_kind auth_issuer, sign_issuer;
    x509_request auth, sign;
    bool auth_only; /* no signature certificate, key and PIN */
} pair;

/* 14 characters, the municipality's 5 digits, a sequence number, A for authentication or S for signature: the form of a
 * JPKI certificate's CN as observed (the S is this mock's guess). */
static result common_name(const person *who, char kind, char text[COMMON_NAME_SIZE]) {
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    uint8_t random[14];
    if (RAND_bytes(random, sizeof random) != 1)
        return RESULT_INTERNAL;
    for (size_t i = 0; i < sizeof random; i++)
        text[i] = alphabet[random[i] % (i < 6 ? 10 : sizeof alphabet - 1)];
    snprintf(text + sizeof random, COMMON_NAME_SIZE - sizeof random, "%.5s001%c", who->municipality, kind);
    return RESULT_OK;
}

static result open_issuers(const office *o, const pair *p, card_image *image) {
    authority auth = {0}, sign = {0};
    result r = authority_open(o, p->auth_issuer, &auth);
    if (r == RESULT_OK)
        r = authority_open(o, p->sign_issuer, &sign);
    if (r == RESULT_OK) {
        X509_up_ref(image->auth_ca = auth.certificate);
        X509_up_ref(image->sign_ca = sign.certificate);
    }
    authority_close(&auth);
    authority_close(&sign);
    return r;
}

static void release(card_image *image) {
    X509_free(image->auth);
    X509_free(image->sign);
    X509_free(image->auth_ca);
    X509_free(image->sign_ca);
    EVP_PKEY_free(image->auth_key);
    EVP_PKEY_free(image->sign_key);
}

static result note(office *o, const char *folder, const card_image *image) {
    char what[600];
    snprintf(what, sizeof what, "%s: user authentication", office_relative(o, folder));
    result r = ceremony_certificate(o, what, image->auth, "in the card image");
    if (image->sign == NULL)
        return r;
    snprintf(what, sizeof what, "%s: digital signature", office_relative(o, folder));
    return r == RESULT_OK ? ceremony_certificate(o, what, image->sign, "in the card image") : r;
}

/* Keys, both certificates, the image's folder, the ceremony's lines. Fills what image does not say yet. */
static result make(office *o, pair *p, card_image *image, const char *folder) {
    image->auth_pin = CARDS_AUTH_PIN;
    image->sign_pin = p->auth_only ? NULL : CARDS_SIGN_PIN;
    if (image->anchors == NULL)
        image->anchors = o->anchors;
    p->auth.key = image->auth_key = keys_rsa();
    if (!p->auth_only)
        p->sign.key = image->sign_key = keys_rsa();
    result r = image->auth_key != NULL && (p->auth_only || image->sign_key != NULL) ? open_issuers(o, p, image)
                                                                                    : RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = authority_issue(o, p->auth_issuer, &p->auth, folder, &image->auth);
    if (r == RESULT_OK && !p->auth_only)
        r = authority_issue(o, p->sign_issuer, &p->sign, folder, &image->sign);
    if (r == RESULT_OK)
        r = card_image_write(folder, image);
    if (r == RESULT_OK)
        r = note(o, folder, image);
    release(image);
    return r;
}

/* A phone has the certificates only; an iPhone also a mobile document, which can be selected. */
static result write_applications(office *o, const patient_order *order, const card_image *image, int64_t issued,
                                 const char *folder) {
    bool infant = validity_age(issued, order->who->x509.birth) < PHOTO_AGE;
    card_applications_order applications = {.who = order->who,
                                            .card_id = image->card_id,
                                            .atr = image->atr,
                                            .old = order->old,
                                            .photo = order->photo == NULL && infant ? PHOTO_NONE : order->photo};
    if (strcmp(image->application_name, TOKEN_ANDROID) == 0)
        return RESULT_OK;
    if (strcmp(image->application_name, TOKEN_IPHONE) != 0)
        return card_applications_write(o, &applications, folder);
    char *document = file_join(folder, "apps/mobile-document");
    result r = document == NULL ? RESULT_NO_MEMORY : file_make_folders(document, 0700);
    free(document);
    return r;
}

/* No try is left of any PIN that its holder would have chosen. */
static result block_pins(const char *folder) {
    static const char *const names[] = {"state/auth-tries", "state/input-support-pin-tries", "state/common-pin-tries",
                                        "state/resident-pin-tries"};
    result r = RESULT_OK;
    for (size_t i = 0; r == RESULT_OK && i < sizeof names / sizeof names[0]; i++) {
        char *path = file_join(folder, names[i]);
        r = path == NULL ? RESULT_NO_MEMORY : file_replace(path, bytes_of("0", 1), 0600);
        free(path);
    }
    return r;
}

result cards_make_patient(office *o, const patient_order *order, const char *folder, uint32_t *serial) {
    const x509_person *who = &order->who->x509;
    char auth_name[COMMON_NAME_SIZE], sign_name[COMMON_NAME_SIZE];
    const name_part auth_subject[] = {{"C", "JP"}, {"CN", auth_name}, {NULL, NULL}};
    const name_part sign_subject[] = {
        {"C", "JP"}, {"L", who->prefecture}, {"L", who->city}, {"CN", sign_name}, {NULL, NULL}};
    validity valid = order->valid;
    result r = valid.from == 0 ? validity_to_fifth_birthday(o->now, who->birth, &valid) : RESULT_OK;
    card_image image = {.personality = "patient",
                        .atr = order->atr ? order->atr : ANSWER_TO_RESET_CONTACT,
                        .atr_contactless = order->atr_contactless ? order->atr_contactless
                                                                  : ANSWER_TO_RESET_CONTACTLESS,
                        .switches = order->switches,
                        .application_name = order->application_name ? order->application_name : "JPKIAPICCTOKEN2",
                        .anchors = order->trust};
    pair p = {authority_of_generation(AUTHORITY_JPKI_AUTH, order->generation),
              authority_of_generation(AUTHORITY_JPKI_SIGN, order->generation),
              {.profile = profile_find("patient-auth"), .subject = auth_subject, .serial = order->serial},
              {.profile = profile_find("patient-sign"), .subject = sign_subject},
              false};
    p.auth_only = order->no_pin || validity_age(valid.from, who->birth) < SIGNATURE_AGE;
    p.auth.valid = p.sign.valid = valid;
    p.auth.person = p.sign.person = who;
    if (r == RESULT_OK)
        r = common_name(order->who, 'A', auth_name);
    if (r == RESULT_OK)
        r = common_name(order->who, 'S', sign_name);
    if (r == RESULT_OK)
        r = card_image_new_id("MN", image.card_id);
    if (r == RESULT_OK)
        r = make(o, &p, &image, folder);
    if (r == RESULT_OK)
        r = write_applications(o, order, &image, valid.from, folder);
    if (r == RESULT_OK && order->no_pin)
        r = block_pins(folder);
    if (r == RESULT_OK && serial != NULL)
        *serial = p.auth.serial;
    if (r == RESULT_OK && !order->not_in_register)
        r = persons_add_holder(o, order->who->id, p.auth.serial);
    return r;
}

result cards_make_operator(office *o, const operator_order *order, const char *folder) {
    const name_part subject[] = {
        {"C", "JP"},
        {"O", order->institution},
        {"OU", order->department},
        {"title", order->role},
        {"serialNumber", order->id},
        {"CN", order->name},
        {order->institution_code != NULL ? "organizationIdentifier" : NULL, order->institution_code},
        {NULL, NULL}};
    card_image image = {
        .personality = "operator", .atr = ANSWER_TO_RESET_CONTACT, .application_name = "UKETSUKEOPTOKEN"};
    pair p = {AUTHORITY_OPERATOR,
              AUTHORITY_OPERATOR,
              {.profile = profile_find("operator-auth"), .subject = subject, .valid = order->valid},
              {.profile = profile_find("operator-sign"), .subject = subject, .valid = order->valid},
              false};
    if (order->valid.from == 0)
        p.auth.valid = p.sign.valid = validity_years(o->now, p.auth.profile->years);
    result r = card_image_new_id("OP", image.card_id);
    return r == RESULT_OK ? make(o, &p, &image, folder) : r;
}
