/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The symbols that OpenSC looks up in a card driver or a PKCS#15 initialiser (libopensc/ctx.c, pkcs15init/
 * pkcs15-lib.c). The version is the one whose headers this was built with, not the one that runs: OpenSC loads a driver
 * only when the two are equal, because the layout of its structures changes between versions; it accepts initialisers
 * up to "0.9." in alphabetical order, which includes its own versions. */
#pragma once

/* entry: the function that gives a driver's sc_card_driver, or an initialiser's operations. Once in a module. */
#define OPENSC_MODULE(entry)                                                                                           \
    __attribute__((visibility("default"))) const char *sc_driver_version(void);                                        \
    __attribute__((visibility("default"))) void *sc_module_init(const char *name);                                     \
    const char *sc_driver_version(void) {                                                                              \
        return OPENSC_VERSION;                                                                                         \
    }                                                                                                                  \
    void *sc_module_init(const char *name) {                                                                           \
        (void)name;                                                                                                    \
        return (void *)(entry);                                                                                        \
    }                                                                                                                  \
    _Static_assert(sizeof(OPENSC_VERSION) > 1, "configure knows the version")
