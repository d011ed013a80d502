/* The applications that softcard knows; which of them a card has, its image says. */
#pragma once

#include "application.h"

extern const application_kind jpki_application;          /* jpki.c: 公的個人認証 */
extern const application_kind input_support_application; /* input_support.c: 券面事項入力補助 */

/* All, JPKI first. */
extern const application_kind *const application_kinds[];
extern const size_t application_kind_count;
