//! Sizes of Fargate tasks.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::super::check::Check;
use crate::diagnostic::codes::aws::P3010;

/// What a task gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Resources {
    /// CPU units of the task, 1024 a processor; `250m` is the nearest size.
    pub(crate) cpu: Cpu,
    /// Memory of the task: MiB, `512Mi` or `1Gi`.
    pub(crate) memory: Memory,
    /// Gigabytes of the task's own disk.
    #[serde(rename = "ephemeralStorageGB")]
    #[schemars(range(min = 20, max = 200))]
    pub(crate) ephemeral_storage_gb: u32,
}

impl Default for Resources {
    fn default() -> Self {
        Self { cpu: Cpu(256), memory: Memory(512), ephemeral_storage_gb: 20 }
    }
}

/// CPU units; one of the sizes of Fargate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Cpu(pub(crate) u32);

/// The sizes that Fargate has, with the memory that each may have: least, most and step, in MiB.
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2048, 1024),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

impl<'de> Deserialize<'de> for Cpu {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let units = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => match text.strip_suffix('m') {
                Some(thousandths) => thousandths.parse().ok().map(|thousandths: u64| nearest(thousandths.saturating_mul(1024) / 1000)),
                None => text.parse().ok(),
            },
            _ => None,
        };
        let units = units.and_then(|units| u32::try_from(units).ok());
        units.map(Self).ok_or_else(|| de::Error::custom(format!("{value} is not a number of CPU units, nor thousandths such as 250m")))
    }
}

fn nearest(units: u64) -> u64 {
    SIZES.iter().map(|size| u64::from(size.0)).min_by_key(|size| size.abs_diff(units)).unwrap_or(units)
}

impl JsonSchema for Cpu {
    fn schema_name() -> Cow<'static, str> {
        "Cpu".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "integer", "enum": SIZES.map(|size| size.0) },
            { "type": "string", "pattern": "^[1-9][0-9]{0,5}m$" }
        ] })
    }
}

/// MiB of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Memory(pub(crate) u32);

impl<'de> Deserialize<'de> for Memory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let mebibytes = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => match (text.strip_suffix("Gi"), text.strip_suffix("Mi").unwrap_or(text)) {
                (Some(gibibytes), _) => gibibytes.parse().ok().and_then(|gibibytes: u64| gibibytes.checked_mul(1024)),
                (None, mebibytes) => mebibytes.parse().ok(),
            },
            _ => None,
        };
        let mebibytes = mebibytes.and_then(|mebibytes| u32::try_from(mebibytes).ok());
        mebibytes.map(Self).ok_or_else(|| de::Error::custom(format!("{value} is not a size of memory such as 512, 512Mi or 1Gi")))
    }
}

impl JsonSchema for Memory {
    fn schema_name() -> Cow<'static, str> {
        "Memory".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 512, "maximum": 122_880 },
            { "type": "string", "pattern": "^[1-9][0-9]{0,5}(Mi|Gi)$" }
        ] })
    }
}

impl Resources {
    /// Reports a pair of CPU and memory that Fargate does not have.
    pub(crate) fn check(&self, check: &mut Check<'_>) {
        let (Cpu(cpu), Memory(memory)) = (self.cpu, self.memory);
        let Some(&(_, least, most, step)) = SIZES.iter().find(|size| size.0 == cpu) else {
            let sizes = SIZES.map(|size| size.0.to_string()).join(", ");
            check.push(
                check.finding(P3010, "/resources/cpu", format!("Fargate has no size of {cpu} CPU units")).help(format!("sizes: {sizes}")),
            );
            return;
        };
        // The smallest size alone has steps that double.
        let fits = if cpu == 256 { [512, 1024, 2048].contains(&memory) } else { (memory - least.min(memory)).is_multiple_of(step) };
        if fits && (least..=most).contains(&memory) {
            return;
        }
        let help = if cpu == 256 {
            "512, 1024 or 2048 MiB go with 256 CPU units".to_owned()
        } else {
            format!("{least} to {most} MiB in steps of {step} go with {cpu} CPU units")
        };
        check.push(check.finding(P3010, "/resources/memory", format!("{memory} MiB do not go with {cpu} CPU units")).help(help));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cpu_and_memory_have_several_spellings() {
        let cpu = |value| serde_json::from_value::<Cpu>(value).map(|cpu| cpu.0).ok();
        assert_eq!(cpu(json!(256)), Some(256));
        assert_eq!(cpu(json!("512")), Some(512));
        assert_eq!(cpu(json!("250m")), Some(256));
        assert_eq!(cpu(json!("1000m")), Some(1024));
        assert_eq!(cpu(json!("700m")), Some(512));
        assert_eq!(cpu(json!("1 vCPU")), None);
        let memory = |value| serde_json::from_value::<Memory>(value).map(|memory| memory.0).ok();
        assert_eq!((memory(json!(512)), memory(json!("512Mi")), memory(json!("2Gi"))), (Some(512), Some(512), Some(2048)));
        assert_eq!(memory(json!("2G")), None);
    }

    #[test]
    fn only_pairs_that_fargate_has_are_accepted() {
        let component = crate::components::tests::component(json!({}));
        let refused = |cpu, memory| {
            let mut check = Check::new(&component);
            Resources { cpu: Cpu(cpu), memory: Memory(memory), ephemeral_storage_gb: 20 }.check(&mut check);
            !check.into_findings().is_empty()
        };
        for (cpu, memory) in [(256, 512), (256, 1024), (256, 2048), (512, 3072), (4096, 30_720), (8192, 20_480), (16_384, 122_880)] {
            assert!(!refused(cpu, memory), "{cpu} {memory}");
        }
        for (cpu, memory) in [(256, 1536), (256, 3072), (512, 512), (1024, 2500), (8192, 17_408), (300, 512)] {
            assert!(refused(cpu, memory), "{cpu} {memory}");
        }
    }
}
