/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A medium that travels between terminal and CA: a folder for each terminal, named by its ID. Others may have put
 * symbolic links there, so none is followed (path_resolution(7)): every folder and file below the one that --medium
 * names is opened relative to its folder's descriptor. */
#pragma once

#include "core/command_context.h"

#define MEDIUM_PATH_SIZE 64

typedef struct medium {
    int folder; /* this terminal's, or -1 */
} medium;

/* A folder on it. Its path goes through the descriptor, so that no other folder can replace it meanwhile. */
typedef struct medium_folder {
    int folder; /* -1: there is none */
    char path[MEDIUM_PATH_SIZE];
} medium_folder;

/* Opens, or makes, this terminal's folder in options.medium. Failures: file, medium-link, medium-other. */
outcome medium_open(command_context *ctx, medium *out);
void medium_close(medium *m);

/* make: it is made when it is not there; otherwise that is no failure, and folder is -1. */
outcome medium_folder_open(command_context *ctx, const medium *m, const char *name, bool make, medium_folder *out);
void medium_folder_close(medium_folder *f);
/* Whether it is there and has a file of that name. */
bool medium_folder_has(const medium_folder *f, const char *name);

/* Checks the owner in terminal.json: terminal, institution and SE. Fails with medium-other when it is another one;
 * serial NULL: the SE is not known yet. *known: the file names this SE. */
outcome medium_check_owner(command_context *ctx, const medium *m, const char *serial, bool *known);
outcome medium_note_owner(command_context *ctx, const medium *m, const char *serial);

/* Moves a secret file of ours to the medium: the original is erased when the copy is there. RESULT_EXISTS: there is another
 * one of that name. */
result medium_take_secret(const medium *m, const char *path, const char *name);
