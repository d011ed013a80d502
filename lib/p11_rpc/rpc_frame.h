/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames of p11-kit's remote calls (p11-kit manual, "Remoting"): a connection begins with one byte of version each way;
 * then each question is one frame, and each answer.
 *
 *   offset  length
 *        0       4  code: of the question; its answer has the same
 *        4       4  length of the options
 *        8       4  length of the body
 *       12          options, body
 *
 * Numbers are big endian. p11-kit allocates what a header announces before it looks at anything, so a program in front
 * of its parser must check the lengths first. */
#pragma once

#include "base/buffer.h"

#define RPC_HEADER_LENGTH 12
#define RPC_QUESTION_MAX 65536           /* options and body, from a client */
#define RPC_ANSWER_MAX (4 * 1024 * 1024) /* options and body, from p11-kit itself */

typedef struct rpc_header {
    uint32_t code, options, body;
} rpc_header;

/* RESULT_TOO_LONG: options and body together exceed max. */
result rpc_header_read(const uint8_t raw[RPC_HEADER_LENGTH], size_t max, rpc_header *out);

/* Appends a whole frame that answers a question with a CK_RV: what p11-kit's own server sends when a call has failed. */
result rpc_error_frame(uint32_t code, unsigned long rv, buffer *frame);
