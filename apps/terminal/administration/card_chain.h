/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The card-verifiable certificates that the terminal presents to a patient's card: from the root of a set of trust
 * anchors down to the institution's key in the SE. */
#pragma once

#include "core/anchors_set.h"
#include "p11/token.h"

/* Verifies the chain under the root in this folder, as the card will do it. NULL: the chain holds; else what is wrong,
 * in English, valid until the next call. */
const char *card_chain_problem(token *se, const char *folder);
