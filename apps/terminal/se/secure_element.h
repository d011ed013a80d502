/* The Secure Element of this terminal. It is the one the terminal first worked with, known by serial number and institution
 * certificate; another one never serves. Taken out while the terminal works, it locks the terminal: the keys of the local
 * store are forgotten, the session ends, and only the same SE with the activation PIN typed by a person brings it back
 * (`unlock`); the PIN file serves the start of the machine, not this. The lock survives a restart of the program. */
#pragma once

#include "core/terminal.h"

/* Opens the SE and logs in with the activation PIN from its file. Refused while locked. */
outcome secure_element_open(terminal *t);

/* The same with another PIN and whether or not it is locked: finds the SE, sees that it is this terminal's, logs in; only then
 * it is t->se. pin_from: where the PIN comes from, for the failure. */
outcome secure_element_take(terminal *t, bytes pin, const char *pin_from);

/* Appends the PIN from the file that the configuration names; its mode must be 0600 or stricter. */
outcome secure_element_pin(terminal *t, buffer *pin);

/* The SE's signature counter. RESULT_INVALID: it shows none. */
result secure_element_counter(token *se, uint32_t *counter);
/* Remembers where the counter stands after a command. When the SE is opened and it stands elsewhere, somebody else has used the
 * SE meanwhile, or this program died in the middle of work: the audit log and `status` say so. */
void secure_element_note_counter(terminal *t);

/* why: "se-removed", "se-lost". */
void secure_element_lock(terminal *t, const char *why);
#define SETTING_SE_LOCK "se-lock" /* in clear: it must be readable while the SE is away */
