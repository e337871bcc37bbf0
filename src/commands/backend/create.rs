//! `panka backend create`.

use super::{Outcome, Place, named, setup};
use crate::answers::{Backend, CheckedBackend};
use crate::commands::asked;
use crate::commands::running::without_terminal;
use crate::commands::session::Session;
use crate::diagnostic::codes::apply::{P8004, P8005};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Kind;
use crate::output::style::count;
use crate::output::{self, Drawn as _, Options, prompt};
use crate::setup::{Action, Item, Setup, Step};

/// Make the bucket, the table and the roles, or repair them
///
/// Looks at what is there, shows what is to be done, asks, and does it: a bucket with versions, encryption, no public access, TLS only, and rules
/// that remove old versions; a table on demand with TTL, point-in-time recovery and deletion protection; a policy for those who deploy and one
/// for those who plan, and a role for each where --github, --gitlab or --account says who may take it. Run again it repairs what differs and
/// touches nothing else: tags, rules and statements of others stay. If it breaks off, run it again.
///
/// Examples:
///
///   panka backend create --bucket acme-panka --table acme-panka-locks --region eu-west-1
///   panka backend create --bucket acme-panka --table acme-panka-locks --region eu-west-1 --github acme/shop:production
///   panka backend create --bucket acme-panka --table acme-panka-locks --region eu-west-1 --tag team=platform --dry-run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Which backend
    #[command(flatten)]
    pub place: Place,
    /// Show what would be done, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, short = 'y')]
    pub auto_approve: bool,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let mut setup = setup(&args.place, session).await?;
    let steps = setup.look().await?;
    let document = |dry_run: bool| answer(&setup, &steps, dry_run);
    if args.dry_run || steps.iter().all(|(_, step)| step.action == Action::None) {
        return Ok(Outcome::document(document(args.dry_run)));
    }
    let question = format!("Do you want to make this in account {} ({})?", setup.account, setup.wanted.region);
    approved(&document(true), args.auto_approve, options, move || prompt::confirm(&question)).await?;
    carried_out(&steps, session, async |item, step| setup.make(item, &step.after).await).await?;
    Ok(told(&document(false)))
}

/// What was done, in short for people: they have seen it before.
pub(super) fn told(document: &Backend) -> Outcome {
    let done = document.steps.iter().filter(|step| step.action != Action::None).count();
    let start = document.init.as_ref().map(|init| format!("\n\nStart with: {init}")).unwrap_or_default();
    Outcome::told(document, format!("done: {}{start}", count(done, "change")))
}

/// Shows what is to be done and asks, unless that was answered beforehand.
pub(super) async fn approved(
    shown: &Backend,
    auto_approve: bool,
    options: &Options,
    ask: impl FnOnce() -> Result<bool, Error> + Send + 'static,
) -> Result<(), Error> {
    if !auto_approve || !options.quiet {
        output::tell(&shown.table(&options.stderr_style()).unwrap_or_default())?;
    }
    if !auto_approve && !asked(ask).await.map_err(without_terminal)? {
        return Err(Diagnostic::new(P8004, "not approved: nothing was changed").into());
    }
    Ok(())
}

/// Does what is to be done, in order. What is done when it stops is said, and stays: the next time goes on from there.
pub(super) async fn carried_out(
    steps: &[(Item, Step)],
    session: &Session,
    carry_out: impl AsyncFn(Item, &Step) -> Result<(), Diagnostic>,
) -> Result<(), Error> {
    // A signal must not end the verb before it has said how far it came.
    let _minding = session.stop.mind();
    let mut done: Vec<String> = Vec::new();
    for (item, step) in steps.iter().filter(|(_, step)| step.action != Action::None) {
        let ended = tokio::select! {
            ended = carry_out(*item, step) => ended,
            () = session.stop.interrupted(1) => {
                Err(Diagnostic::new(P8005, "interrupted").help(format!("{} may be done or not", step.title())))
            }
        };
        ended.map_err(|finding| half_done(finding, &done))?;
        tracing::info!("done: {}", step.title());
        done.push(step.title());
    }
    Ok(())
}

/// Says what is done already.
fn half_done(finding: Diagnostic, done: &[String]) -> Diagnostic {
    let so_far =
        if done.is_empty() { "nothing was changed".to_owned() } else { format!("done so far, and left as it is: {}", done.join("; ")) };
    finding.help(so_far).help("then run the same command again: it goes on from there")
}

/// The document of what is to be done, or was done.
pub(super) fn answer(setup: &Setup, steps: &[(Item, Step)], dry_run: bool) -> Backend {
    let CheckedBackend { account, region, bucket, prefix, table } = named(setup);
    let mut init = format!("panka init --region {region} --bucket {bucket}");
    if let Some(table) = &table {
        init += &format!(" --table {table}");
    }
    let steps = steps.iter().map(|(_, step)| step.clone()).collect();
    let (policies, roles) = setup.arns();
    Backend { kind: Kind::new(), account, region, bucket, prefix, table, dry_run, steps, policies, roles, init: Some(init) }
}
