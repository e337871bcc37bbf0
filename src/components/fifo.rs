//! Which FIFO and standard queues and topics go together.
//!
//! In: two components and what connects them. Out: what AWS says of the pair, from one table.

use super::part::Part;
use super::scope::Scope;
use super::sns::Sns;
use super::sqs::Sqs;
use crate::diagnostic::codes::stack::P2016;

/// What connects two components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairing {
    /// A topic delivers to a queue. <https://docs.aws.amazon.com/sns/latest/dg/fifo-topic-message-delivery.html>
    Subscription,
    /// A topic calls a function. The same page: to queues only.
    Call,
    /// A queue for what a queue, a topic or a function could not hand over.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>,
    /// <https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html>,
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
    DeadLetters,
}

/// Whether messages keep their order; `None` of what is neither a queue nor a topic.
fn order(part: &Part<'_>) -> Option<bool> {
    part.spec::<Sqs>().map(Sqs::is_fifo).or_else(|| part.spec::<Sns>().map(Sns::is_fifo))
}

/// Whether the pair can be: `from` and `to` tell whether they are FIFO, `None` of a function.
fn goes_together(pairing: Pairing, from: Option<bool>, to: Option<bool>) -> bool {
    match (pairing, from, to) {
        // A FIFO topic may well end in a standard queue.
        (Pairing::Subscription, Some(false), Some(true)) | (Pairing::Call, Some(true), _) => false,
        (Pairing::DeadLetters, Some(one), Some(other)) => one == other,
        // A function is standard in this.
        (Pairing::DeadLetters, None, Some(other)) => !other,
        _ => true,
    }
}

/// The word for what is in order, and what is not.
fn word(fifo: bool) -> &'static str {
    if fifo { "FIFO" } else { "standard" }
}

impl Scope<'_, '_> {
    /// Reports a pair that AWS refuses. The first one is what hands messages over.
    pub(super) fn check_pair(&mut self, pairing: Pairing, from: &Part<'_>, to: &Part<'_>, pointer: &str) {
        let orders = (order(from), order(to));
        if goes_together(pairing, orders.0, orders.1) {
            return;
        }
        let named = |part: &Part<'_>, fifo: Option<bool>| match (fifo, part.kind()) {
            (Some(fifo), "SQS") => format!("the {} queue `{}`", word(fifo), part.id()),
            (Some(fifo), _) => format!("the {} topic `{}`", word(fifo), part.id()),
            (None, _) => format!("the function `{}`", part.id()),
        };
        let (one, other) = (named(from, orders.0), named(to, orders.1));
        let (message, help) = match pairing {
            Pairing::Subscription => (format!("{one} does not deliver to {other}"), "let both be FIFO, or subscribe a standard queue"),
            Pairing::Call => {
                (format!("{one} does not call {other}"), "put a queue between: subscribe the queue, and let the function read it")
            }
            Pairing::DeadLetters if orders.0.is_none() => {
                (format!("{other} cannot take what {one} has failed on"), "name a standard queue or topic")
            }
            Pairing::DeadLetters => (format!("{other} cannot take what {one} could not hand over"), "let both be FIFO, or both standard"),
        };
        let other = if self.id() == from.id() { to } else { from };
        let finding =
            self.finding(P2016, pointer, message).label(other.component.source.clone(), "the other one is declared here").help(help);
        self.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::components::tests::findings;

    #[test]
    fn the_table() {
        use Pairing::{Call, DeadLetters, Subscription};
        for (pairing, from, to, right) in [
            (Subscription, Some(false), Some(false), true),
            (Subscription, Some(false), Some(true), false),
            (Subscription, Some(true), Some(false), true),
            (Subscription, Some(true), Some(true), true),
            (Call, Some(true), None, false),
            (Call, Some(false), None, true),
            (DeadLetters, Some(false), Some(true), false),
            (DeadLetters, Some(true), Some(false), false),
            (DeadLetters, Some(true), Some(true), true),
            (DeadLetters, None, Some(true), false),
            (DeadLetters, None, Some(false), true),
        ] {
            assert_eq!(goes_together(pairing, from, to), right, "{pairing:?} {from:?} {to:?}");
        }
    }

    #[test]
    fn every_edge_between_queues_topics_and_functions_is_held_to_it() {
        let function = |more: serde_json::Value| {
            let mut spec = json!({"runtime": "python3.13", "handler": "index.handler", "code": {"inline": "x"}});
            spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            spec
        };
        let fifo = || json!({"type": "fifo"});
        let topic = |subscription: serde_json::Value| json!({"subscriptions": [subscription]});
        for (one, other, pointer) in [
            (("SNS", topic(json!({"protocol": "sqs", "component": "b"}))), ("SQS", fifo()), "/subscriptions/0/component"),
            (
                ("SNS", topic(json!({"protocol": "email", "endpoint": "a@b.c", "deadLetterQueue": "b"}))),
                ("SQS", fifo()),
                "/subscriptions/0/deadLetterQueue",
            ),
            (("SQS", json!({"deadLetterQueue": {"component": "b"}})), ("SQS", fifo()), "/deadLetterQueue/component"),
            (("Lambda", function(json!({"deadLetterQueue": "b"}))), ("SQS", fifo()), "/deadLetterQueue"),
            (("Lambda", function(json!({"deadLetterQueue": "b"}))), ("SNS", json!({"fifoTopic": true})), "/deadLetterQueue"),
            (
                ("Lambda", function(json!({"triggers": [{"type": "sns", "source": {"component": "b"}}]}))),
                ("SNS", json!({"fifoTopic": true})),
                "/triggers/0/source/component",
            ),
        ] {
            let found = findings(&[("x/a", one.0, one.1), ("x/b", other.0, other.1)]);
            assert_eq!(found, [("P2016", pointer.to_owned())], "{} {}", one.0, other.0);
        }
    }
}
