#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A wire that is longer: slow-wire.py PORT-FILE TARGET MILLISECONDS [CUT-FILE]

Listens on a port of 127.0.0.1, which it writes to PORT-FILE, and passes bytes to TARGET (a port, or the path of a
socket) and back, each way later by half of MILLISECONDS. While CUT-FILE exists nothing passes, and nothing is told."""
import asyncio
import os
import sys

PORT_FILE, TARGET, DELAY = sys.argv[1], sys.argv[2], float(sys.argv[3]) / 2000
CUT = sys.argv[4] if len(sys.argv) > 4 else None


async def pass_on(reader, writer):
    queue = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def deliver():
        while (item := await queue.get()) is not None:
            due, data = item
            await asyncio.sleep(max(0, due - loop.time()))
            while CUT and os.path.exists(CUT):
                await asyncio.sleep(0.02)
            writer.write(data)
            await writer.drain()
        writer.close()

    task = asyncio.create_task(deliver())
    try:
        while data := await reader.read(65536):
            queue.put_nowait((loop.time() + DELAY, data))
    except OSError:
        pass
    queue.put_nowait(None)
    try:
        await task
    except OSError:
        pass


async def connected(reader, writer):
    try:
        if TARGET.isdigit():
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", int(TARGET))
        else:
            far_reader, far_writer = await asyncio.open_unix_connection(TARGET)
    except OSError:
        writer.close()
        return
    await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))


async def main():
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    with open(PORT_FILE + ".new", "w", encoding="ascii") as file:
        file.write(f"{server.sockets[0].getsockname()[1]}\n")
    os.rename(PORT_FILE + ".new", PORT_FILE)
    async with server:
        await server.serve_forever()


asyncio.run(main())
