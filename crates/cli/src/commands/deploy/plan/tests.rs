//! What follows from which state.

use super::*;

const GOAL: Goal = Goal {
    replicas: 2,
    ends_at: 100_000,
    chunk_seconds: 1_000,
    timeout_bounds: (60, 3_000),
    cost_per_second: Some(2),
    budget: 1_000_000,
    held: 0,
    free_nodes: 0,
};

fn replica(number: u8, phase: Phase) -> Replica {
    Replica::with_phase(number, phase)
}

fn running(number: u8, ends_at: i64, timeout_seconds: u64) -> Replica {
    running_on(9, number, ends_at, timeout_seconds)
}

fn running_on(node: u8, number: u8, ends_at: i64, timeout_seconds: u64) -> Replica {
    let node = Address::new_from_array([node; 32]);
    replica(number, Phase::Running { node, ends_at, timeout_seconds, has_ended: false })
}

fn steps(goal: &Goal, replicas: &[Replica], now: i64) -> Vec<Step> {
    Plan::compute(goal, replicas, 0, now).steps
}

#[test]
fn what_is_missing_is_listed() {
    let list = Step::List { timeout_seconds: 1_000 };
    assert_eq!(steps(&GOAL, &[], 0), [list, list]);
    assert_eq!(steps(&GOAL, &[replica(1, Phase::Waiting)], 0), [list]);
    assert_eq!(steps(&GOAL, &[replica(1, Phase::Over), running(2, 5_000, 1_000)], 0), [list]);

    // The last job ends with the deployment, but no market takes a shorter one than its bound.
    let both = |seconds| vec![Step::List { timeout_seconds: seconds }; 2];
    assert_eq!(steps(&GOAL, &[], 99_700), both(300));
    assert_eq!(steps(&GOAL, &[], 99_990), both(60));
}

#[test]
fn a_job_is_extended_before_its_end_and_not_beyond_the_deployments() {
    let other = running(2, 9_000, 1_000);
    let extend = |job: &Replica, added_seconds| Step::Extend { job: job.address, added_seconds };

    let early = running(1, 1_000, 1_000);
    assert_eq!(steps(&GOAL, &[early, other], 749), []);
    assert_eq!(steps(&GOAL, &[early, other], 750), [extend(&early, 1_000)]);

    let goal = Goal { ends_at: 1_200, ..GOAL };
    assert_eq!(steps(&goal, &[early, other], 900), [extend(&early, 200)]);
    let last = running(1, 1_200, 1_000);
    assert_eq!(steps(&goal, &[last, other], 1_100), []);
}

#[test]
fn another_job_takes_over_where_one_cannot_be_extended() {
    let other = running(2, 9_000, 1_000);
    let list = Step::List { timeout_seconds: 1_000 };

    let longest = running(1, 3_000, 3_000);
    assert_eq!(steps(&GOAL, &[longest, other], 2_800), [list]);
    let nearly = running(1, 3_000, 2_900);
    let extend = Step::Extend { job: nearly.address, added_seconds: 100 };
    assert_eq!(steps(&GOAL, &[nearly, other], 2_800), [extend]);

    // The successor waits or runs beside it.
    let beside = [longest, other, replica(3, Phase::Waiting)];
    assert_eq!(steps(&GOAL, &beside, 2_800), []);
    let over = running(1, 2_700, 1_000);
    assert_eq!(steps(&GOAL, &[over, other], 2_800), [list]);
}

#[test]
fn what_a_node_gave_up_is_ended_and_replaced() {
    let node = Address::new_from_array([9; 32]);
    let phase = Phase::Running { node, ends_at: 9_000, timeout_seconds: 1_000, has_ended: true };
    let lost = replica(1, phase);

    let steps = steps(&GOAL, &[lost, running(2, 9_000, 1_000)], 0);
    assert_eq!(steps, [Step::End { job: lost.address }, Step::List { timeout_seconds: 1_000 }]);
}

#[test]
fn what_no_node_can_start_is_ended_and_replaced() {
    let stranded = replica(1, Phase::Stranded);
    let end = Step::End { job: stranded.address };

    let replaced = steps(&GOAL, &[stranded, running(2, 9_000, 1_000)], 0);
    assert_eq!(replaced, [end, Step::List { timeout_seconds: 1_000 }]);
    assert_eq!(steps(&GOAL, &[stranded], 100_000), [end], "also after the end");
    assert!(stranded.is_pending() && !stranded.is_active(), "its deposit is not back yet");
    assert!(!replica(1, Phase::Over).is_pending());
}

#[test]
fn what_is_not_healthy_is_ended_and_replaced_now_or_later() {
    let ill = replica(1, Phase::Unhealthy);
    let replicas = [ill, running(2, 9_000, 1_000)];
    let end = Step::End { job: ill.address };
    assert_eq!(steps(&GOAL, &replicas, 0), [end, Step::List { timeout_seconds: 1_000 }]);
    assert_eq!(steps(&GOAL, &[ill], 100_000), [end], "also after the end");
    assert!(ill.is_pending() && !ill.is_active());

    // Others that are missing are listed.
    let goal = Goal { held: 1, ..GOAL };
    let later = Plan::compute(&goal, &replicas, 0, 0);
    assert!(later.steps == [end] && later.is_unhealthy);
    let other = Plan::compute(&goal, &[ill], 0, 0);
    assert_eq!(other.steps, [end, Step::List { timeout_seconds: 1_000 }]);
    assert!(other.is_unhealthy);

    let enough = [running(2, 9_000, 1_000), running(3, 9_000, 1_000)];
    let plan = Plan::compute(&goal, &enough, 0, 0);
    assert!(plan.steps.is_empty() && !plan.is_unhealthy, "nothing is missing");
    assert!(!Plan::compute(&GOAL, &replicas, 0, 0).is_unhealthy);
}

#[test]
fn a_replica_that_shares_a_node_moves_to_one_that_waits() {
    let goal = Goal { free_nodes: 1, ..GOAL };
    let jobs = [running_on(1, 1, 9_000, 1_000), running_on(1, 2, 9_000, 1_000)];
    let moved = Step::Move { timeout_seconds: 1_000 };
    assert_eq!(steps(&goal, &jobs, 0), [moved]);
    assert_eq!(steps(&GOAL, &jobs, 0), [], "no other node waits");
    let apart = [jobs[0], running_on(2, 2, 9_000, 1_000)];
    assert_eq!(steps(&goal, &apart, 0), []);

    // Nothing that is missing, too new, too dear or beyond the budget is moved for.
    assert_eq!(steps(&goal, &jobs[..1], 0), [Step::List { timeout_seconds: 1_000 }]);
    let new = [jobs[0], Replica { listed_at: -500, ..jobs[1] }];
    assert_eq!(steps(&goal, &new, 0), []);
    assert_eq!(steps(&goal, &new, 100), [moved]);
    assert_eq!(steps(&Goal { cost_per_second: None, ..goal }, &jobs, 0), []);
    let poor = Plan::compute(&Goal { budget: 2_019, ..goal }, &jobs, 0, 0);
    assert!(poor.steps.is_empty() && !poor.is_over_budget);
    assert_eq!(steps(&Goal { budget: 2_020, ..goal }, &jobs, 0), [moved]);
}

#[test]
fn a_replica_that_shares_a_node_ends_once_its_successor_runs() {
    let older = running_on(1, 1, 9_000, 1_000);
    let shared = running_on(1, 2, 9_000, 1_000);
    let queued = Replica { listed_at: 0, ..replica(3, Phase::Waiting) };
    let matched = Replica { node: Some(Address::new_from_array([2; 32])), ..queued };
    let end = |job: &Replica| Step::End { job: job.address };

    assert_eq!(steps(&GOAL, &[older, shared, matched], 0), [], "it may not start");
    let started = running_on(2, 3, 9_000, 1_000);
    assert_eq!(steps(&GOAL, &[older, shared, started], 0), [end(&shared)]);
    assert_eq!(steps(&GOAL, &[older, shared, queued], 0), [end(&queued)]);

    let unready = |replica| Replica { is_unready: true, ..replica };
    assert_eq!(steps(&GOAL, &[older, shared, unready(started)], 0), [], "it loads");
    assert_eq!(steps(&GOAL, &[unready(older), shared, started], 0), [], "one is left");
    assert_eq!(steps(&GOAL, &[older, unready(shared), started], 0), [end(&shared)]);

    // Who wants fewer gets fewer, and keeps distinct nodes.
    let goal = Goal { replicas: 1, ..GOAL };
    assert_eq!(steps(&goal, &[older, shared, matched], 0), [end(&shared), end(&matched)]);
}

#[test]
fn too_many_are_ended_those_that_wait_first() {
    let jobs = [
        replica(1, Phase::Waiting),
        running(2, 9_000, 1_000),
        running(3, 9_000, 1_000),
        running(4, 9_000, 1_000),
    ];
    let ended = [jobs[0], jobs[3]].map(|job| Step::End { job: job.address });
    assert_eq!(steps(&GOAL, &jobs, 0), ended);
}

#[test]
fn everything_ends_with_the_deployment() {
    let jobs = [replica(1, Phase::Waiting), replica(2, Phase::Over), running(3, 200_000, 1)];
    let ended = [jobs[0], jobs[2]].map(|job| Step::End { job: job.address });
    assert_eq!(steps(&GOAL, &jobs, 100_000), ended);
}

#[test]
fn nothing_is_spent_beyond_the_budget() {
    let goal = Goal { budget: 3_999, ..GOAL };
    let plan = Plan::compute(&goal, &[], 0, 0);
    assert_eq!(plan.steps, [Step::List { timeout_seconds: 1_000 }]);
    assert!(plan.is_over_budget);

    let spent = Plan::compute(&goal, &[], 3_000, 0);
    assert!(spent.steps.is_empty() && spent.is_over_budget);

    let jobs = [running(1, 1_000, 1_000), running(2, 9_000, 1_000)];
    let plan = Plan::compute(&Goal { budget: 25, ..GOAL }, &jobs, 0, 900);
    assert!(plan.steps.is_empty() && plan.is_over_budget, "it ends, and is not replaced");
}

#[test]
fn replicas_that_end_at_once_are_not_replaced_without_end() {
    let over = |number, listed_at| Replica { listed_at, ..replica(number, Phase::Over) };
    let many = |listed_at| (1..=8).map(|number| over(number, listed_at)).collect::<Vec<_>>();
    let held_back = Plan::compute(&GOAL, &many(990), 0, 1_000);
    assert!(held_back.steps.is_empty() && held_back.is_held_back);
    assert_eq!(steps(&GOAL, &many(300), 1_000).len(), 2, "ten minutes later");

    // Short jobs end often.
    let goal = Goal { chunk_seconds: 60, ..GOAL };
    assert_eq!(steps(&goal, &many(990), 1_000).len(), 2);
}

#[test]
fn a_price_that_is_too_high_stops_new_jobs_alone() {
    let goal = Goal { cost_per_second: None, ..GOAL };
    let early = running(1, 1_000, 1_000);
    let plan = Plan::compute(&goal, &[early], 0, 900);
    let extend = Step::Extend { job: early.address, added_seconds: 1_000 };
    assert_eq!(plan.steps, [extend], "its own price has not changed");
    assert!(plan.is_too_expensive && !plan.is_over_budget);

    let enough = Plan::compute(&goal, &[early, running(2, 9_000, 1_000)], 0, 0);
    assert!(!enough.is_too_expensive);
    assert_eq!(steps(&goal, &[early], 100_000), [Step::End { job: early.address }]);
}
