//! The engine of a run: opened from the configuration and the world around.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::apply::{OnFailure, Running};
use super::opened::Opened;
use super::session::Session;
use crate::account::{Account, EngineKind};
use crate::apply::faults::Mishaps;
use crate::aws::{ANY_REGION, Aws, identity};
use crate::config::Backend;
use crate::diagnostic::codes::account::{P4001, P4017};
use crate::diagnostic::codes::command::{P0014, P0015};
use crate::diagnostic::codes::engine::P5012;
use crate::diagnostic::{Diagnostic, Error};
use crate::engine::pulumi::{Pulumi, Setup, Tool};
use crate::engine::{AnyEngine, Simulation};
use crate::manifest::Provider;
use crate::render::pulumi::session as session_name;
use crate::state::State;

/// Opens the engine that is configured, for a stack that is deployed as `provider` says and whose state is this.
pub async fn open(
    opened: &Opened,
    session: &Session,
    (provider, state): (&Provider, &State),
    running: &Running,
    mishaps: Mishaps,
) -> Result<AnyEngine, Error> {
    match opened.settings.engine {
        EngineKind::Pulumi => {
            if running.on_failure == OnFailure::Rollback {
                return Err(Diagnostic::new(P0015, "the engine `pulumi` does not undo a failed run: what was done stays")
                    .help("leave --on-failure out: the next apply goes on from there")
                    .into());
            }
            let how = (running.cancel_pulumi, running.keep_program.as_deref());
            pulumi(opened, session, (provider, state), how).await.map(|engine| AnyEngine::Pulumi(Box::new(engine)))
        }
        kind => {
            let clock = Arc::clone(&opened.clock);
            let simulation = Simulation {
                directory: opened.settings.root.join(".panka"),
                region: provider.region.clone(),
                place: format!("{}/{}", opened.place.stack(), opened.place.environment()),
                now: Arc::new(move || clock.now().as_second()),
                mishaps,
            };
            AnyEngine::simulated(kind, simulation)
        }
    }
}

/// Opens Pulumi: whether its own lock may be cleared, and where the program is kept.
pub async fn pulumi(
    opened: &Opened,
    session: &Session,
    (provider, state): (&Provider, &State),
    how: (bool, Option<&Path>),
) -> Result<Pulumi, Error> {
    if opened.settings.engine != EngineKind::Pulumi {
        return Err(Diagnostic::new(P5012, format!("Pulumi has no part in this: the engine is `{}`", opened.settings.engine))
            .help("give --engine pulumi")
            .into());
    }
    let setup = setup(opened, session, provider, how)?;
    let aws = Aws::new(setup.profile.clone(), Some(provider.region.clone()));
    let name = session_name(opened.place.stack(), opened.place.environment());
    // Both are waited for, so that of two errors it is always the same that is told.
    let (tool, account) = tokio::join!(Tool::open(setup), account(&aws, (provider, state), &name));
    let (tool, account) = (tool?, account?);
    let aws = match &provider.role_arn {
        Some(role) => aws.assuming(role, &name).await,
        None => aws,
    };
    Ok(Pulumi::new(tool, aws, account, state.engine_data.clone()))
}

/// The account that the credentials belong to. It must be the one that the manifests name, and the one in which the stack lives.
async fn account(aws: &Aws, (provider, state): (&Provider, &State), session: &str) -> Result<Account, Error> {
    let asked = match &provider.role_arn {
        Some(role) => identity::role(aws, role, session).await,
        None => identity::account(aws).await,
    };
    let id = match asked {
        Ok(id) => id,
        Err(failure) => {
            let failure = aws.explain(failure).await;
            let code = failure.finding_code().unwrap_or(P4017);
            let finding = Diagnostic::new(code, format!("nobody says whose account this is: {}", failure.cause()));
            return Err(match failure.help() {
                Some(help) => finding.help(help),
                None => finding,
            }
            .into());
        }
    };
    for (wanted, why) in [(provider.account_id.as_deref(), "the manifests name"), (state.account(), "the stack lives in")] {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != id) {
            return Err(Diagnostic::new(P4001, format!("the credentials are of the account {id}, and {why} {wanted}"))
                .help("take the profile or the role of that account")
                .into());
        }
    }
    Ok(Account::new(Some(&id), &provider.region))
}

fn setup(opened: &Opened, session: &Session, provider: &Provider, (cancel, keep): (bool, Option<&Path>)) -> Result<Setup, Error> {
    let (settings, context) = (&opened.settings, &session.context);
    let search = context.variable("PATH").map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
    Ok(Setup {
        stack: opened.place.stack().to_owned(),
        environment: opened.place.environment().to_owned(),
        binary: settings.pulumi.path.as_ref().map(|path| context.cwd.join(path)),
        search,
        variables: variables(session),
        backend: backend(opened, session)?,
        secrets_provider: settings.pulumi.secrets_provider.clone(),
        profile: provider.profile.clone().or_else(|| settings.aws.profile.clone()),
        region: provider.region.clone(),
        host: context.hostname(),
        stop: session.stop.clone(),
        cancel,
        keep: keep.map(|folder| context.cwd.join(folder)),
    })
}

/// The variables of Pulumi. It runs in a directory of its own, so that paths must be whole.
fn variables(session: &Session) -> BTreeMap<String, String> {
    let mut variables = session.context.variables("PULUMI_");
    for name in ["PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_HOME"] {
        if let Some(path) = variables.get_mut(name) {
            *path = session.context.cwd.join(&*path).display().to_string();
        }
    }
    variables
}

/// Where Pulumi keeps its own state: beside panka's, unless the configuration names another place.
fn backend(opened: &Opened, session: &Session) -> Result<String, Error> {
    let settings = &opened.settings;
    if let Some(url) = &settings.pulumi.backend {
        return Ok(url.clone());
    }
    let key = opened.place.key("pulumi");
    match &settings.backend {
        Backend::Local => {
            let folder: PathBuf = settings.root.join(".panka").join(key);
            std::fs::create_dir_all(&folder)
                .and_then(|()| folder.canonicalize())
                .map(|folder| format!("file://{}", folder.display()))
                .map_err(|error| Diagnostic::new(P0014, format!("`{}` cannot be made: {error}", folder.display())).into())
        }
        Backend::S3(bucket) => {
            let region = bucket.region.as_deref().or(settings.aws.region.as_deref()).unwrap_or(ANY_REGION);
            let endpoint = session.context.variable("AWS_ENDPOINT_URL_S3").or_else(|| session.context.variable("AWS_ENDPOINT_URL"));
            let endpoint = endpoint.map(|url| format!("&endpoint={url}&use_path_style=true")).unwrap_or_default();
            Ok(format!("s3://{}/{}{key}?region={region}{endpoint}", bucket.name, bucket.prefix))
        }
    }
}
