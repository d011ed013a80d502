/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A record that cannot be read any more is set aside (record_quarantine), and that is noted in the audit log; `status`
 * counts it. */
#pragma once

#include "delivery/sealed_record.h"

/* code: why it could not be read. RESULT_OK: it is set aside. Otherwise the fault is not the record's: nothing is
 * changed, and code is returned. */
result quarantine_record(store_access *store, const char *id, result code);
