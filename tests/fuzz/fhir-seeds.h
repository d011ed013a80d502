/* One good message of each kind, for fuzz-fhir. */
#pragma once

void fhir_give_seeds(void);
