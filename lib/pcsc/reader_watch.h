/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tells when a card is laid down at a reader or leaves it, as soon as pcscd knows it: before anybody has sent the card a
 * command, and whatever a PKCS #11 module is busy with. */
#pragma once

#include "base/result.h"

#include <stdbool.h>

typedef struct reader_watch reader_watch;

/* reader: how its name begins, kept by pointer, like context. told is called from a thread of the watch; a card that lies
 * there already is told of first. A card in whose place another lies has left, and the other has come, also when both
 * happened between two looks (pcscd counts a reader's events). While pcscd or the reader is away there is no card.
 * RESULT_NO_MEMORY, RESULT_INTERNAL (no thread). */
result reader_watch_start(const char *reader, void (*told)(void *context, bool present), void *context,
                          reader_watch **out);
/* Joins the thread; nothing when *watch is NULL. */
void reader_watch_end(reader_watch **watch);
