"""Fault rules: which calls they match, when they act, what they do. Pure: no clock but the one handed in, no chance but by seed."""

from __future__ import annotations

import fnmatch
import math
import random
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from emulator.calls import Call
from emulator.errors import EVENTS, Failure

MATCHES = ("service", "operation", "resource", "key")
EFFECTS = ("latency", "throttle", "fail", "drop", "drop-before", "hold", "truncate", "expire")


class BadRule(ValueError):
    """A rule that cannot be understood; the text says why."""


@dataclass
class Fault:
    """What becomes of the Cloud Control operation that a call starts, after its answer."""

    delay: float = 0.0  # seconds, before its work
    code: str = ""  # that its event ends with, as FAILED
    message: str = "A rule of the emulator ends this request."
    after: bool = False  # whether the work is done all the same
    expire: bool = False  # whether its request token is forgotten once it has ended


# That of the call which is served. The service reads it, as the application between takes no argument more.
FAULT: ContextVar[Fault] = ContextVar("fault", default=Fault())


@dataclass
class Verdict:
    """What the rules make of one call. At most one of failure, drop and truncate is set."""

    delay: float = 0.0  # seconds
    hold_before: bool = False
    hold_after: bool = False
    failure: Failure | None = None
    drop: str = ""  # "before" or "after"
    truncate: bool = False
    fault: Fault = field(default_factory=Fault)
    rules: list[int] = field(default_factory=list)  # places of the rules that acted

    @property
    def decided(self) -> bool:
        return self.failure is not None or self.drop != "" or self.truncate


class Rule:
    """One rule: `{service, operation, resource, key, nth | first | after | every | percent + seed, <effect>}`; all but the effect may be left out.

    `operation`, `resource` and `key` are globs. Calls that match are counted from 1: `nth` acts at that one, `first` at the first n, `after` at
    all but the first n, `every` at every nth, `percent` at that share of them.

    Of a Cloud Control call, the resource is its type and the key its identifier (for a create that which its properties name, if they do). There,
    `"of": "operation"` in `latency` and `"event"` in `fail` (a handler error code, with `message`, and `after` to do the work all the same) are
    about the operation that the call starts; `expire` forgets the request token that the call asks for, or makes, once its request has ended.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        given = dict(given)
        self.globs = {name: _text(name, given.pop(name)) for name in MATCHES if name in given}
        self.when = {name: _number(name, given.pop(name)) for name in ("nth", "first", "after", "every", "percent") if name in given}
        self.random = random.Random(given.pop("seed", 0))
        if len(self.when) > 1:
            raise BadRule(f"only one of {', '.join(self.when)} says when")
        if len(given) != 1 or next(iter(given)) not in EFFECTS:
            raise BadRule(f"one effect of {', '.join(EFFECTS)} is needed, not {', '.join(given) or 'none'}")
        self.effect, self.detail = given.popitem()
        self.matched = 0
        self.acted = 0
        self.window: deque[float] = deque()
        self._check()

    def _check(self) -> None:
        detail = dict(self.detail) if isinstance(self.detail, dict) else self.detail
        if self.effect == "latency" and isinstance(detail, dict) and detail.pop("of", "operation") != "operation":
            raise BadRule(f"latency is of an operation, or of the answer without a word, not of {self.detail['of']!r}")
        match self.effect, detail:
            case "latency", {"milliseconds": int() | float()}:
                pass
            case "latency", {"from": int() | float() as low, "to": int() | float() as high} if low <= high:
                pass
            case "latency", {"median": int() | float() as median, "p99": int() | float() as p99} if 0 < median <= p99:
                pass
            case "throttle", {"calls": int(), "seconds": int() | float()}:
                pass
            case "fail", {"event": str() as code, **rest} if code in EVENTS and rest.keys() <= {"message", "after"}:
                pass
            case "fail", {"code": str()}:
                Failure.read(self.detail)
            case "hold", "before" | "after":
                pass
            case ("drop" | "drop-before" | "truncate" | "expire"), True:
                pass
            case effect, detail:
                raise BadRule(f"{effect} does not take {detail!r}")

    def matches(self, call: Call) -> bool:
        return all(fnmatch.fnmatchcase(getattr(call, name), glob) for name, glob in self.globs.items())

    def apply(self, call: Call, now: float, verdict: Verdict) -> bool:
        """Counts the call if it matches and, if it is this rule's turn, adds the effect to the verdict. Whether it acted."""
        if not self.matches(call):
            return False
        self.matched += 1
        if not self._turn():
            return False
        match self.effect:
            case "latency" if "of" in self.detail:
                verdict.fault.delay += self._latency() / 1000
            case "expire":
                verdict.fault.expire = True
            case "fail" if "event" in self.detail:
                if verdict.fault.code:
                    return False
                verdict.fault.code = self.detail["event"]
                verdict.fault.message = self.detail.get("message", verdict.fault.message)
                verdict.fault.after = self.detail.get("after", False)
            case "latency":
                verdict.delay += self._latency() / 1000
            case "hold" if self.detail == "before":
                verdict.hold_before = True
            case "hold":
                verdict.hold_after = True
            case _ if verdict.decided:
                return False
            case "throttle":
                if not self._over(now):
                    return False
                verdict.failure = Failure.throttling(call)
            case "fail":
                verdict.failure = Failure.read(self.detail)
            case "truncate":
                verdict.truncate = True
            case _:
                verdict.drop = "before" if self.effect == "drop-before" else "after"
        self.acted += 1
        return True

    def _turn(self) -> bool:
        match next(iter(self.when.items()), None):
            case None:
                return True
            case "nth", n:
                return self.matched == n
            case "first", n:
                return self.matched <= n
            case "after", n:
                return self.matched > n
            case "every", n:
                return self.matched % n == 0
            case _, share:
                return self.random.random() * 100 < share

    def _latency(self) -> float:
        detail = self.detail
        if "milliseconds" in detail:
            return detail["milliseconds"]
        if "from" in detail:
            return self.random.uniform(detail["from"], detail["to"])
        # 2.3263 is the 99th percentile of the standard normal distribution.
        return self.random.lognormvariate(math.log(detail["median"]), math.log(detail["p99"] / detail["median"]) / 2.3263)

    def _over(self, now: float) -> bool:
        """Whether this call is one too many for the window; those let through count."""
        while self.window and self.window[0] <= now - self.detail["seconds"]:
            self.window.popleft()
        if len(self.window) >= self.detail["calls"]:
            return True
        self.window.append(now)
        return False


def judge(rules: list[Rule], call: Call, now: float) -> Verdict:
    """Every rule counts the call; delays add up, and of the rules that refuse, drop or truncate the first in order decides."""
    verdict = Verdict()
    verdict.rules = [place for place, rule in enumerate(rules) if rule.apply(call, now, verdict)]
    return verdict


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadRule(f"{name} is a text, not {value!r}")
    return value


def _number(name: str, value: Any) -> float:
    least = 0 if name in ("after", "percent") else 1
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        raise BadRule(f"{name} is a number from {least}, not {value!r}")
    return value
