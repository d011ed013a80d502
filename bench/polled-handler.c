/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Our handler as pcscd would have to use it if it had no events: the same code, but no waiting function is offered, so
 * pcscd looks every 400 ms. Only for comparison. */
#include <ifdhandler.h>
#include <reader.h>

/* The whole handler, with these functions renamed. */
RESPONSECODE event_driven_capabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value);
RESPONSECODE event_driven_presence(DWORD Lun);
#define IFDHGetCapabilities event_driven_capabilities
#define IFDHICCPresence event_driven_presence
#include "ifd.c"
#undef IFDHGetCapabilities
#undef IFDHICCPresence

EXPORT RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value) {
    if (Tag == TAG_IFD_POLLING_THREAD_WITH_TIMEOUT || Tag == TAG_IFD_POLLING_THREAD_KILLABLE ||
        Tag == TAG_IFD_STOP_POLLING_THREAD)
        return IFD_ERROR_TAG;
    return event_driven_capabilities(Lun, Tag, Length, Value);
}

/* The one thread that looks is the one that would have waited. */
EXPORT RESPONSECODE IFDHICCPresence(DWORD Lun) {
    wait_for_event(Lun, 0);
    return event_driven_presence(Lun);
}
