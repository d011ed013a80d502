/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What carries the JPKI application: its token information (EF 0006) begins with a name. */
#pragma once

#include "image.h"

typedef enum token_kind { TOKEN_CARD, TOKEN_ANDROID, TOKEN_IPHONE } token_kind;

/* By the name in the image's token information; TOKEN_CARD when it is none of those known. */
token_kind token_kind_of(const card_image *image);
