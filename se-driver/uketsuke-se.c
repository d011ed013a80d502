/* What OpenSC looks up in uketsuke-se.so. The version is the one whose headers this was built with, not the one that
 * runs: OpenSC loads a driver only when the two are equal, because the layout of its structures changes. */
#include "se.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT const char *sc_driver_version(void);
EXPORT void *sc_module_init(const char *name);

const char *sc_driver_version(void) {
    return OPENSC_VERSION;
}

/* Returns the function that gives the driver (libopensc/ctx.c). */
void *sc_module_init(const char *name) {
    (void)name;
    return (void *)se_driver;
}
