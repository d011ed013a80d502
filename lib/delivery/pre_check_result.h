/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the platform has answered to a relay that asked about this terminal's patients by itself
 * (docs/interfaces/relay.md, "Extraction"): a patient whose coverage has changed is put on the list of patients to
 * call, for the day that the answer is about. The answer stored with the reception is not changed. */
#pragma once

#include "delivery/remote.h"
#include "delivery/store_access.h"

/* The entries of a verified answer that are about a reception which has its own answer, and about another day. to_call:
 * raised for each that is new on the list. Codes of appointments_take. An entry about an unknown reception, or about a
 * record that cannot be read, is skipped. */
result pre_check_take_result(store_access *s, const remote_answer *reply, long long *to_call);
