/* What an exported folder says to whoever opens it, perhaps years later and without any of our programs. */
#pragma once

extern const char evidence_readme[];
