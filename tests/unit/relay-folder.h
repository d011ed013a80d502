/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A folder for a relay's store, and the store's file in other hands. Everything in here ends the test when it fails. */
#pragma once

/* At the beginning and the end of a program; between two tests the file is taken away. */
int relay_folder_make(void **state);
int relay_folder_remove(void **state);
void relay_folder_clear(void);

const char *relay_folder(void);

/* One statement, as somebody who can write the file. */
void relay_folder_change(const char *statement);
