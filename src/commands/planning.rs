//! From a graph and a state to a plan, for the verbs that plan.

use std::time::Instant;

use super::input::Stage;
use super::opened::Opened;
use super::pipeline::Graphed;
use super::selection::{Selection, selectors};
use super::session::Session;
use crate::account::{Account, EngineKind};
use crate::clock::millis;
use crate::config::{Backend, Settings};
use crate::diagnostic::codes::account::{P4001, P4014};
use crate::diagnostic::codes::command::{P0007, P0017};
use crate::diagnostic::codes::engine::{P5011, P5014};
use crate::diagnostic::{Diagnostic, Error};
use crate::engine;
use crate::graph::Graph;
use crate::manifest::Provider;
use crate::plan::{self, Plan, Summary};
use crate::state::State;

/// A plan with what it was made from.
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// The graph; none for a plan that was given, or a destroy.
    pub graph: Option<Graph>,
    /// The state that it was compared with.
    pub state: State,
    /// The backend.
    pub opened: Opened,
    /// How the plan was made, to make it again.
    pub options: plan::Options,
    /// Findings that stop nothing.
    pub warnings: Vec<Diagnostic>,
    /// The plan was given as a document: it may be refused, but not made anew.
    pub given: bool,
}

impl Session {
    /// Plans from whatever is there: a plan on standard input, an earlier document, or the YAML files.
    pub async fn plan(&self, stage: Option<Stage>, selection: &Selection, adopt: bool) -> Result<Planned, Error> {
        if let Some(Stage::Plan(plan)) = stage {
            if adopt {
                return Err(Diagnostic::new(P0017, "--adopt does not go with a plan that is made already")
                    .help("take the stack over from its YAML files: panka apply --adopt")
                    .into());
            }
            return self.given(*plan, selection).await;
        }
        let Graphed { graph, warnings } = self.graph(stage)?;
        let opened =
            Opened::of_document(self, (&graph.stack, &graph.environment), (&graph.provider, graph.backend.as_ref()), graph.lock.as_ref())
                .await?;
        engine::check_offered(opened.settings.engine)?;
        let state = match &graph.state {
            Some(attached) => attached_state(attached, &graph)?,
            None => opened.load().await?,
        };
        if let Some(lineage) = graph.lineage.as_ref().filter(|lineage| **lineage != state.lineage) {
            let message = format!(
                "the document was made beside the state {lineage}, and the state here is {}",
                if state.exists() { &state.lineage } else { "none" }
            );
            return Err(Diagnostic::new(P0007, message)
                .help("run all stages of a pipe in the repository of the stack, or name it with --dir")
                .into());
        }
        check_home(&state, &graph.provider, opened.settings.engine)?;
        let options = plan_options(self, &opened.settings, selection, &graph.provider, &state)?;
        check_engine(&state, options.engine, adopt)?;
        let mut plan = decided(|| plan::diff(&graph, present(&state), &options))?;
        let mut warnings = warnings;
        warnings.extend(at_work(&opened, &state, &mut plan).await?);
        Ok(Planned { plan, graph: Some(graph), state, opened, options, warnings, given: false })
    }

    async fn given(&self, mut plan: Plan, selection: &Selection) -> Result<Planned, Error> {
        if *selection != Selection::default() {
            return Err(Diagnostic::new(P0017, "--target, --exclude and --replace do not go with a plan that is made already")
                .help("give them to `panka diff`, or drop steps with jq: del(.steps[] | select(…))")
                .into());
        }
        let opened =
            Opened::of_document(self, (&plan.stack, &plan.environment), (&plan.provider, plan.backend.as_ref()), plan.lock.as_ref())
                .await?;
        let engine = opened.settings.engine;
        engine::check_offered(engine)?;
        if plan.engine != engine {
            return Err(Diagnostic::new(P5014, format!("the plan is for the engine `{}`, and `{engine}` is in effect", plan.engine))
                .help(format!("give --engine {}, or make the plan anew", plan.engine))
                .into());
        }
        plan.check_digests()?;
        let state = opened.load().await?;
        plan.check_lineage(&state)?;
        check_home(&state, &plan.provider, engine)?;
        let options = plan_options(self, &opened.settings, selection, &plan.provider, &state)?;
        if plan.destroy && !plan.protect {
            // Protection counts as the manifests around say it, also for a plan that was made, or edited, elsewhere.
            plan.protect = self.declared(&plan.stack, &plan.environment)?.is_some_and(|declared| declared.protect);
        }
        let mut plan = decided(|| plan.recompute(present(&state)).map(|()| plan))?;
        plan.hold_to(&options.scope())?;
        let warnings = at_work(&opened, &state, &mut plan).await?.into_iter().collect();
        Ok(Planned { plan, graph: None, state, opened, options, warnings, given: true })
    }

    /// Plans to delete everything that the state holds.
    pub async fn plan_destroy(&self, selection: &Selection) -> Result<Planned, Error> {
        let opened = Opened::here(self).await?;
        let state = opened.load().await?;
        // What the manifests say of protection and region counts where there are any; the state alone is enough to destroy.
        let (mut provider, backend, protect) = match self.declared(opened.place.stack(), opened.place.environment())? {
            Some(declared) => (declared.provider, declared.backend, declared.protect),
            None => (Provider { region: region_of(&state, &opened.settings), ..Provider::default() }, None, false),
        };
        // What is there is deleted where it is, whatever the manifests say by now.
        if let Some(region) = state.region() {
            region.clone_into(&mut provider.region);
        }
        check_home(&state, &provider, opened.settings.engine)?;
        let options = plan_options(self, &opened.settings, selection, &provider, &state)?;
        check_engine(&state, options.engine, false)?;
        let root = self.from_here(&self.root_or_directory());
        let mut plan = decided(|| plan::destroy(&state, plan::Destination { provider, backend, protect, root, lock: None }, &options))?;
        let warnings = at_work(&opened, &state, &mut plan).await?.into_iter().collect();
        Ok(Planned { plan, graph: None, state, opened, options, warnings, given: false })
    }
}

impl Planned {
    /// Makes the plan again for an account that is known now, from a state that has moved on.
    pub fn again_in(&mut self, account: &Account, state: State) -> Result<(), Error> {
        self.options.account = account.clone();
        self.again(state)
    }

    /// Makes the plan again from a state that has moved on.
    pub fn again(&mut self, state: State) -> Result<(), Error> {
        check_home(&state, &self.plan.provider, self.options.engine)?;
        let lock = self.plan.lock.take();
        self.plan = match &self.graph {
            Some(graph) => decided(|| plan::diff(graph, present(&state), &self.options))?,
            None => {
                let place = plan::Destination {
                    provider: self.plan.provider.clone(),
                    backend: self.plan.backend.clone(),
                    protect: self.plan.protect,
                    root: self.plan.root.clone(),
                    lock: None,
                };
                decided(|| plan::destroy(&state, place, &self.options))?
            }
        };
        self.plan.lock = lock;
        self.state = state;
        Ok(())
    }
}

/// Says who is at work, where steps of a run are pending that has not ended: those are that run's, and nobody else's to settle.
async fn at_work(opened: &Opened, state: &State, plan: &mut Plan) -> Result<Option<Diagnostic>, Error> {
    if plan.lock.is_some() || !state.has_pending() {
        return Ok(None);
    }
    let holder = opened.busy().await?;
    if holder.is_some() {
        plan.leave_to_others();
    }
    Ok(holder.map(|finding| finding.warning().help("what is shown is of this moment; steps of that run are under way")))
}

/// Makes a plan, and tells the log what it is to do.
fn decided(make: impl FnOnce() -> Result<Plan, Error>) -> Result<Plan, Error> {
    let began = Instant::now();
    let plan = make()?;
    let Summary { create, update, replace, delete, adopt, forget, none: kept, unchanged, blocked } = plan.summary;
    let outputs = plan.outputs_changed.len();
    let counts = [
        ("create", create),
        ("update", update),
        ("replace", replace),
        ("delete", delete),
        ("adopt", adopt),
        ("forget", forget),
        ("keep", kept),
        ("unchanged", unchanged),
        ("blocked", blocked),
        ("outputs", outputs),
    ];
    let counts: Vec<String> = counts.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} {what}")).collect();
    let (serial, ms) = (plan.base.serial, millis(began.elapsed()));
    tracing::info!(steps = plan.steps.len(), serial, ms, "plan decided: {}", counts.join(", "));
    Ok(plan)
}

/// A state in which something has run.
fn present(state: &State) -> Option<&State> {
    state.exists().then_some(state)
}

/// Refuses to work in another region or account than the one in which the stack lives: what is there would be forgotten.
fn check_home(state: &State, provider: &Provider, engine: EngineKind) -> Result<(), Error> {
    let place = format!("{} in {}", state.stack, state.environment);
    let move_it = format!("to move it, delete it where it is first: panka destroy -s {} -e {}", state.stack, state.environment);
    let mut findings = Vec::new();
    if let Some(region) = state.region().filter(|region| *region != provider.region) {
        findings.push(
            Diagnostic::new(P4014, format!("{place} lives in {region}, and would be deployed to {}", provider.region))
                .help(format!("set the region back to {region} (`provider.region`, or AWS_REGION where that is not set)"))
                .help(move_it.as_str()),
        );
    }
    if let (Some(lives), Some(wanted)) = (state.account(), provider.account_id.as_deref())
        && lives != wanted
        && !engine.is_simulated()
    {
        findings.push(
            Diagnostic::new(P4001, format!("{place} lives in the account {lives}, and the manifests name {wanted}"))
                .help(format!("set `provider.accountId` back to {lives}"))
                .help(move_it),
        );
    }
    let of_role = provider.role_arn.as_deref().and_then(|arn| arn.split(':').nth(4));
    if let (Some(of_role), Some(wanted)) = (of_role, provider.account_id.as_deref())
        && of_role != wanted
    {
        findings.push(
            Diagnostic::new(P4001, format!("`provider.roleArn` is of the account {of_role}, and `provider.accountId` names {wanted}"))
                .help("name a role of that account, or correct the account"),
        );
    }
    Error::check(findings).map(drop)
}

fn region_of(state: &State, settings: &Settings) -> String {
    state.region().or(settings.aws.region.as_deref()).unwrap_or("us-east-1").to_owned()
}

fn plan_options(
    session: &Session,
    settings: &Settings,
    selection: &Selection,
    provider: &Provider,
    state: &State,
) -> Result<plan::Options, Error> {
    engine::check_offered(settings.engine)?;
    let number = provider.account_id.as_deref().or_else(|| state.account());
    Ok(plan::Options {
        engine: settings.engine,
        account: engine::account(settings.engine, number, &provider.region),
        targets: selectors(&selection.targets)?,
        excludes: selectors(&selection.excludes)?,
        replace: selectors(&selection.replace)?,
        service: session.service()?,
    })
}

/// The state that an earlier stage has attached.
fn attached_state(attached: &serde_json::Value, graph: &Graph) -> Result<State, Error> {
    let state = crate::state::parse_snapshot(&attached.to_string(), "the attached state")?;
    if (state.stack.as_str(), state.environment.as_str()) != (graph.stack.as_str(), graph.environment.as_str()) {
        return Err(Diagnostic::new(
            crate::diagnostic::codes::command::P0007,
            format!(
                "the attached state is of {} in {}, and the graph of {} in {}",
                state.stack, state.environment, graph.stack, graph.environment
            ),
        )
        .help("attach the state of the same stack and environment: panka state")
        .into());
    }
    Ok(state)
}

fn check_engine(state: &State, engine: EngineKind, adopt: bool) -> Result<(), Error> {
    let Some(owner) = state.engine.filter(|owner| *owner != engine && !state.resources.is_empty()) else { return Ok(()) };
    let real = !owner.is_simulated() && !engine.is_simulated();
    if real && adopt {
        return Ok(());
    }
    let message = format!("the resources of {} in {} belong to the engine `{owner}`, not to `{engine}`", state.stack, state.environment);
    let other = if real {
        format!("or have `{engine}` take them over: panka apply --engine {engine} --adopt")
    } else {
        "what is simulated is not in AWS, so that --adopt has nothing to take over: take another environment, or destroy it first"
            .to_owned()
    };
    Err(Diagnostic::new(P5014, message).help(format!("give --engine {owner}")).help(other).into())
}

/// Refuses the simulated account with a real backend, unless that is asked for.
pub fn check_simulated(settings: &Settings, allowed: bool) -> Result<(), Error> {
    if settings.engine.is_simulated() && settings.backend != Backend::Local && !allowed {
        return Err(Diagnostic::new(P5011, "the engine `local` only simulates, and the state is in S3")
            .help("give --allow-simulated if that is meant, or --engine pulumi")
            .into());
    }
    Ok(())
}
