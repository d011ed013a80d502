/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The file of the local store, in the state folder. The Secure Element unseals its content (se/local_store.h). */
#pragma once

#include "core/report.h"

#include "delivery/store_access.h"

/* Refuses a state folder that is another user's or open to others. One that is not there is no failure here. */
outcome state_folder_check(const char *folder, report *r);
/* Opens store->file, without its keys; nothing when it is open. */
outcome store_open_file(store_access *store, report *r);
/* Why a call of the local store failed, in words. */
const char *store_problem(result code);
/* Forgets the keys: nothing personal can be read any more. */
void store_forget_keys(store_access *store);
/* The same, and closes the file. */
void store_close(store_access *store);
