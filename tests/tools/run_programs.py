#!/usr/bin/env python3
"""Renders every example and every golden manifest as a Pulumi project and runs it by hand, as a person would who takes it.

usage: run_programs.py PANKA [NAME…]

Each project is previewed by the real command line and its YAML host, which hold it to the schema of the provider: names, types, references. Then it is put up,
a second run must change nothing, no secret may stand in the state in clear, and after a destroy the account must be empty. What the configuration must
hold is planted as the project document says.
"""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from lint_templates import ROOT, places

BIN = ROOT / "target" / "test-tools" / "bin"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PLANTED = "planted-7f3a-"
# Goldens that refer to what stands outside of them, which the account does not have: they are previewed alone.
OUTSIDE = {"good-resource-full": "a security group that is named", "all-fields": "the same"}


def all_fields(folder: pathlib.Path) -> tuple[str, list[str]]:
    """One stack of all that the full goldens hold, the services of each under a name of their own."""
    whole = []
    for golden in sorted((ROOT / "tests" / "manifests" / "good").glob("*-full.yaml")):
        stack, *documents = golden.read_text(encoding="utf-8").split("\n---\n")
        kind, text = golden.stem.removesuffix("-full"), "\n---\n".join(documents)
        for service in set(re.findall(r"service: ([\w-]+)", text)):
            text = re.sub(rf"service: {service}\b", f"service: {kind}-{service}", text)
            text = re.sub(rf"(?<![\w/.:-]){service}/(?=[a-z])", f"{kind}-{service}/", text)
        whole.append(text)
        if kind == "microservice":
            whole.insert(0, stack)
    file = folder / "all-fields.yaml"
    file.write_text("\n---\n".join(whole), encoding="utf-8")
    return "all-fields", [str(file)]


class Project:
    """A project in a directory of its own, with an account of its own."""

    def __init__(self, panka: str, port: int, number: int, folder: pathlib.Path, source: list[str]) -> None:
        self.folder = folder
        self.account = f"{number:012}"
        self.endpoint = f"http://127.0.0.1:{port}"
        self.variables = {
            "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(), "PULUMI_CONFIG_PASSPHRASE": "of the test",
            "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": self.account, "AWS_SECRET_ACCESS_KEY": "unused",
            "AWS_EC2_METADATA_DISABLED": "true", "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1",
        }
        (folder / "backend").mkdir(parents=True)
        parse = [panka, "parse", *source, *([] if "-e" in source else ["-e", "dev"]), "-o", "json"]
        manifest = subprocess.run(parse, capture_output=True, check=True, cwd=folder)
        render = [panka, "render", "--format", "pulumi"]
        document = subprocess.run(render, input=manifest.stdout, capture_output=True, check=True, cwd=folder)
        subprocess.run([*render, "--out", "program"], input=manifest.stdout, capture_output=True, check=True, cwd=folder)
        self.document = json.loads(document.stdout)
        self.said: list[bytes] = []

    def pulumi(self, *words: str, given: str = "") -> str:
        """Standard output of a run of the command line; an error holds what it said."""
        run = subprocess.run(["pulumi", *words, "--non-interactive"], input=given.encode(), capture_output=True, check=False,
                             cwd=self.folder / "program", env=self.variables, timeout=300)
        self.said += [run.stdout, run.stderr]
        if run.returncode != 0:
            raise RuntimeError(f"pulumi {' '.join(words)}\n{complaints(run.stdout.decode())}\n{run.stderr.decode()[-3000:]}")
        return run.stdout.decode()

    def changes(self, *words: str) -> dict[str, int]:
        """What a run does to how many resources."""
        lines = self.pulumi(*words, "--json").splitlines() if words[0] == "up" else [self.pulumi(*words, "--json")]
        events = [json.loads(line) for line in lines]
        return next(event["summaryEvent"]["resourceChanges"] for event in events if "summaryEvent" in event) if words[0] == "up" \
            else events[0]["changeSummary"]

    def unprotect(self) -> None:
        """Changes the program as its owner would who wants all to go: nothing is protected, by Pulumi or by AWS, and nothing is kept."""
        program = self.document["program"]
        for resource in program["resources"].values():
            for option in ("protect", "retainOnDelete"):
                resource.get("options", {}).pop(option, None)
            properties = resource["properties"]
            for name in ("deletionProtection", "deletionProtectionEnabled"):
                if properties.get(name) is True:
                    properties[name] = False
            for attribute in properties.get("loadBalancerAttributes", []):
                if attribute["key"] == "deletion_protection.enabled":
                    attribute["value"] = "false"
        (self.folder / "program" / "Pulumi.yaml").write_text(json.dumps(program), encoding="utf-8")
        self.pulumi("up", "--yes", "--skip-preview")

    def run(self, whole: bool) -> None:
        """Preview; and, if the whole is asked for, up, up again, destroy."""
        self.pulumi("stack", "select", "--create", self.document["environment"])
        for key, asked in self.document["configuration"].items():
            value = {"integer": "1", "number": "1", "boolean": "true"}.get(asked["type"], PLANTED + key)
            self.pulumi("config", "set", key, *(["--secret"] if asked["secret"] else []), given=value)
        previewed = self.changes("preview")
        if set(previewed) != {"create"}:
            raise RuntimeError(f"a first run would do more than make things: {previewed}")
        if not whole:
            return
        made = self.changes("up", "--yes", "--skip-preview")
        if made != previewed:
            raise RuntimeError(f"the preview said {previewed}, and the run did {made}")
        alive, declared = self.live(), len(self.document["names"])
        if len(alive) != declared:
            raise RuntimeError(f"{declared} resources are declared, and {len(alive)} live")
        again = self.changes("up", "--yes", "--skip-preview")
        if set(again) != {"same"}:
            raise RuntimeError(f"a second run changed something: {again}")
        self.look_for_secrets()
        self.unprotect()
        self.pulumi("destroy", "--yes", "--skip-preview")
        left = self.live()
        if left:
            raise RuntimeError(f"left behind: {left}")

    def look_for_secrets(self) -> None:
        """No planted secret may stand in a file of the project, of Pulumi's state or of its home, nor in what the runs and an export say."""
        secrets = [PLANTED + key for key, asked in self.document["configuration"].items() if asked["secret"]]
        texts = {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        self.pulumi("stack", "export")
        texts["what Pulumi said"] = b"\n".join(self.said)
        for name, text in texts.items():
            for secret in secrets:
                if secret.encode() in text:
                    raise RuntimeError(f"{secret} stands in clear in {name}")

    def live(self) -> list[object]:
        """What Cloud Control has in the account."""
        with OPENER.open(f"{self.endpoint}/_panka/live?account={self.account}", timeout=60) as answer:
            return json.load(answer)


def complaints(text: str) -> str:
    """What a failed run complains about: its errors, if its output is JSON."""
    try:
        documents = [json.loads(text)] if text.startswith("{\n") else [json.loads(line) for line in text.splitlines()]
    except json.JSONDecodeError:
        return text[-4000:]
    found = [document["diagnosticEvent"] for document in documents if "diagnosticEvent" in document]
    found += [diagnostic for document in documents for diagnostic in document.get("diagnostics", [])]
    said = [one["message"].strip() for one in found if one["severity"] in ("error", "info#err") and "using pulumi-resource" not in one["message"]]
    return "\n".join(said)[-4000:]


def main() -> int:
    """Runs everything; 1 when something is wrong."""
    panka = str(pathlib.Path(sys.argv[1]).resolve())
    wanted = set(sys.argv[2:])
    server = subprocess.Popen([sys.executable, "-m", "emulator"], cwd=ROOT / "tests", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    assert server.stdin is not None and server.stdout is not None
    try:
        port = json.loads(server.stdout.readline())["port"]
        with tempfile.TemporaryDirectory(prefix="panka-programs-") as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:

            def run(number: int, name: str, source: list[str]) -> str | None:
                try:
                    Project(panka, port, 400000000000 + number, pathlib.Path(folder) / name, source).run(name not in OUTSIDE)
                except (RuntimeError, subprocess.SubprocessError) as error:
                    said = error.stderr.decode() if isinstance(error, subprocess.CalledProcessError) else str(error)
                    return f"{name}: {said}"
                return None

            every = [all_fields(pathlib.Path(folder)), *places()]
            chosen = [(name, source) for name, source in every if not wanted or name in wanted]
            faults = [fault for fault in pool.map(lambda case: run(case[0], *case[1]), enumerate(chosen, start=1)) if fault]
        print("\n".join([*faults, f"{len(chosen)} programs run, {len(faults)} faults"]))
        return int(bool(faults) or not chosen)
    finally:
        server.stdin.close()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
