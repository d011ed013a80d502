/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Commands of the secure channel: GlobalPlatform Card Specification 2.3.1, chapter 11, and its Amendment D. */
#include "element.h"

#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define OF_APPLICATION 0x40
#define OF_CARD 0x80
#define KEY_IDENTIFIER_OF_SET 0x81 /* the first of several keys (GlobalPlatform 11.8.2.2) */

void se_lose_trust(card *c) {
    se_channel_end(&c->channel);
    se_pins_forget(&c->pins, SE_PIN);
    se_pins_forget(&c->pins, SE_PUK);
}

/* Amendment D 7.1.1. */
status_word se_initialize_update(card *c, const apdu_command *command, buffer *answer) {
    if (command->p2 != 0)
        return SW_WRONG_P1P2;
    return se_channel_begin(&c->channel, command->p1, command->data, buffer_bytes(&c->serial),
                            se_application_identifier(), answer);
}

static void wait_for(unsigned ms) {
    struct timespec rest = {.tv_nsec = ms * 1000000L};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
        continue;
}

/* The terminal may come back with a new session and find its PIN still given, as long as the power lasts: so several
 * processes of one terminal share the SE. The issuer finds nothing, and leaves nothing to the terminal. */
static void pass_on_trust(card *c) {
    if (c->opened_by == SE_SET_ISSUER || c->channel.set == SE_SET_ISSUER) {
        se_pins_forget(&c->pins, SE_PIN);
        se_pins_forget(&c->pins, SE_PUK);
    }
    c->opened_by = c->channel.set;
}

/* Amendment D 7.1.2: P1 is the security level. A failure here changes nothing: the session ended with INITIALIZE
 * UPDATE, and the terminal's PIN stays verified. */
status_word se_external_authenticate(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    const uint8_t header[SCP03_HEADER] = {command->cla, command->ins, command->p1, command->p2};
    unsigned delay_ms;
    if (command->p2 != 0)
        return SW_WRONG_P1P2;
    status_word sw = se_channel_authenticate(&c->channel, header, command->data, &delay_ms);
    if (sw == SW_OK)
        pass_on_trust(c);
    wait_for(delay_ms);
    return sw;
}

/* Amendment D 7.2. P1: the version that is replaced, 00 for a new set. */
status_word se_put_key(card *c, const apdu_command *command, buffer *answer) {
    if (command->p2 != KEY_IDENTIFIER_OF_SET)
        return SW_WRONG_P1P2;
    return se_channel_put_keys(&c->channel, command->p1, command->data, answer);
}

/* An SE goes to work only with everything of its own: a PIN, a terminal, and an issuer's key that is not the factory's.
 */
static bool is_ready(const card *c) {
    return se_pins_operational(&c->pins) && c->channel.sets[SE_SET_BINDING].there &&
           !se_channel_has_factory_keys(&c->channel);
}

/* The state first: an SE that dies meanwhile is erased when it is opened again. */
static status_word terminate(card *c) {
    status_word sw = se_channel_set_life_cycle(&c->channel, SE_TERMINATED);
    if (sw != SW_OK)
        return sw;
    const result keys = se_keys_erase(&c->keys), sets = se_channel_erase(&c->channel);
    return keys == RESULT_OK && sets == RESULT_OK ? SW_OK : SW_MEMORY_FAILURE;
}

/* GlobalPlatform 11.10: the application's states, and the end of the card. */
status_word se_set_status(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 == OF_CARD && command->p2 == SE_TERMINATED)
        return terminate(c);
    if (command->p1 != OF_APPLICATION || (command->p2 != SE_OPERATIONAL && command->p2 != SE_LOCKED))
        return SW_WRONG_P1P2;
    if (command->p2 == SE_OPERATIONAL && c->channel.life_cycle == SE_PERSONALISATION && !is_ready(c))
        return SW_CONDITIONS;
    return se_channel_set_life_cycle(&c->channel, (se_life_cycle)command->p2);
}
