/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "local_program.h"

#include "base/clock.h"
#include "base/log.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define DEVICE_ERROR 0x30  /* CKR_DEVICE_ERROR (PKCS #11 2.40 3.6) */
#define CONNECT_MS 4000    /* per relay */
#define FRAME_MS 10000     /* for a frame that has begun */
#define AGAIN_FIRST_MS 200 /* after a failure, then twice as long each time */
#define AGAIN_MOST_MS 5000
#define VERSION 0 /* of a program that began while no relay answered: p11-kit's oldest, which all speak */

typedef struct local_program {
    const local_rules *rules;
    rpc_end here, relay; /* relay.fd -1: none */
    uint8_t version;     /* the version that was sent to the program */
    uint8_t asked;       /* the version that the program sent */
    int64_t again_ms;    /* no relay is tried before this time */
    int pause_ms;
} local_program;

static void lose_relay(local_program *p) {
    uint16_t chance = 0;
    if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
        chance = UINT16_MAX / 2;
    rpc_close(&p->relay);
    p->pause_ms = p->pause_ms == 0 ? AGAIN_FIRST_MS : p->pause_ms * 2;
    if (p->pause_ms > AGAIN_MOST_MS)
        p->pause_ms = AGAIN_MOST_MS;
    p->again_ms = clock_monotonic_ms() + (int64_t)p->pause_ms * chance / UINT16_MAX;
}

/* Each side sends its version, one byte. */
static result say_version(local_program *p, uint8_t *version) {
    const result code = rpc_write(&p->relay, bytes_of(&p->asked, 1), FRAME_MS);
    return code == RESULT_OK ? rpc_read(&p->relay, version, 1, FRAME_MS) : code;
}

/* told: a version was sent to the program already, so the relay must use the same. */
static result connect_relay(local_program *p, bool told) {
    uint8_t version = VERSION;
    if (clock_monotonic_ms() < p->again_ms)
        return RESULT_UNAVAILABLE;
    result code = relay_list_connect(p->rules->relays, CONNECT_MS, &p->relay);
    if (code == RESULT_OK)
        code = say_version(p, &version);
    if (code == RESULT_OK && told && version != p->version)
        code = RESULT_UNSUPPORTED;
    if (code != RESULT_OK) {
        lose_relay(p);
        return code;
    }
    p->version = version;
    p->pause_ms = 0;
    return RESULT_OK;
}

static result begin(local_program *p) {
    const result code = rpc_read(&p->here, &p->asked, 1, FRAME_MS);
    if (code != RESULT_OK)
        return code;
    p->version = VERSION;
    if (connect_relay(p, false) != RESULT_OK)
        log_info("a program begins while no relay answers");
    return rpc_write(&p->here, bytes_of(&p->version, 1), FRAME_MS);
}

/* A relay may have closed the connection meanwhile: nothing of this question was sent yet, so it can go to the next
 * relay. */
static result ready_relay(local_program *p) {
    if (p->relay.fd >= 0 && rpc_is_readable(&p->relay))
        rpc_close(&p->relay);
    return p->relay.fd >= 0 ? RESULT_OK : connect_relay(p, true);
}

/* A question that was sent is never repeated: it may have made a signature. */
static result ask(local_program *p, bytes question, buffer *answer) {
    result code = ready_relay(p);
    if (code != RESULT_OK)
        return code;
    code = rpc_write(&p->relay, question, p->rules->answer_ms);
    if (code == RESULT_OK)
        code = rpc_receive(&p->relay, RPC_ANSWER_MAX, p->rules->answer_ms, FRAME_MS, answer);
    if (code == RESULT_OK && memcmp(answer->data, question.data, sizeof(uint32_t)) != 0)
        code = RESULT_INVALID; /* of another question */
    if (code != RESULT_OK)
        lose_relay(p);
    return code;
}

static result answer_one(local_program *p) {
    buffer question = BUFFER_INIT(RPC_HEADER_LENGTH + RPC_QUESTION_MAX);
    buffer answer = BUFFER_INIT(RPC_HEADER_LENGTH + RPC_ANSWER_MAX);
    rpc_header header;
    result code = rpc_receive(&p->here, RPC_QUESTION_MAX, RPC_NO_TIMEOUT, FRAME_MS, &question);
    if (code == RESULT_OK) {
        const result asked = ask(p, buffer_bytes(&question), &answer);
        if (asked != RESULT_OK) {
            log_info("a call is answered here: %s", result_text(asked));
            rpc_header_read(question.data, RPC_QUESTION_MAX, &header);
            buffer_clear(&answer);
            code = rpc_error_frame(header.code, DEVICE_ERROR, &answer);
        }
    }
    if (code == RESULT_OK)
        code = rpc_write(&p->here, buffer_bytes(&answer), FRAME_MS);
    buffer_wipe(&question);
    buffer_wipe(&answer);
    return code;
}

void local_program_run(const local_rules *rules, int fd) {
    local_program p = {.rules = rules, .here = {.fd = fd}, .relay = {.fd = -1}};
    result code = begin(&p);
    while (code == RESULT_OK)
        code = answer_one(&p);
    if (code == RESULT_TOO_LONG)
        log_warning("a program has sent a frame that is too long");
    rpc_close(&p.relay);
    rpc_close(&p.here);
}
