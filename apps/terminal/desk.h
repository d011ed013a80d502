/* The resident process (`uketsuke serve`): one owner of cards, SE, keys and session. Every other command becomes its client
 * (desk_client.h) over a socket in the state folder (desk_wire.h). It does one command at a time, in the order they came. */
#pragma once

#include "operator_card.h"

#include "p11/watch.h"

typedef struct desk {
    token_watch *watch;
    int wake;                  /* eventfd: something happened at the readers */
    operator_card operator;    /* who is logged in; token NULL for nobody */
    token *operator_token;
    atomic_bool operator_gone; /* set by the watch's thread */
    atomic_bool se_gone;
    int64_t began_ms, used_ms; /* monotonic: of the session */
    const char *ended;         /* why the last session ended: a reason word */
    int64_t platform_due_ms;   /* when to try the platform again by itself */
    int platform_failures;     /* in a row */
} desk;

/* Does what the cards' coming and going asks for: ends the session, locks the terminal. Called after every event and before
 * every step that relies on card or SE. */
void desk_supervise(terminal *t);
/* Whether operator card or SE went away since the command began: what is half done must not be finished. */
bool desk_interrupted(const terminal *t);
/* Ends the watch and with it the module. The last step of terminal_close. */
void desk_end(terminal *t);
