/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/offline_limits_decided.h"

#include "delivery/sealed_record.h"

#define TEXT_MAX 512

result limits_decided(store_access *store, limits *l) {
    buffer text = BUFFER_INIT(TEXT_MAX);
    *l = limits_default();
    result code = record_setting(store, SETTING_LIMITS, &text);
    if (code == RESULT_OK)
        code = limits_read(buffer_text(&text), l);
    buffer_wipe(&text);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

result limits_apply(store_access *store, command_context *ctx) {
    limits decided;
    const result code = limits_decided(store, &decided);
    ctx->limits = code == RESULT_OK ? limits_strictest(&decided, &ctx->configuration.limits) : (limits){{0}};
    return code;
}
