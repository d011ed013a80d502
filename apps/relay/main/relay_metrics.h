/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of a running relay in the text format of Prometheus (exposition format 0.0.4). Nothing in it is about
 * patients. */
#pragma once

#include "base/buffer.h"

struct relay_service;

/* Appends. */
result relay_metrics_write(struct relay_service *service, buffer *out);
/* Appends one word, "ok" or "degraded" (it works, but needs attention: the SE is not ready, or a service does not
 * answer), and a newline. */
result relay_health_write(struct relay_service *service, buffer *out);
