"""Whole-process benchmarks of panka: generated stacks, the release build, medians of several runs, peers where they are installed.

Prints one table and writes target/bench/<commit>.json. Figures are for comparison within one run: peers run in turn with panka on the
same machine. With CHECK=1 a goal that is missed by more than a fifth fails the run.
"""

import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import stacks

ROOT = pathlib.Path(__file__).resolve().parent.parent
PANKA = ROOT / "target" / "release" / "panka"
SIZES = [int(text) for text in os.environ.get("SIZES", "100,1000,10000").split(",")]


def measure(command, cwd, runs, stdin=None, prepare=None, warmup=1):
    """Median and spread of wall seconds, and the peak memory in MB and bytes written of the last run."""
    walls, peak, written = [], 0, 0
    for number in range(warmup + runs):
        if prepare:
            prepare()
        source = open(stdin, "rb") if stdin else subprocess.DEVNULL
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(cwd))
        errors = process.stderr.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall = time.perf_counter() - start
        try:
            lines = pathlib.Path(f"/proc/{process.pid}/io").read_text().splitlines()
            written = next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))
        except (OSError, StopIteration):
            written = 0
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{errors.decode()[-2000:]}")
        peak = max(peak, usage.ru_maxrss / 1024)
        if number >= warmup:
            walls.append(wall)
    return {"median": statistics.median(walls), "min": min(walls), "max": max(walls), "runs": len(walls), "peak_mb": round(peak, 1), "written": written}


def environment(cwd):
    """A clean environment: nothing configured."""
    return {"PATH": os.environ["PATH"], "HOME": str(cwd), "NO_COLOR": "1", "TF_CLI_CONFIG_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1"}


def fresh(directory):
    """Removes state and simulated account."""
    shutil.rmtree(directory / ".panka", ignore_errors=True)


def terraform():
    """The peer, OpenTofu or Terraform, with its version; none where neither is installed."""
    for name in ("tofu", "terraform"):
        path = shutil.which(name)
        if path:
            return path, subprocess.run([path, "version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    return None, None


def main():
    rows, goals = [], []

    def row(figure, size, result, **more):
        rows.append({"figure": figure, "size": size, **result, **more})
        extra = " ".join(f"{key}={value}" for key, value in more.items())
        print(f"{figure:<34} {size:>7} {result['median']:>9.3f} s  ({result['min']:.3f} to {result['max']:.3f}, {result['runs']} runs)"
              f"  {result['peak_mb']:>7.1f} MB {extra}", flush=True)
        return result["median"]

    def goal(text, value, limit):
        goals.append({"goal": text, "value": round(value, 3), "limit": limit, "met": value <= limit})

    peer, version = terraform()
    print(f"{platform.machine()}, {os.cpu_count()} cores, peer: {version or 'absent'}\n")
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        goal("version under 10 ms", row("version", 1, measure([PANKA, "version"], temporary, 20)), 0.010)
        for size in SIZES:
            runs = 3 if size >= 10000 else 5
            mixed = temporary / f"mixed{size}"
            stacks.generate(mixed, size)
            place = ["-s", "bench", "-e", "dev"]
            row("parse, mixed components", size, measure([PANKA, "parse", *place], mixed, runs))
            took = row("parse + graph, mixed components", size, measure([PANKA, "graph", *place], mixed, runs))
            if size == 1000:
                goal("parse + graph of 1,000 components under 150 ms", took, 0.150)
            row("validate, mixed components", size, measure([PANKA, "validate", *place], mixed, runs))

            flat = temporary / f"queues{size}"
            stacks.queues(flat, size)
            place = ["-s", "queues", "-e", "dev"]
            full = measure([PANKA, "apply", *place, "--auto-approve", "-q"], flat, runs, prepare=lambda: fresh(flat), warmup=0)
            applied = row("apply, queues, from nothing", size, full, bytes_per_resource=full["written"] // size)
            took = measure([PANKA, "diff", *place], flat, runs)
            unchanged = row("no-op diff, queues", size, took)
            if size == 10000:
                goal("no-op diff of 10,000 resources under 0.5 s", unchanged, 0.5)
                goal("no-op diff of 10,000 resources under 200 MB", took["peak_mb"], 200)
            row("no-op apply, queues", size, measure([PANKA, "apply", *place, "--auto-approve", "-q"], flat, runs))
            values = iter(range(31, 200))
            changed = measure_changed(flat, place, runs, values)
            row("apply, queues, 1 % changed", size, changed, bytes_per_change=changed["written"] // max(1, size // 100))
            row("full diff, queues", size, measure([PANKA, "diff", *place], flat, runs, prepare=lambda: fresh(flat)))

            if peer:
                work = temporary / f"peer{size}"
                work.mkdir()
                (work / "main.tf").write_text(f'resource "terraform_data" "q" {{\n  count = {size}\n  input = "v1"\n}}\n')
                subprocess.run([peer, "init", "-input=false"], cwd=work, env=environment(work), check=True, capture_output=True)
                few = 1 if size >= 10000 else 3

                def wipe():
                    for path in work.glob("terraform.tfstate*"):
                        path.unlink()

                theirs = row("  peer apply, terraform_data", size, measure([peer, "apply", "-auto-approve", "-input=false"], work, few, prepare=wipe, warmup=0))
                plan = row("  peer no-op plan", size, measure([peer, "plan", "-input=false"], work, few, warmup=0))
                print(f"  ratios: apply {theirs / applied:.1f} times faster, no-op diff {plan / unchanged:.1f} times faster", flush=True)
                if size == 10000:
                    goal("apply of 10,000: peer's time over ours at least 5 (limit is 1/5)", applied / theirs, 0.2)
                    goal("no-op diff of 10,000: peer's time over ours at least 30 (limit is 1/30)", unchanged / plan, 1 / 30)
    print()
    for entry in goals:
        print(f"{'met   ' if entry['met'] else 'MISSED'} {entry['goal']}: {entry['value']} (limit {entry['limit']:.3f})")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip() or "unknown"
    out = ROOT / "target" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{commit}.json").write_text(json.dumps({"commit": commit, "peer": version, "rows": rows, "goals": goals}, indent=2) + "\n")
    if os.environ.get("CHECK") == "1" and any(entry["value"] > entry["limit"] * 1.2 for entry in goals):
        sys.exit("a goal is missed by more than a fifth")


def measure_changed(directory, place, runs, values):
    """Applies a change of one queue in a hundred, with another value each run."""
    results = [
        measure([PANKA, "apply", *place, "--auto-approve", "-q", "--var", f"TIMEOUT={next(values)}"], directory, 1, warmup=0)
        for _ in range(runs)
    ]
    walls = [result["median"] for result in results]
    return {"median": statistics.median(walls), "min": min(walls), "max": max(walls), "runs": runs,
            "peak_mb": max(result["peak_mb"] for result in results), "written": results[-1]["written"]}


if __name__ == "__main__":
    main()
