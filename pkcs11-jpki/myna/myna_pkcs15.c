/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The card as PKCS#15 objects: one table row per PIN, key and certificate. OpenSC makes one token per PIN and puts a
 * certificate beside the key of the same id; public objects without a key go to the first token. */
#include "myna.h"

#include <libopensc/pkcs15.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int sc_pkcs15_init_func_ex(sc_pkcs15_card_t *p15card, struct sc_aid *aid);

static const struct {
    myna_right right;
    const char *label; /* with the card's label before it: the token's label */
    unsigned type;
} pins[] = {
    {RIGHT_AUTH, "user authentication", SC_PKCS15_PIN_TYPE_ASCII_NUMERIC},
    {RIGHT_SIGN, "digital signature", SC_PKCS15_PIN_TYPE_UTF8},
    {RIGHT_INSTITUTION, "institution", SC_PKCS15_PIN_TYPE_UTF8},
    {RIGHT_CARD_DATA, "card data", SC_PKCS15_PIN_TYPE_ASCII_NUMERIC},
};

static const struct {
    myna_right right;
    uint8_t id;
    const char *label;
    unsigned usage;
} keys[] = {
    {RIGHT_AUTH, 0x01, "User Authentication", SC_PKCS15_PRKEY_USAGE_SIGN},
    {RIGHT_SIGN, 0x02, "Digital Signature", SC_PKCS15_PRKEY_USAGE_SIGN | SC_PKCS15_PRKEY_USAGE_NONREPUDIATION},
    {RIGHT_INSTITUTION, 0x11, "Institution Authenticated", SC_PKCS15_PRKEY_USAGE_SIGN},
};

/* right: of the token it belongs to; private ones are shown after login and read only when asked for. The signature
 * CA's is private, because otherwise OpenSC would show it in the first token. */
static const struct {
    myna_right right;
    uint8_t id;
    const char *label;
    uint16_t file;
    bool authority, hidden;
} certificates[] = {
    {RIGHT_AUTH, 0x01, "User Authentication", EF_AUTH_CERTIFICATE, false, false},
    {RIGHT_AUTH, 0x03, "User Authentication CA", EF_AUTH_CA, true, false},
    {RIGHT_SIGN, 0x02, "Digital Signature", EF_SIGN_CERTIFICATE, false, true},
    {RIGHT_SIGN, 0x04, "Digital Signature CA", EF_SIGN_CA, true, true},
    {RIGHT_INSTITUTION, 0x11, "Institution Authenticated", EF_AUTH_CERTIFICATE, false, false},
};

static const struct {
    uint16_t tag;
    const char *label;
} items[] = {{0xDF22, "Name"}, {0xDF23, "Address"}, {0xDF24, "Birth date"}, {0xDF25, "Sex"}};

static struct sc_pkcs15_id id_of(unsigned number) {
    return (struct sc_pkcs15_id){.value = {(u8)number}, .len = 1};
}

static void set_label(struct sc_pkcs15_object *object, const char *label) {
    strncpy(object->label, label, sizeof object->label - 1);
}

/* An operator's card, and a card without id, have no institution token; an operator's card has no card data. */
static bool has(const myna *m, myna_right right) {
    if (m->kind == KIND_OPERATOR)
        return right == RIGHT_AUTH || right == RIGHT_SIGN;
    return right != RIGHT_INSTITUTION || m->card_id[0] != 0;
}

static int add_pin(sc_pkcs15_card_t *p15card, size_t row) {
    const myna_right_rule *rule = myna_rule((int)pins[row].right);
    struct sc_pkcs15_object object = {.flags = SC_PKCS15_CO_FLAG_PRIVATE};
    struct sc_pkcs15_auth_info info = {
        .auth_id = id_of(pins[row].right),
        .auth_type = SC_PKCS15_PIN_AUTH_TYPE_PIN,
        .auth_method = SC_AC_CHV,
        .tries_left = -1,
        .max_tries = rule->tries,
        .logged_in = SC_PIN_STATE_UNKNOWN,
    };
    info.attrs.pin.reference = (int)pins[row].right;
    info.attrs.pin.flags = SC_PKCS15_PIN_FLAG_INITIALIZED | SC_PKCS15_PIN_FLAG_LOCAL |
                           SC_PKCS15_PIN_FLAG_CASE_SENSITIVE;
    info.attrs.pin.type = pins[row].type;
    info.attrs.pin.min_length = (size_t)rule->shortest;
    info.attrs.pin.max_length = (size_t)rule->longest;
    if (pins[row].right == RIGHT_INSTITUTION)
        info.attrs.pin.flags |= SC_PKCS15_PIN_FLAG_CHANGE_DISABLED;
    set_label(&object, pins[row].label);
    return sc_pkcs15emu_add_pin_obj(p15card, &object, &info);
}

static int add_key(sc_pkcs15_card_t *p15card, size_t row) {
    struct sc_pkcs15_object object = {
        .flags = SC_PKCS15_CO_FLAG_PRIVATE,
        .auth_id = id_of(keys[row].right),
        .user_consent = keys[row].right == RIGHT_SIGN, /* CKA_ALWAYS_AUTHENTICATE */
    };
    struct sc_pkcs15_prkey_info info = {
        .id = id_of(keys[row].id),
        .usage = keys[row].usage,
        .native = 1,
        .key_reference = (int)keys[row].right,
        .modulus_length = RSA_KEY_BITS,
    };
    set_label(&object, keys[row].label);
    return sc_pkcs15emu_add_rsa_prkey(p15card, &object, &info);
}

static void set_path(struct sc_path *path, uint16_t id) {
    path->type = SC_PATH_TYPE_FILE_ID;
    path->value[0] = (u8)(id >> 8);
    path->value[1] = (u8)id;
    path->len = 2;
    path->count = -1;
}

static int add_item(sc_pkcs15_card_t *p15card, size_t row) {
    struct sc_pkcs15_object object = {.flags = SC_PKCS15_CO_FLAG_PRIVATE, .auth_id = id_of(RIGHT_CARD_DATA)};
    struct sc_pkcs15_data_info info = {.id = id_of(items[row].tag & 0xFF), .app_label = "card data"};
    set_path(&info.path, items[row].tag);
    sc_init_oid(&info.app_oid);
    set_label(&object, items[row].label);
    return sc_pkcs15emu_add_data_object(p15card, &object, &info);
}

/* OpenSC frees its objects before the card. */
static void forget_copies(sc_pkcs15_card_t *p15card) {
    myna *m = myna_of(p15card->card);
    if (m == NULL)
        return;
    myna_forget(m);
    memset(m->copies, 0, sizeof m->copies);
}

static void remember_copies(sc_pkcs15_card_t *p15card) {
    struct sc_pkcs15_object *objects[MYNA_ITEMS];
    int count = sc_pkcs15_get_objects(p15card, SC_PKCS15_TYPE_DATA_OBJECT, objects, MYNA_ITEMS);
    for (int i = 0; i < count && i < MYNA_ITEMS; i++)
        myna_of(p15card->card)->copies[i] = &((struct sc_pkcs15_data_info *)objects[i]->data)->data;
    p15card->ops.clear = forget_copies;
}

static int add_certificate(sc_pkcs15_card_t *p15card, size_t row) {
    struct sc_pkcs15_object object = {0};
    struct sc_pkcs15_cert_info info = {.id = id_of(certificates[row].id), .authority = certificates[row].authority};
    if (certificates[row].hidden) {
        object.flags = SC_PKCS15_CO_FLAG_PRIVATE;
        object.auth_id = id_of(certificates[row].right);
    }
    set_path(&info.path, certificates[row].file);
    set_label(&object, certificates[row].label);
    return sc_pkcs15emu_add_x509_cert(p15card, &object, &info);
}

/* Otherwise OpenSC would make one from the certificate, also for encryption; no key of these cards deciphers. The value
 * still comes from the certificate of this id. */
static int add_public_key(sc_pkcs15_card_t *p15card, size_t row) {
    struct sc_pkcs15_object object = {0};
    struct sc_pkcs15_pubkey_info info = {
        .id = id_of(certificates[row].id),
        .usage = SC_PKCS15_PRKEY_USAGE_VERIFY,
        .native = 1,
        .modulus_length = RSA_KEY_BITS,
    };
    if (certificates[row].hidden) {
        object.flags = SC_PKCS15_CO_FLAG_PRIVATE;
        object.auth_id = id_of(certificates[row].right);
    }
    set_label(&object, certificates[row].label);
    return sc_pkcs15emu_add_rsa_pubkey(p15card, &object, &info);
}

static int describe_token(sc_pkcs15_card_t *p15card, const myna *m) {
    sc_pkcs15_tokeninfo_t *info = p15card->tokeninfo;
    char serial[MYNA_SERIAL_SIZE];
    myna_serial(p15card->card, serial);
    free(info->label);
    free(info->manufacturer_id);
    free(info->serial_number);
    info->label = strdup(m->kind == KIND_OPERATOR ? "Operator" : "JPKI");
    info->manufacturer_id = strdup(m->kind == KIND_OPERATOR ? "Uketsuke" : "JPKI");
    info->serial_number = strdup(serial);
    /* Not read-only: C_CreateObject imports an institution's certificates. */
    info->flags = SC_PKCS15_TOKEN_PRN_GENERATION;
    const bool whole = info->label != NULL && info->manufacturer_id != NULL && info->serial_number != NULL;
    return whole ? SC_SUCCESS : SC_ERROR_OUT_OF_MEMORY;
}

int sc_pkcs15_init_func_ex(sc_pkcs15_card_t *p15card, struct sc_aid *aid) {
    (void)aid;
    if (strcmp(p15card->card->driver->short_name, MYNA_NAME) != 0)
        return SC_ERROR_WRONG_CARD;
    const myna *m = myna_of(p15card->card);
    int code = describe_token(p15card, m);
    for (size_t i = 0; code >= 0 && i < sizeof pins / sizeof *pins; i++)
        code = has(m, pins[i].right) ? add_pin(p15card, i) : code;
    for (size_t i = 0; code >= 0 && i < sizeof keys / sizeof *keys; i++)
        code = has(m, keys[i].right) ? add_key(p15card, i) : code;
    for (size_t i = 0; code >= 0 && i < sizeof certificates / sizeof *certificates; i++)
        code = has(m, certificates[i].right) ? add_certificate(p15card, i) : code;
    for (size_t i = 0; code >= 0 && i < sizeof certificates / sizeof *certificates; i++)
        code = has(m, certificates[i].right) ? add_public_key(p15card, i) : code;
    for (size_t i = 0; code >= 0 && has(m, RIGHT_CARD_DATA) && i < sizeof items / sizeof *items; i++)
        code = add_item(p15card, i);
    remember_copies(p15card);
    return code < 0 ? code : SC_SUCCESS;
}
