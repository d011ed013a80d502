/* Who may be in the stock module: callers, as many as there are, or C_Initialize or C_Finalize, alone. OpenSC frees its
 * locks and readers in C_Finalize without a look at the other threads. In the child of a fork the gate is closed,
 * whatever the parent's threads were doing. */
#pragma once

#include <stdbool.h>

/* Open from the end of C_Initialize to the beginning of C_Finalize, in the process that called it. */
bool gate_is_open(void);

/* Enters as one of many; false, and not inside, when the gate is not open. */
bool gate_enter(void);
void gate_leave(void);

/* Nobody enters any more, one closer at a time; returns whether the gate was open. Then gate_empty waits until
 * everybody has left, and gate_reopen ends it. */
bool gate_close(void);
void gate_empty(void);
void gate_reopen(bool open);
