/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a terminal is made of, as its kernel reports it: recorded in its acceptance, and not compared with anything. */
#pragma once

#include <jansson.h>

/* root: "" on a machine; a test has its own tree. An object with a member for each fact, null where it is not to be seen
 * (the serial number, for example, is for root only):
 *   vendor, product, productSerial, firmware (DMI), uefi and secureBoot (true, false), tpm (its major version), kernel,
 *   operatingSystem, imageVersion (os-release(5)), rootHash (of dm-verity, on the kernel's command line).
 * NULL: no memory. */
json_t *unit_facts(const char *root);
