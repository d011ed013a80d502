/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/terminal.h"

#include "delivery/sealed_record.h"

#define TEXT_MAX 512

result limits_decided(terminal *t, limits *l) {
    buffer text = BUFFER_INIT(TEXT_MAX);
    *l = limits_default();
    result code = record_setting(&t->store, SETTING_LIMITS, &text);
    if (code == RESULT_OK)
        code = limits_read(buffer_text(&text), l);
    buffer_wipe(&text);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

result limits_apply(terminal *t) {
    limits decided;
    const result code = limits_decided(t, &decided);
    t->limits = code == RESULT_OK ? limits_strictest(&decided, &t->configuration.limits) : (limits){{0}};
    return code;
}
