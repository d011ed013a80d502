/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state of a running relay, as JSON. Nothing in it is about patients. */
#pragma once

#include "base/buffer.h"

struct relay_service;

/* Appends one object. */
result relay_status_write(struct relay_service *service, buffer *out);
