//! `panka backend status`.

use serde_json::Value;

use super::{Outcome, Place, named, setup};
use crate::answers::{Check, CheckLine, CheckResult};
use crate::commands::session::Session;
use crate::diagnostic::codes::account::{P4012, P4013, P4018, P4019, P4026, P4028};
use crate::diagnostic::{Diagnostic, Error};
use crate::exit::Exit;
use crate::setup::probe::{Probed, probe};
use crate::setup::{Action, Item, Setup, Step, bucket, table};

/// Check the bucket, the table, and what the credentials may do there
///
/// Looks at every setting that `panka backend create` makes, and tries every permission that a run needs: an object and an item are written on a
/// condition below keys that no state has, read, and deleted again. Nothing else is changed.
///
/// Examples:
///
///   panka backend status
///   panka backend status --bucket acme-panka --table acme-panka-locks --region eu-west-1 --exit-code
///   panka backend status --jq '.checks[] | select(.result == "finding")'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Which backend
    #[command(flatten)]
    pub place: Place,
    /// Exit with 10 if anything is not as it should be
    #[arg(long)]
    pub exit_code: bool,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    let mut setup = setup(&args.place, session).await?;
    let mut lines: Vec<CheckLine> = Vec::new();
    let mut absent: Vec<Item> = Vec::new();
    for item in setup.items() {
        // What is not there, or cannot be looked at, has no settings.
        if item.thing().is_some_and(|thing| absent.contains(&thing)) {
            continue;
        }
        let Some(line) = look(&mut setup, item).await? else {
            absent.push(item);
            continue;
        };
        // Who may not ask whether it is there may still be allowed the rest.
        let is_there = line.finding.as_ref().is_none_or(|finding| finding.code == P4012);
        if !is_there {
            absent.push(item);
        }
        lines.push(line);
    }
    let there = (!absent.contains(&Item::Bucket), setup.wanted.table.is_some() && !absent.contains(&Item::Table));
    let probed = probe(&setup, &session.context.clock(), there).await;
    lines.extend(probed.into_iter().map(|one| tried(&setup, one)));
    let found = lines.iter().any(|line| line.result == CheckResult::Finding);
    let check = Check { backend: Some(named(&setup)), checks: Some(lines), ..Check::default() };
    Ok(Outcome::document(check).exit(if args.exit_code && found { Exit::Differences } else { Exit::Done }))
}

/// Looks at one thing or setting; nothing of what is neither there nor wanted. A service that does not answer, or does not know these
/// credentials, ends the verb.
async fn look(setup: &mut Setup, item: Item) -> Result<Option<CheckLine>, Error> {
    let subject = setup.subject(item);
    let line = |result, finding| CheckLine {
        subject: subject.clone(),
        check: item.setting().map(str::to_owned),
        result,
        is: None,
        should: None,
        finding,
    };
    let is = match setup.read(item).await {
        Ok(is) => is,
        // The permission that is missing is named where permissions are tried.
        Err(finding) if finding.code == P4012 && item != Item::Bucket => return Ok(Some(line(CheckResult::Unknown, None))),
        Err(finding) if is_about_the_backend(&finding) => return Ok(Some(line(CheckResult::Finding, Some(finding)))),
        Err(finding) => return Err(finding.into()),
    };
    setup.learn(item, &is);
    let step = setup.step(item, is);
    if step.action == Action::None {
        return Ok((!step.after.is_null()).then(|| line(CheckResult::Ok, None)));
    }
    let finding = differs(setup, item, &step);
    let Step { before, after, .. } = step;
    Ok(Some(CheckLine { is: Some(before), should: Some(after), ..line(CheckResult::Finding, Some(finding)) }))
}

fn is_about_the_backend(finding: &Diagnostic) -> bool {
    use crate::diagnostic::codes::account::{P4014, P4025, P4027, P4031};
    [P4012, P4014, P4025, P4027, P4031].contains(&finding.code)
}

/// What is said of a thing or a setting that is not as it should be.
fn differs(setup: &Setup, item: Item, step: &Step) -> Diagnostic {
    let subject = &step.subject;
    let (code, message) = match item {
        Item::Bucket => (P4013, format!("{subject} does not exist")),
        Item::Table => (P4018, format!("{subject} does not exist")),
        _ if step.setting.is_none() => (P4028, format!("{subject} does not exist")),
        Item::OfBucket(bucket::Setting::Versioning) => {
            (P4019, format!("{subject} keeps no versions: a state that is deleted or damaged cannot be brought back"))
        }
        Item::OfTable(table::Setting::TimeToLive) => {
            (P4026, format!("{subject} has no TTL on `{}`: the items of stacks that nobody uses stay for ever", short(&step.after)))
        }
        _ => {
            let setting = step.setting.as_deref().unwrap_or_default();
            (P4028, format!("{subject}, {setting}: it is {}, and should be {}", short(&step.before), short(&step.after)))
        }
    };
    Diagnostic::new(code, message).help(format!("`{}` repairs it", repair(setup)))
}

/// The command that makes it as it should be.
fn repair(setup: &Setup) -> String {
    let wanted = &setup.wanted;
    let table = wanted.table.as_ref().map(|table| format!(" --table {}", table.name)).unwrap_or_default();
    format!("panka backend create --bucket {}{table} --region {}", wanted.backend.bucket, wanted.region)
}

/// A value in a line.
fn short(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn tried(setup: &Setup, Probed { permission, finding }: Probed) -> CheckLine {
    CheckLine {
        subject: setup.subject(if permission.action.starts_with("dynamodb:") { Item::Table } else { Item::Bucket }),
        check: Some(permission.action.to_owned()),
        result: if finding.is_some() { CheckResult::Finding } else { CheckResult::Ok },
        is: None,
        should: None,
        finding,
    }
}
