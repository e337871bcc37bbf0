"""What the control surface knows of one account: its rules, its calls, and what is held."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulator.calls import Call
from emulator.rules import Rule, Verdict, judge


@dataclass
class Count:
    """All calls of one operation."""

    calls: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    running: int = 0
    concurrency: int = 0


@dataclass
class Record:
    """One call in the log."""

    number: int
    call: Call
    at: float
    bytes_in: int
    bytes_out: int = 0
    status: int | None = None
    outcome: str = "running"  # then answered, dropped, truncated, refused, or abandoned when the client went away first
    rules: list[int] = field(default_factory=list)
    count: Count = field(default_factory=Count)

    def document(self) -> dict[str, Any]:
        call = self.call
        return {"number": self.number, "at": round(self.at, 6), "service": call.service, "operation": call.operation, "region": call.region,
                "resource": call.resource, "key": call.key, "bytesIn": self.bytes_in, "bytesOut": self.bytes_out, "status": self.status,
                "outcome": self.outcome, "rules": self.rules, **call.facts}


@dataclass
class Held:
    """A call that waits to be released."""

    record: Record
    when: str  # before, after or stopped
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def document(self) -> dict[str, Any]:
        return {"when": self.when, **self.record.document()}


class Account:
    """The state of one account, changed on the event loop only."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.log: list[Record] = []
        self.counts: dict[tuple[str, str], Count] = {}
        self.held: dict[int, Held] = {}
        self.stopped = False
        self._number = 0
        self._changed = asyncio.Event()
        self._begin = time.monotonic()

    def begin(self, call: Call, bytes_in: int) -> tuple[Record, Verdict]:
        """Counts a call that has arrived, and says what is to happen to it."""
        now = time.monotonic() - self._begin
        count = self.counts.setdefault((call.service, call.operation), Count())
        self._number += 1
        record = Record(self._number, call, now, bytes_in, count=count)
        self.log.append(record)
        count.calls += 1
        count.bytes_in += bytes_in
        count.running += 1
        count.concurrency = max(count.concurrency, count.running)
        verdict = judge(self.rules, call, now)
        record.rules = verdict.rules
        self._notify()
        return record, verdict

    def end(self, record: Record) -> None:
        """Closes the books on a call."""
        record.count.running -= 1
        record.count.bytes_out += record.bytes_out
        self._notify()

    def hold(self, record: Record, when: str) -> Held:
        held = Held(record, when)
        self.held[record.number] = held
        self._notify()
        return held

    def unhold(self, held: Held) -> None:
        self.held.pop(held.record.number, None)
        self._notify()

    def release(self, number: int | None) -> int:
        """Lets one held call go on, or all that rules hold. How many those are."""
        chosen = [held for held in self.held.values() if held.when != "stopped" and number in (None, held.record.number)]
        for held in chosen:
            held.released.set()
        return len(chosen)

    def go(self) -> None:
        """Ends the stop of the world."""
        self.stopped = False
        for held in self.held.values():
            if held.when == "stopped":
                held.released.set()

    def clear(self) -> None:
        """Forgets the calls so far, those that run as well, and keeps the rules."""
        self.log.clear()
        self.counts.clear()

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Waits for a condition on this account. Whether it holds in the end."""
        end = time.monotonic() + seconds
        while not condition():
            changed = self._changed
            try:
                await asyncio.wait_for(changed.wait(), max(end - time.monotonic(), 0))
            except TimeoutError:
                return condition()
        return True

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
