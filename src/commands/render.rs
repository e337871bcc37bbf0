//! `panka render`: a graph or a plan in another form.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::Outcome;
use super::init::write_new;
use super::input::Stage;
use super::opened::Opened;
use super::session::Session;
use crate::answers::Written;
use crate::diagnostic::codes::apply::P8001;
use crate::diagnostic::codes::aws::P3046;
use crate::diagnostic::codes::command::P0015;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Document as _, Kind};
use crate::graph::Graph;
use crate::plan::{Blocked, Plan, Step};
use crate::render::pulumi::Project;
use crate::render::{self, Picture};
use crate::state::State;

/// Write a graph or a plan in another form: CloudFormation, Pulumi, DOT, Mermaid, Markdown
///
/// Examples:
///
///   panka graph -s shop -e dev | panka render --format mermaid
///   panka render -s shop -e dev --format cloudformation > template.json
///   panka render -s shop -e dev --format pulumi --out shop-pulumi
///   panka diff -s shop -e dev --target 'orders/**' | panka render --format pulumi --out shop-pulumi
///   panka diff -s shop -e dev | panka render --format markdown >> "$GITHUB_STEP_SUMMARY"
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The form
    #[arg(long, value_name = "FORM")]
    pub format: Format,
    /// Write a Pulumi project into this directory; a stack file that is there is kept, since it holds configuration
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Forms of `panka render`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A CloudFormation template, JSON
    Cloudformation,
    /// A Pulumi project in YAML: with --out its files; in a pipe one JSON document
    Pulumi,
    /// Graphviz
    Dot,
    /// Mermaid flow chart
    Mermaid,
    /// Markdown for pull requests
    Markdown,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session) -> Result<Outcome, Error> {
    if args.out.is_some() && args.format != Format::Pulumi {
        return Err(Diagnostic::new(P0015, "--out is for Pulumi projects, which are several files: every other form is one text")
            .help("redirect standard output to a file")
            .into());
    }
    let stage = match session.stage(Plan::KIND, "render")? {
        Some(Stage::Plan(plan)) => {
            let text = match args.format {
                Format::Markdown => render::plan_markdown(&plan),
                Format::Dot => render::dot(&Picture::from(&*plan)),
                Format::Mermaid => render::mermaid(&Picture::from(&*plan)),
                Format::Pulumi => return delivered(&project_of(*plan, session).await?, args.out.as_deref(), session),
                Format::Cloudformation => {
                    return Err(Diagnostic::new(
                        P0015,
                        "a plan is not rendered as a CloudFormation template: it holds changes, not the whole",
                    )
                    .help("render the graph: panka graph … | panka render --format cloudformation")
                    .into());
                }
            };
            return Ok(Outcome::text(&*plan, text));
        }
        stage => stage,
    };
    let graphed = session.graph(stage)?;
    let graph = &graphed.graph;
    let outcome = match args.format {
        Format::Cloudformation => {
            let template = render::cloudformation(graph);
            // Without blanks: a template that is given inline has no bytes to spare.
            let text = serde_json::to_string(&template).expect("templates are always JSON");
            let large = too_large(text.len(), graph.resources.len());
            Outcome::text(&template, text).warn(large.into_iter().collect())
        }
        Format::Pulumi => {
            let state = state_beside(graph, session).await?;
            delivered(&Project::of_graph(graph, state.as_ref())?, args.out.as_deref(), session)?
        }
        Format::Dot => Outcome::text(graph, render::dot(&Picture::from(graph))),
        Format::Mermaid => Outcome::text(graph, render::mermaid(&Picture::from(graph))),
        Format::Markdown => Outcome::text(graph, render::graph_markdown(graph)),
    };
    Ok(outcome.warn(graphed.warnings))
}

/// What to do with a template that `CloudFormation` does not take as it is.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
fn too_large(bytes: usize, resources: usize) -> Option<Diagnostic> {
    const INLINE: usize = 51_200;
    const STORED: usize = 1_000_000;
    const RESOURCES: usize = 500;
    if bytes > STORED || resources > RESOURCES {
        let message = format!("the template has {resources} resources in {bytes} bytes, and CloudFormation takes {RESOURCES} in {STORED}");
        let help = "split the stack into several, each with some of its services; `panka apply` has no such limits";
        return Some(Diagnostic::new(P3046, message).help(help));
    }
    (bytes > INLINE).then(|| {
        Diagnostic::new(P3046, format!("the template has {bytes} bytes, and CloudFormation takes {INLINE} in a call"))
            .help("put it into a bucket: `aws cloudformation deploy --s3-bucket BUCKET --template-file FILE`, or give its URL as `--template-url`")
    })
}

/// The state of a graph's place, for the names that replacements have moved on; none where nothing has run.
async fn state_beside(graph: &Graph, session: &Session) -> Result<Option<State>, Error> {
    let place = (graph.stack.as_str(), graph.environment.as_str());
    let opened = Opened::of_document(session, place, (&graph.provider, graph.backend.as_ref()), graph.lock.as_ref()).await?;
    let loaded = opened.load().await;
    let state = loaded.map_err(|error| error.help("to render without a look at the state, keep it in files: --backend-type local"))?;
    Ok(Some(state).filter(State::exists))
}

/// The project of a plan. What the plan leaves as it is stands in the state; a plan that was made where nothing has run needs none.
async fn project_of(mut plan: Plan, session: &Session) -> Result<Project, Error> {
    let state = match &plan.base.lineage {
        None => None,
        Some(lineage) => {
            let place = (plan.stack.as_str(), plan.environment.as_str());
            let opened = Opened::of_document(session, place, (&plan.provider, plan.backend.as_ref()), plan.lock.as_ref()).await?;
            let state = opened.load().await?;
            if !state.exists() {
                let message =
                    format!("the plan was made for the lineage {lineage}, and nothing has run in {} of {} here", place.1, place.0);
                return Err(Diagnostic::new(P8001, message)
                    .help("render it where its state is: in the repository, or with its backend")
                    .into());
            }
            Some(state)
        }
    };
    plan.recompute(state.as_ref())?;
    if let Some(state) = &state {
        plan.check_base(state)?;
    }
    plan.check_refused(false)?;
    let blocked = plan.steps.iter().filter_map(|step| Some((step, step.blocked.as_ref()?)));
    let finding = |(step, blocked): (&Step, &Blocked)| {
        Diagnostic::new(blocked.code, blocked.message.clone()).at(step.source.clone()).about(&step.address)
    };
    Error::check(blocked.map(finding).collect())?;
    Project::of_plan(&plan, state.as_ref())
}

/// The project as files, or as the outcome of the verb.
fn delivered(project: &Project, out: Option<&Path>, session: &Session) -> Result<Outcome, Error> {
    let Some(shown) = out else { return Ok(Outcome::told(project, project.program_text())) };
    let folder = session.context.cwd.join(shown);
    project.check_folder(&folder, shown, "--out")?;
    let program = folder.join("Pulumi.yaml");
    let stack_file = project.stack_file();
    let kept = folder.join(&stack_file).is_file();
    // The stack file first: a program that is there is whole.
    if !kept {
        write_new(&folder.join(&stack_file), &project.stack_text(), false)?;
    }
    write_new(&program, &project.program_text(), true)?;
    let name = |file: &str| shown.join(file).display().to_string();
    let files: Vec<String> = std::iter::once(name("Pulumi.yaml")).chain((!kept).then(|| name(&stack_file))).collect();
    let mut text: String = files.iter().map(|file| format!("wrote {file}\n")).collect();
    if kept {
        text.push_str(&format!("kept  {}, which holds configuration\n", name(&stack_file)));
    }
    Ok(Outcome::told(&Written { kind: Kind::new(), files, dry_run: false, found: None }, text))
}
