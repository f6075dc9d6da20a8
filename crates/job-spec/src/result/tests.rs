//! The canonical form of a result, and its validation.

use super::*;
use crate::{Digest, InferenceArgs, ModelDigest, Task};

fn definition(ids: &[&str]) -> JobDefinition {
    let args = InferenceArgs::new(ModelDigest(Digest([1; 32])), Task::Embedding, ["x"]);
    let op = |id: &&str| Operation::InferenceRun { id: id.to_string(), args: args.clone() };
    JobDefinition::new(ids.iter().map(op).collect())
}

fn result() -> JobResult {
    let output = ContentId::from_digest([2; 32]);
    let ops = vec![
        OperationResult::ok("a", 10, 20, output),
        OperationResult::failed("b", 20, 20, "no memory"),
    ];
    let engine = EngineInfo { device: "a CPU".into(), backend: "cpu".into() };
    JobResult::new(ContentId::from_digest([3; 32]), ops, engine)
}

#[test]
fn the_canonical_form_is_fixed() {
    let json = serde_json::to_string(&result()).unwrap();
    let definition = ContentId::from_digest([3; 32]);
    let output = ContentId::from_digest([2; 32]);
    let ok = format!(
        r#"{{"id":"a","status":"ok",{},"output":"{output}","error":null}}"#,
        r#""started_unix_ms":10,"ended_unix_ms":20"#,
    );
    let failed = concat!(
        r#"{"id":"b","status":"failed","started_unix_ms":20,"ended_unix_ms":20,"#,
        r#""output":null,"error":"no memory"}"#,
    );
    let engine = r#"{"device":"a CPU","backend":"cpu"}"#;
    let expected = format!(
        r#"{{"version":"nosana-result/1","definition":"{definition}","ops":[{ok},{failed}],{}}}"#,
        format_args!(r#""engine":{engine}"#),
    );

    assert_eq!(json, expected);
    assert_eq!(serde_json::from_str::<JobResult>(&json).unwrap(), result());
}

#[test]
fn a_result_has_every_operation_once_and_is_consistent() {
    assert_eq!(result().validate(&definition(&["a", "b"])), Ok(()));
    assert!(!result().succeeded());
    for ids in [&["a"][..], &["b", "a"], &["a", "b", "c"], &[]] {
        assert_eq!(result().validate(&definition(ids)).unwrap_err().pointer, "/ops");
    }
    let broken: [fn(&mut OperationResult); 4] = [
        |op| op.output = None,
        |op| op.error = Some("but".into()),
        |op| op.status = OperationStatus::Failed,
        |op| op.ended_unix_ms = 9,
    ];
    for damage in broken {
        let mut result = result();
        damage(&mut result.ops[0]);

        let error = result.validate(&definition(&["a", "b"])).unwrap_err();
        assert!(error.pointer.starts_with("/ops/0"), "{error}");
    }
}
