/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One good message of each kind, for fuzz-fhir. */
#pragma once

void fhir_give_seeds(void);
