/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secrets: PIN, keys, challenge answers. They live in buffers that are wiped and never reach a log, a core dump or
 * the swap. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Overwrites in a way the compiler may not remove. */
void secret_wipe(void *data, size_t length);

/* No core dumps and no ptrace by the same user from here on. Called first by every program that sees a secret. */
void secret_forbid_core_dumps(void);

/* Then this, when the log is open: without a limit of locked memory (systemd: LimitMEMLOCK=infinity) all of the process
 * stays in memory; with one, its stack and whatever is locked below. What cannot be locked is told in the log,
 * once. */
void secret_keep_in_memory(void);

/* Pages of their own, zero, locked into memory where the limit allows it, in no core dump. NULL:
 * memory is out. */
void *secret_allocate(size_t size);
/* Wipes first. size: as it was asked for. NULL is nothing. */
void secret_free(void *data, size_t size);
/* Locks static storage; it stays so. */
void secret_lock(void *data, size_t size);
/* Whether everything that was to be locked is. For plug-ins, which have no log of their own. */
bool secret_is_locked(void);
