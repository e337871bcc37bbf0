//! The catalog as a whole.

use super::*;

#[test]
fn every_type_compiles_and_every_pattern_can_be_read() {
    // A pattern that cannot be compiled accepts everything: the list of those, with the reason, is empty.
    let mut sources = BTreeSet::new();
    for name in catalog().types() {
        for pattern in of(name).schema().patterns().filter(|pattern| sources.insert(pattern.source().to_owned())) {
            assert!(pattern.compiles(), "{name} {}", pattern.source());
        }
    }
    assert!(sources.len() > 3_000);
}

#[test]
fn every_listed_path_leads_to_a_place_of_the_schema() {
    let mut lost = Vec::new();
    for name in catalog().types() {
        let info = of(name);
        let identifiers = info.primary_identifier().iter().chain(info.additional_identifiers().iter().flatten());
        let listed = info.read_only().chain(info.write_only()).chain(info.create_only()).chain(info.conditional_create_only());
        for path in listed.chain(identifiers.map(String::as_str)) {
            if info.place(path).is_none() {
                lost.push(format!("{name} {path}"));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn there_are_as_many_types_as_the_region_has() {
    assert!(catalog().types().len() > 1_800);
    assert!(catalog().types().collect::<Vec<_>>().is_sorted());
    assert_eq!(catalog().version().len(), 12);
    assert_eq!(catalog().source(), "cfn-lint 1.58.0");
    assert!(catalog().date() >= "2026-10-20");
}

#[test]
fn an_unknown_type_is_guessed() {
    assert!(catalog().get("AWS::SQS::Queu").is_none());
    assert_eq!(catalog().suggest("AWS::SQS::Queu").as_deref(), Some("AWS::SQS::Queue"));
    assert_eq!(catalog().suggest("aws::sqs::queue").as_deref(), Some("AWS::SQS::Queue"));
    assert_eq!(catalog().suggest("AWS::Docker::TaskDefinition").as_deref(), Some("AWS::ECS::TaskDefinition"));
    assert_eq!(catalog().suggest("AWS::Nothing::LikeThisAtAll"), None);
}

#[test]
fn a_type_is_the_same_for_all_threads() {
    let found: Vec<usize> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| std::ptr::from_ref(of("AWS::EC2::VPC")) as usize)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(found.iter().all(|address| *address == found[0]));
}
