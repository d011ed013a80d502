/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The relay's metrics as a page for people. */
#pragma once

#include "base/buffer.h"

struct relay_service;

/* Appends. */
result relay_page_write(struct relay_service *service, buffer *html);
