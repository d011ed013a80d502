/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/cms_identifiers.h"

const bytes cms_oid_data = CMS_OID("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01");
static const bytes oid_sha256 = CMS_OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01"); /* 2.16.840.1.101.3.4.2.1 */

bool cms_expect_sha256(der_reader *d) {
    der_reader algorithm = der_enter(d, DER_SEQUENCE);
    if (!bytes_equal(der_take_identifier(&algorithm), oid_sha256))
        der_fail(d, RESULT_BAD_SIGNATURE);
    const bool null = der_has_more(&algorithm);
    if (null)
        der_require(d, der_take(&algorithm, DER_NULL).length == 0);
    der_end(&algorithm);
    return null;
}
