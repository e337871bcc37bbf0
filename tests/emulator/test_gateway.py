"""The whole emulator, through boto3 and the control surface: every fault, the counters, and what MiniStack must do by itself."""

import itertools
import json
import os
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
NUMBERS = itertools.count(200000000001)


class EmulatorCase(unittest.TestCase):
    """One emulator for all tests of a class; an account, a bucket and a table for each test."""

    process: subprocess.Popen[str]
    port: int

    @classmethod
    def setUpClass(cls) -> None:
        cls.process = subprocess.Popen([sys.executable, "-m", "emulator"], cwd=Path(__file__).parents[1], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
        assert cls.process.stdout is not None
        cls.port = json.loads(cls.process.stdout.readline())["port"]

    @classmethod
    def tearDownClass(cls) -> None:
        assert cls.process.stdin is not None and cls.process.stdout is not None
        cls.process.stdin.close()
        cls.process.stdout.close()
        cls.process.wait(10)

    def setUp(self) -> None:
        self.account = str(next(NUMBERS))
        self.bucket = f"bucket-{self.account}"
        self.s3 = self.client("s3")
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        self.dynamodb = self.client("dynamodb")
        self.dynamodb.create_table(TableName="locks", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "lockKey", "KeyType": "HASH"}],
                                   AttributeDefinitions=[{"AttributeName": "lockKey", "AttributeType": "S"}])
        self.control("calls", method="DELETE")

    def client(self, service: str, region: str = "eu-west-1", **options: Any) -> Any:
        config = Config(retries={"total_max_attempts": 1}, proxies={}, **options)
        return boto3.client(service, endpoint_url=f"http://127.0.0.1:{self.port}", aws_access_key_id=self.account, aws_secret_access_key="secret",
                            region_name=region, config=config)

    def control(self, what: str, given: Any = None, method: str | None = None) -> Any:
        method = method or ("GET" if given is None else "POST")
        url = f"http://127.0.0.1:{self.port}/_panka/{what}{'&' if '?' in what else '?'}account={self.account}"
        with OPENER.open(urllib.request.Request(url, json.dumps(given).encode() if given is not None else None, method=method)) as answer:
            return json.load(answer)

    def rules(self, *rules: dict[str, Any]) -> None:
        self.assertEqual(self.control("rules", {"rules": rules}), {"rules": len(rules)})

    def put(self, key: str = "one", body: bytes = b"text", **more: Any) -> Any:
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **more)

    def keys(self) -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def refusal(self, action: Any, **arguments: Any) -> tuple[int, str, str]:
        with self.assertRaises(ClientError) as caught:
            action(**arguments)
        answer: Any = caught.exception.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


class Faults(EmulatorCase):
    def test_a_missing_permission_has_the_words_of_aws(self) -> None:
        self.rules({"service": "s3", "operation": "PutObject", "fail": {"code": "AccessDenied"}},
                   {"operation": "HeadBucket", "fail": {"code": "AccessDenied"}},
                   {"operation": "ListObjectsV2", "fail": {"code": "AccessDenied"}},
                   {"service": "dynamodb", "operation": "PutItem", "fail": {"code": "AccessDeniedException"}})
        who = f"User: arn:aws:iam::{self.account}:user/tester is not authorized to perform:"
        self.assertEqual(self.refusal(self.s3.put_object, Bucket=self.bucket, Key="a/b", Body=b""), (
            403, "AccessDenied", f'{who} s3:PutObject on resource: "arn:aws:s3:::{self.bucket}/a/b" because no identity-based policy allows the '
                                 "s3:PutObject action"))
        self.assertIn(f's3:ListBucket on resource: "arn:aws:s3:::{self.bucket}"', self.refusal(self.s3.list_objects_v2, Bucket=self.bucket)[2])
        self.assertEqual(self.refusal(self.s3.head_bucket, Bucket=self.bucket)[:2], (403, "403"))
        self.assertEqual(self.refusal(self.dynamodb.put_item, TableName="locks", Item={"lockKey": {"S": "x"}}), (
            400, "AccessDeniedException", f"{who} dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:{self.account}:table/locks because no "
                                          "identity-based policy allows the dynamodb:PutItem action"))

    def test_credentials_and_clocks_that_are_wrong(self) -> None:
        self.rules({"service": "s3", "nth": 1, "fail": {"code": "ExpiredToken"}}, {"service": "s3", "nth": 2, "fail": {"code": "RequestTimeTooSkewed"}},
                   {"service": "dynamodb", "nth": 1, "fail": {"code": "ExpiredTokenException"}},
                   {"service": "sts", "fail": {"code": "InvalidClientTokenId"}})
        self.assertEqual(self.refusal(self.put)[:2], (400, "ExpiredToken"))
        self.assertEqual(self.refusal(self.put)[:2], (403, "RequestTimeTooSkewed"))
        self.assertEqual(self.refusal(self.dynamodb.describe_table, TableName="locks")[:2], (400, "ExpiredTokenException"))
        self.assertEqual(self.refusal(self.client("sts").get_caller_identity)[:2], (403, "InvalidClientTokenId"))
        self.put()

    def test_a_bucket_elsewhere_redirects_with_its_region(self) -> None:
        self.rules({"operation": "GetObject", "fail": {"code": "PermanentRedirect", "region": "us-west-2"}},
                   {"operation": "HeadBucket", "fail": {"code": "PermanentRedirect", "region": "us-west-2"}})
        for method, path in (("GET", "key"), ("HEAD", "")):
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{self.bucket}/{path}", method=method, headers={
                "Authorization": f"AWS4-HMAC-SHA256 Credential={self.account}/20260102/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0"})
            with self.assertRaises(urllib.error.HTTPError) as caught:
                OPENER.open(request)
            body = caught.exception.read()
            self.assertEqual((caught.exception.code, caught.exception.headers["x-amz-bucket-region"]), (301, "us-west-2"))
            self.assertEqual(b"<Code>PermanentRedirect</Code>" in body, method == "GET")

    def test_throttles_have_the_codes_of_the_service(self) -> None:
        self.rules({"operation": "PutObject", "throttle": {"calls": 1, "seconds": 60}}, {"operation": "UpdateItem", "throttle": {"calls": 0, "seconds": 60}},
                   {"service": "sts", "throttle": {"calls": 0, "seconds": 60}})
        self.put()
        self.assertEqual(self.refusal(self.put), (503, "SlowDown", "Please reduce your request rate."))
        self.assertEqual(self.refusal(self.dynamodb.update_item, TableName="locks", Key={"lockKey": {"S": "x"}})[:2],
                         (400, "ProvisionedThroughputExceededException"))
        self.assertEqual(self.refusal(self.client("sts").get_caller_identity)[:2], (400, "ThrottlingException"))

    def test_a_failure_may_bring_its_own_status_and_words(self) -> None:
        self.rules({"key": "journal/*", "nth": 2, "fail": {"code": "Teapot", "status": 418, "message": "short <and> stout"}})
        self.put("journal/1")
        self.assertEqual(self.refusal(self.s3.put_object, Bucket=self.bucket, Key="journal/2"), (418, "Teapot", "short <and> stout"))
        self.put("journal/2")
        self.assertEqual(self.keys(), ["journal/1", "journal/2"])

    def test_a_dropped_call_is_done_and_one_dropped_before_is_not(self) -> None:
        self.rules({"key": "done", "drop": True}, {"key": "not-done", "drop-before": True})
        for key in ("done", "not-done"):
            with self.assertRaises(ConnectionClosedError):
                self.put(key)
        self.assertEqual(self.keys(), ["done"])

    def test_a_truncated_answer_promises_more_than_it_has(self) -> None:
        self.put(body=b"0123456789")
        self.rules({"operation": "GetObject", "truncate": True})
        with self.assertRaises((IncompleteReadError, ResponseStreamingError)):
            self.s3.get_object(Bucket=self.bucket, Key="one")["Body"].read()
        self.assertEqual(self.control("calls?log=1")["log"][-1]["bytesOut"], 5)

    def test_latency_is_waited_for(self) -> None:
        self.rules({"operation": "PutObject", "latency": {"milliseconds": 600}})
        self.s3 = self.client("s3", read_timeout=0.2)
        with self.assertRaises(ReadTimeoutError):
            self.put()

    def test_a_call_is_held_before_and_after_its_work(self) -> None:
        for when, expected in (("before", []), ("after", ["one"])):
            with self.subTest(when), ThreadPoolExecutor() as pool:
                self.rules({"operation": "PutObject", "hold": when})
                running = pool.submit(self.put)
                held = self.control("held?wait=10")["held"]
                self.assertEqual([(each["when"], each["key"]) for each in held], [(when, "one")])
                self.assertEqual(self.keys(), expected)
                self.assertFalse(running.done())
                self.assertEqual(self.control("release", {"number": held[0]["number"]}), {"released": 1})
                running.result(10)
                self.assertEqual(self.keys(), ["one"])
                self.s3.delete_object(Bucket=self.bucket, Key="one")

    def test_a_client_that_goes_away_while_held_before_has_done_nothing(self) -> None:
        self.rules({"operation": "PutObject", "hold": "before"})
        self.s3 = self.client("s3", read_timeout=0.2)
        with self.assertRaises(ReadTimeoutError):
            self.put()
        ended = self.control("calls?operation=PutObject&wait=10&log=1")
        self.assertEqual([each["outcome"] for each in ended["log"]], ["abandoned"])
        self.assertEqual((self.control("held")["held"], self.keys()), ([], []))

    def test_the_world_stops_for_one_account_and_goes_on(self) -> None:
        self.control("stop", {})
        other = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{self.port}", aws_access_key_id="299999999999", aws_secret_access_key="s",
                             region_name="eu-west-1")
        with ThreadPoolExecutor() as pool:
            running = pool.submit(self.put)
            self.assertEqual([each["when"] for each in self.control("held?wait=10")["held"]], ["stopped"])
            other.list_buckets()
            self.assertEqual(self.control("release", {}), {"released": 0})
            self.control("go", {})
            running.result(10)
        self.assertEqual(self.keys(), ["one"])


class Counters(EmulatorCase):
    def test_calls_are_counted_by_operation_with_their_bytes(self) -> None:
        self.put(body=b"12345")
        self.s3.get_object(Bucket=self.bucket, Key="one")["Body"].read()
        self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": "one"}]})
        self.s3.list_objects_v2(Bucket=self.bucket)
        self.dynamodb.put_item(TableName="locks", Item={"epoch": {"N": "1"}, "lockKey": {"S": "stack:shop"}})
        counted = self.control("calls?log=1")
        by_name = {f"{each['service']}.{each['operation']}": each for each in counted["calls"]}
        self.assertEqual(sorted(by_name), ["dynamodb.PutItem", "s3.DeleteObjects", "s3.GetObject", "s3.ListObjectsV2", "s3.PutObject"])
        self.assertGreaterEqual(by_name["s3.PutObject"]["bytesIn"], 5)
        self.assertEqual(by_name["s3.GetObject"]["bytesOut"], 5)
        log = [(each["operation"], each["resource"], each["key"], each["outcome"], each["status"]) for each in counted["log"]]
        self.assertEqual(log[0], ("PutObject", self.bucket, "one", "answered", 200))
        self.assertEqual(log[-1], ("PutItem", "locks", "stack:shop", "answered", 200))

    def test_the_greatest_concurrency_is_kept(self) -> None:
        self.rules({"operation": "PutObject", "hold": "before"})
        with ThreadPoolExecutor() as pool:
            running = [pool.submit(self.client("s3").put_object, Bucket=self.bucket, Key=str(number), Body=b"") for number in range(4)]
            self.assertEqual(len(self.control("held?wait=10&least=4")["held"]), 4)
            self.assertEqual(self.control("release", {}), {"released": 4})
            for each in running:
                each.result(10)
        self.rules()
        self.put()
        count = self.control("calls")["calls"][0]
        self.assertEqual((count["calls"], count["concurrency"], count["running"]), (5, 4, 0))

    def test_accounts_know_nothing_of_each_other(self) -> None:
        self.put()
        self.account = str(next(NUMBERS))
        self.assertEqual(self.control("calls?log=1"), {"calls": [], "log": []})
        self.assertEqual(self.client("dynamodb").list_tables()["TableNames"], [])

    def test_a_control_request_that_makes_no_sense_is_refused(self) -> None:
        for what, given in (("rules", {"rules": [{"drop": 1}]}), ("rules", {}), ("nothing", {}), ("release", {"number": "first"})):
            with self.subTest(what):
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    self.control(what, given)
                self.assertEqual(caught.exception.code, 400)
                self.assertIn("error", json.load(caught.exception))


class Backend(EmulatorCase):
    """What panka builds on, and MiniStack does."""

    def test_of_20_conditional_writes_one_wins(self) -> None:
        def write(condition: dict[str, str], body: bytes) -> int:
            try:
                return self.put(body=body, **condition)["ResponseMetadata"]["HTTPStatusCode"]
            except ClientError as error:
                return error.response["ResponseMetadata"]["HTTPStatusCode"]

        bodies = [str(number).encode() for number in range(20)]
        with ThreadPoolExecutor(20) as pool:
            self.assertEqual(sorted(pool.map(write, [{"IfNoneMatch": "*"}] * 20, bodies)), [200] + [412] * 19)
            tag = self.s3.head_object(Bucket=self.bucket, Key="one")["ETag"]
            others = [body for body in bodies if body != self.s3.get_object(Bucket=self.bucket, Key="one")["Body"].read()]
            self.assertEqual(sorted(pool.map(write, [{"IfMatch": tag}] * 19, others)), [200] + [412] * 18)

    def test_a_refused_condition_brings_the_holder(self) -> None:
        item = {"lockKey": {"S": "stack:shop"}, "epoch": {"N": "1"}}
        arguments = {"TableName": "locks", "Item": item, "ConditionExpression": "attribute_not_exists(lockKey)",
                     "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        self.dynamodb.put_item(**arguments)
        with self.assertRaises(ClientError) as caught:
            self.dynamodb.put_item(**arguments)
        answer: Any = caught.exception.response
        self.assertEqual((answer["Error"]["Code"], answer["Item"]), ("ConditionalCheckFailedException", item))

    def test_the_process_ends_when_its_input_closes(self) -> None:
        process = subprocess.Popen([sys.executable, "-m", "emulator"], cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None and process.stdout is not None
        line = json.loads(process.stdout.readline())
        self.assertEqual(line["pid"], process.pid)
        os.kill(line["pid"], 0)
        process.stdin.close()
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(process.stdout.read(), b"")
        process.stdout.close()


if __name__ == "__main__":
    unittest.main()
