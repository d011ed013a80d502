/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Systems and extensions in requests and answers. */
#pragma once

#define SYSTEM_EVIDENCE "urn:uketsuke:evidence-id"
#define SYSTEM_PATIENT "urn:uketsuke:jpki-auth-serial"
#define SYSTEM_INSTITUTION "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no"
#define SYSTEM_INSURER "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber"
#define SYSTEM_RELATIONSHIP "http://terminology.hl7.org/CodeSystem/subscriber-relationship"
#define EXTENSION_EVIDENCE "urn:uketsuke:evidence"
#define EXTENSION_EVIDENCE_ID SYSTEM_EVIDENCE
#define EXTENSION_VALIDITY "urn:uketsuke:validity"
#define EXTENSION_LINK "urn:uketsuke:link-id"
#define EXTENSION_CLOCK "urn:uketsuke:clock-warning"
#define EXTENSION_AS_OF "urn:uketsuke:as-of"
#define EXTENSION_BURDEN "urn:uketsuke:burden-ratio"
#define EXTENSION_LIMIT "urn:uketsuke:limit-category"
#define EXTENSION_ELDERLY "urn:uketsuke:elderly-recipient"
#define EXTENSION_PATH "urn:uketsuke:batch-path"
/* JP Core, JP_Coverage */
#define EXTENSION_INSURED "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
