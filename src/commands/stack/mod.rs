//! `panka stack`.

use super::Outcome;
use super::init::write_new;
use super::session::Session;
use crate::address::is_name;
use crate::answers::Written;
use crate::diagnostic::codes::command::{P0017, P0018};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Kind;

/// Make a new stack
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Write a new stack with one service, a queue and two environments
    ///
    /// What it writes passes `panka validate` and can be applied at once.
    ///
    /// Example: panka stack init shop
    Init(InitArgs),
}

/// Arguments of `panka stack init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// Name of the stack
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Region to deploy to
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub region: String,
}

/// Path below `stacks/<name>/` and text of each file; `{{name}}` and `{{region}}` are filled in.
const FILES: &[(&str, &str)] = &[
    ("stack.yaml", include_str!("scaffold/stack.yaml")),
    ("environments/dev.yaml", include_str!("scaffold/dev.yaml")),
    ("environments/production.yaml", include_str!("scaffold/production.yaml")),
    ("services/app/components/jobs/sqs.yaml", include_str!("scaffold/sqs.yaml")),
    ("services/app/components/worker/lambda.yaml", include_str!("scaffold/lambda.yaml")),
];

/// Runs the verb.
pub fn run(verb: &Verb, session: &Session) -> Result<Outcome, Error> {
    let Verb::Init(args) = verb;
    if !is_name(&args.name) || args.name.starts_with('_') {
        return Err(Diagnostic::new(P0017, format!("a stack cannot be named `{}`", args.name))
            .help("a name begins with a letter and has at most 40 characters of a-z, 0-9 and hyphens")
            .into());
    }
    let root = session.root_or_directory();
    let folder = root.join("stacks").join(&args.name);
    if folder.exists() {
        return Err(Diagnostic::new(P0018, format!("the stack `{}` is there already: {}", args.name, folder.display()))
            .help("choose another name")
            .into());
    }
    let mut files = Vec::new();
    for (path, text) in FILES {
        let text = text.replace("{{name}}", &args.name).replace("{{region}}", &args.region);
        write_new(&folder.join(path), &text, false)?;
        files.push(format!("stacks/{}/{path}", args.name));
    }
    let list: String = files.iter().map(|file| format!("  {file}\n")).collect();
    let text = format!("wrote\n{list}\nnext: panka plan -s {name} -e dev, then panka apply -s {name} -e dev\n", name = args.name);
    Ok(Outcome::told(&Written { kind: Kind::new(), files, dry_run: false, found: None }, text))
}
