# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A person at a terminal, for programs that ask there: type-pin.py PROMPT PIN-FILE COMMAND...

Whenever the command's output ends with PROMPT, the content of PIN-FILE is typed. Shows the output; ends as the command
does, with 124 after thirty seconds."""
import os
import pty
import select
import sys
import time

prompt, pin_file, command = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
with open(pin_file, "rb") as file:
    pin = file.read()
child, screen = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown, end = b"", time.monotonic() + 30
while True:
    if not select.select([screen], [], [], max(0, end - time.monotonic()))[0]:
        os.kill(child, 9)
        os.waitpid(child, 0)
        sys.exit(124)
    try:
        part = os.read(screen, 4096)
    except OSError:  # the other end is closed
        break
    if not part:
        break
    sys.stdout.buffer.write(part)
    shown += part
    if shown.endswith(prompt):
        os.write(screen, pin + b"\n")
        shown = b""
sys.stdout.flush()
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(status if status >= 0 else 128 - status)
