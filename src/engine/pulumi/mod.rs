//! The engine `pulumi`: the real command line with the `aws-native` provider.
//!
//! In: a plan, the state before it, where Pulumi is and where it keeps its own state. Out: what Pulumi has when it is over. panka writes the program
//! and decides; Pulumi calls AWS. Its export is the truth, its events are progress.

mod check;
mod dropped;
mod early;
mod export;
mod guard;
mod leftovers;
mod lock;
mod process;
mod recovery;
mod said;
mod stack;
mod stream;
mod takeover;
mod tool;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

pub use self::check::Disagreement;
use self::export::{Exported, Known};
use self::process::Watched;
use self::stack::Stack;
pub use self::tool::{Setup, Tool};
use self::workspace::Workspace;
use crate::account::Account;
use crate::address::Address;
use crate::apply::provider::{Failure, Live, Secret, Source};
use crate::apply::whole::{self, Found, Job, Whole};
use crate::apply::{Engine, Executed, OnFailure, RunContext, Settled};
use crate::aws::{Aws, databases, secrets};
use crate::diagnostic::codes::apply::P8005;
use crate::diagnostic::codes::engine::{P5007, P5012};
use crate::diagnostic::{Diagnostic, Error};
use crate::plan::{Op, Plan};
use crate::render::pulumi::{Project, names};
use crate::resource::{Resource, TypeName};
use crate::state::{JournalError, State};

/// Key of the state's engine data under which the stack file's part is kept.
const STACK_FILE: &str = "stackFile";
/// Key of the creates that were answered by nobody.
const UNSURE: &str = "unsure";

/// How often Pulumi is asked what it has after a run, and the first pause between.
const TRIES: usize = 4;
const PAUSE: Duration = Duration::from_secs(1);

/// What Pulumi says at the end of a run in which something has failed.
const SUMMARIES: [&str; 4] = ["update failed", "destroy failed", "update canceled", "destroy canceled"];

/// The engine.
#[derive(Debug)]
pub struct Pulumi {
    /// The command line.
    tool: Tool,
    aws: Aws,
    account: Account,
    /// Every logical name of the stack that is known.
    known: Mutex<BTreeMap<String, Known>>,
    /// What Pulumi had when it was last asked.
    exported: Mutex<Option<Exported>>,
    /// Creates that were answered by nobody.
    unsure: Mutex<BTreeSet<Address>>,
    /// What the state keeps for this engine.
    data: Map<String, Value>,
}

impl Pulumi {
    /// An engine in an account. `data` is what the state keeps for it.
    pub fn new(tool: Tool, aws: Aws, account: Account, data: Map<String, Value>) -> Self {
        let unsure = data.get(UNSURE).and_then(|unsure| serde_json::from_value(unsure.clone()).ok()).unwrap_or_default();
        Self { tool, aws, account, known: Mutex::default(), exported: Mutex::default(), unsure: Mutex::new(unsure), data }
    }

    /// Where Pulumi's own preview differs from a plan. Nothing is changed.
    pub async fn check(&self, plan: &Plan, before: &State) -> Result<Vec<Disagreement>, Error> {
        self.learn(before, Some(plan));
        let project = self.project(plan, before)?;
        let stack = self.stack(&project)?;
        // Even to read writes a file where there is no stack yet.
        let exported = if self.is_new(before) { None } else { stack.export().await? };
        if let Some(text) = &exported {
            self.has(Exported::read(text).map_err(|error| said::unclear("pulumi stack export", &error))?);
        }
        let stack = stack.copy(exported.as_deref().map(stack::without_protection).as_deref()).await?;
        self.preview(&stack, &project, plan).await
    }

    /// Where Pulumi's preview of the program of a plan differs from it.
    async fn preview(&self, stack: &Stack, project: &Project, plan: &Plan) -> Result<Vec<Disagreement>, Error> {
        self.configure(stack, project, early::Secrets::Later).await?;
        let text = stack.capture(&flags(&["preview", "--json"], project)).await?;
        check::compare(plan, &text, &self.names()).map_err(|error| said::unclear("pulumi preview", &error).into())
    }

    /// The program of a plan, in the account of this run.
    fn project(&self, plan: &Plan, before: &State) -> Result<Project, Error> {
        let mut here = plan.clone();
        here.provider.account_id.get_or_insert_with(|| self.account.number().to_owned());
        Project::of_plan(&here, Some(before))
    }

    fn learn(&self, state: &State, plan: Option<&Plan>) {
        let mut known = self.known();
        let desired = plan.iter().flat_map(|plan| &plan.steps).filter_map(|step| step.desired.as_ref());
        let records = state.resources.iter().map(|(address, record)| (address, &record.type_name, record.nested));
        for (address, type_name, nested) in records.chain(desired.map(|one| (&one.address, &one.type_name, one.nested))) {
            known.insert(names::logical(address), Known { address: address.clone(), type_name: type_name.clone(), nested });
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn exported(&self) -> MutexGuard<'_, Option<Exported>> {
        self.exported.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unsure(&self) -> MutexGuard<'_, BTreeSet<Address>> {
        self.unsure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn names(&self) -> BTreeMap<String, Address> {
        let known = self.known();
        known.iter().map(|(name, known)| (name.clone(), known.address.clone())).collect()
    }

    /// The stack, in a directory with the files of a project.
    fn stack(&self, project: &Project) -> Result<Stack, Error> {
        let kept = self.data.get(STACK_FILE).and_then(Value::as_object).cloned().unwrap_or_default();
        Ok(Stack::new(self.tool.clone(), Workspace::new(project, &kept)?))
    }

    /// Nothing has run in the stack yet, as far as the state knows.
    fn is_new(&self, state: &State) -> bool {
        !self.data.contains_key(STACK_FILE) && state.resources.is_empty()
    }

    /// The stack with what it has; it is made if there is none.
    async fn enter(&self, project: &Project, state: &State) -> Result<Stack, Error> {
        let stack = self.stack(project)?;
        self.has(stack.enter(self.is_new(state)).await?);
        Ok(stack)
    }

    /// Puts a state in the place of the one that the stack has.
    async fn put(&self, stack: &Stack, state: &Value) -> Result<(), Error> {
        let text = state.to_string();
        let exported = Exported::read(&text).map_err(|error| said::unclear("pulumi stack import", &error))?;
        stack.import(&text).await?;
        self.has(exported);
        Ok(())
    }

    /// Notes what Pulumi has.
    fn has(&self, exported: Exported) {
        *self.exported() = Some(exported);
    }

    /// What Pulumi has, from the last export.
    fn found(&self) -> Found {
        let known = self.known();
        let exported = self.exported();
        let Some(exported) = exported.as_ref() else { return Found { unknown: true, ..Found::default() } };
        let begun = exported.unfinished(&known, &self.account).into_iter().map(|one| one.address);
        let unfinished = begun.chain(self.unsure().iter().cloned()).collect();
        Found { instances: exported.instances(&known), unfinished, ..Found::default() }
    }

    /// Asks what Pulumi has after a run; more than once, since nothing else tells.
    async fn ask(&self, stack: &Stack) -> Result<(), Error> {
        *self.exported() = None;
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match self.export(stack).await {
                Ok(()) => return Ok(()),
                Err(error) => tracing::warn!("Pulumi does not say what it has, asking again: {error}"),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.export(stack).await
    }

    /// Has Pulumi look at some of its resources in AWS, and gives back those that are not there.
    async fn refresh(&self, state: &State, among: &BTreeSet<Address>) -> Result<BTreeSet<Address>, Error> {
        self.learn(state, None);
        let stack = self.enter(&self.of_resources(&[])?, state).await?;
        let names = among.iter().map(names::logical).collect();
        let urns = self.exported().as_ref().map(|exported| exported.urns(&names)).unwrap_or_default();
        if urns.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut words = vec!["refresh", "--yes", "--skip-preview"];
        words.extend(urns.iter().flat_map(|urn| ["--target", urn.as_str()]));
        stack.change(&words, "").await?;
        self.export(&stack).await?;
        let left = self.found().instances;
        let is_left = |address: &Address| left.get(address).is_some_and(|instance| instance.identifier.is_some());
        Ok(among.iter().filter(|address| !is_left(address)).cloned().collect())
    }

    async fn export(&self, stack: &Stack) -> Result<(), Error> {
        let exported = stack.read().await?.ok_or_else(|| said::refused("pulumi stack export", "the stack is gone"))?;
        self.has(exported);
        Ok(())
    }

    /// Lifts Pulumi's own protection where panka's was lifted already.
    async fn unprotect(&self, stack: &Stack, plan: &Plan) -> Result<(), Error> {
        let going = plan.steps.iter().filter(|step| step.blocked.is_none() && matches!(step.op, Op::Delete | Op::Replace | Op::Forget));
        let urns: Vec<String> = {
            let exported = self.exported();
            let exported = exported.as_ref();
            going.filter_map(|step| exported?.protected(&names::logical(&step.address)).map(str::to_owned)).collect()
        };
        for urn in urns {
            stack.change(&["state", "unprotect", &urn, "--yes"], "").await?;
        }
        Ok(())
    }

    /// Has Pulumi forget what the plan takes away and nobody can read.
    async fn drop_unread(&self, stack: &Stack, plan: &Plan) -> Result<(), Error> {
        let dropped = dropped::of(plan);
        if dropped.is_empty() {
            return Ok(());
        }
        let Some(text) = stack.export().await? else { return Ok(()) };
        let mut state: Value = serde_json::from_str(&text).map_err(|error| said::unclear("pulumi stack export", &error))?;
        if dropped::forget(&mut state, &dropped) { self.put(stack, &state).await } else { Ok(()) }
    }

    /// Runs the program; a lock of a dead run is cleared once.
    async fn run(&self, stack: &Stack, job: Job<'_>, project: &Project) -> Result<Watched, Error> {
        let options = &job.context.options;
        let parallel = options.parallelism.to_string();
        let mut words = if project.names.is_empty() { vec!["destroy"] } else { vec!["up"] };
        if options.on_failure == OnFailure::Continue {
            words.push("--continue-on-error");
        }
        words.extend(["--yes", "--skip-preview", "--json", "--parallel", &parallel]);
        let words = flags(&words, project);
        let names = self.names();
        let once = async || {
            let watched = process::watch(stack.command(&words), job, &names).await?;
            if !watched.well {
                leftovers::end(stack.workspace.path());
            }
            Ok::<_, Error>(watched)
        };
        let watched = once().await?;
        let Some(holders) = held(&watched) else { return Ok(watched) };
        stack.clear_lock(&holders).await?;
        once().await
    }

    /// What became of a run: from what Pulumi had before it, what it told, and whether it could be asked what it has now.
    fn over(&self, job: Job<'_>, stack: &Stack, (had, watched, asked): (Found, Watched, Result<(), Error>)) -> Result<Found, Error> {
        let Watched { told, unplanned, errors, host, stderr, well, begun, cut_off } = watched;
        let unsure = cut_off.into_iter().filter(|address| told.get(address).is_none_or(|told| !told.done));
        self.unsure().extend(unsure);
        let mut found = Found { told, data: self.keep(stack), ..self.found() };
        if let Err(error) = asked {
            found.findings.extend(error.help("the next run finds out what became of these steps").into_findings());
        }
        for (address, op) in unplanned {
            let message = format!("Pulumi did what the plan does not hold: {op} of `{address}`");
            found
                .findings
                .push(Diagnostic::new(P5007, message).about(&address).help("plan again: `panka diff` shows where the stack stands now"));
        }
        let failed = found.told.values().any(|told| told.error.is_some());
        let interrupted = job.context.stop.interrupts() > 0 || job.context.stop.lost().is_some();
        // What has ended before its first step has begun nothing: Pulumi itself has what it had.
        let same = !found.unknown && (&found.instances, &found.unfinished) == (&had.instances, &had.unfinished);
        let untouched = !well && !begun && !failed && !interrupted && same;
        let wrong = if untouched { said::refused } else { said::failed };
        // Where a resource has failed, or somebody wanted the end, that the whole has failed is no news.
        let news = errors.iter().filter(|news| !(failed || interrupted) || !SUMMARIES.contains(&news.as_str()));
        found.findings.extend(news.map(|news| wrong("pulumi", news)));
        if found.findings.is_empty() && !failed && !interrupted {
            let untold = job
                .plan
                .steps
                .iter()
                .filter(|step| step.blocked.is_none() && step.op != Op::None && !found.told.contains_key(&step.address));
            let untold: Vec<&str> = untold.map(|step| step.address.as_str()).collect();
            if !well {
                found.findings.push(wrong("pulumi", &format!("{host}\n{stderr}")));
            } else if !untold.is_empty() {
                let message = format!("it ended well, and told nothing of {}\n{host}\n{stderr}", untold.join(", "));
                found.findings.push(said::failed("pulumi", &message).help("the state has what Pulumi has; run the command again to go on"));
            }
        }
        if untouched {
            Error::check(std::mem::take(&mut found.findings))?;
        }
        Ok(found)
    }

    /// What the state keeps for the next run.
    fn keep(&self, stack: &Stack) -> Map<String, Value> {
        let mut data = Map::new();
        let unsure = self.unsure();
        if !unsure.is_empty() || self.data.contains_key(UNSURE) {
            data.insert(UNSURE.into(), json!(*unsure));
        }
        let kept = stack.workspace.kept();
        if !kept.is_empty() {
            data.insert(STACK_FILE.into(), Value::Object(kept));
        }
        data
    }
}

impl Source for Pulumi {
    fn account(&self) -> &Account {
        &self.account
    }

    async fn read(&self, type_name: &TypeName, identifier: &str) -> Result<Option<Live>, Failure> {
        let exported = self.exported();
        Ok(exported.as_ref().and_then(|exported| exported.find(type_name, identifier)))
    }

    async fn secret(&self, secret: &Map<String, Value>) -> Result<Secret, Failure> {
        let found = secrets::read(&self.aws, &self.account.region, secret).await;
        let found = found.map_err(|why| Failure::terminal("SecretUnreadable", why.to_string()))?;
        Ok(Secret { value: found.text, source: found.source, version: found.version })
    }

    async fn snapshot(&self, type_name: &TypeName, identifier: &str, name: &str) -> Result<(), Failure> {
        let made = databases::snapshot(&self.aws, &self.account.region, type_name, identifier, name).await;
        made.map_err(|why| Failure::terminal("SnapshotFailed", why.to_string()))
    }

    async fn lookup(&self, _: &Map<String, Value>) -> Result<Value, Failure> {
        Err(Failure::terminal("UnknownValue", "Pulumi answers no lookups"))
    }
}

impl Engine for Pulumi {
    async fn preflight(&self, plan: &Plan) -> Result<(), Error> {
        if let Some(step) = plan.steps.iter().find(|step| step.op == Op::Adopt) {
            return Err(Diagnostic::new(P5012, format!("`{}`: the engine `pulumi` does not take over what stands in AWS", step.address))
                .about(&step.address)
                .help("drop the step from the plan")
                .into());
        }
        let project = Project::of_plan(plan, None)?;
        match &self.tool.setup.keep {
            Some(keep) => project.check_folder(keep, keep, "--keep-program"),
            None => Ok(()),
        }
    }

    async fn settle(&self, context: &RunContext, desired: &[&Resource]) -> Result<Vec<Settled>, Error> {
        whole::settle(self, context, desired).await
    }

    async fn execute(&self, context: &RunContext, plan: &Plan, before: &State) -> Result<Executed, Error> {
        whole::execute(self, context, plan, before).await
    }
}

impl Whole for Pulumi {
    async fn carry_out(&self, job: Job<'_>) -> Result<Found, Error> {
        let Job { context, plan, before } = job;
        self.learn(before, Some(plan));
        let project = self.project(plan, before)?;
        let stack = self.enter(&project, before).await?;
        self.take_up(&stack, before, &[]).await?;
        let had = self.found();
        guard::same(&had, before, &BTreeSet::new(), self.tool.setup.shown_backend())?;
        guard::keeps(&had, plan, project.names.is_empty())?;
        if plan.steps.iter().all(|step| step.blocked.is_some()) {
            // Without a target Pulumi would run the whole.
            return Ok(Found { data: self.keep(&stack), ..had });
        }
        self.unprotect(&stack, plan).await?;
        self.drop_unread(&stack, plan).await?;
        let first = early::part(plan, &project);
        if first.is_none() {
            self.configure(&stack, &project, early::Secrets::Now).await?;
        }
        if let Some(keep) = &self.tool.setup.keep {
            stack.workspace.keep(keep)?;
        }
        if context.stop.interrupts() > 0 {
            return Err(Diagnostic::new(P8005, "interrupted before Pulumi was started").help("run the command again to go on").into());
        }
        context.journal.ready().await.map_err(|why| Error::from(JournalError::Lost(why)))?;
        let watched = match first {
            None => self.run(&stack, job, &project).await?,
            Some(first) => self.run_in_parts(&stack, job, &project, &first).await?,
        };
        // From here on something may have been done: whatever fails, it is not forgotten.
        let asked = self.ask(&stack).await;
        self.over(job, &stack, (had, watched, asked))
    }

    async fn gone(&self, context: &RunContext, among: &BTreeSet<Address>) -> BTreeSet<Address> {
        match self.refresh(&context.journal.state(), among).await {
            Ok(gone) => gone,
            Err(error) => {
                // The run itself says what is wrong with them.
                tracing::warn!("what stands in AWS is not known, and nothing is taken for gone: {error}");
                BTreeSet::new()
            }
        }
    }

    async fn look(&self, context: &RunContext, desired: &[&Resource]) -> Result<Found, Error> {
        let state = context.journal.state();
        self.learn(&state, None);
        let stack = self.enter(&self.of_resources(&[])?, &state).await?;
        self.take_up(&stack, &state, desired).await?;
        let open = context.journal.pending().into_iter().map(|(address, _)| address).collect();
        let found = self.found();
        guard::same(&found, &state, &open, self.tool.setup.shown_backend())?;
        Ok(Found { data: self.keep(&stack), ..found })
    }
}

/// A command with what narrows it to the steps of a plan.
fn flags<'w>(words: &[&'w str], project: &'w Project) -> Vec<&'w str> {
    let targets = project.targets.iter().flatten().flat_map(|urn| ["--target", urn]);
    let forced = project.forced.iter().flat_map(|urn| ["--replace", urn]);
    words.iter().copied().chain(targets).chain(forced).collect()
}

/// The holder of Pulumi's own lock, where a run ended because of it.
fn held(watched: &Watched) -> Option<lock::Holders> {
    if watched.well || watched.begun {
        return None;
    }
    watched.errors.iter().map(String::as_str).chain([watched.stderr.as_str()]).find_map(lock::holders)
}
