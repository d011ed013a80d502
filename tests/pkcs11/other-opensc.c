/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for a stock module of another OpenSC version. */
__attribute__((visibility("default"))) const char *sc_get_version(void);
__attribute__((visibility("default"))) unsigned long C_GetFunctionList(void **list);

const char *sc_get_version(void) {
    return "0.99.0";
}

unsigned long C_GetFunctionList(void **list) {
    *list = 0;
    return 5;
}
