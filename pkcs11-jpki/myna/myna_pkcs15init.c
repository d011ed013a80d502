/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* myna-init.so: C_CreateObject(CKO_DATA) on a card of ours. Nothing is stored: the value is an institution's chain of
 * certificates, and the driver gives it to the card. A separate module, because OpenSC looks up sc_module_init of a
 * card driver and of a PKCS#15 initialiser under the same name. */
#include "myna_control.h"

#include "opensc/opensc_module.h"

#include <libopensc/cardctl.h>
#include <libopensc/opensc.h>
#include <libopensc/pkcs15.h>
#include <pkcs15init/pkcs15-init.h>

static int store_data(struct sc_pkcs15_card *p15card, struct sc_profile *profile, struct sc_pkcs15_object *object,
                      struct sc_pkcs15_der *content, struct sc_path *path) {
    (void)profile, (void)path;
    if (object == NULL || (object->type & SC_PKCS15_TYPE_CLASS_MASK) != SC_PKCS15_TYPE_DATA_OBJECT)
        return SC_ERROR_NOT_SUPPORTED;
    bytes chain = bytes_of(content->value, content->len);
    return sc_card_ctl(p15card->card, MYNA_CONTROL_IMPORT_CHAIN, &chain);
}

/* The card has no directory to update. */
static int update_directory(struct sc_profile *profile, struct sc_pkcs15_card *p15card, unsigned operation,
                            struct sc_pkcs15_object *object) {
    (void)profile, (void)p15card, (void)operation, (void)object;
    return SC_SUCCESS;
}

/* A basic item of the patient's, which the card has. */
static bool is_item(const struct sc_pkcs15_object *object) {
    const struct sc_pkcs15_data_info *info = object->data;
    return info->path.len == 2 && info->path.value[0] == 0xDF;
}

/* C_DestroyObject: removes the object from the list; the card deletes the certificates itself. */
static int delete_object(struct sc_profile *profile, struct sc_pkcs15_card *p15card, struct sc_pkcs15_object *object,
                         const struct sc_path *path) {
    (void)profile, (void)p15card, (void)path;
    bool data = (object->type & SC_PKCS15_TYPE_CLASS_MASK) == SC_PKCS15_TYPE_DATA_OBJECT;
    return data && !is_item(object) ? SC_SUCCESS : SC_ERROR_NOT_ALLOWED;
}

static struct sc_pkcs15init_operations *operations(void) {
    static struct sc_pkcs15init_operations ours = {
        .emu_store_data = store_data,
        .emu_update_any_df = update_directory,
        .delete_object = delete_object,
    };
    return &ours;
}

OPENSC_MODULE(operations);
