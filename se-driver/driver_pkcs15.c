/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* OpenSC binds the SE's own ISO/IEC 7816-15 files. This emulator is needed for two reasons: OpenSC caches the value of
 * a data object until the card is removed (libopensc/pkcs15-data.c), and one of the SE's data objects is a counter; and
 * the SE's state (driver_supervision.h) is an object without a file. */
#include "se.h"

#include "driver_supervision.h"

#include <libopensc/pkcs15.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER_LABEL "signature counter"
#define OBJECTS_MAX 64

#define EXPORT __attribute__((visibility("default")))
EXPORT int sc_pkcs15_init_func_ex(sc_pkcs15_card_t *p15card, struct sc_aid *aid);

static bool changes(const struct sc_pkcs15_object *object) {
    return strncmp(object->label, COUNTER_LABEL, sizeof object->label) == 0 ||
           strncmp(object->label, SE_STATE_LABEL, sizeof object->label) == 0;
}

void se_forget_values(sc_card_t *card) {
    struct sc_pkcs15_object *objects[OBJECTS_MAX];
    sc_pkcs15_card_t *p15card = se_of(card) != NULL ? se_of(card)->p15card : NULL;
    const int count = p15card != NULL ? sc_pkcs15_get_objects(p15card, SC_PKCS15_TYPE_DATA_OBJECT, objects, OBJECTS_MAX)
                                      : 0;
    for (int i = 0; i < count && i < OBJECTS_MAX; i++) {
        struct sc_pkcs15_data_info *info = objects[i]->data;
        if (!changes(objects[i]) || info == NULL)
            continue;
        free(info->data.value);
        info->data.value = NULL;
        info->data.len = 0;
    }
}

/* OpenSC frees its objects before the card. */
static void forget_card(sc_pkcs15_card_t *p15card) {
    if (se_of(p15card->card) != NULL)
        se_of(p15card->card)->p15card = NULL;
}

/* In no directory file (df NULL), so personalisation never writes it into one. */
static int add_state(sc_pkcs15_card_t *p15card) {
    struct sc_pkcs15_data_info *info = calloc(1, sizeof *info);
    struct sc_pkcs15_object *object = calloc(1, sizeof *object);
    if (info == NULL || object == NULL) {
        free(info);
        free(object);
        return SC_ERROR_OUT_OF_MEMORY;
    }
    *object = (struct sc_pkcs15_object){.type = SC_PKCS15_TYPE_DATA_OBJECT, .label = SE_STATE_LABEL, .data = info};
    *info = (struct sc_pkcs15_data_info){.app_label = SE_NAME};
    se_state_path(&info->path);
    return sc_pkcs15_add_object(p15card, object);
}

static int set_text(char **text, const char *value) {
    free(*text);
    *text = strdup(value);
    return *text != NULL ? SC_SUCCESS : SC_ERROR_OUT_OF_MEMORY;
}

/* A token without files: its label tells the reason, its serial number (in clear, GET DATA 0102) identifies the SE. */
static int describe_without_service(sc_pkcs15_card_t *p15card) {
    char serial[SE_SERIAL_LENGTH + 1] = "";
    p15card->card->sm_ctx.sm_mode = SM_MODE_NONE;
    int code = se_read_serial(p15card->card, serial);
    if (code != SC_SUCCESS)
        serial[0] = 0;
    code = set_text(&p15card->tokeninfo->label, SE_STATE_TOKEN_LABEL);
    if (code == SC_SUCCESS)
        code = set_text(&p15card->tokeninfo->serial_number, serial);
    return code;
}

int sc_pkcs15_init_func_ex(sc_pkcs15_card_t *p15card, struct sc_aid *aid) {
    if (strcmp(p15card->card->driver->short_name, SE_NAME) != 0)
        return SC_ERROR_WRONG_CARD;
    se *s = se_of(p15card->card);
    int code = s->out_of_service ? describe_without_service(p15card) : sc_pkcs15_bind_internal(p15card, aid);
    if (code == SC_SUCCESS)
        code = add_state(p15card);
    if (code != SC_SUCCESS)
        return code;
    s->p15card = p15card;
    p15card->ops.clear = forget_card;
    return SC_SUCCESS;
}
