/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The key of the link ids. A service's id of a person is an HMAC under it, so with another key every person would get
 * another id, unnoticed: the store has a check value of its first key. */
#pragma once

#include "service/service_configuration.h"
#include "store/platform_store.h"

#define LINK_KEY_LENGTH 32

/* Reads it from [platform] link-key, or from STORE.link-key beside a store that is a file; makes it when neither the
 * file nor the store knows one. Refuses, with the cause in the log, another key than the store's, and to make a new one
 * in place of one that is lost. */
result link_key_open(const configuration *c, const char *store_url, platform_store *store,
                     uint8_t key[LINK_KEY_LENGTH]);
/* Lets the store accept the next key, whichever it is. */
result link_key_forget(platform_store *store);
