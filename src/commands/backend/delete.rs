//! `panka backend delete`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::create::{answer, approved, carried_out, told};
use super::{Outcome, Place, opened, setup};
use crate::answers::Backend;
use crate::commands::session::Session;
use crate::diagnostic::codes::account::P4032;
use crate::diagnostic::codes::apply::P8004;
use crate::diagnostic::codes::state::P7001;
use crate::diagnostic::{Diagnostic, Error};
use crate::lock::Locker;
use crate::output::{Options, prompt};
use crate::setup::Item;
use crate::state;
use crate::state::store::Store;

/// Delete the bucket, the table and the roles
///
/// Refuses while any state there has resources, while a lock is held, and while the bucket holds anything that is not panka's. Then it shows what goes,
/// asks for the name of the bucket, and deletes roles, policies, table and bucket, with all versions of the states of stacks that were destroyed.
/// Identity providers stay: an account has one for all who use them.
///
/// Examples:
///
///   panka backend delete --bucket acme-panka --table acme-panka-locks --region eu-west-1 --dry-run
///   panka backend delete --bucket acme-panka --table acme-panka-locks --region eu-west-1 --auto-approve --confirm acme-panka
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Which backend
    #[command(flatten)]
    pub place: Place,
    /// Show what would be deleted, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask; --confirm must name the bucket
    #[arg(long, short = 'y')]
    pub auto_approve: bool,
    /// The name of the bucket, which is not asked for then
    #[arg(long, value_name = "BUCKET")]
    pub confirm: Option<String>,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let setup = setup(&args.place, session).await?;
    let steps = setup.removals().await?;
    let bucket = &setup.wanted.backend.bucket;
    let has_bucket = steps.iter().any(|(item, _)| *item == Item::Bucket);
    let has_home = steps.iter().any(|(item, _)| *item == if setup.wanted.table.is_some() { Item::Table } else { Item::Bucket });
    let (store, locker) = opened(&setup, session)?;
    if has_bucket {
        refuse_states(&store, session).await?;
    }
    if has_home {
        refuse_locks(&locker).await?;
    }
    let contents = if has_bucket { setup.contents().await? } else { crate::setup::Contents::default() };
    if let Some(key) = &contents.other {
        return Err(Diagnostic::new(P4032, format!("the bucket {bucket} holds what is not panka's: {key}"))
            .help("move it elsewhere, or leave the bucket as it is: nothing was changed")
            .into());
    }
    // Nothing is left to start with.
    let document = |dry_run: bool| Backend { policies: [].into(), roles: [].into(), init: None, ..answer(&setup, &steps, dry_run) };
    if args.dry_run || steps.is_empty() {
        return Ok(Outcome::document(document(args.dry_run)));
    }
    if args.auto_approve && args.confirm.as_ref() != Some(bucket) {
        return Err(Diagnostic::new(P8004, format!("deleting the backend {bucket} needs its name"))
            .help(format!("give --confirm {bucket}"))
            .into());
    }
    let question = format!("To delete this backend in account {} ({}), type the name of its bucket", setup.account, setup.wanted.region);
    let (name, given) = (bucket.clone(), args.confirm.clone());
    let ask = move || Ok(given.as_ref() == Some(&name) || prompt::ask(&question, None)? == name);
    approved(&document(true), args.auto_approve, options, ask).await?;
    carried_out(&steps, session, async |item, _| setup.remove(item, &contents).await).await?;
    Ok(told(&document(false)))
}

/// Refuses while any state has resources, or a run is not finished.
async fn refuse_states(store: &Store, session: &Session) -> Result<(), Error> {
    let keys = store.list("stacks/").await.map_err(|error| Error::from(error.finding(P7001)))?;
    let places: BTreeSet<(&str, &str)> = keys
        .iter()
        .filter_map(|key| {
            let mut parts = key.split('/').skip(1);
            Some((parts.next()?, parts.next()?))
        })
        .collect();
    let clock = session.context.clock();
    for (stack, environment) in places {
        let state = state::Place::open(store.clone(), Arc::clone(&clock), stack, environment).load().await?.state;
        if !state.resources.is_empty() || state.has_pending() {
            let message = format!("the state of {stack} in {environment} is there, with {} resources", state.resources.len());
            return Err(Diagnostic::new(P4032, message)
                .help(format!(
                    "destroy it first, `panka destroy -s {stack} -e {environment}`, or move it, `panka state migrate`: nothing was changed"
                ))
                .into());
        }
    }
    Ok(())
}

/// Refuses while somebody holds a lock.
async fn refuse_locks(locker: &Locker) -> Result<(), Error> {
    let (records, _) = locker.list().await?;
    match records.iter().find(|record| !record.holders.is_empty()) {
        Some(held) => Err(Diagnostic::new(P4032, format!("the lock {} is held", held.lock_key))
            .help("wait until that run has ended; `panka lock list` shows who it is: nothing was changed")
            .into()),
        None => Ok(()),
    }
}
