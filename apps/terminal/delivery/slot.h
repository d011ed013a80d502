/* When the platform has room for many: after an outage the whole country has something to send. */
#pragma once

#include "services/service.h"

/* How many receptions may wait and still be sent at once, without asking: one batch. */
#define SLOT_FREE_MOST FHIR_BATCH_MOST

/* Seconds until the institution's slot, at random within its first half; 0: now, or the platform does not tell. */
long slot_ask(terminal *t, http_client *platform);
