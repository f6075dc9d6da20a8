//! What every instruction costs, on mainnet's features, against a ceiling that no change may lift
//! unnoticed.
//!
//! Addresses are chosen so that every bump is 255: each step of a bump's search would cost some
//! hundred compute units more, and only for the owner of such an address. [`spread`] measures
//! random addresses. `cargo test --test compute -- --nocapture` prints the table.
//!
//! A node keeps its collateral from one job to the next. The figures are those of a node that has
//! worked before; its first `work`, which locks collateral, has rows of its own.
//!
//! | module | content |
//! | --- | --- |
//! | [`meter`] | measures an instruction beside its ceiling |
//! | [`limits`] | the ceilings and goals of instructions, and those of whole jobs |
//! | [`stakes`], [`delegations`] | the instructions of stakes and delegations |
//! | [`jobs`], [`disputes`], [`markets`] | the instructions of jobs, disputes and markets |
//! | [`floor`] | what the calls and logs of an instruction cost alone |
//! | [`recipe`] | what one call of the program of the floors does, from its source |
//! | [`baseline`] | what every instruction cost before, and the sizes of the programs |
//! | [`committed`] | what is compared with the baseline and the README, or written |
//! | [`spread`] | the least, the median and the most over random addresses |
//! | [`queue`] | the instructions of a job, and income of the reward pool, with long queues |
//! | [`queue_income`] | income that is due then |
//! | [`growth`], [`growth_row`] | a job's life and a staker's beside many others |

mod baseline;
mod committed;
mod delegations;
mod disputes;
mod floor;
mod growth;
mod growth_row;
mod jobs;
mod limits;
mod markets;
mod meter;
mod queue;
mod queue_income;
#[path = "../../../programs/floor/src/recipe.rs"]
mod recipe;
mod spread;
mod stakes;

use meter::{Meter, has_first_bumps};
use nosana_tests::catalogue::{self, Suite};

/// Measures every instruction.
async fn measure_all() -> Meter {
    let mut meter = Meter::new().await;
    let owner = meter.world.wallet_where(has_first_bumps).await;
    stakes::measure_stakes(&mut meter, &owner).await;
    stakes::measure_changes(&mut meter).await;
    delegations::measure_delegations(&mut meter).await;
    jobs::measure_node(&mut meter, &owner).await;
    jobs::measure_jobs(&mut meter).await;
    jobs::measure_expiries(&mut meter).await;
    jobs::measure_credits_and_fees(&mut meter).await;
    disputes::measure_disputes(&mut meter).await;
    markets::measure_markets(&mut meter).await;
    markets::measure_rest(&mut meter).await;
    stakes::measure_exits(&mut meter, &owner).await;
    meter
}

#[tokio::test]
async fn no_instruction_costs_more_than_its_ceiling() {
    let costs = measure_all().await.into_costs();
    println!("{:<38} {:>8} {:>8} {:>8}", "instruction", "CU", "ceiling", "goal");
    for cost in &costs {
        let ceiling = &cost.ceiling;
        let goal = ceiling.goal.map(|goal| goal.to_string()).unwrap_or_default();
        println!("{:<38} {:>8} {:>8} {goal:>8}", ceiling.label(), cost.units, ceiling.units);
    }
    limits::check_whole_jobs(&costs);
    costs.iter().for_each(limits::check_cost);

    let mut figures = baseline::collect_figures(&costs);
    let floors = floor::measure_floors().await;
    floor::add_floors(&mut figures, &floors);
    floor::check_floors(&figures, &floors);
    catalogue::check(Suite::Compute, costs.iter().map(|cost| cost.ceiling.entry));
    committed::check_committed(&figures, &floor::list_reasons(&floors));
}
