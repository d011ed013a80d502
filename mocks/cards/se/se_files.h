/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The file system: dedicated and transparent elementary files (ISO/IEC 7816-4 7.2), three levels at most. Each file is
 * one file of the image, state/file-<path in hexadecimal>: its control parameters (template 62) and its content (53),
 * replaced durably. */
#pragma once

#include "base/buffer.h"
#include "iso7816/status_word.h"

#define SE_FILES_MAX 64
#define SE_FILE_SIZE_MAX 8192
#define SE_FILE_DEPTH 3 /* below the MF */
#define SE_MASTER_FILE 0x3F00

/* What may be done with a file, in the order of the security attributes' bytes (ISO/IEC 7816-4 7.4.3 in the expanded
 * form that OpenSC's isoApplet driver writes: FF, then one condition for each operation). */
typedef enum se_operation {
    SE_DELETE_SELF = 1,
    SE_CREATE_DF = 5,    /* DF */
    SE_CREATE_EF = 6,    /* DF */
    SE_DELETE_CHILD = 7, /* DF */
    SE_UPDATE = 6,       /* EF */
    SE_READ = 7,         /* EF */
} se_operation;

#define SE_CONDITION_FREE 0x00
#define SE_CONDITION_PIN 0x90
#define SE_CONDITION_NEVER 0xFF
#define SE_ATTRIBUTES_LENGTH 8

typedef struct se_file {
    bool used, directory;
    uint16_t id;
    int parent; /* index; the MF is its own */
    uint8_t attributes[SE_ATTRIBUTES_LENGTH];
    size_t size;
    buffer content; /* an EF's; always size bytes long */
} se_file;

typedef struct se_files {
    char *folder; /* state/ of the image */
    se_file all[SE_FILES_MAX];
    int current_directory, current; /* indices; current is an EF or NO_FILE */
} se_files;

#define NO_FILE (-1)
#define MASTER_FILE 0

/* Reads what state/ has; the MF is always there. folder is borrowed until free. */
result se_files_load(se_files *files, const char *state_folder);
void se_files_free(se_files *files);
/* Reset: the MF is current. */
void se_files_reset(se_files *files);

/* NO_FILE when directory has no such file. */
int se_files_child(const se_files *files, int directory, uint16_t id);
/* Makes a DF or EF current. */
void se_files_choose(se_files *files, int index);

/* From file control parameters as CREATE FILE carries them (the value of template 62 or 6F). The new file becomes
 * current. 6A80, 6A84, 6A89, 6581. */
status_word se_files_create(se_files *files, bytes parameters);
/* Whether parameters are those of a DF: needed before the right to create it can be checked. RESULT_INVALID. */
result se_files_kind(bytes parameters, bool *directory);
status_word se_files_delete(se_files *files, int index);
status_word se_files_update(se_files *files, int index, size_t offset, bytes data);

/* Appends the control parameters, without their template. */
result se_file_parameters(const se_file *file, buffer *out);
/* The condition for an operation: one of SE_CONDITION_*, anything unknown is NEVER. */
uint8_t se_file_condition(const se_file *file, se_operation operation);
