/* Everything for the demonstration and for tests of bad input, in one go. */
#pragma once

#include "institution.h"

/* An empty office: authorities, CVC root and intermediate, CRLs. */
result issue_office(office *o, const char *folder);

/* folder must not exist: RESULT_EXISTS. What was made before a failure stays for inspection. */
result issue_everything(const char *folder, const institution_order *institution);
