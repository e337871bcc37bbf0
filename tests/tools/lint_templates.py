#!/usr/bin/env python3
"""Renders every example and every golden manifest as CloudFormation and holds the templates to cfn-lint.

usage: lint_templates.py PANKA

No error and no warning passes but those of SUPPRESSED, each with its reason. All templates are linted in one process, since loading the rules
takes longer than linting.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Rules that do not fit what panka renders, with the reason.
SUPPRESSED: dict[str, str] = {
    "W3010": "zones are named on purpose: they are pinned, so that a new zone of a region moves nothing",
    "W3690": "the engine version is what the manifest asks for",
    "W3691": "the engine version is what the manifest asks for",
}


def places() -> list[tuple[str, list[str]]]:
    """Every template to render: a name, and the arguments that name its source."""
    found = []
    for stack in sorted((ROOT / "examples").glob("*/stacks/*/stack.yaml")):
        repository = stack.parents[2]
        for environment in sorted((stack.parent / "environments").glob("*.yaml")):
            name = f"{repository.name}-{stack.parent.name}-{environment.stem}"
            found.append((name, ["-C", str(repository), "-s", stack.parent.name, "-e", environment.stem]))
    for golden in sorted((ROOT / "tests" / "manifests" / "good").glob("*.yaml")):
        found.append((f"good-{golden.stem}", [str(golden)]))
    return found


def render(panka: str, source: list[str]) -> str:
    """The template of a source; an empty one where there is nothing to render."""
    parse = [panka, "parse", *source, *([] if "-e" in source else ["-e", "dev"]), "-o", "json"]
    manifest = subprocess.run(parse, capture_output=True, check=False)
    if manifest.returncode != 0:
        raise SystemExit(f"{' '.join(parse)}\n{manifest.stderr.decode()}")
    command = [panka, "render", "--format", "cloudformation"]
    template = subprocess.run(command, input=manifest.stdout, capture_output=True, check=False, cwd=tempfile.gettempdir())
    if template.returncode != 0:
        raise SystemExit(f"{' '.join(parse)} | {' '.join(command)}\n{template.stderr.decode()}")
    return template.stdout.decode()


def main() -> int:
    panka = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="panka-templates-") as folder:
        files = []
        for name, source in places():
            file = pathlib.Path(folder) / f"{name}.json"
            file.write_text(render(panka, source), encoding="utf-8")
            files.append(str(file))
        linter = pathlib.Path(sys.executable).parent / "cfn-lint"
        command = [str(linter), "--format", "json", "--regions", "us-east-1"]
        for rule in SUPPRESSED:
            command += ["--ignore-checks", rule]
        done = subprocess.run([*command, "--", *files], capture_output=True, text=True, check=False)
        findings = json.loads(done.stdout or "[]")
        for finding in findings:
            rule, where = finding["Rule"]["Id"], finding["Location"]
            path = "/".join(str(part) for part in where.get("Path") or [])
            print(f"{pathlib.Path(finding['Filename']).name}: {rule} {finding['Message']} at {path}")
        if done.returncode and not findings:
            print(done.stderr)
        print(f"{len(files)} templates, {len(findings)} findings")
        return int(bool(findings) or done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
