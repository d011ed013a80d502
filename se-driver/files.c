/* New files say who may do what, in the expanded form of ISO/IEC 7816-4 7.4.3 that the SE keeps: FF, then a condition
 * for each of seven operations. Every change needs the PIN; reading is free unless the profile protects it. */
#include "se.h"

#include <string.h>

#define CONDITION_FREE 0x00
#define CONDITION_PIN 0x90
#define CONDITION_NEVER 0xFF
#define ALL_CONDITIONS_PRESENT 0xFF
#define ATTRIBUTES 8
#define LAST 7 /* READ of an EF, deletion of a child of a DF */

static uint8_t condition_to_read(sc_file_t *file) {
    const sc_acl_entry_t *entry = sc_file_get_acl_entry(file, SC_AC_OP_READ);
    if (entry == NULL || entry->method == SC_AC_NONE)
        return CONDITION_FREE;
    return entry->method == SC_AC_NEVER ? CONDITION_NEVER : CONDITION_PIN;
}

int se_create_file(sc_card_t *card, sc_file_t *file) {
    uint8_t attributes[ATTRIBUTES];
    memset(attributes, CONDITION_PIN, sizeof attributes);
    attributes[0] = ALL_CONDITIONS_PRESENT;
    if (file->type != SC_FILE_TYPE_DF)
        attributes[LAST] = condition_to_read(file);
    int code = file->sec_attr_len == 0 ? sc_file_set_sec_attr(file, attributes, sizeof attributes) : SC_SUCCESS;
    return code < 0 ? code : se_iso()->create_file(card, file);
}
