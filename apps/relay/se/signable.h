/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the relay lets its SE sign for a terminal: messages that it can parse as one of the known kinds, and nothing
 * else. So an attacker who has taken over a terminal gets no signature over bytes with another meaning. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#define SIGNABLE_ABOUT_SIZE 65

typedef struct signable {
    const char *role;                /* static */
    char about[SIGNABLE_ABOUT_SIZE]; /* a hash in hexadecimal: of what the message is about; never a person's data */
} signable;

/* The roles. */
#define SIGNABLE_INSTITUTION "institution" /* of the institution authentication at a patient's card: the card's id */
#define SIGNABLE_EVIDENCE "evidence"       /* signed attributes of a CMS message: the digest of its content */
#define SIGNABLE_AUDIT "audit"             /* a checkpoint of an audit log: the log's chain */
#define SIGNABLE_STORE "store"             /* a wrapped key of a local store: the hash of it */
/* Roles of uses that sign no message of a terminal. */
#define SIGNABLE_TLS "tls"       /* of the relay itself */
#define SIGNABLE_UNWRAP "unwrap" /* no signature: a wrapped key was opened */

/* A message for the institution key. holder: the SE's holder reference (16 bytes); fingerprint: SHA-256 of the
 * institution's certificate (32 bytes). RESULT_REFUSED: it is none of these kinds, or speaks of another institution. */
result signable_read(bytes message, bytes holder, bytes fingerprint, signable *out);
