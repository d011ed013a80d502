/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A record that cannot be read any more must not hold up the others: it is set aside as it is, noted in the audit log,
 * counted by `status`, and nothing is sent of it. */
#pragma once

#include "core/sealed_record.h"

/* code: why the record could not be read. When the fault is the record's own (it does not open, or makes no sense) it
 * becomes STATE_DAMAGED: RESULT_OK. Else nothing is changed: code. */
result quarantine_record(terminal *t, const char *id, result code);
