/* An end for what would never end. PKCS #11 has no time-outs: a reader or a p11-kit server that hangs below us is
 * waited for as long as it likes. Then the process ends, with a sentence and the reason se-stuck: nothing is half
 * recorded, and systemd starts the resident one again. */
#pragma once

#include <stdbool.h>

/* From now on the process has so long until the next call; 0: as long as it likes. Returns whether a time was
 * set before. */
bool watchdog_expect(unsigned seconds);
/* The sentence is said as JSON on standard output. */
void watchdog_speak_json(void);
