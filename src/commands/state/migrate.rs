//! `panka state migrate`: a state moves to another backend, whole, and what is left behind says so.

use clap::ValueEnum;

use crate::answers::Migration;
use crate::commands::Outcome;
use crate::commands::opened::Opened;
use crate::commands::session::Session;
use crate::config::{Declared, Flags, Settings};
use crate::diagnostic::codes::command::P0017;
use crate::diagnostic::codes::state::{P7001, P7005, P7007, P7009};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Kind;
use crate::lock::Lease;
use crate::state::store::{Expected, StoreError};
use crate::state::{Begin, Moved, Place, Scope, Standing, State};

const OPERATION: &str = "state migrate";

/// What migrate takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the state is to live
    #[arg(long, value_name = "TYPE")]
    to: Target,
    /// Bucket, with --to s3
    #[arg(long, value_name = "BUCKET", required_if_eq("to", "s3"))]
    to_bucket: Option<String>,
    /// Prefix of every key in that bucket
    #[arg(long, value_name = "PREFIX")]
    to_prefix: Option<String>,
    /// Region of that bucket
    #[arg(long, value_name = "REGION")]
    to_region: Option<String>,
    /// DynamoDB table of the locks there; without it they are objects of that bucket
    #[arg(long, value_name = "TABLE")]
    to_lock_table: Option<String>,
    /// Region of that table
    #[arg(long, value_name = "REGION", requires = "to_lock_table")]
    to_lock_region: Option<String>,
    /// Show what would be moved
    #[arg(long)]
    dry_run: bool,
}

/// A kind of backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Files below `.panka/`
    Local,
    /// A bucket
    S3,
}

impl Args {
    /// What flags say of the other backend; they win over everything that is configured for the present one.
    fn flags(&self, session: &Session) -> Flags {
        let mut flags: Flags = session.global.settings();
        flags.retain(|(key, ..)| !key.starts_with("backend.") && !key.starts_with("locks."));
        match self.to {
            Target::Local => flags.extend([("backend.type", "--to", "local".to_owned()), ("locks.type", "--to", "local".to_owned())]),
            Target::S3 => {
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                flags.extend([
                    ("backend.type", "--to", "s3".to_owned()),
                    ("backend.bucket", "--to-bucket", text(&self.to_bucket)),
                    ("backend.prefix", "--to-prefix", text(&self.to_prefix)),
                    ("backend.region", "--to-region", text(&self.to_region)),
                    ("locks.type", "--to", if self.to_lock_table.is_some() { "dynamodb" } else { "s3" }.to_owned()),
                    ("locks.table", "--to-lock-table", text(&self.to_lock_table)),
                    ("locks.region", "--to-lock-region", text(&self.to_lock_region)),
                ]);
            }
        }
        flags
    }

    /// Refuses what says something of a bucket where there is none.
    fn check(&self) -> Result<(), Error> {
        let given = [
            ("--to-bucket", &self.to_bucket),
            ("--to-prefix", &self.to_prefix),
            ("--to-region", &self.to_region),
            ("--to-lock-table", &self.to_lock_table),
        ];
        match given.into_iter().find(|(_, value)| value.is_some()).filter(|_| self.to == Target::Local) {
            Some((flag, _)) => {
                Err(Diagnostic::new(P0017, format!("{flag} is for --to s3")).help("give --to s3 as well, or leave it out").into())
            }
            None => Ok(()),
        }
    }
}

/// Moves the state of a place.
pub(super) async fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    args.check()?;
    let old = Opened::here(session).await?;
    let root = session.root_or_directory();
    let settings = Settings::load(&session.context, &root, session.global.config.as_deref(), &args.flags(session), Declared::Nowhere)?;
    let new = old.elsewhere(settings).await?;
    let (from, to) = (snapshot(&old.place), snapshot(&new.place));
    if from == to {
        return Err(Diagnostic::new(P0017, format!("the state is in {from} already"))
            .help("name another backend with --to, --to-bucket and --to-prefix")
            .into());
    }
    let state = old.place.load().await?.state;
    if !state.exists() {
        return Err(Diagnostic::new(P7009, format!("there is nothing to move: {from} does not exist"))
            .help("give the new backend in the configuration: the first run starts there")
            .into());
    }
    let outcome = |serial, objects, dry_run| {
        Outcome::document(Migration {
            kind: Kind::new(),
            stack: old.place.stack().to_owned(),
            environment: old.place.environment().to_owned(),
            from: from.clone(),
            to: to.clone(),
            dry_run,
            serial,
            resources: state.resources.len(),
            objects,
        })
    };
    if args.dry_run {
        new_state_fits(&new.place.standing().await?, &state, &to)?;
        return Ok(outcome(state.serial, records(&old.place).await?.len(), true));
    }
    let (id, begin) = (old.clock.id(), old.begin(session, OPERATION));
    let request = old.request(session, OPERATION, Scope::Stack);
    let _minding = session.stop.mind();
    let (leaving, writing) = old.locker.open(&old.place, &request, &id, begin.clone()).await?;
    session.holds(&old, &leaving);
    let moved = async {
        writing.found().await?;
        let state = writing.state();
        let entering = new.locker.acquire(new.place.stack(), new.place.environment(), &request).await?;
        session.holds(&new, &entering);
        let copied = copy((&old, &new), &state, &entering, (&id, &begin)).await;
        let released = session.give_back(entering).await;
        let (serial, count) = copied?;
        let standing = old.place.standing().await?;
        let mark = Moved { to: to.clone(), at: old.clock.stamp(), by: begin.by.clone() };
        old.place.install(&leaving.grant(), State { moved: Some(mark), ..state }, &standing, &id, &begin).await?;
        Ok::<_, Error>((serial, count, released?))
    }
    .await;
    let released = session.give_back(leaving).await;
    let (serial, count, warning) = moved?;
    Ok(outcome(serial, count, false).warn(new.shortcomings().await.into_iter().chain(warning).chain(released?).collect()))
}

/// Copies everything and reads it back. Gives the serial there, and how many objects went besides the snapshot.
async fn copy((old, new): (&Opened, &Opened), state: &State, lease: &Lease, (id, begin): (&str, &Begin)) -> Result<(u64, usize), Error> {
    let standing = new.place.standing().await?;
    new_state_fits(&standing, state, &snapshot(&new.place))?;
    let highest = standing.highest_epoch().max(state.epoch);
    if lease.epoch() <= highest {
        lease.raise(highest).await?;
    }
    let names = records(&old.place).await?;
    for name in &names {
        let failed = |error: StoreError| Error::from(error.finding(P7007));
        let found = old.place.store().get(&old.place.key(name)).await.map_err(|error| error.finding(P7001))?;
        let Some((bytes, _)) = found else { continue };
        let (store, key) = (new.place.store(), new.place.key(name));
        let absent = match store.put(&key, bytes.clone(), Expected::Absent).await {
            Err(error) if error.is_conflict() => error,
            other => {
                other.map_err(failed)?;
                continue;
            }
        };
        // An earlier try, or the copy that stayed there when the state left.
        let Some((_, tag)) = absent.found.as_deref().cloned() else { return Err(failed(absent)) };
        store.put(&key, bytes, Expected::Tag(tag)).await.map_err(failed)?;
    }
    let fresh = State { folded: std::collections::BTreeMap::new(), moved: None, ..state.clone() };
    let installed = new.place.install(&lease.grant(), fresh, &standing, id, begin).await?;
    let stored = new.place.load().await?.state;
    let same =
        |a: &State, b: &State| a.resources == b.resources && a.outputs == b.outputs && a.lineage == b.lineage && a.serial == b.serial;
    if !same(&installed, &stored) {
        return Err(Diagnostic::new(P7005, format!("what was read back from {} is not what was written", snapshot(&new.place)))
            .help("the old backend still counts; run the command again")
            .into());
    }
    Ok((installed.serial, names.len()))
}

/// Refuses to write over a state that is in use.
fn new_state_fits(standing: &Standing, state: &State, to: &str) -> Result<(), Error> {
    let Some(there) = &standing.state else {
        return match standing.tag {
            Some(_) => Err(Diagnostic::new(P7009, format!("{to} exists and cannot be read"))
                .help("`panka state verify` there says what is wrong; move it away")
                .into()),
            None => Ok(()),
        };
    };
    let same = there.lineage == state.lineage;
    let copied = there.resources == state.resources && there.outputs == state.outputs;
    if same && (there.moved.is_some() || copied) {
        return Ok(());
    }
    Err(Diagnostic::new(P7009, format!("{to} exists: it has serial {} of the lineage {}", there.serial, there.lineage))
        .help("name another prefix, or look at it first: panka state show --backend-bucket …")
        .into())
}

/// The names of the run records, which go with the snapshot.
async fn records(place: &Place) -> Result<Vec<String>, Error> {
    let keys = place.store().list(&place.key("runs/")).await.map_err(|error| error.finding(P7001))?;
    let root = place.key("");
    Ok(keys.iter().filter_map(|key| key.strip_prefix(&root)).map(str::to_owned).collect())
}

fn snapshot(place: &Place) -> String {
    place.store().locate(&place.key("state.json"))
}
