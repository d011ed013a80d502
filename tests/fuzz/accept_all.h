/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For targets that read what is signed: keys and certificates of the office, and signatures that are believed. Link
 * with
 * -Wl,--wrap=cms_signer_fits,--wrap=cms_signer_names. */
#pragma once

#include "fuzz.h"

/* Every CMS signature is taken for right, so that what is signed is read whatever it is. */
extern bool fuzz_accept_all;

/* A path below the office (FUZZ_IMAGES is its folder cards). Good for the next seven calls. */
const char *fuzz_office(const char *name);
