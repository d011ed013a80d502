/* persons.json (docs/interfaces/http.md): the data set that links certificates to coverage, prepared beforehand. */
#pragma once

#include "store/platform_store.h"

/* Checks the whole file, then replaces the store's data set. The log names the person at fault, by position. */
result people_load(platform_store *store, const char *path, size_t *count);
