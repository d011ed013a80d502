/* The SE's own ISO/IEC 7816-15 files are bound by OpenSC as they are. This stands in between for one reason: OpenSC keeps the
 * value of a data object from its first reading until the card leaves (libopensc/pkcs15-data.c), and one of the SE's data
 * objects is a counter. */
#include "se.h"

#include <libopensc/pkcs15.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER_LABEL "signature counter"
#define OBJECTS_MOST 64

#define EXPORT __attribute__((visibility("default")))
EXPORT int sc_pkcs15_init_func_ex(sc_pkcs15_card_t *p15card, struct sc_aid *aid);

void se_forget_counter(sc_card_t *card) {
    struct sc_pkcs15_object *objects[OBJECTS_MOST];
    sc_pkcs15_card_t *p15card = se_of(card) != NULL ? se_of(card)->p15card : NULL;
    const int count = p15card != NULL ? sc_pkcs15_get_objects(p15card, SC_PKCS15_TYPE_DATA_OBJECT, objects, OBJECTS_MOST) : 0;
    for (int i = 0; i < count && i < OBJECTS_MOST; i++) {
        struct sc_pkcs15_data_info *info = objects[i]->data;
        if (strncmp(objects[i]->label, COUNTER_LABEL, sizeof objects[i]->label) != 0 || info == NULL)
            continue;
        free(info->data.value);
        info->data.value = NULL;
        info->data.len = 0;
    }
}

/* OpenSC frees its objects, and this with them, before the card. */
static void forget_card(sc_pkcs15_card_t *p15card) {
    if (se_of(p15card->card) != NULL)
        se_of(p15card->card)->p15card = NULL;
}

int sc_pkcs15_init_func_ex(sc_pkcs15_card_t *p15card, struct sc_aid *aid) {
    if (strcmp(p15card->card->driver->short_name, SE_NAME) != 0)
        return SC_ERROR_WRONG_CARD;
    int code = sc_pkcs15_bind_internal(p15card, aid);
    if (code != SC_SUCCESS)
        return code;
    se_of(p15card->card)->p15card = p15card;
    p15card->ops.clear = forget_card;
    return SC_SUCCESS;
}
