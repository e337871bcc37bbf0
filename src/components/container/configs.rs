//! Configuration files: written by an init container into a volume that the main container reads.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Configs;
use super::probe::shell_word;
use crate::manifest::{Component, File};

/// Bytes that all files may have together; a task definition has 64 KiB.
pub(super) const LIMIT: u64 = 32 * 1024;

/// Name of the volume, and of the container that fills it.
pub(super) const NAME: &str = "panka-configs";

/// A small image with a shell that can be had without credentials.
const IMAGE: &str = "public.ecr.aws/docker/library/busybox:stable";

/// The files by their path below the mount path, in the order of these.
pub(super) fn files<'c>(configs: &Configs, component: &'c Component) -> Vec<(&'c str, &'c File)> {
    let wanted = |name: &str| configs.files.as_ref().is_none_or(|files| files.iter().any(|file| file == name));
    let mut files: Vec<_> = component
        .files
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, file)| (name.trim_start_matches("./").strip_prefix("configs/").unwrap_or(name), file))
        .collect();
    files.sort_unstable_by_key(|(name, _)| *name);
    files
}

/// The init container. Each file is a variable, so that no character of it needs care in the shell.
pub(super) fn container(configs: &Configs, component: &Component, logs: &Value) -> Value {
    let (mut variables, mut script) = (Vec::new(), String::from("set -e"));
    for (n, (name, file)) in files(configs, component).into_iter().enumerate() {
        let path = format!("{}/{name}", configs.mount_path.trim_end_matches('/'));
        let directory = path.rsplit_once('/').map_or("/", |(directory, _)| directory);
        write!(script, "; mkdir -p {}; printf %s \"$PANKA_CONFIG_{n}\" > {}", shell_word(directory), shell_word(&path))
            .expect("writing to a string does not fail");
        variables.push(json!({ "Name": format!("PANKA_CONFIG_{n}"), "Value": file.text.as_deref().unwrap_or_default() }));
    }
    json!({
        "Command": ["sh", "-c", script],
        "Environment": variables,
        "Essential": false,
        "Image": IMAGE,
        "LogConfiguration": logs,
        "MountPoints": [{ "ContainerPath": configs.mount_path, "ReadOnly": false, "SourceVolume": NAME }],
        "Name": NAME
    })
}
