/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secrets: PIN, keys, challenge answers. They live in buffers that are wiped and never reach a log, a core dump or
 * the swap. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Overwrites; the compiler may not remove it. */
void secret_wipe(void *data, size_t length);

/* No core dumps and no ptrace by the same user from here on. Every program that handles secrets calls it first. */
void secret_forbid_core_dumps(void);

/* Call it next, when the log is open. Without a limit of locked memory (systemd: LimitMEMLOCK=infinity) it locks the
 * whole process; with one, the stack and the memory of the functions below. Logs once when locking fails. */
void secret_keep_in_memory(void);

/* Pages of their own, zero, locked into memory where the limit allows it, in no core dump. NULL: out of memory. */
void *secret_allocate(size_t size);
/* Wipes first. size: as it was asked for. NULL is nothing. */
void secret_free(void *data, size_t size);
/* Locks static storage; it stays so. */
void secret_lock(void *data, size_t size);
/* Whether locking has never failed. For plug-ins, which have no log. */
bool secret_is_locked(void);
