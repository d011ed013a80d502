/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform's page on the server itself: how many answers there were, and the newest. Nothing about a person. */
#pragma once

#include "net/http_page.h"

/* Writers of http_page; context: the platform_store. */
extern const http_page_path platform_pages[];
