/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The TLS profile of docs/interfaces/http.md: TLS 1.3 (1.2 where it is allowed), AEAD ciphers and forward secrecy
 * only. */
#pragma once

#include <gnutls/gnutls.h>
#include <stdbool.h>

/* Before the first session of a process, while it has one thread: prevents that libraries write session secrets to a
 * file, independent of the environment. */
void http_profile_keep_secrets(void);

/* A priority string of GnuTLS for a server. */
const char *http_profile_priorities(bool allow_tls_1_2);

/* Whether a finished handshake conforms to it. */
bool http_profile_kept(gnutls_session_t session, bool allow_tls_1_2);
