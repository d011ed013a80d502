/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se_files.h"

#include "base/file.h"
#include "iso7816/tlv.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAG_PARAMETERS 0x62
#define TAG_CONTENT 0x53
#define TAG_SIZE 0x80
#define TAG_SIZE_WITH_STRUCTURE 0x81
#define TAG_DESCRIPTOR 0x82
#define TAG_ID 0x83
#define TAG_ATTRIBUTES 0x86
#define TAG_LIFE_CYCLE 0x8A
#define DESCRIPTOR_DIRECTORY 0x38
#define DESCRIPTOR_TRANSPARENT 0x01
#define ACTIVATED 0x05
#define PREFIX "file-"
#define STORED_MAX (SE_FILE_SIZE_MAX + 128)
#define NAME_LENGTH_MAX (sizeof PREFIX + 4 * (SE_FILE_DEPTH + 1))

/* The MF's own: changes need the PIN, deletion is not permitted. */
static const uint8_t master_attributes[SE_ATTRIBUTES_LENGTH] = {0xFF,
                                                                SE_CONDITION_NEVER,
                                                                SE_CONDITION_NEVER,
                                                                SE_CONDITION_NEVER,
                                                                SE_CONDITION_NEVER,
                                                                SE_CONDITION_PIN,
                                                                SE_CONDITION_PIN,
                                                                SE_CONDITION_PIN};

static uint16_t u16(bytes b) {
    return (uint16_t)(b.data[0] << 8 | b.data[1]);
}

/* The file's path from the MF's children down, as the name under state/. */
static char *store_path(const se_files *files, int index) {
    char name[NAME_LENGTH_MAX] = PREFIX, *path = NULL;
    int chain[SE_FILE_DEPTH], depth = 0;
    for (int i = index; i != MASTER_FILE && depth < SE_FILE_DEPTH; i = files->all[i].parent)
        chain[depth++] = i;
    size_t length = strlen(name);
    while (depth-- > 0) {
        snprintf(name + length, sizeof name - length, "%04X", files->all[chain[depth]].id);
        length += 4;
    }
    path = file_join(files->folder, name);
    return path;
}

static int depth_of(const se_files *files, int index) {
    int depth = 0;
    for (int i = index; i != MASTER_FILE; i = files->all[i].parent)
        depth++;
    return depth;
}

result se_file_parameters(const se_file *file, buffer *out) {
    uint8_t size[] = {(uint8_t)(file->size >> 8), (uint8_t)file->size};
    uint8_t id[] = {(uint8_t)(file->id >> 8), (uint8_t)file->id};
    uint8_t descriptor[] = {file->directory ? DESCRIPTOR_DIRECTORY : DESCRIPTOR_TRANSPARENT}, life[] = {ACTIVATED};
    tlv_append(out, file->directory ? TAG_SIZE_WITH_STRUCTURE : TAG_SIZE, BYTES(size));
    tlv_append(out, TAG_DESCRIPTOR, BYTES(descriptor));
    tlv_append(out, TAG_ID, BYTES(id));
    tlv_append(out, TAG_ATTRIBUTES, BYTES(file->attributes));
    return tlv_append(out, TAG_LIFE_CYCLE, BYTES(life));
}

uint8_t se_file_condition(const se_file *file, se_operation operation) {
    uint8_t condition = file->attributes[operation];
    return condition == SE_CONDITION_FREE || condition == SE_CONDITION_PIN ? condition : SE_CONDITION_NEVER;
}

static result find_descriptor(bytes parameters, uint8_t *descriptor) {
    bytes value;
    if (tlv_find(parameters, TAG_DESCRIPTOR, &value) != RESULT_OK || value.length < 1)
        return RESULT_INVALID;
    *descriptor = value.data[0] & 0x3F; /* without the shareable bit */
    return RESULT_OK;
}

result se_files_kind(bytes parameters, bool *directory) {
    uint8_t descriptor;
    if (find_descriptor(parameters, &descriptor) != RESULT_OK)
        return RESULT_INVALID;
    *directory = descriptor == DESCRIPTOR_DIRECTORY;
    return *directory || (descriptor & 0x07) == DESCRIPTOR_TRANSPARENT ? RESULT_OK : RESULT_INVALID;
}

static result parse_parameters(bytes parameters, se_file *file) {
    bytes size, id, attributes;
    if (se_files_kind(parameters, &file->directory) != RESULT_OK)
        return RESULT_INVALID;
    if (tlv_find(parameters, TAG_SIZE, &size) != RESULT_OK &&
        tlv_find(parameters, TAG_SIZE_WITH_STRUCTURE, &size) != RESULT_OK)
        return RESULT_INVALID;
    if (tlv_find(parameters, TAG_ID, &id) != RESULT_OK || id.length != 2 || size.length != 2)
        return RESULT_INVALID;
    if (tlv_find(parameters, TAG_ATTRIBUTES, &attributes) != RESULT_OK || attributes.length != SE_ATTRIBUTES_LENGTH ||
        attributes.data[0] != 0xFF)
        return RESULT_INVALID; /* default for a file without attributes */
    file->id = u16(id);
    file->size = u16(size);
    memcpy(file->attributes, attributes.data, SE_ATTRIBUTES_LENGTH);
    return file->id == SE_MASTER_FILE || file->id == 0x3FFF || file->id == 0xFFFF ? RESULT_INVALID : RESULT_OK;
}

static result store(const se_files *files, int index) {
    const se_file *file = &files->all[index];
    buffer parameters = BUFFER_INIT(64), whole = BUFFER_INIT(STORED_MAX);
    char *path = store_path(files, index);
    se_file_parameters(file, &parameters);
    tlv_append(&whole, TAG_PARAMETERS, buffer_bytes(&parameters));
    result code = tlv_append(&whole, TAG_CONTENT, buffer_bytes(&file->content));
    if (code == RESULT_OK)
        code = path == NULL ? RESULT_NO_MEMORY : file_replace(path, buffer_bytes(&whole), 0600);
    free(path);
    buffer_wipe(&parameters);
    buffer_wipe(&whole);
    return code;
}

static int free_slot(const se_files *files) {
    for (int i = 0; i < SE_FILES_MAX; i++)
        if (!files->all[i].used)
            return i;
    return NO_FILE;
}

int se_files_child(const se_files *files, int directory, uint16_t id) {
    for (int i = 0; i < SE_FILES_MAX; i++)
        if (files->all[i].used && i != MASTER_FILE && files->all[i].parent == directory && files->all[i].id == id)
            return i;
    return NO_FILE;
}

void se_files_choose(se_files *files, int index) {
    bool directory = files->all[index].directory;
    files->current_directory = directory ? index : files->all[index].parent;
    files->current = directory ? NO_FILE : index;
}

void se_files_reset(se_files *files) {
    se_files_choose(files, MASTER_FILE);
}

static void forget(se_file *file) {
    buffer_wipe(&file->content);
    *file = (se_file){0};
}

status_word se_files_create(se_files *files, bytes parameters) {
    se_file fresh = {.used = true, .parent = files->current_directory, .content = BUFFER_INIT(SE_FILE_SIZE_MAX)};
    if (parse_parameters(parameters, &fresh) != RESULT_OK)
        return SW_WRONG_DATA;
    if (se_files_child(files, fresh.parent, fresh.id) != NO_FILE)
        return SW_FILE_EXISTS;
    int slot = free_slot(files);
    if (slot == NO_FILE || depth_of(files, fresh.parent) >= SE_FILE_DEPTH)
        return SW_NO_SPACE;
    if (!fresh.directory &&
        (fresh.size > SE_FILE_SIZE_MAX || (fresh.size > 0 && !buffer_extend(&fresh.content, fresh.size))))
        return SW_NO_SPACE;
    files->all[slot] = fresh;
    if (store(files, slot) != RESULT_OK) {
        forget(&files->all[slot]);
        return SW_MEMORY_FAILURE;
    }
    se_files_choose(files, slot);
    return SW_OK;
}

status_word se_files_delete(se_files *files, int index) {
    for (int i = 0; i < SE_FILES_MAX; i++)
        if (files->all[i].used && i != MASTER_FILE && files->all[i].parent == index)
            return SW_CONDITIONS; /* a DF goes empty */
    int parent = files->all[index].parent;
    char *path = store_path(files, index);
    bool gone = path != NULL && unlink(path) == 0;
    free(path);
    if (!gone)
        return SW_MEMORY_FAILURE;
    forget(&files->all[index]);
    se_files_choose(files, parent);
    return SW_OK;
}

status_word se_files_update(se_files *files, int index, size_t offset, bytes data) {
    se_file *file = &files->all[index];
    if (offset > file->size || data.length > file->size - offset)
        return offset > file->size ? SW_WRONG_OFFSET : SW_NO_SPACE;
    buffer old = BUFFER_INIT(SE_FILE_SIZE_MAX);
    if (buffer_append(&old, buffer_bytes(&file->content)) != RESULT_OK)
        return SW_UNKNOWN;
    if (data.length > 0)
        memcpy(file->content.data + offset, data.data, data.length);
    result code = store(files, index);
    if (code != RESULT_OK && old.length > 0)
        memcpy(file->content.data, old.data, old.length);
    buffer_wipe(&old);
    return code == RESULT_OK ? SW_OK : SW_MEMORY_FAILURE;
}

/* The directory that a stored name's leading identifiers lead to; *id is its last. */
static int find_place(const se_files *files, const char *digits, uint16_t *id) {
    int directory = MASTER_FILE;
    for (size_t left = strlen(digits); left >= 4; left -= 4, digits += 4) {
        char part[5] = {digits[0], digits[1], digits[2], digits[3], 0}, *end;
        *id = (uint16_t)strtoul(part, &end, 16);
        if (*end != 0)
            return NO_FILE;
        if (left == 4)
            return directory;
        directory = se_files_child(files, directory, *id);
        if (directory == NO_FILE)
            return NO_FILE;
    }
    return NO_FILE;
}

static result parse_stored(bytes whole, se_file *file) {
    tlv parameters, content;
    if (tlv_next(&whole, &parameters) != RESULT_OK || tlv_next(&whole, &content) != RESULT_OK || whole.length > 0)
        return RESULT_INVALID;
    if (parameters.tag != TAG_PARAMETERS || content.tag != TAG_CONTENT)
        return RESULT_INVALID;
    result code = parse_parameters(parameters.value, file);
    if (code == RESULT_OK && content.value.length != (file->directory ? 0 : file->size))
        code = RESULT_INVALID;
    return code == RESULT_OK ? buffer_append(&file->content, content.value) : code;
}

static result load_one(se_files *files, const char *name) {
    buffer whole = BUFFER_INIT(STORED_MAX);
    uint16_t id = 0;
    se_file file = {.used = true, .content = BUFFER_INIT(SE_FILE_SIZE_MAX)};
    int slot = free_slot(files);
    file.parent = find_place(files, name + strlen(PREFIX), &id);
    char *path = file_join(files->folder, name);
    result code = path == NULL ? RESULT_NO_MEMORY : file_read(path, &whole);
    if (code == RESULT_OK)
        code = file.parent == NO_FILE || slot == NO_FILE ? RESULT_INVALID : parse_stored(buffer_bytes(&whole), &file);
    if (code == RESULT_OK && file.id != id)
        code = RESULT_INVALID;
    if (code == RESULT_OK)
        files->all[slot] = file;
    else
        forget(&file);
    buffer_wipe(&whole);
    free(path);
    return code;
}

static int is_stored_file(const struct dirent *entry) {
    size_t length = strlen(entry->d_name), prefix = strlen(PREFIX);
    return strncmp(entry->d_name, PREFIX, prefix) == 0 && length > prefix && length < NAME_LENGTH_MAX &&
           length % 4 == prefix % 4;
}

/* Sorted by name: a directory comes before what is in it. */
result se_files_load(se_files *files, const char *state_folder) {
    struct dirent **names = NULL;
    *files = (se_files){.folder = strdup(state_folder)};
    files->all[MASTER_FILE] = (se_file){.used = true, .directory = true, .id = SE_MASTER_FILE};
    memcpy(files->all[MASTER_FILE].attributes, master_attributes, SE_ATTRIBUTES_LENGTH);
    se_files_reset(files);
    int count = files->folder == NULL ? -1 : scandir(state_folder, &names, is_stored_file, alphasort);
    result code = count < 0 ? RESULT_IO : RESULT_OK;
    for (int i = 0; i < count; i++) {
        if (code == RESULT_OK)
            code = load_one(files, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return code;
}

void se_files_free(se_files *files) {
    for (int i = 0; i < SE_FILES_MAX; i++)
        forget(&files->all[i]);
    free(files->folder);
    files->folder = NULL;
}
