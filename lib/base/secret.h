/* Secrets: PIN, keys, challenge answers. They live in buffers that are wiped and never reach a log or a core dump. */
#pragma once

#include <stddef.h>

/* Overwrites in a way the compiler may not remove. */
void secret_wipe(void *data, size_t length);

/* No core dumps and no ptrace by the same user from here on. Called first by every program that sees a secret. */
void secret_forbid_core_dumps(void);
