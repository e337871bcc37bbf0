"""The control surface: `/_panka/<what>?account=<number>`, JSON in and out."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from emulator.accounts import Account
from emulator.rules import BadRule, Rule

if TYPE_CHECKING:
    from emulator.cloudcontrol import CloudControl
    from emulator.gateway import Client, Scope


async def serve(accounts: defaultdict[str, Account], cloudcontrol: CloudControl, scope: Scope, client: Client) -> None:
    """Answers one request: 200 with a document, or 400 with the reason as text under `error`."""
    body = await client.body()
    if body is None:
        return
    parameters = {name: values[-1] for name, values in parse_qs(scope["query_string"].decode()).items()}
    try:
        number = parameters.pop("account", "")
        if len(number) != 12 or not number.isdigit():
            raise ValueError(f"account is a number of 12 digits, not {number!r}")
        what = f"{scope['method']} {scope['path'].removeprefix('/_panka/')}"
        if what == "GET live":
            answer: Any = cloudcontrol.live(number)
        else:
            answer = await _answer(accounts[number], what, parameters, json.loads(body) if body else {})
        status = 200
    except (BadRule, ValueError, TypeError, KeyError) as error:
        answer, status = {"error": f"{type(error).__name__}: {error}"}, 400
    content = json.dumps(answer).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await client.send({"type": "http.response.start", "status": status, "headers": headers})
    await client.send({"type": "http.response.body", "body": content})


async def _answer(account: Account, what: str, parameters: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    match what:
        case "POST rules":
            account.rules = [Rule(rule) for rule in given["rules"]]
            return {"rules": len(account.rules)}
        case "GET rules":
            return {"rules": [{"matched": rule.matched, "acted": rule.acted} for rule in account.rules]}
        case "POST stop":
            account.stopped = True
            return {}
        case "POST go":
            account.go()
            return {}
        case "GET held":
            least = int(parameters.get("least", "1"))
            await account.until(lambda: len(account.held) >= least, float(parameters.get("wait", "0")))
            return {"held": [held.document() for held in account.held.values()]}
        case "POST release":
            number = given.get("number")
            if number is not None and not isinstance(number, int):
                raise ValueError(f"number is that of a held call, not {number!r}")
            return {"released": account.release(number)}
        case "GET calls":
            return await _calls(account, parameters)
        case "DELETE calls":
            account.clear()
            return {}
        case _:
            raise ValueError(f"there is no {what}")


async def _calls(account: Account, parameters: dict[str, str]) -> dict[str, Any]:
    """The counts; with `log` the calls too; with `wait` once there are `least` finished calls of a service and operation."""
    service, operation = parameters.get("service"), parameters.get("operation")

    def finished() -> int:
        chosen = (count for (name, what), count in account.counts.items() if service in (None, name) and operation in (None, what))
        return sum(count.calls - count.running for count in chosen)

    await account.until(lambda: finished() >= int(parameters.get("least", "1")), float(parameters.get("wait", "0")))
    counts = [{"service": name, "operation": what, "calls": count.calls, "bytesIn": count.bytes_in, "bytesOut": count.bytes_out,
               "running": count.running, "concurrency": count.concurrency} for (name, what), count in account.counts.items()]
    log = {"log": [record.document() for record in account.log]} if parameters.get("log") == "1" else {}
    return {"calls": counts, **log}
