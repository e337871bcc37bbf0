//! What has to be over before the program of a plan can run.
//!
//! A program gets the value of a secret as configuration, so the secret must be there before the program runs. And Pulumi deletes last, so what takes
//! the name of something that goes would find it still there. Such steps have a run of their own ahead of the rest. In: a plan and its program. Out:
//! the part of the plan that goes first, and which secret a form means once it is there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::process::Watched;
use super::stack::Stack;
use super::{Pulumi, said, stream};
use crate::account::Account;
use crate::address::Address;
use crate::apply::provider::Source as _;
use crate::apply::whole::{Instance, Job};
use crate::diagnostic::Error;
use crate::plan::{Op, Plan, Scope, Step, below, is_unknown, resolve};
use crate::render::pulumi::{Project, names};
use crate::resource::{Form, references};

/// When the secrets of a program must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrets {
    /// Before it runs.
    Now,
    /// When the plan is carried out: what is not made yet has no value.
    Later,
}

impl Pulumi {
    /// Gives the program what it does not hold.
    pub(super) async fn configure(&self, stack: &Stack, project: &Project, secrets: Secrets) -> Result<(), Error> {
        let instances = self.found().instances;
        for (key, asked) in &project.configuration {
            let value = match Form::of(&asked.what) {
                Form::Secret(identity) => match known(identity, &self.account, &instances) {
                    Some(identity) => {
                        let secret = self.secret(&identity).await.map_err(|failure| {
                            let name =
                                ["arn", "name", "parameter"].iter().find_map(|part| identity.get(*part)?.as_str()).unwrap_or_default();
                            said::refused(&format!("the secret `{name}`"), &failure.message)
                                .help("it must exist, and whoever runs panka be allowed to read it and to use its key")
                        })?;
                        secret.value
                    }
                    None if secrets == Secrets::Later => "not known yet".to_owned(),
                    None => return Err(said::refused("the program", &format!("nobody made {}", asked.what)).into()),
                },
                // Pulumi keeps the value that it has: changes of it are ignored.
                Form::Sensitive(_) => match asked.type_name.as_str() {
                    "integer" | "number" => "0".to_owned(),
                    "boolean" => "false".to_owned(),
                    _ => "unchanged".to_owned(),
                },
                _ => return Err(said::refused("the program", &format!("nobody answers {}", asked.what)).into()),
            };
            stack.feed(&["config", "set", "--raw", if asked.secret { "--secret" } else { "--plaintext" }, key], &value).await?;
        }
        Ok(())
    }

    /// Runs the program of a part of the plan ahead of the whole. An error means that nothing was begun.
    pub(super) async fn run_in_parts(&self, stack: &Stack, job: Job<'_>, project: &Project, first: &Plan) -> Result<Watched, Error> {
        let small = self.project(first, job.before)?;
        let whole = stack.workspace.replace(&small)?;
        self.configure(stack, &small, Secrets::Now).await?;
        let mut watched = self.run(stack, Job { plan: first, ..job }, &small).await?;
        let context = job.context;
        if !watched.well || context.stop.interrupts() > 0 || context.stop.lost().is_some() {
            return Ok(watched);
        }
        let rest = rest(job.plan, first);
        if rest.steps.is_empty() {
            return Ok(watched);
        }
        let mut project = project.clone();
        // Pulumi refuses a target that is not there any more.
        let gone: BTreeSet<String> =
            first.steps.iter().filter(|step| step.op == Op::Delete).map(|step| names::logical(&step.address)).collect();
        if let Some(targets) = &mut project.targets {
            targets.retain(|urn| !gone.contains(&stream::name(urn)));
        }
        // What was done stays told, whatever keeps the rest from beginning.
        let second = async {
            self.ask(stack).await?;
            stack.workspace.restore(&whole)?;
            self.configure(stack, &project, Secrets::Now).await?;
            self.run(stack, Job { plan: &rest, ..job }, &project).await
        };
        match second.await {
            Ok(second) => watched.go_on(second),
            Err(error) => {
                watched.well = false;
                watched.errors.extend(error.findings().iter().map(|finding| finding.message.clone()));
            }
        }
        Ok(watched)
    }
}

/// The part of a plan that makes the secrets which the program of the plan asks for, and deletes what others wait for, with what these need; none
/// where nothing has to go first.
pub(super) fn part(plan: &Plan, project: &Project) -> Option<Plan> {
    let acts = |step: &&Step| step.blocked.is_none() && !matches!(step.op, Op::None | Op::Forget | Op::Adopt);
    let steps: BTreeMap<&str, &Step> = plan.steps.iter().filter(acts).map(|step| (step.address.as_str(), step)).collect();
    let mut open: Vec<&Step> = Vec::new();
    for asked in project.configuration.values().filter(|asked| matches!(Form::of(&asked.what), Form::Secret(_))) {
        references(&asked.what, &mut |address, _| open.extend(steps.get(address).filter(|step| step.op != Op::Delete)));
    }
    let waited = steps.values().filter(|step| step.op != Op::Delete).flat_map(|step| &step.depends_on);
    open.extend(waited.filter_map(|address| steps.get(address.as_str())).filter(|step| step.op == Op::Delete));
    let mut first: BTreeSet<&Address> = BTreeSet::new();
    while let Some(step) = open.pop() {
        if first.insert(&step.address) {
            let needed = step.desired.iter().flat_map(|desired| &desired.depends_on).chain(&step.depends_on);
            open.extend(needed.filter_map(|address| steps.get(address.as_str())));
        }
    }
    if first.is_empty() {
        return None;
    }
    let steps = plan.steps.iter().filter(|step| first.contains(&step.address)).cloned().collect();
    Some(Plan { steps, outputs: BTreeMap::new(), ..plan.clone() })
}

/// The same plan without the steps of a part of it.
fn rest(plan: &Plan, part: &Plan) -> Plan {
    let gone: BTreeSet<&Address> = part.steps.iter().map(|step| &step.address).collect();
    let steps = plan.steps.iter().filter(|step| !gone.contains(&step.address)).cloned().collect();
    Plan { steps, ..plan.clone() }
}

/// Which secret a form means, as far as its resources are there; none while they are not.
fn known(identity: &Map<String, Value>, account: &Account, instances: &BTreeMap<Address, Instance>) -> Option<Map<String, Value>> {
    let scope = Made { account, instances };
    let known: Map<String, Value> = identity.iter().map(|(name, value)| (name.clone(), resolve(value, &scope))).collect();
    (!known.values().any(is_unknown)).then_some(known)
}

/// What Pulumi has, as what references lead to.
struct Made<'a> {
    account: &'a Account,
    instances: &'a BTreeMap<Address, Instance>,
}

impl Scope for Made<'_> {
    fn attribute(&self, address: &str, attribute: &str) -> Option<Cow<'_, Value>> {
        let instance = self.instances.get(address)?;
        let found = below(&instance.attributes, attribute).or_else(|| below(&instance.properties, attribute));
        found.map(Cow::Borrowed)
    }

    fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
        self.account.fact(name).map(Cow::Borrowed)
    }
}
