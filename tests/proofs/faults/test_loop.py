"""What listens while a run goes on ends in the middle of things, and leaves no connection behind."""

import asyncio
import gc
import socket

from tests.proofs.faults.loop import Loop


def test_a_connection_that_it_accepted_and_does_not_serve_is_closed() -> None:
    """An unclosed socket is a warning, and a warning an error."""
    served = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(writer)

    with Loop() as loop:
        listener = loop.listener(serve)

        async def end_between_accepting_and_serving() -> None:
            with socket.create_connection(("127.0.0.1", listener.port)):  # in the kernel's backlog
                await asyncio.sleep(0)  # wakes the loop up,
                await asyncio.sleep(0)  # which accepts it
                await listener.end()

        loop.run(listener.begin())
        loop.run(end_between_accepting_and_serving())

    gc.collect()
    assert not served
