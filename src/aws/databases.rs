//! Snapshots of databases, which Cloud Control does not make.
//!
//! In: a database by its type and identifier, the name of the snapshot. Out: the snapshot is there, or why it is not.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html>

use std::time::Duration;

use super::{Aws, Failure};

/// The first and the longest pause between two questions whether a snapshot is there.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(20));

/// Questions until a snapshot is given up: an hour and a half.
const QUESTIONS: u32 = 270;

/// The type whose snapshots are those of a cluster.
const CLUSTER: &str = "AWS::RDS::DBCluster";

/// Why there is no snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSnapshot {
    /// The service did not make it.
    Call(Failure),
    /// It was begun and has not come to a good end: its status.
    Status(String),
}

impl std::fmt::Display for NoSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call(failure) => f.write_str(&failure.message),
            Self::Status(status) => write!(f, "it is `{status}` and not `available`"),
        }
    }
}

/// Makes a snapshot and waits until it is there. A snapshot of this name is taken for the one that was asked for; of a database that does not exist
/// there is none to make.
pub async fn snapshot(aws: &Aws, region: &str, type_name: &str, identifier: &str, name: &str) -> Result<(), NoSnapshot> {
    let client = aws.databases(region).await;
    let is_cluster = type_name == CLUSTER;
    let begun = if is_cluster {
        let call = client.create_db_cluster_snapshot().db_cluster_identifier(identifier).db_cluster_snapshot_identifier(name);
        call.send().await.map(drop).map_err(|error| Failure::of(&error, "rds:CreateDBClusterSnapshot"))
    } else {
        let call = client.create_db_snapshot().db_instance_identifier(identifier).db_snapshot_identifier(name);
        call.send().await.map(drop).map_err(|error| Failure::of(&error, "rds:CreateDBSnapshot"))
    };
    match begun {
        Ok(()) => {}
        Err(failure) if failure.has_code(&["DBInstanceNotFound", "DBClusterNotFoundFault"]) => return Ok(()),
        // An answer was lost on its way, and the call was made again.
        Err(failure) if failure.has_code(&["DBSnapshotAlreadyExists", "DBClusterSnapshotAlreadyExistsFault"]) => {}
        Err(failure) => return Err(NoSnapshot::Call(failure)),
    }
    let (mut pause, longest) = PAUSES;
    let mut status = String::new();
    for _ in 0..QUESTIONS {
        status = if is_cluster {
            let answer = client.describe_db_cluster_snapshots().db_cluster_snapshot_identifier(name).send().await;
            let answer = answer.map_err(|error| NoSnapshot::Call(Failure::of(&error, "rds:DescribeDBClusterSnapshots")))?;
            answer.db_cluster_snapshots().first().and_then(|found| found.status()).unwrap_or_default().to_owned()
        } else {
            let answer = client.describe_db_snapshots().db_snapshot_identifier(name).send().await;
            let answer = answer.map_err(|error| NoSnapshot::Call(Failure::of(&error, "rds:DescribeDBSnapshots")))?;
            answer.db_snapshots().first().and_then(|found| found.status()).unwrap_or_default().to_owned()
        };
        match status.as_str() {
            "available" => return Ok(()),
            "" | "creating" | "pending" => {}
            _ => return Err(NoSnapshot::Status(status)),
        }
        tokio::time::sleep(pause).await;
        pause = longest.min(pause * 2);
    }
    Err(NoSnapshot::Status(status))
}
