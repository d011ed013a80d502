/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "profiles.h"

#include <string.h>

#define IDENTIFIERS "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n"
#define JPKI_POLICY(oid)                                                                                               \
    "certificatePolicies=critical,@policy\n"                                                                           \
    "[policy]\n"                                                                                                       \
    "policyIdentifier=" oid "\n"                                                                                       \
    "CPS.1=http://www.jpki.go.jp/cps.html\n"
/* RFC 2606: this host never exists, so no verifier asks anybody. */
#define OCSP "authorityInfoAccess=OCSP;URI:http://ocsp.jpki.invalid/\n"
#define END_ENTITY "basicConstraints=critical,CA:FALSE\n"

const profile profiles[] = {
    {.name = "ca",
     .extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n" IDENTIFIERS,
     .years = 10},
    /* Of the observed real profile; no basicConstraints in it. */
    {.name = "patient-auth",
     .extensions = "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n" IDENTIFIERS OCSP JPKI_POLICY(
         "1.2.392.200149.8.5.1.3.30"),
     .issuer_unit = "公的個人認証サービス利用者証明用",
     .distribution_unit = "JPKI for user authentication"},
    {.name = "patient-sign",
     .extensions = "keyUsage=critical,digitalSignature,nonRepudiation\n" IDENTIFIERS OCSP JPKI_POLICY(
         "1.2.392.200149.8.5.1.1.20"),
     .issuer_unit = "公的個人認証サービス署名用",
     .distribution_unit = "JPKI for digital signature"},
    {.name = "operator-auth",
     .extensions = END_ENTITY "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n" IDENTIFIERS,
     .years = 3},
    {.name = "operator-sign",
     .extensions = END_ENTITY
     "keyUsage=critical,digitalSignature,nonRepudiation\nextendedKeyUsage=emailProtection\n" IDENTIFIERS,
     .years = 3},
    {.name = "decision-office",
     .extensions = END_ENTITY
     "keyUsage=critical,digitalSignature,nonRepudiation\nextendedKeyUsage=emailProtection\n" IDENTIFIERS,
     .years = 3},
    {.name = "institution",
     .extensions = END_ENTITY
     "keyUsage=critical,digitalSignature,nonRepudiation\nextendedKeyUsage=emailProtection\n" IDENTIFIERS,
     .years = 3},
    {.name = "store-wrapping",
     .extensions = END_ENTITY "keyUsage=critical,keyEncipherment\nextendedKeyUsage=emailProtection\n" IDENTIFIERS,
     .years = 3},
    {.name = "service-signing",
     .extensions = END_ENTITY
     "keyUsage=critical,digitalSignature,nonRepudiation\nextendedKeyUsage=emailProtection\n" IDENTIFIERS,
     .years = 3},
    {.name = "tls-server",
     .extensions = END_ENTITY "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
                              "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n" IDENTIFIERS,
     .years = 3},
    {.name = "tls-client",
     .extensions = END_ENTITY "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n" IDENTIFIERS,
     .years = 3},
};
const size_t profile_count = sizeof profiles / sizeof profiles[0];

const profile *profile_find(const char *name) {
    for (size_t i = 0; i < profile_count; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}
