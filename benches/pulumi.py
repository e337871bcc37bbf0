"""Wall time of `panka apply` through Pulumi beside the same program run by hand: `pulumi stack init` and `pulumi up`.

usage: pulumi.py [RUNS]

Both deploy examples/user-platform to fresh accounts of the emulator, in turn, with their state in its S3. First every operation is done at once,
so that only what both programs do themselves is left; then each takes a second, which is little for AWS. With CHECK=1 a goal that is missed fails
the run.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PANKA = ROOT / "target" / "release" / "panka"
TOOLS = ROOT / "target" / "test-tools"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PLACE = ["-s", "user-platform", "-e", "dev", "--var", "VERSION=v1"]
GOAL = 1.1


class Account:
    """An account of the emulator with a bucket and a lock table."""

    def __init__(self, port, number, folder):
        self.endpoint, self.number = f"http://127.0.0.1:{port}", f"{number:012}"
        self.bucket = f"state-{self.number}"
        self.variables = {
            "PATH": f"{TOOLS / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "PULUMI_HOME": str(folder / "pulumi"),
            "PULUMI_CONFIG_PASSPHRASE": "of the benchmark", "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true", "AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": self.number,
            "AWS_SECRET_ACCESS_KEY": "unused", "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "no_proxy": "127.0.0.1",
            "PANKA_BACKEND_BUCKET": self.bucket, "PANKA_LOCK_TABLE": "locks",
        }
        self.variables["PULUMI_BACKEND_URL"] = f"s3://{self.bucket}/by-hand?region=us-east-1&endpoint={self.endpoint}&use_path_style=true"
        self.call("s3", "PUT", f"/{self.bucket}", b"")
        self.call("s3", "PUT", f"/{self.bucket}?versioning", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        key = {"AttributeName": "lockKey"}
        self.dynamodb("CreateTable", {"TableName": "locks", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [key | {"KeyType": "HASH"}],
                                      "AttributeDefinitions": [key | {"AttributeType": "S"}]})
        self.dynamodb("UpdateTimeToLive", {"TableName": "locks", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expiresAt"}})

    def call(self, service, method, path, body, **headers):
        scope = f"AWS4-HMAC-SHA256 Credential={self.number}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        request = urllib.request.Request(self.endpoint + path, data=body, method=method, headers={"Authorization": scope, **headers})
        with OPENER.open(request, timeout=60) as answer:
            return answer.read()

    def dynamodb(self, operation, request):
        headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        self.call("dynamodb", "POST", "/", json.dumps(request).encode(), **headers)

    def takes(self, milliseconds):
        """Lets every operation of Cloud Control take so long."""
        rule = {"service": "cloudcontrolapi", "operation": "*Resource", "latency": {"milliseconds": milliseconds, "of": "operation"}}
        rules = json.dumps({"rules": [rule]}).encode()
        self.call("s3", "POST", f"/_panka/rules?account={self.number}", rules)


def timed(command, folder, variables):
    """Wall seconds of a command that must succeed."""
    begin = time.perf_counter()
    run = subprocess.run(command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    wall = time.perf_counter() - begin
    if run.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {run.returncode}:\n{run.stdout.decode()[-2000:]}\n{run.stderr.decode()[-2000:]}")
    return wall


def compare(port, folder, numbers, milliseconds, runs):
    """The medians of both, after one run of each that does not count."""
    ours, theirs = [], []
    for number in range(runs + 1):
        work = folder / f"{milliseconds}-{number}"
        shutil.copytree(ROOT / "examples" / "user-platform", work / "stack")
        account = Account(port, next(numbers), folder)
        account.takes(milliseconds)
        apply = [PANKA, "apply", *PLACE, "-y", "-q", "--keep-program", str(work / "program")]
        ours.append(timed(apply, work / "stack", account.variables))
        other = Account(port, next(numbers), folder)
        other.takes(milliseconds)
        program = work / "program" / "Pulumi.yaml"
        program.write_text(program.read_text().replace(account.number, other.number))
        (work / "program" / "Pulumi.dev.yaml").unlink()
        by_hand = [["pulumi", "stack", "init", "dev", "--non-interactive"],
                   ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--parallel", "10", "--json"]]
        theirs.append(sum(timed(command, work / "program", other.variables) for command in by_hand))
    return statistics.median(ours[1:]), statistics.median(theirs[1:])


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    server = subprocess.Popen([TOOLS / "venv" / "bin" / "python", "-m", "emulator"], cwd=ROOT / "tests", stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    missed = False
    try:
        port = json.loads(server.stdout.readline())["port"]
        numbers = iter(range(700000000000, 700000001000))
        with tempfile.TemporaryDirectory(prefix="panka-bench-") as folder:
            for milliseconds in (0, 1000):
                ours, theirs = compare(port, pathlib.Path(folder), numbers, milliseconds, runs)
                ratio = ours / theirs
                missed |= milliseconds > 0 and ratio > GOAL
                print(f"operations of {milliseconds / 1000:.0f} s: panka apply {ours:.2f} s, pulumi stack init + up {theirs:.2f} s, {ratio:.2f} times, {runs} runs")
    finally:
        server.stdin.close()
        server.wait()
    if missed and os.environ.get("CHECK") == "1":
        sys.exit(f"panka takes more than {GOAL} times as long")


if __name__ == "__main__":
    main()
