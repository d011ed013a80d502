/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-se-init.so: how C_InitToken, C_InitPIN, C_GenerateKeyPair, C_CreateObject and C_DestroyObject change the SE.
 * OpenSC writes the ISO/IEC 7816-15 files after profiles/uketsuke-se.profile; this file has what the SE does
 * differently. A separate module, because OpenSC looks up sc_module_init of a driver and of a PKCS#15 initialiser under
 * one name. */
#include "driver_control.h"

#include "iso7816/tlv.h"
#include "opensc/opensc_module.h"

#include <libopensc/cardctl.h>
#include <libopensc/opensc.h>
#include <libopensc/pkcs15.h>
#include <pkcs15init/pkcs15-init.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE_PIN 1
#define REFERENCE_PUK 2
#define PRIVATE_KEY_MAX 1024
#define PUBLIC_KEY_MAX 512
#define TAG_PRIVATE_KEY 0x7F48
#define TAG_PUBLIC_KEY 0x7F49
#define TAG_MODULUS 0x81
#define TAG_EXPONENT 0x82
#define TAG_FIRST_PRIME 0x92 /* and on to 96: ISO/IEC 7816-8 annex C */
#define USAGE_SIGNS                                                                                                    \
    (SC_PKCS15_PRKEY_USAGE_SIGN | SC_PKCS15_PRKEY_USAGE_SIGNRECOVER | SC_PKCS15_PRKEY_USAGE_NONREPUDIATION)
#define USAGE_DECIPHERS (SC_PKCS15_PRKEY_USAGE_DECRYPT | SC_PKCS15_PRKEY_USAGE_UNWRAP)

static int create_directory(struct sc_profile *profile, struct sc_pkcs15_card *p15card, struct sc_file *directory) {
    return sc_pkcs15init_create_file(profile, p15card, directory);
}

static int select_pin_reference(struct sc_profile *profile, struct sc_pkcs15_card *p15card,
                                struct sc_pkcs15_auth_info *info) {
    (void)profile, (void)p15card;
    bool officer = info->attrs.pin.flags & SC_PKCS15_PIN_FLAG_SO_PIN;
    int wanted = officer ? REFERENCE_PUK : REFERENCE_PIN;
    if (info->auth_type != SC_PKCS15_PIN_AUTH_TYPE_PIN || info->attrs.pin.reference > wanted)
        return SC_ERROR_TOO_MANY_OBJECTS; /* the SE has one of each */
    info->attrs.pin.reference = wanted;
    return SC_SUCCESS;
}

/* The SE has a PIN that no object describes: an earlier C_InitPIN was interrupted (the SE lost power). The officer is logged
 * in, and gives the PIN anew (RESET RETRY COUNTER); VERIFY opens the SE for the object. */
static int give_pin_again(sc_card_t *card, const unsigned char *pin, size_t pin_length) {
    struct sc_pin_cmd_data request = {.cmd = SC_PIN_CMD_UNBLOCK,
                                      .pin_type = SC_AC_CHV,
                                      .pin_reference = REFERENCE_PIN,
                                      .pin2 = {.data = pin, .len = (int)pin_length}};
    int code = sc_pin_cmd(card, &request, NULL);
    return code == SC_SUCCESS ? sc_verify(card, SC_AC_CHV, REFERENCE_PIN, pin, pin_length, NULL) : code;
}

/* CHANGE REFERENCE DATA without an old value: C_InitToken sets the PUK, C_InitPIN the first PIN. C_InitToken has
 * verified an existing PUK. */
static int create_pin(struct sc_profile *profile, struct sc_pkcs15_card *p15card, struct sc_file *directory,
                      struct sc_pkcs15_object *object, const unsigned char *pin, size_t pin_length,
                      const unsigned char *puk, size_t puk_length) {
    (void)profile, (void)directory, (void)puk, (void)puk_length;
    const struct sc_pkcs15_auth_info *info = object->data;
    int reference = info->attrs.pin.reference;
    int code = sc_change_reference_data(p15card->card, SC_AC_CHV, reference, NULL, 0, pin, pin_length, NULL);
    if (code != SC_ERROR_NOT_ALLOWED)
        return code;
    return reference == REFERENCE_PUK ? SC_SUCCESS : give_pin_again(p15card->card, pin, pin_length);
}

/* The place decides a key's operations: the object of a template that asks for both shows which one it has. OpenSC
 * counts up while places are taken.
 */
static int select_key_reference(struct sc_profile *profile, struct sc_pkcs15_card *p15card,
                                struct sc_pkcs15_prkey_info *info) {
    (void)profile, (void)p15card;
    if (!(info->usage & USAGE_SIGNS)) {
        if (!(info->usage & USAGE_DECIPHERS))
            return SC_ERROR_NOT_SUPPORTED;
        if (info->key_reference > SE_PLACE_DECIPHERING)
            return SC_ERROR_TOO_MANY_OBJECTS;
        info->key_reference = SE_PLACE_DECIPHERING;
        info->usage &= USAGE_DECIPHERS;
        return SC_SUCCESS;
    }
    if (info->key_reference < 0)
        info->key_reference = 0;
    if (info->key_reference == SE_PLACE_DECIPHERING)
        info->key_reference++;
    info->usage &= USAGE_SIGNS;
    return info->key_reference < SE_PLACES ? SC_SUCCESS : SC_ERROR_TOO_MANY_OBJECTS;
}

/* A place needs no preparation. */
static int create_key(struct sc_profile *profile, struct sc_pkcs15_card *p15card, struct sc_pkcs15_object *object) {
    (void)profile, (void)p15card;
    if (object->type != SC_PKCS15_TYPE_PRKEY_RSA)
        return SC_ERROR_NOT_SUPPORTED;
    struct sc_pkcs15_prkey_info *info = object->data;
    info->access_flags &= ~(unsigned)SC_PKCS15_PRKEY_ACCESS_EXTRACTABLE;
    info->access_flags |= SC_PKCS15_PRKEY_ACCESS_SENSITIVE;
    return SC_SUCCESS;
}

static uint8_t place_of(const struct sc_pkcs15_object *object) {
    return (uint8_t)((const struct sc_pkcs15_prkey_info *)object->data)->key_reference;
}

static int store_key(struct sc_profile *profile, struct sc_pkcs15_card *p15card, struct sc_pkcs15_object *object,
                     struct sc_pkcs15_prkey *key) {
    (void)profile;
    if (object->type != SC_PKCS15_TYPE_PRKEY_RSA)
        return SC_ERROR_NOT_SUPPORTED;
    const struct sc_pkcs15_prkey_rsa *rsa = &key->u.rsa;
    const sc_pkcs15_bignum_t *const parts[] = {&rsa->p, &rsa->q, &rsa->iqmp, &rsa->dmp1, &rsa->dmq1};
    buffer set = BUFFER_INIT(PRIVATE_KEY_MAX), message = BUFFER_INIT(PRIVATE_KEY_MAX + 8);
    for (uint32_t i = 0; i < sizeof parts / sizeof *parts; i++)
        tlv_append(&set, TAG_FIRST_PRIME + i, bytes_of(parts[i]->data, parts[i]->len));
    tlv_append(&message, TAG_PRIVATE_KEY, buffer_bytes(&set));
    se_key_request request = {.place = place_of(object), .private_key = buffer_bytes(&message)};
    int code = set.failed == RESULT_OK && message.failed == RESULT_OK
                   ? sc_card_ctl(p15card->card, SE_CONTROL_IMPORT, &request)
                   : SC_ERROR_INVALID_DATA;
    buffer_wipe(&set);
    buffer_wipe(&message);
    return code;
}

static bool copy_number(bytes from, sc_pkcs15_bignum_t *to) {
    to->data = from.length == 0 ? NULL : malloc(from.length);
    if (to->data == NULL)
        return false;
    memcpy(to->data, from.data, from.length);
    to->len = from.length;
    return true;
}

/* 7F49 {81 modulus, 82 exponent} */
static int read_public_key(bytes answer, struct sc_pkcs15_pubkey *key) {
    tlv outer;
    bytes modulus, exponent;
    if (tlv_next(&answer, &outer) != RESULT_OK || outer.tag != TAG_PUBLIC_KEY ||
        tlv_find(outer.value, TAG_MODULUS, &modulus) != RESULT_OK ||
        tlv_find(outer.value, TAG_EXPONENT, &exponent) != RESULT_OK)
        return SC_ERROR_UNKNOWN_DATA_RECEIVED;
    key->algorithm = SC_ALGORITHM_RSA;
    return copy_number(modulus, &key->u.rsa.modulus) && copy_number(exponent, &key->u.rsa.exponent)
               ? SC_SUCCESS
               : SC_ERROR_OUT_OF_MEMORY;
}

static int generate_key(struct sc_profile *profile, struct sc_pkcs15_card *p15card, struct sc_pkcs15_object *object,
                        struct sc_pkcs15_pubkey *key) {
    (void)profile;
    buffer answer = BUFFER_INIT(PUBLIC_KEY_MAX);
    se_key_request request = {.place = place_of(object), .public_key = &answer};
    int code = sc_card_ctl(p15card->card, SE_CONTROL_GENERATE, &request);
    if (code == SC_SUCCESS)
        code = read_public_key(buffer_bytes(&answer), key);
    ((struct sc_pkcs15_prkey_info *)object->data)->access_flags |= SC_PKCS15_PRKEY_ACCESS_LOCAL |
                                                                   SC_PKCS15_PRKEY_ACCESS_ALWAYSSENSITIVE |
                                                                   SC_PKCS15_PRKEY_ACCESS_NEVEREXTRACTABLE;
    buffer_wipe(&answer);
    return code;
}

/* The SE cannot clear a place, but a new key destroys the old one; no object describes the new key. OpenSC deletes
 * files. */
static int delete_object(struct sc_profile *profile, struct sc_pkcs15_card *p15card, struct sc_pkcs15_object *object,
                         const struct sc_path *path) {
    (void)profile, (void)path;
    if ((object->type & SC_PKCS15_TYPE_CLASS_MASK) != SC_PKCS15_TYPE_PRKEY)
        return SC_ERROR_NOT_SUPPORTED;
    buffer unused = BUFFER_INIT(PUBLIC_KEY_MAX);
    se_key_request request = {.place = place_of(object), .public_key = &unused};
    int code = sc_card_ctl(p15card->card, SE_CONTROL_GENERATE, &request);
    buffer_wipe(&unused);
    return code;
}

static struct sc_path *path_of(struct sc_pkcs15_object *object) {
    switch (object->type & SC_PKCS15_TYPE_CLASS_MASK) {
    case SC_PKCS15_TYPE_CERT: return &((struct sc_pkcs15_cert_info *)object->data)->path;
    case SC_PKCS15_TYPE_DATA_OBJECT: return &((struct sc_pkcs15_data_info *)object->data)->path;
    case SC_PKCS15_TYPE_PUBKEY: return &((struct sc_pkcs15_pubkey_info *)object->data)->path;
    default: return NULL;
    }
}

/* The directory for the object; NULL: there is none yet. */
static struct sc_pkcs15_df *directory_of(struct sc_pkcs15_card *p15card, const struct sc_pkcs15_object *object) {
    const unsigned class = object->type & SC_PKCS15_TYPE_CLASS_MASK;
    const unsigned type = class == SC_PKCS15_TYPE_CERT     ? SC_PKCS15_CDF
                          : class == SC_PKCS15_TYPE_PUBKEY ? SC_PKCS15_PUKDF
                                                           : SC_PKCS15_DODF;
    struct sc_pkcs15_df *df = p15card->df_list;
    while (df != NULL && df->type != type)
        df = df->next;
    return df;
}

/* Length of the directory with this object, whose file has a path as long as the directory's own. */
static int length_with(struct sc_pkcs15_card *p15card, struct sc_pkcs15_df *df, struct sc_pkcs15_object *object,
                       struct sc_path *path, size_t *length) {
    const struct sc_path before = *path;
    uint8_t *encoded = NULL;
    *path = df->path;
    path->index = 0;
    path->count = -1;
    object->df = df;
    int code = sc_pkcs15_add_object(p15card, object);
    if (code == SC_SUCCESS) {
        code = sc_pkcs15_encode_df(p15card->card->ctx, p15card, df, &encoded, length);
        sc_pkcs15_remove_object(p15card, object);
    }
    object->df = NULL;
    *path = before;
    free(encoded);
    return code < 0 ? code : SC_SUCCESS;
}

/* OpenSC writes the object's file before it detects that the directory is full. So the check comes first:
 * CKR_DEVICE_MEMORY before any byte is written, else SC_ERROR_NOT_IMPLEMENTED, and OpenSC writes. */
static int check_room(struct sc_pkcs15_card *p15card, struct sc_profile *profile, struct sc_pkcs15_object *object,
                      struct sc_pkcs15_der *content, struct sc_path *unused) {
    (void)profile, (void)unused;
    struct sc_path *path = content == NULL ? NULL : path_of(object);
    struct sc_pkcs15_df *df = path == NULL ? NULL : directory_of(p15card, object);
    struct sc_file *file = NULL;
    size_t length = 0;
    if (path != NULL && content->len > SE_FILE_MAX)
        return SC_ERROR_NOT_ENOUGH_MEMORY;
    if (df == NULL || object->df != NULL)
        return SC_ERROR_NOT_IMPLEMENTED;
    int code = sc_select_file(p15card->card, &df->path, &file);
    if (code == SC_SUCCESS)
        code = length_with(p15card, df, object, path, &length);
    if (code == SC_SUCCESS)
        code = length > file->size ? SC_ERROR_NOT_ENOUGH_MEMORY : SC_ERROR_NOT_IMPLEMENTED;
    sc_file_free(file);
    return code;
}

static struct sc_pkcs15init_operations *operations(void) {
    static struct sc_pkcs15init_operations ours = {
        .create_dir = create_directory,
        .select_pin_reference = select_pin_reference,
        .create_pin = create_pin,
        .select_key_reference = select_key_reference,
        .create_key = create_key,
        .store_key = store_key,
        .generate_key = generate_key,
        .delete_object = delete_object,
        .emu_store_data = check_room,
    };
    return &ours;
}

OPENSC_MODULE(operations);
