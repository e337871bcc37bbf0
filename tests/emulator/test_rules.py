"""Rules: what they match, when they act, what they refuse to understand."""

import unittest
from statistics import median

from emulator.calls import Call
from emulator.rules import BadRule, Fault, Rule, Verdict, judge


def call(operation: str = "PutObject", key: str = "stacks/shop/dev/state.json", service: str = "s3") -> Call:
    return Call("100000000001", "eu-west-1", service, operation, "bucket", key, "rest-xml", "PUT", f"/bucket/{key}")


def acts(rule: dict, count: int = 8) -> list[int]:
    """Which of some calls a rule drops, from 1."""
    read = Rule({**rule, "drop": True})
    return [number for number in range(1, count + 1) if judge([read], call(), 0.0).drop]


class Rules(unittest.TestCase):
    def test_a_rule_acts_at_the_calls_it_names(self) -> None:
        self.assertEqual(acts({}), [1, 2, 3, 4, 5, 6, 7, 8])
        self.assertEqual(acts({"nth": 3}), [3])
        self.assertEqual(acts({"first": 2}), [1, 2])
        self.assertEqual(acts({"after": 6}), [7, 8])
        self.assertEqual(acts({"every": 4}), [4, 8])

    def test_a_share_of_calls_is_drawn_by_seed(self) -> None:
        drawn = acts({"percent": 30, "seed": 7}, 1000)
        self.assertEqual(drawn, acts({"percent": 30, "seed": 7}, 1000))
        self.assertNotEqual(drawn, acts({"percent": 30, "seed": 8}, 1000))
        self.assertTrue(250 < len(drawn) < 350, len(drawn))

    def test_a_rule_matches_by_globs_and_counts_only_what_it_matches(self) -> None:
        rule = Rule({"service": "s3", "operation": "Put*", "key": "stacks/*/state.json", "nth": 2, "drop": True})
        calls = [call(), call("GetObject"), call(key="locks/shop/dev.json"), call(service="dynamodb"), call()]
        self.assertEqual([judge([rule], each, 0.0).drop for each in calls], ["", "", "", "", "after"])

    def test_delays_add_up_and_the_first_refusal_decides(self) -> None:
        rules = [Rule({"latency": {"milliseconds": 20}}), Rule({"fail": {"code": "SlowDown"}}), Rule({"drop": True}),
                 Rule({"latency": {"from": 5, "to": 5}}), Rule({"hold": "after"})]
        verdict = judge(rules, call(), 0.0)
        self.assertAlmostEqual(verdict.delay, 0.025)
        assert verdict.failure is not None
        self.assertEqual((verdict.failure.code, verdict.drop, verdict.hold_after, verdict.rules), ("SlowDown", "", True, [0, 1, 3, 4]))

    def test_a_throttle_lets_so_many_through_in_each_window(self) -> None:
        rule = Rule({"throttle": {"calls": 2, "seconds": 1}})
        refused = [judge([rule], call(), now).failure is not None for now in (0.0, 0.1, 0.2, 0.9, 1.05, 1.06, 1.2)]
        self.assertEqual(refused, [False, False, True, True, False, True, False])

    def test_latency_by_median_and_99th_percentile_has_both(self) -> None:
        rule = Rule({"latency": {"median": 10, "p99": 100}})
        drawn = []
        for _ in range(5000):
            verdict = Verdict()
            rule.apply(call(), 0.0, verdict)
            drawn.append(verdict.delay * 1000)
        self.assertTrue(9 < median(drawn) < 11, median(drawn))
        self.assertTrue(70 < sorted(drawn)[4950] < 130, sorted(drawn)[4950])

    def test_rules_for_the_operation_leave_the_answer_alone(self) -> None:
        rules = [Rule({"latency": {"milliseconds": 20, "of": "operation"}}),
                 Rule({"fail": {"event": "NotStabilized", "message": "late", "after": True}}),
                 Rule({"fail": {"event": "Throttling"}}), Rule({"expire": True})]
        verdict = judge(rules, call("CreateResource", service="cloudcontrolapi"), 0.0)
        self.assertEqual((verdict.delay, verdict.decided, verdict.rules), (0.0, False, [0, 1, 3]))
        self.assertEqual(verdict.fault, Fault(0.02, "NotStabilized", "late", True, True))

    def test_what_is_not_understood_is_refused(self) -> None:
        for wrong in ({}, {"drop": True, "truncate": True}, {"hold": "between"}, {"nth": 0, "drop": True}, {"nth": 1, "every": 2, "drop": True},
                      {"service": 3, "drop": True}, {"latency": {}}, {"latency": {"from": 2, "to": 1}}, {"verb": "PutObject", "drop": True},
                      {"throttle": {"calls": 1}}, {"fail": {}}, {"drop": False}, {"expire": 1}, {"fail": {"event": "Bored"}},
                      {"fail": {"event": "NotFound", "status": 404}}, {"latency": {"milliseconds": 1, "of": "day"}}):
            with self.subTest(wrong), self.assertRaises(BadRule):
                Rule(wrong)
        with self.assertRaisesRegex(ValueError, "needs the status of Odd"):
            Rule({"fail": {"code": "Odd"}})


if __name__ == "__main__":
    unittest.main()
