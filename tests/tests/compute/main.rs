//! What every instruction costs, on mainnet's features, against a ceiling that no change may lift
//! unnoticed.
//!
//! Addresses are chosen so that every bump is 255: each step of a bump's search would cost 1,500
//! compute units more, and only to whoever chose such an address. `cargo test --test compute --
//! --nocapture` prints the table.

mod measure;
mod queue;

use measure::measure;

/// A cost in compute units.
struct Row {
    name: &'static str,
    /// The most that it may be today.
    ceiling: u64,
    /// The most that it should be. None was set for instructions that are rare.
    goal: Option<u64>,
}

const fn row(name: &'static str, ceiling: u64, goal: u64) -> Row {
    Row { name, ceiling, goal: Some(goal) }
}

const fn rare(name: &'static str, ceiling: u64) -> Row {
    Row { name, ceiling, goal: None }
}

const TABLE: &[Row] = &[
    row("list", 7_000, 7_000),
    row("list, a node waits", 7_000, 7_000),
    row("work", 5_000, 5_000),
    row("work, a job waits", 5_000, 5_000),
    row("start", 2_000, 2_000),
    row("heartbeat", 1_000, 1_000),
    row("finish", 6_500, 7_000),
    row("finish, to be settled", 2_500, 7_000),
    row("settle", 6_000, 6_000),
    row("cancel", 5_000, 5_000),
    row("clean", 2_000, 2_000),
    rare("quit", 4_500),
    rare("stop", 6_500),
    rare("assign", 6_500),
    rare("extend", 3_000),
    rare("top_up", 3_000),
    rare("accept", 6_000),
    rare("expire_queued", 4_000),
    rare("evict_node", 3_500),
    rare("update_hardware", 1_500),
    rare("set_draining", 1_500),
    rare("set_payout", 1_500),
    rare("propose_terms", 1_500),
    rare("apply_terms", 1_500),
    rare("close_market", 5_000),
    rare("leave", 3_500),
    rare("expire_match", 14_500),
    rare("expire_run", 5_000),
    rare("collect", 2_500),
    rare("sweep_fees", 5_500),
    rare("register_node", 3_500),
    rare("open_market", 16_000),
    rare("grow_queue", 8_500),
    row("stake", 8_000, 8_000),
    row("top_up (stake)", 4_000, 4_000),
    rare("top_up (stake), with a position", 6_500),
    rare("extend (stake)", 4_000),
    rare("restake", 4_000),
    rare("compound", 8_000),
    rare("exit", 4_000),
    rare("open_stream", 5_000),
    rare("drip", 2_000),
    rare("close_stream", 4_000),
    row("unstake", 2_000, 2_000),
    rare("unstake, with a position", 3_500),
    row("withdraw", 4_500, 4_500),
    rare("close", 1_000),
    rare("set_delegation", 1_500),
    rare("enter_delegated", 4_000),
    rare("open_delegation", 3_000),
    rare("delegate", 7_500),
    rare("claim_delegated", 8_000),
    rare("undelegate", 6_500),
    rare("withdraw_delegated", 4_500),
    rare("claim_commission", 3_000),
    rare("close_delegation", 1_500),
    rare("expire_match, with delegations", 17_000),
    row("lock, as the callee", 1_000, 1_000),
    row("release, as the callee", 1_000, 1_000),
    row("enter", 5_000, 5_000),
    row("sync", 1_500, 1_500),
    rare("fund", 3_000),
    row("claim", 4_500, 4_500),
];

#[tokio::test]
async fn no_instruction_costs_more_than_its_ceiling() {
    let measured = measure().await;
    println!("{:<26} {:>8} {:>8} {:>8}", "instruction", "CU", "ceiling", "goal");
    for Row { name, ceiling, goal } in TABLE {
        let cost = measured[name];
        let goal = goal.map(|goal| goal.to_string()).unwrap_or_default();
        println!("{name:<26} {cost:>8} {ceiling:>8} {goal:>8}");
    }
    let job: u64 =
        ["list", "work, a job waits", "start", "finish"].iter().map(|name| measured[name]).sum();
    println!("{:<26} {job:>8}", "a whole job");
    for Row { name, ceiling, .. } in TABLE {
        assert!(measured[name] <= *ceiling, "{name} costs {}, over {ceiling}", measured[name]);
    }
    assert_eq!(measured.len(), TABLE.len(), "every figure has its row");
}
