/* uketsuke-se.so, the driver for the Secure Element. */
#include "se.h"

#include "opensc/opensc_module.h"

OPENSC_MODULE(se_driver);
