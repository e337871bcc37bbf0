//! What an earlier run has left, or another engine has made: settled with AWS before anything else is done.
//!
//! In: panka's state, Pulumi's, the desired form of what is open. Out: a state of Pulumi's in which all is known that can be known.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::export::{self, Exported};
use super::stack::Stack;
use super::takeover::{self, As, Taken, Wanted};
use super::{Pulumi, guard, said};
use crate::address::Address;
use crate::apply::{RunContext, how_to_resolve};
use crate::diagnostic::codes::engine::P5016;
use crate::diagnostic::{Diagnostic, Error};
use crate::plan::Plan;
use crate::render::pulumi::{Project, names};
use crate::resource::Resource;
use crate::state::{Edit, Record, State, What};

impl Pulumi {
    /// Settles the creates whose end nobody has seen: those that Pulumi itself notes as begun, and those whose answer was lost. Each is looked for by
    /// the identifier that it must have; where there is none it stays open, here and there, until a person says what became of it.
    pub(super) async fn take_up(&self, stack: &Stack, state: &State, desired: &[&Resource]) -> Result<(), Error> {
        let is_open = |address: &Address| state.resources.get(address).is_some_and(|record| record.pending.is_some());
        let (unfinished, present, text) = {
            let known = self.known();
            let exported = self.exported();
            let Some(exported) = exported.as_ref() else { return Ok(()) };
            let present: BTreeSet<Address> = exported.instances(&known).into_keys().collect();
            (exported.unfinished(&known, &self.account), present, exported.text().map(str::to_owned))
        };
        let mut over = BTreeSet::new();
        let mut wanted = Vec::new();
        for one in unfinished {
            let said = state.resources.get(&one.address).and_then(|record| record.identifier.clone());
            let identifier = if is_open(&one.address) { one.identifier } else { said };
            // In Pulumi Cloud there is no copy to try it on.
            match identifier.filter(|_| !present.contains(&one.address) && !self.tool.setup.is_cloud()) {
                Some(identifier) => {
                    let token = one.resource["type"].as_str().unwrap_or_default().to_owned();
                    wanted.push(Wanted { name: one.name, token, identifier, as_what: As::Begun(one.resource) });
                }
                // A person has said that it is not there, or what it is has a record already.
                None if !is_open(&one.address) => drop(over.insert(one.name)),
                None => {}
            }
        }
        self.unsure().retain(|address| is_open(address));
        let unsure = self.unsure().clone();
        let unsure = unsure.iter().filter(|_| !self.tool.setup.is_cloud());
        wanted.extend(unsure.filter(|address| !present.contains(*address)).filter_map(|address| {
            let resource = desired.iter().find(|one| one.address == *address && !one.nested)?;
            self.declared(resource)
        }));
        if wanted.is_empty() && over.is_empty() {
            return Ok(());
        }
        let Some(text) = text else { return Ok(()) };
        let mut after = if wanted.is_empty() {
            serde_json::from_str(&text).map_err(|error| said::unclear("pulumi stack export", &error))?
        } else {
            let empty = self.of_resources(&[])?;
            let Taken { state, .. } = takeover::take_over(stack, &empty, Some(&text), &wanted).await?;
            over.extend(wanted.iter().map(|one| one.name.clone()));
            self.unsure().retain(|address| !over.contains(&names::logical(address)));
            state
        };
        takeover::forget(&mut after, &over);
        self.put(stack, &after).await
    }

    /// What is to be known of a resource whose create was answered by nobody; nothing where its identifier does not follow from its properties.
    fn declared(&self, resource: &Resource) -> Option<Wanted> {
        let identifier = export::identifier(&resource.type_name, &resource.properties, &self.account)?;
        let project = self.of_resources(std::slice::from_ref(resource)).ok()?;
        let name = names::logical(&resource.address);
        let as_what = As::Declared {
            properties: project.properties(&name).clone(),
            depends_on: resource.depends_on.iter().map(names::logical).collect(),
            protect: resource.lifecycle.protect,
            retain: resource.lifecycle.retain_on_delete,
            unread: takeover::unread(&resource.type_name, project.properties(&name)),
        };
        Some(Wanted { name, token: names::token(&resource.type_name), identifier, as_what })
    }

    /// The program of resources of this stack, of which nothing else is said.
    pub(super) fn of_resources(&self, resources: &[Resource]) -> Result<Project, Error> {
        let setup = &self.tool.setup;
        Project::of_resources(&setup.stack, &setup.environment, &self.account.region, resources)
    }

    /// Has Pulumi take over what panka's state knows and Pulumi's does not: read from AWS, and then held to what the state says of it. Nothing in AWS
    /// changes, and unless Pulumi agrees with the state, nothing in Pulumi's state either. Gives back how many resources were taken over.
    pub async fn adopt(&self, context: &RunContext, plan: &Plan) -> Result<usize, Error> {
        let state = context.journal.state();
        if self.tool.setup.is_cloud() {
            return Err(refused("its state is in Pulumi Cloud, where there is no copy to try it on")
                .help("`pulumi import` takes resources over by hand")
                .into());
        }
        if let Some((address, _)) = state.pending().next() {
            return Err(refused(&format!("nobody knows yet how an operation of `{address}` ended"))
                .help(format!("look what became of it, and say it: {}", how_to_resolve(address)))
                .into());
        }
        self.learn(&state, None);
        let still = Plan { steps: Vec::new(), outputs: BTreeMap::new(), ..plan.clone() };
        let project = self.project(&still, &state)?;
        let stack = self.enter(&project, &state).await?;
        self.take_up(&stack, &state, &[]).await?;
        let found = self.found();
        let lacking = |(address, record): &(&Address, &Record)| record.identifier.is_some() && !found.instances.contains_key(*address);
        let missing: Vec<(&Address, &Record)> = state.resources.iter().filter(lacking).collect();
        let others = missing.iter().map(|(address, _)| (*address).clone()).collect();
        guard::same(&found, &state, &others, self.tool.setup.shown_backend())?;
        if let Some((address, _)) = missing.iter().find(|(_, record)| record.nested) {
            let message = format!("`{address}` lives in a CloudFormation stack of its own, whose name the state does not hold");
            return Err(refused(&message)
                .help("`pulumi import` takes it over by hand; `panka render --format pulumi` writes the program")
                .into());
        }
        let wanted: Vec<Wanted> = missing.iter().filter_map(|(address, record)| recorded(address, record, &project)).collect();
        if !wanted.is_empty() {
            let provider = self.project(&still, &State { resources: BTreeMap::new(), ..state.clone() })?;
            let exported = self.exported().as_ref().and_then(Exported::text).map(str::to_owned);
            let Taken { copy, state: after, absent, foreign } =
                takeover::take_over(&stack, &provider, exported.as_deref(), &wanted).await?;
            let named = |names: &BTreeSet<String>| -> Vec<String> {
                let among = missing.iter().map(|(address, _)| *address).filter(|address| names.contains(&names::logical(address)));
                among.map(|address| format!("`{address}`")).collect()
            };
            if !foreign.is_empty() {
                let message = format!("what stands in AWS of {} carries other tags than the state says", named(&foreign).join(", "));
                return Err(refused(&message).help("put the tags back, if it is this stack's").into());
            }
            if !absent.is_empty() {
                let named = named(&absent);
                return Err(refused(&format!("AWS has nothing under the identifier of {}", named.join(", ")))
                    .help("`panka state rm` forgets what is gone; the next apply makes it again")
                    .into());
            }
            copy.import(&after.to_string()).await?;
            let findings = self.preview(&copy, &project, &still).await?.into_iter().map(|one| {
                let keys = if one.keys.is_empty() { String::new() } else { format!(" ({})", one.keys.join(", ")) };
                let what = one.pulumi.unwrap_or_default();
                refused(&format!("what stands in AWS of `{}` is not what the state says: Pulumi would {what} it{keys}", one.address))
                    .about(&one.address)
                    .help("bring the two together with the engine that made it, or by hand, and adopt again")
            });
            Error::check(findings.collect())?;
            self.put(&stack, &after).await?;
        }
        let mut data: Map<String, Value> = state.engine_data.clone();
        data.extend(self.keep(&stack));
        let edit = Edit { engine_data: Some(data), ..Edit::default() };
        context.journal.append(vec![What::Edit(Box::new(edit))]).await?;
        tracing::info!(resources = wanted.len(), "Pulumi has taken over what the state knows");
        Ok(wanted.len())
    }
}

/// What is to be known of a resource that the state knows.
fn recorded(address: &Address, record: &Record, project: &Project) -> Option<Wanted> {
    let name = names::logical(address);
    let as_what = As::Declared {
        properties: project.properties(&name).clone(),
        depends_on: record.depends_on.iter().map(names::logical).collect(),
        protect: record.protect,
        retain: record.retain,
        unread: takeover::unread(&record.type_name, project.properties(&name)),
    };
    Some(Wanted { token: names::token(&record.type_name), identifier: record.identifier.clone()?, name, as_what })
}

fn refused(why: &str) -> Diagnostic {
    Diagnostic::new(P5016, format!("Pulumi cannot take this stack over: {why}"))
}
