//! `panka backend create`.

use super::{Outcome, Place, named, setup};
use crate::answers::{Backend, CheckedBackend};
use crate::commands::asked;
use crate::commands::running::without_terminal;
use crate::commands::session::Session;
use crate::diagnostic::codes::apply::{P8004, P8005};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Kind;
use crate::output::{self, Drawn as _, Options, prompt};
use crate::setup::{Action, Item, Setup, Step};

/// Make the bucket and the table, or repair them
///
/// Looks at what is there, shows what is to be done, asks, and does it: a bucket with versions, encryption, no public access, TLS only, and rules
/// that remove old versions; a table on demand with TTL, point-in-time recovery and deletion protection. Run again it repairs what differs and
/// touches nothing else: tags, rules and statements of others stay. If it breaks off, run it again.
///
/// Examples:
///
///   panka backend create --bucket acme-panka --table acme-panka-locks --region eu-west-1
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
    let setup = setup(&args.place, session).await?;
    let steps = setup.look().await?;
    let document = |dry_run: bool| answer(&setup, &steps, dry_run);
    if args.dry_run || steps.iter().all(|(_, step)| step.action == Action::None) {
        return Ok(Outcome::document(document(args.dry_run)));
    }
    let shown = document(true).table(&options.stderr_style()).unwrap_or_default();
    if !args.auto_approve || !options.quiet {
        output::tell(&shown)?;
    }
    if !args.auto_approve {
        let question = format!("Do this in account {} ({})?", setup.account, setup.wanted.region);
        if !asked(move || prompt::confirm(&question)).await.map_err(without_terminal)? {
            return Err(Diagnostic::new(P8004, "not approved: nothing was changed").into());
        }
    }
    make(&setup, &steps, session).await?;
    Ok(Outcome::document(document(false)))
}

/// Makes what differs, in order. What is made when it stops is said, and stays: the next time goes on from there.
async fn make(setup: &Setup, steps: &[(Item, Step)], session: &Session) -> Result<(), Error> {
    // A signal must not end the verb before it has said how far it came.
    let _minding = session.stop.mind();
    let mut made: Vec<String> = Vec::new();
    for (item, step) in steps.iter().filter(|(_, step)| step.action != Action::None) {
        let done = tokio::select! {
            done = setup.make(*item, &step.after) => done,
            () = session.stop.interrupted(1) => {
                let help = format!("{} may be made or not", step.title());
                Err(Diagnostic::new(P8005, "interrupted").help(help))
            }
        };
        done.map_err(|finding| half_made(finding, &made))?;
        tracing::info!("made: {}", step.title());
        made.push(step.title());
    }
    Ok(())
}

/// Says what is made already.
fn half_made(finding: Diagnostic, made: &[String]) -> Diagnostic {
    let so_far =
        if made.is_empty() { "nothing was changed".to_owned() } else { format!("made so far, and left as it is: {}", made.join("; ")) };
    finding.help(so_far).help("then run the same command again: it goes on from there")
}

/// The document of what is to be done, or was done.
fn answer(setup: &Setup, steps: &[(Item, Step)], dry_run: bool) -> Backend {
    let CheckedBackend { account, region, bucket, prefix, table } = named(setup);
    let mut init = format!("panka init --region {region} --bucket {bucket}");
    if let Some(table) = &table {
        init += &format!(" --table {table}");
    }
    let steps = steps.iter().map(|(_, step)| step.clone()).collect();
    Backend { kind: Kind::new(), account, region, bucket, prefix, table, dry_run, steps, init }
}
