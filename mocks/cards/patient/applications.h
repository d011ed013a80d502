/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The applications that softcard knows; which of them a card has, its image says. */
#pragma once

#include "patient_application.h"

#define APPLICATIONS_MAX 16

extern const application_kind jpki_application;            /* jpki.c: 公的個人認証 */
extern const application_kind input_support_application;   /* patient_input_support.c: 券面事項入力補助 */
extern const application_kind card_face_application;       /* patient_card_face.c: 券面事項確認 */
extern const application_kind common_application;          /* common_application.c: 共通 */
extern const application_kind resident_application;        /* resident.c: 住基 */
extern const application_kind issuer_domain_application;   /* issuer_domain.c: GlobalPlatform */
extern const application_kind mobile_document_application; /* mobile_document.c: iPhones */

/* All: JPKI first, then the others above, then those that were added. NULL behind the last. */
const application_kind *applications_known(size_t index);

/* Makes another one known, which must stay where it is. RESULT_INVALID when its AID, folder or tables cannot be,
 * RESULT_EXISTS when its AID or folder is known already. *problem (static text) says why. */
result applications_add(const application_kind *kind, const char **problem);
