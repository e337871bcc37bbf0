"""The ASGI application in front of MiniStack: counts each call, applies the rules, and serves the control surface below `/_panka/`."""

from __future__ import annotations

import asyncio
from asyncio import StreamWriter
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from emulator import control
from emulator.accounts import Account, Record
from emulator.calls import recognise
from emulator.cloudcontrol import CloudControl
from emulator.rules import FAULT, Verdict
from emulator.supplements import HARNESS

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Client:
    """The other end of one request: its body, whether it still waits, and the connection under it."""

    def __init__(self, receive: Receive, send: Send, writer: StreamWriter | None) -> None:
        self.receive = receive
        self.send = send
        self.writer = writer

    async def body(self) -> bytes | None:
        """The whole body; none if the client went away before its end."""
        parts = []
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)

    async def waits_for(self, event: asyncio.Event) -> bool:
        """Waits for an event while the client does: false if it went away first."""
        gone = asyncio.ensure_future(self.gone())
        happened = asyncio.ensure_future(event.wait())
        await asyncio.wait((gone, happened), return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        happened.cancel()
        return event.is_set()

    async def gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def close(self) -> None:
        """Closes the connection without another byte."""
        if self.writer is not None:
            self.writer.close()
        # An answer of the server's own would follow if this returned while the connection counts as open.
        await self.gone()


class Gateway:
    """`connections` are the writers of open connections by the address of the client."""

    def __init__(self, application: Application, cloudcontrol: CloudControl, connections: dict[tuple[str, int], StreamWriter]) -> None:
        self.application = application
        self.cloudcontrol = cloudcontrol
        self.connections = connections
        self.accounts: defaultdict[str, Account] = defaultdict(Account)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        client = Client(receive, send, self.connections.get(tuple(scope["client"] or ())))
        headers: dict[str, str] = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["path"].startswith("/_panka/"):
            await control.serve(self.accounts, self.cloudcontrol, scope, client)
        elif scope["path"].startswith("/_") or HARNESS in headers:
            if scope["path"] == "/_ministack/reset":
                self.accounts.clear()
            await self.application(scope, receive, send)
        else:
            await self._call(scope, headers, client)

    async def _call(self, scope: Scope, headers: dict[str, str], client: Client) -> None:
        body = await client.body()
        if body is None:
            return
        call = recognise(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body)
        account = self.accounts[call.account]
        record, verdict = account.begin(call, len(body))
        try:
            await self._answer(scope, body, client, account, record, verdict)
        finally:
            if record.outcome == "running":
                record.outcome = "abandoned"
            account.end(record)

    async def _answer(self, scope: Scope, body: bytes, client: Client, account: Account, record: Record, verdict: Verdict) -> None:
        if account.stopped and not await self._held(client, account, record, "stopped"):
            return
        if verdict.delay:
            await asyncio.sleep(verdict.delay)
        if verdict.hold_before and not await self._held(client, account, record, "before"):
            return
        if verdict.drop == "before":
            record.outcome = "dropped"
            await client.close()
            return
        if verdict.failure is not None:
            answer = _messages(*verdict.failure.answer(record.call))
            outcome = "refused"
        else:
            FAULT.set(verdict.fault)
            answer = await self._perform(scope, body)
            outcome = "answered"
        record.status = answer[0]["status"]
        if verdict.hold_after and not await self._held(client, account, record, "after"):
            return
        if verdict.drop == "after":
            record.outcome = "dropped"
            await client.close()
            return
        if verdict.truncate:
            record.outcome = "truncated"
            await self._half(answer, client, record)
            return
        record.bytes_out = sum(len(message.get("body", b"")) for message in answer)
        record.outcome = outcome
        for message in answer:
            await client.send(message)

    async def _held(self, client: Client, account: Account, record: Record, when: str) -> bool:
        """Holds a call until it is released: false if the client went away meanwhile, and then nothing more is done."""
        held = account.hold(record, when)
        try:
            return await client.waits_for(held.released)
        finally:
            account.unhold(held)

    async def _perform(self, scope: Scope, body: bytes) -> list[Message]:
        """MiniStack's answer. The work is done to its end, as AWS does it, even when the client goes away."""
        answer: list[Message] = []
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Message:
            message = next(given, None)
            if message is None:
                await asyncio.Event().wait()
            assert message is not None
            return message

        async def send(message: Message) -> None:
            answer.append(message)

        await self.application(scope, receive, send)
        return answer

    async def _half(self, answer: list[Message], client: Client, record: Record) -> None:
        """Sends the head, which promises all of the body, and half of it."""
        start, *rest = answer
        whole = b"".join(message.get("body", b"") for message in rest)
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        await client.send({**start, "headers": [*headers, (b"content-length", str(len(whole)).encode())]})
        half = whole[: len(whole) // 2]
        record.bytes_out = len(half)
        await client.send({"type": "http.response.body", "body": half, "more_body": True})
        await client.close()


def _messages(status: int, headers: dict[str, str], body: bytes) -> list[Message]:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return [{"type": "http.response.start", "status": status, "headers": pairs}, {"type": "http.response.body", "body": body}]
