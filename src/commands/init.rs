//! `panka init`.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use super::backend::{Place, check_bucket, create};
use super::opened::keeps_no_versions;
use super::session::Session;
use super::{Outcome, asked};
use crate::answers::Written;
use crate::aws;
use crate::config::file::{Aws, Backend, ConfigFile, Locks};
use crate::config::{is_table, user_config_path};
use crate::diagnostic::codes::account::{P4013, P4017, P4018};
use crate::diagnostic::codes::apply::P8004;
use crate::diagnostic::codes::command::{P0008, P0014, P0017, P0018};
use crate::diagnostic::codes::state::P7001;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Kind;
use crate::lock::Table;
use crate::manifest;
use crate::output::{self, Options, prompt};
use crate::state::store::{Bucket, S3Store, Store};

/// Write the configuration file
///
/// Asks for region, bucket, table and profile, or takes them as flags, and writes ~/.panka/config.yaml, or panka.yaml in the repository with
/// --here. An empty bucket keeps the local backend. Bucket and table are looked into, if they can be reached: what is found
/// there is said. What is missing can be made at once, on a terminal; elsewhere the command is said that makes it.
///
/// Examples:
///
///   panka init
///   panka init --region eu-west-1 --bucket acme-panka --table acme-panka-locks --profile deploy
///   panka init --here --region eu-west-1 --bucket acme-panka
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Region to deploy to
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// S3 bucket of the state
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// DynamoDB table of the locks
    #[arg(long, value_name = "TABLE")]
    pub table: Option<String>,
    /// AWS profile
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Write panka.yaml in the repository instead
    #[arg(long)]
    pub here: bool,
    /// Write over a file that is there
    #[arg(long)]
    pub force: bool,
}

/// Runs the verb.
pub async fn run(args: &Args, session: &Session, options: &Options) -> Result<Outcome, Error> {
    let path = if args.here {
        session.root_or_directory().join("panka.yaml")
    } else {
        user_config_path(&session.context).ok_or_else(|| {
            Diagnostic::new(P0014, "the home directory is not known").help("set HOME, or write panka.yaml in the repository with --here")
        })?
    };
    let asks = args.region.is_none() && args.bucket.is_none() && args.table.is_none() && args.profile.is_none();
    let present = if asks { ConfigFile::read_if_present(&path)? } else { None };
    // Who is asked sees what is there, and is asked again before it is written over.
    let can_ask = asks && session.context.terminal.stdin;
    if path.exists() && !args.force && !can_ask {
        return Err(Diagnostic::new(P0018, format!("`{}` is there already", path.display()))
            .help("change it by hand, or write over it with --force")
            .into());
    }
    let answers = Answers::gather(args, session, asks, present.as_ref()).await?;
    answers.check()?;
    let text = answers.file(present.unwrap_or_default()).to_yaml();
    if path.exists() && !args.force {
        let question = format!("Do you want to write this over {}? Its comments are lost.", path.display());
        output::tell(&text)?;
        if !asked(move || prompt::confirm(&question)).await? {
            return Err(Diagnostic::new(P8004, "not approved: nothing was changed").into());
        }
    }
    write_new(&path, &text, path.exists())?;
    let mut drawn = format!("wrote {}\n\n{text}", path.display());
    let (mut found, mut warnings) = answers.look().await;
    let is_missing = |finding: &Diagnostic| finding.code == P4013 || finding.code == P4018;
    if warnings.iter().any(is_missing) {
        if session.context.terminal.stdin && session.context.terminal.stdout {
            for finding in warnings.iter().filter(|finding| is_missing(finding)) {
                output::tell(&format!("{}; this would set it up:\n", finding.message))?;
            }
            if answers.create(session, options).await? {
                (found, warnings) = answers.look().await;
            }
        }
        // One command makes both.
        if let Some(missing) = warnings.iter_mut().rfind(|finding| is_missing(finding)) {
            missing.help = vec![format!("make what is missing with `{}`", answers.create_command())];
        }
    }
    if let Some(found) = &found {
        drawn += &format!("\n{found}\n");
    }
    let written = Written { kind: Kind::new(), files: vec![path.display().to_string()], dry_run: false, found };
    Ok(Outcome::told(&written, drawn).warn(warnings))
}

/// How long the bucket is waited for: what is written is right without it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answer that takes an offered value away.
const NONE: &str = "-";

#[derive(Default)]
struct Answers {
    region: String,
    bucket: String,
    table: String,
    profile: String,
}

impl Answers {
    /// Takes what flags give, or asks for all of it on the terminal: with any flag given nothing is asked, since a script must not hang. What is
    /// configured already is offered.
    async fn gather(args: &Args, session: &Session, asks: bool, present: Option<&ConfigFile>) -> Result<Self, Error> {
        let given = |value: &Option<String>| value.clone().unwrap_or_default();
        if !asks {
            return Ok(Self {
                region: given(&args.region),
                bucket: given(&args.bucket),
                table: given(&args.table),
                profile: given(&args.profile),
            });
        }
        let known = Self::of(present);
        let variable = |name: &str| session.context.variable(name).map(str::to_owned);
        let or = |known: &str, other: Option<String>| if known.is_empty() { other.unwrap_or_default() } else { known.to_owned() };
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).unwrap_or_else(|| "us-east-1".to_owned());
        let region = question("Which region do you deploy to?", or(&known.region, Some(region)), |region| {
            Self { region: region.to_owned(), ..Self::default() }.check()
        })
        .await?;
        let bucket = question("Which S3 bucket keeps the states? Without one, files of the repository do (-)", known.bucket, |bucket| {
            Self { bucket: bucket.to_owned(), ..Self::default() }.check()
        })
        .await?;
        let table = if bucket.is_empty() {
            String::new()
        } else {
            let beside = bucket.clone();
            question("Which DynamoDB table keeps the locks? Without one, the bucket does (-)", known.table, move |table| {
                Self { bucket: beside.clone(), table: table.to_owned(), ..Self::default() }.check()
            })
            .await?
        };
        let profile = or(&known.profile, variable("AWS_PROFILE"));
        let profile = question("Which AWS profile do you use? Without one, the default credentials (-)", profile, |_| Ok(())).await?;
        Ok(Self { region, bucket, table, profile })
    }

    /// What is configured.
    fn of(present: Option<&ConfigFile>) -> Self {
        let Some(file) = present else { return Self::default() };
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let (aws, backend, locks) = (file.aws.as_ref(), file.backend.as_ref(), file.locks.as_ref());
        Self {
            region: text(aws.and_then(|aws| aws.region.as_ref())),
            bucket: text(backend.and_then(|backend| backend.bucket.as_ref())),
            table: text(locks.and_then(|locks| locks.table.as_ref())),
            profile: text(aws.and_then(|aws| aws.profile.as_ref())),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let refuse =
            |flag: &str, value: &str, help: &str| Err(Diagnostic::new(P0017, format!("{flag} cannot be `{value}`")).help(help).into());
        if !self.region.is_empty()
            && let Err(problem) = manifest::check_region(&self.region)
        {
            return Err(Diagnostic::new(P0017, format!("--region cannot be `{}`", self.region)).help(problem).into());
        }
        if !self.bucket.is_empty() {
            check_bucket(&self.bucket)?;
        }
        if !self.table.is_empty() && !is_table(&self.table) {
            return refuse("--table", &self.table, "a table's name has 3 to 255 letters, digits, underscores, hyphens and dots");
        }
        if self.bucket.is_empty() && !self.table.is_empty() {
            return refuse("--table", &self.table, "a table of locks goes with a bucket: give --bucket as well");
        }
        Ok(())
    }

    fn aws(&self) -> aws::Aws {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        aws::Aws::new(some(&self.profile), some(&self.region))
    }

    fn table(&self) -> Table {
        Table::new(self.aws(), self.table.clone(), None, None)
    }

    /// Looks into bucket and table, where they are named: what the bucket holds, and warnings of what is wrong with either.
    async fn look(&self) -> (Option<String>, Vec<Diagnostic>) {
        let mut found = None;
        let mut warnings = Vec::new();
        if !self.bucket.is_empty() {
            match timeout(PATIENCE, self.look_into_bucket()).await {
                Ok(Ok((what, warning))) => {
                    found = Some(what);
                    warnings.extend(warning);
                }
                Ok(Err(finding)) => warnings.push(finding.warning()),
                Err(_) => warnings.push(Diagnostic::new(P4017, format!("s3://{} does not answer", self.bucket)).warning()),
            }
        }
        if !self.table.is_empty() {
            match timeout(PATIENCE, self.table().look()).await {
                Ok(Ok(warning)) => warnings.extend(warning),
                Ok(Err(error)) => warnings.extend(error.findings().iter().cloned().map(Diagnostic::warning)),
                Err(_) => warnings.push(Diagnostic::new(P4017, format!("the lock table `{}` does not answer", self.table)).warning()),
            }
        }
        (found, warnings)
    }

    /// Shows what would make bucket and table, asks, and makes them; false where that is not wanted.
    async fn create(&self, session: &Session, options: &Options) -> Result<bool, Error> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let place = Place { bucket: some(&self.bucket), table: some(&self.table), region: some(&self.region), ..Place::default() };
        let args = create::Args { place, dry_run: false, auto_approve: false };
        match create::run(&args, session, options).await {
            Ok(_) => Ok(true),
            Err(error) if error.findings().iter().any(|finding| finding.code == P8004) => Ok(false),
            Err(error) => {
                Err(error.help(format!("the configuration is written; what is missing is made with `{}`", self.create_command())))
            }
        }
    }

    /// The command that makes bucket and table.
    fn create_command(&self) -> String {
        let flag = |name: &str, value: &str| if value.is_empty() { String::new() } else { format!(" --{name} {value}") };
        let (bucket, table, region) = (flag("bucket", &self.bucket), flag("table", &self.table), flag("region", &self.region));
        format!("panka backend create{bucket}{table}{region}")
    }

    /// Looks into the bucket: what is there, and whether it keeps versions. An error says why that cannot be known.
    async fn look_into_bucket(&self) -> Result<(String, Option<Diagnostic>), Diagnostic> {
        let bucket = Bucket { name: self.bucket.clone(), ..Bucket::default() };
        let bucket = S3Store::new(self.aws(), bucket);
        let keys = Store::S3(bucket.clone()).list("stacks/").await.map_err(|error| error.finding(P7001))?;
        let place = |key: &String| key.splitn(4, '/').take(3).map(str::to_owned).collect::<Vec<_>>();
        let places = keys.iter().map(place).collect::<BTreeSet<_>>().len();
        let holds = match places {
            0 => "no state yet".to_owned(),
            1 => "the state of one stack in one environment".to_owned(),
            many => format!("the state of {many} stacks and environments"),
        };
        // Who may not ask for the setting is told by the first write.
        let forgets = matches!(bucket.keeps_versions().await, Ok(false));
        Ok((format!("s3://{} answers: {holds}", self.bucket), forgets.then(|| keeps_no_versions(&self.bucket))))
    }

    /// The file with these answers, and what else was in it.
    fn file(&self, before: ConfigFile) -> ConfigFile {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let aws = Aws { region: some(&self.region), profile: some(&self.profile) };
        let local = self.bucket.is_empty();
        let same = before.backend.as_ref().is_some_and(|backend| backend.bucket.as_deref() == Some(self.bucket.as_str()));
        let backend = before.backend.filter(|_| same).unwrap_or_default();
        let (backend_type, bucket) = (Some(if local { "local" } else { "s3" }.to_owned()), some(&self.bucket));
        let locks = before.locks.unwrap_or_default();
        ConfigFile {
            aws: (aws != Aws::default()).then_some(aws),
            backend: Some(Backend { backend_type, bucket, ..backend }),
            locks: match some(&self.table) {
                Some(table) => Some(Locks { lock_type: Some("dynamodb".to_owned()), table: Some(table), ..locks }),
                None => Some(Locks { lock_type: None, table: None, ..locks }).filter(|locks| *locks != Locks::default()),
            },
            ..before
        }
    }
}

/// Asks one question until its answer will do. An answer that is [`NONE`] is empty.
async fn question(
    text: &'static str,
    default: String,
    check: impl Fn(&str) -> Result<(), Error> + Send + 'static,
) -> Result<String, Error> {
    let answer = asked(move || prompt::ask_until(text, Some(&default), |answer| if answer == NONE { Ok(()) } else { check(answer) })).await;
    let answer = answer.map_err(|error| {
        if error.findings().iter().any(|finding| finding.code == P0008) {
            error.help("give the answers as flags: --region, --bucket, --table, --profile")
        } else {
            error
        }
    })?;
    Ok(if answer == NONE { String::new() } else { answer })
}

/// Writes a file whole or not at all, making its directories.
pub(super) fn write_new(path: &Path, text: &str, over: bool) -> Result<(), Error> {
    let fail = |error: &std::io::Error| -> Error {
        if error.kind() == ErrorKind::AlreadyExists {
            return Diagnostic::new(P0018, format!("`{}` is there already", path.display())).into();
        }
        Diagnostic::new(P0014, format!("`{}` cannot be written: {error}", path.display())).into()
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(directory).map_err(|error| fail(&error))?;
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(|error| fail(&error))?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|error| fail(&error))?;
    file.as_file().sync_all().map_err(|error| fail(&error))?;
    let kept = if over { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map(drop).map_err(|error| fail(&error.error))
}
