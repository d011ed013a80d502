/* myna.so, the driver for patient and operator cards. */
#include "myna.h"

#include "opensc/opensc_module.h"

OPENSC_MODULE(myna_driver);
