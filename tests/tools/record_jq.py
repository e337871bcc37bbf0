#!/usr/bin/env python3
"""Records what the program jq makes of every filter of tests/data/jq/filters.txt on document.json.

usage: tests/tools/record_jq.py            writes tests/data/jq/recorded.json
       tests/tools/record_jq.py --check    exits 1 when a recorded result differs from that of the installed jq
"""
import json
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "data" / "jq"


def record(filter_text: str) -> dict:
    command = ["jq", "-c", filter_text, str(FOLDER / "document.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return {"filter": filter_text, "results": results, "failed": done.returncode != 0}


def main() -> int:
    filters = (FOLDER / "filters.txt").read_text(encoding="utf-8").splitlines()
    lines = ",\n".join(json.dumps(record(line), ensure_ascii=False) for line in filters if line)
    text = f"[\n{lines}\n]\n"
    target = FOLDER / "recorded.json"
    if "--check" not in sys.argv:
        target.write_text(text, encoding="utf-8")
        return 0
    return int(target.read_text(encoding="utf-8") != text)


if __name__ == "__main__":
    sys.exit(main())
