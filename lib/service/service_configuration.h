/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service's configuration file: [section], key = value (inih). Values are looked up by name; a missing one that is
 * needed is logged with section, key and file. */
#pragma once

#include "base/result.h"

#include <stdbool.h>

typedef struct configuration configuration;

/* RESULT_NOT_FOUND, RESULT_INVALID (the log names the line), RESULT_NO_MEMORY. */
result configuration_read(const char *path, configuration **out);
void configuration_free(configuration **c);

/* Valid until configuration_free. NULL when absent. */
const char *configuration_get(const configuration *c, const char *section, const char *key);
/* The same, but absence is an error in the log and sets *complete to false. */
const char *configuration_need(const configuration *c, const char *section, const char *key, bool *complete);
/* A number between the given bounds; the value of otherwise when absent. A malformed one is an error in the log and
 * sets *complete. */
long configuration_number(const configuration *c, const char *section, const char *key, long otherwise, long min,
                          long max, bool *complete);
/* Whether the program has read every setting in the file, and none is repeated; else the log names them: a typing error
 * must not silently leave a default in force. Call after all settings were read. */
bool configuration_all_asked(const configuration *c);
