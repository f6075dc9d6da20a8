use crate::replay::{Measured, MeasuredJob, replay_run};

/// Two jobs that wait for the node, and a third one for which it waits.
fn measured() -> Measured {
    let job = |sent, taken, started, executed, settled| MeasuredJob {
        sent,
        taken,
        started,
        executed,
        settled,
    };
    let jobs = vec![
        job(0.0, 1.2, 1.8, 4.8, 5.3),
        job(0.4, 5.6, 6.2, 8.2, 8.7),
        job(12.0, 12.4, 13.0, 15.0, 15.4),
    ];
    Measured { slot_ms: 400, slots: 1, jobs }
}

#[test]
fn a_replay_is_close_to_the_run() {
    let comparison = replay_run(&measured()).unwrap();
    assert_eq!((comparison.jobs, comparison.makespan.measured), (3, 15.4));
    assert!(comparison.makespan.difference() < 0.1, "{comparison:?}");
    assert!(comparison.median_wait.difference() < 0.25, "{comparison:?}");
    assert!(comparison.list_far().is_empty(), "{comparison:?}");
}

#[test]
fn a_run_that_the_model_does_not_explain_is_not_close() {
    let mut run = measured();
    run.jobs[2].settled = 40.0;
    let comparison = replay_run(&run).unwrap();
    assert_eq!(comparison.list_far(), ["time of the run"], "{comparison:?}");
}

#[test]
fn waits_that_the_model_does_not_explain_are_not_close() {
    // The node left the first job alone for a while, and worked at once on the others.
    let mut run = measured();
    run.jobs[1] = MeasuredJob { taken: 9.6, started: 10.2, executed: 11.2, ..run.jobs[1] };
    let comparison = replay_run(&run).unwrap();
    assert!(comparison.list_far().contains(&"95 % wait"), "{comparison:?}");
}

#[test]
fn a_second_slot_shortens_the_wait() {
    let one = replay_run(&measured()).unwrap().median_wait.simulated;
    let two = replay_run(&Measured { slots: 2, ..measured() }).unwrap().median_wait.simulated;
    assert!(two < one, "{two} and {one}");
}

#[test]
fn a_run_without_jobs_is_refused() {
    assert!(replay_run(&Measured { jobs: Vec::new(), ..measured() }).is_err());
}
