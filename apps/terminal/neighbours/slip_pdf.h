/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A slip for the patient as PDF: who was received, with what result, and what is next. Made by libharu, with the font
 * embedded. */
#pragma once

#include "today/slip_content.h"

#include "base/buffer.h"

/* Appends the file. RESULT_UNSUPPORTED: the font cannot be used (SLIP_FONT). */
result slip_pdf_write(const slip *s, buffer *file);
