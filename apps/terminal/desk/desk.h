/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The daemon (`uketsuke serve`): one owner of cards, SE, keys and session. Every other command becomes its
 * client (desk_client.h) over a socket in the state folder (desk_wire.h). It does one command at a time, in the order
 * they came. */
#pragma once

#include "core/terminal.h"

/* `serve`: stays until a signal ends it. Fails when cards, readers or the local store cannot be opened. */
outcome serve_command(terminal *t);
