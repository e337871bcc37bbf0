"""The process: a free port, MiniStack's environment before its import, one line once it serves, and an end when standard input closes."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import urllib.request
from asyncio import StreamWriter

# How long an end may take before it is forced.
PATIENCE = 5.0


def main() -> None:
    """Serves until standard input closes. Standard output carries one JSON line, `{"port", "pid"}`; all else goes to standard error."""
    line = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    folder = tempfile.mkdtemp(prefix="panka-emulator-")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    # Connections wait in the queue from here on, so that nobody has to try again.
    listener.listen(1024)
    port = listener.getsockname()[1]
    environment(port, folder)
    try:
        asyncio.run(_serve(listener, port, line))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(port: int, folder: str) -> None:
    """Sets what MiniStack reads when it is imported."""
    for name in ("PERSIST_STATE", "S3_PERSIST", "LOCALSTACK_PERSISTENCE", "AUTH", "SERVICES", "EDGE_PORT", "USE_SSL"):
        os.environ.pop(name, None)
    os.environ |= {
        "BIND_HOST": "127.0.0.1",  # the default is every interface
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",  # else a queue's Ref says localhost, and the SQS API 127.0.0.1
        "IOT_MTLS_ENABLED": "0",  # else it opens port 8883
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        # The defaults of these are shared by all instances of the machine.
        "HOME": folder,
        "TMPDIR": folder,
        "STATE_DIR": os.path.join(folder, "state"),
        "S3_DATA_DIR": os.path.join(folder, "s3"),
        # For calls that MiniStack's parts make to each other.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "127.0.0.1",
    }
    tempfile.tempdir = folder


async def _serve(listener: socket.socket, port: int, line: object) -> None:
    import hypercorn.asyncio.run as running
    import ministack.app
    from hypercorn.asyncio import serve
    from hypercorn.asyncio.tcp_server import TCPServer
    from hypercorn.config import Config

    from emulator.cloudcontrol import install
    from emulator.gateway import Gateway

    connections: dict[tuple[str, int], StreamWriter] = {}

    class Server(TCPServer):
        """Keeps the writers of open connections, as an ASGI application cannot close its connection."""

        async def run(self) -> None:
            address = self.writer.get_extra_info("peername")
            connections[address] = self.writer
            try:
                await super().run()
            finally:
                connections.pop(address, None)

    running.TCPServer = Server
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.backlog = 1024
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.1
    config.loglevel = "WARNING"
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_wait_for_the_end, args=(loop, stop), daemon=True).start()
    threading.Thread(target=_announce, args=(port, line), daemon=True).start()
    await serve(Gateway(ministack.app.app, install(), connections), config, shutdown_trigger=stop.wait)


def _wait_for_the_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 4096):
        pass
    timer = threading.Timer(PATIENCE, os._exit, args=(1,))
    timer.daemon = True
    timer.start()
    # What ends with the server says so on standard error otherwise.
    loop.call_soon_threadsafe(loop.set_exception_handler, lambda _loop, _context: None)
    loop.call_soon_threadsafe(stop.set)


def _announce(port: int, line: object) -> None:
    """Prints the line once a request is answered."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/_ministack/health", timeout=60) as answer:
            answer.read()
    except OSError as error:
        print(f"the emulator does not answer: {error}", file=sys.stderr)
        os._exit(1)
    print(json.dumps({"port": port, "pid": os.getpid()}), file=line, flush=True)  # type: ignore[call-overload]
