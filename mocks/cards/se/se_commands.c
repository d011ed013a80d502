/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "element.h"

#include "iso7816/tlv.h"

#include <openssl/rand.h>

#define BY_ID 0x00
#define BY_APPLICATION 0x04
#define BY_PATH_FROM_MASTER 0x08
#define BY_PATH_FROM_CURRENT 0x09
#define ANSWER_INFORMATION 0x00
#define ANSWER_PARAMETERS 0x04
#define ANSWER_NOTHING 0x0C
#define TAG_PARAMETERS 0x62
#define TAG_CONTROL_INFORMATION 0x6F

/* IsoApplet's application identifier and the answer to its selection: API 00.06; extended length, random numbers, no
 * elliptic curves. */
static const uint8_t application[] = {0xF2, 0x76, 0xA2, 0x88, 0xBC, 0xFB, 0xA6, 0x9D, 0x34, 0xF3, 0x10, 0x01};
static const uint8_t application_answer[] = {0x00, 0x06, 0x03};
static const uint8_t identification[] = "UKETSUKE-SE 1";

/* The second data file that stock pkcs15-init makes, when it has four bytes, shows the signature counter. So a program
 * can read it as a data object, and no program can write it. */
#define COUNTER_DIRECTORY 0x5015
#define COUNTER_FILE 0x3201
#define COUNTER_LENGTH 4

bytes se_application_identifier(void) {
    return BYTES(application);
}

/* Before the PIN is set nothing is protected. After that, changes need the PIN even where a file's attributes are free:
 * stock profiles leave the object directory to everybody. At work, changes are the issuer's (element.c) and what the
 * PIN opens is the terminal's. */
static bool allowed(const card *c, const se_file *file, se_operation operation, bool changes) {
    if (!se_pins_operational(&c->pins))
        return true;
    uint8_t condition = se_file_condition(file, operation);
    if (condition == SE_CONDITION_NEVER)
        return false;
    if (c->role == SE_ISSUER || (condition == SE_CONDITION_FREE && !changes))
        return true;
    return c->pins.verified && (c->role == SE_TERMINAL || c->channel.life_cycle == SE_PERSONALISATION);
}

static status_word select_application(card *c, const apdu_command *command, buffer *answer) {
    if (!bytes_equal(command->data, BYTES(application)))
        return SW_NOT_FOUND; /* the current selection stays (GlobalPlatform 2.3.1 11.9.3) */
    c->application_selected = true;
    c->environment.template = NO_TEMPLATE;
    se_files_reset(&c->files);
    return buffer_append(answer, BYTES(application_answer)) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

/* ISO/IEC 7816-4 11.2.2: the MF, a child of the current DF, that DF itself, its parent's children. */
static int find_by_id(const card *c, uint16_t id) {
    int directory = c->files.current_directory;
    if (id == SE_MASTER_FILE)
        return MASTER_FILE;
    int found = se_files_child(&c->files, directory, id);
    if (found == NO_FILE && c->files.all[directory].id == id)
        found = directory;
    return found != NO_FILE ? found : se_files_child(&c->files, c->files.all[directory].parent, id);
}

static int find_by_path(const card *c, int start, bytes path) {
    int found = path.length > 0 ? start : NO_FILE;
    for (size_t i = 0; i + 2 <= path.length && found != NO_FILE; i += 2) {
        uint16_t id = (uint16_t)(path.data[i] << 8 | path.data[i + 1]);
        found = i == 0 && start == MASTER_FILE && id == SE_MASTER_FILE ? MASTER_FILE
                                                                       : se_files_child(&c->files, found, id);
    }
    return found;
}

static status_word describe(const se_file *file, uint8_t how, buffer *answer) {
    if (how == ANSWER_NOTHING)
        return SW_OK;
    buffer parameters = BUFFER_INIT(64);
    result code = se_file_parameters(file, &parameters);
    if (code == RESULT_OK)
        code = tlv_append(answer, how == ANSWER_PARAMETERS ? TAG_PARAMETERS : TAG_CONTROL_INFORMATION,
                          buffer_bytes(&parameters));
    buffer_wipe(&parameters);
    return code == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

status_word se_select(card *c, const apdu_command *command, buffer *answer) {
    bytes data = command->data;
    if (command->p2 != ANSWER_INFORMATION && command->p2 != ANSWER_PARAMETERS && command->p2 != ANSWER_NOTHING)
        return SW_WRONG_P1P2;
    if (command->p1 == BY_APPLICATION)
        return select_application(c, command, answer);
    if (!c->application_selected)
        return SW_NOT_FOUND;
    if (data.length % 2 != 0 || (command->p1 == BY_ID && data.length > 2))
        return SW_WRONG_LENGTH;
    int found = NO_FILE;
    switch (command->p1) {
    case BY_ID:
        found = data.length == 0 ? MASTER_FILE : find_by_id(c, (uint16_t)(data.data[0] << 8 | data.data[1]));
        break;
    case BY_PATH_FROM_MASTER: found = find_by_path(c, MASTER_FILE, data); break;
    case BY_PATH_FROM_CURRENT: found = find_by_path(c, c->files.current_directory, data); break;
    default: return SW_WRONG_P1P2;
    }
    if (found == NO_FILE)
        return SW_NOT_FOUND;
    se_files_choose(&c->files, found);
    return describe(&c->files.all[found], command->p2, answer);
}

/* Short file identifiers are not used by this card. */
static status_word aim(const card *c, const apdu_command *command, size_t *offset) {
    if (command->p1 & 0x80)
        return SW_WRONG_P1P2;
    *offset = (size_t)command->p1 << 8 | command->p2;
    return c->files.current == NO_FILE ? SW_NO_CURRENT_EF : SW_OK;
}

static bool is_counter(const card *c, const se_file *file) {
    return file->id == COUNTER_FILE && file->size == COUNTER_LENGTH &&
           c->files.all[file->parent].id == COUNTER_DIRECTORY;
}

status_word se_read_binary(card *c, const apdu_command *command, buffer *answer) {
    size_t offset;
    status_word sw = aim(c, command, &offset);
    if (sw != SW_OK)
        return sw;
    const se_file *file = &c->files.all[c->files.current];
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    if (!allowed(c, file, SE_READ, false))
        return SW_SECURITY_STATUS;
    if (offset > file->size || (offset == file->size && offset > 0))
        return SW_WRONG_OFFSET;
    uint32_t made = c->signatures.value;
    uint8_t counter[COUNTER_LENGTH] = {(uint8_t)(made >> 24), (uint8_t)(made >> 16), (uint8_t)(made >> 8),
                                       (uint8_t)made};
    bytes content = is_counter(c, file) ? BYTES(counter) : buffer_bytes(&file->content);
    bytes part = bytes_slice(content, offset, command->le);
    return buffer_append(answer, bytes_slice(part, 0, ANSWER_MAX)) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

status_word se_update_binary(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    size_t offset;
    status_word sw = aim(c, command, &offset);
    if (sw != SW_OK)
        return sw;
    if (command->data.length == 0)
        return SW_WRONG_LENGTH;
    if (!allowed(c, &c->files.all[c->files.current], SE_UPDATE, true))
        return SW_SECURITY_STATUS;
    return se_files_update(&c->files, c->files.current, offset, command->data);
}

status_word se_create_file(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    tlv template;
    bytes rest = command->data;
    bool directory;
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (tlv_next(&rest, &template) != RESULT_OK || rest.length > 0 ||
        (template.tag != TAG_PARAMETERS && template.tag != TAG_CONTROL_INFORMATION) ||
        se_files_kind(template.value, &directory) != RESULT_OK)
        return SW_WRONG_DATA;
    const se_file *parent = &c->files.all[c->files.current_directory];
    if (!allowed(c, parent, directory ? SE_CREATE_DF : SE_CREATE_EF, true))
        return SW_SECURITY_STATUS;
    return se_files_create(&c->files, template.value);
}

status_word se_delete_file(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (command->data.length != 0 && command->data.length != 2)
        return SW_WRONG_LENGTH;
    int current = c->files.current == NO_FILE ? c->files.current_directory : c->files.current;
    int found = command->data.length == 0
                    ? current
                    : find_by_id(c, (uint16_t)(command->data.data[0] << 8 | command->data.data[1]));
    if (found == NO_FILE)
        return SW_NOT_FOUND;
    if (found == MASTER_FILE)
        return SW_CONDITIONS;
    const se_file *file = &c->files.all[found], *parent = &c->files.all[file->parent];
    if (!allowed(c, file, SE_DELETE_SELF, true) && !allowed(c, parent, SE_DELETE_CHILD, true))
        return SW_SECURITY_STATUS;
    return se_files_delete(&c->files, found);
}

/* GET DATA 0101 signature counter, 0102 serial number, 0103 what this card is, 0104 life cycle, 0110 to 011F
 * fingerprint of the key in that place (ISO/IEC 7816-4 11.5.3: 0100 to 01FF are the application's). */
status_word se_get_data(card *c, const apdu_command *command, buffer *answer) {
    result code = RESULT_NOT_FOUND;
    if (command->p1 == 0x01 && command->p2 == 0x01)
        code = buffer_append_u32(answer, c->signatures.value);
    else if (command->p1 == 0x01 && command->p2 == 0x02)
        code = buffer_append(answer, buffer_bytes(&c->serial));
    else if (command->p1 == 0x01 && command->p2 == 0x03)
        code = buffer_append(answer, bytes_of(identification, sizeof identification - 1));
    else if (command->p1 == 0x01 && command->p2 == 0x04)
        code = buffer_append_u8(answer, (uint8_t)c->channel.life_cycle);
    else if (command->p1 == 0x01 && (command->p2 & 0xF0) == 0x10)
        return se_key_fingerprint(&c->keys, command->p2 & 0x0F, answer);
    if (code == RESULT_NOT_FOUND)
        return SW_REFERENCE_NOT_FOUND;
    return code == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

status_word se_get_challenge(card *c, const apdu_command *command, buffer *answer) {
    (void)c;
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (command->data.length > 0 || command->le == APDU_NO_LE || command->le > 256)
        return SW_WRONG_LENGTH;
    uint8_t *room = buffer_extend(answer, command->le);
    return room != NULL && RAND_bytes(room, (int)command->le) == 1 ? SW_OK : SW_UNKNOWN;
}
