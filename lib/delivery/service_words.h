/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service's refusal in this program's own words: a service's own text is English and for its operators. */
#pragma once

/* By status, and the OperationOutcome's code ("" for none): one sentence without its full stop, in the reader's
 * language. Never NULL. */
const char *service_refusal_words(int status, const char *code);
