//! The private directory of a run: the program, the stack file, and what Pulumi writes beside them. It goes with the run.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::diagnostic::codes::command::P0014;
use crate::diagnostic::{Diagnostic, Error};
use crate::render::pulumi::Project;

/// What the stack file holds besides configuration: how secrets are encrypted. Kept from run to run.
const KEPT: [&str; 3] = ["secretsprovider", "encryptedkey", "encryptionsalt"];

/// The file of the program.
const PROGRAM: &str = "Pulumi.yaml";

/// A directory with the files of a project, for its owner alone.
#[derive(Debug)]
pub(super) struct Workspace {
    folder: TempDir,
    stack_file: String,
}

impl Workspace {
    /// Writes the files. `kept` is what an earlier run has left of the stack file.
    pub(super) fn new(project: &Project, kept: &Map<String, Value>) -> Result<Self, Error> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("panka-pulumi-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir().map_err(|error| unwritten(&error))?;
        let mut stack: Map<String, Value> = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), kept.get(*name)?.clone()))).collect();
        stack.insert("config".into(), json!({}));
        let text = serde_saphyr::to_string(&Value::Object(stack)).expect("a JSON value is always YAML");
        let stack_file = project.stack_file();
        let files = [(PROGRAM, project.program_text()), (stack_file.as_str(), text)];
        for (name, text) in files {
            fs::write(folder.path().join(name), text).map_err(|error| unwritten(&error))?;
        }
        Ok(Self { folder, stack_file })
    }

    /// Puts another program in the place of the one that is there, and gives that back.
    pub(super) fn replace(&self, project: &Project) -> Result<String, Error> {
        let before = fs::read_to_string(self.path().join(PROGRAM)).map_err(|error| unwritten(&error))?;
        self.restore(&project.program_text())?;
        Ok(before)
    }

    /// Puts a program back.
    pub(super) fn restore(&self, program: &str) -> Result<(), Error> {
        self.write(PROGRAM, program).map(drop)
    }

    /// Writes a file, and gives back its path.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<String, Error> {
        let path = self.path().join(name);
        fs::write(&path, text).map_err(|error| unwritten(&error))?;
        Ok(path.display().to_string())
    }

    /// Copies the files to a directory that stays.
    pub(super) fn keep(&self, folder: &Path) -> Result<(), Error> {
        let failed = |error: &dyn std::fmt::Display| {
            Diagnostic::new(P0014, format!("the program cannot be kept in `{}`: {error}", folder.display()))
                .help("give --keep-program a directory that can be written")
        };
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        for name in [PROGRAM, &self.stack_file] {
            fs::copy(self.folder.path().join(name), folder.join(name)).map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the next run needs of the stack file.
    pub(super) fn kept(&self) -> Map<String, Value> {
        let text = fs::read_to_string(self.folder.path().join(&self.stack_file)).unwrap_or_default();
        let Ok(Value::Object(stack)) = serde_saphyr::from_str(&text) else { return Map::new() };
        stack.into_iter().filter(|(name, _)| KEPT.contains(&name.as_str())).collect()
    }
}

/// The directory of a run cannot be written.
fn unwritten(error: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::new(P0014, format!("the directory of the run cannot be written: {error}"))
        .help("TMPDIR must name a directory in which there is room")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample::{graph, queue};

    #[test]
    fn the_salt_is_handed_from_run_to_run_and_the_directory_goes() {
        let project = Project::of_graph(&graph([queue("a/b/queue")]), None).unwrap();
        let kept = Map::from_iter([("encryptionsalt".to_owned(), json!("v1:abc:v1:def")), ("other".to_owned(), json!(1))]);
        let workspace = Workspace::new(&project, &kept).unwrap();
        let path = workspace.path().to_owned();
        assert!(fs::read_to_string(path.join("Pulumi.yaml")).unwrap().contains("a_b_queue"));
        assert_eq!(Value::Object(workspace.kept()), json!({"encryptionsalt": "v1:abc:v1:def"}));
        drop(workspace);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn the_directory_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let workspace = Workspace::new(&Project::of_graph(&graph([queue("a/b/queue")]), None).unwrap(), &Map::new()).unwrap();
        assert_eq!(fs::metadata(workspace.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
