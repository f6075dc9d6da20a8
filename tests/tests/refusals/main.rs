//! What the programs refuse, and that a refused transaction changes nothing. The last test runs all
//! tables and checks that every error of every program is among them.

mod authorities;
mod broken;
mod delegators;
mod listing;
mod nodes;
mod pool;
mod running;
mod set_up;
mod settling;
mod stakers;
mod staking;

use nosana_client::{jobs, rewards, staking as stakes};
use nosana_tests::{Lite, Refusal};

type World = nosana_tests::World<Lite>;

macro_rules! tables {
    ($($module:ident::$table:ident,)*) => {
        $(#[tokio::test]
        async fn $table() {
            $module::$table().await;
        })*

        /// What all tables together trip.
        async fn all() -> Vec<Refusal> {
            let mut all = Vec::new();
            $(all.extend($module::$table().await.refusals());)*
            all
        }
    };
}

tables! {
    set_up::initialize_jobs,
    set_up::initialize_staking,
    set_up::initialize_rewards,
    set_up::open_market,
    set_up::keep_a_queue,
    set_up::sweep_fees,
    listing::list,
    listing::list_in_a_full_queue,
    listing::cancel,
    nodes::register_node,
    nodes::work,
    nodes::work_without_means,
    nodes::leave,
    nodes::start,
    running::heartbeat,
    running::finish,
    running::quit,
    running::stop,
    running::expire_run,
    settling::expire_match,
    settling::settle,
    settling::collect,
    settling::clean,
    staking::stake,
    staking::unstake_withdraw_close,
    staking::lock_release_slash,
    pool::enter,
    pool::sync,
    pool::fund,
    pool::claim,
    stakers::change_a_stake,
    stakers::streams,
    stakers::govern_stakes_and_rewards,
    delegators::offer,
    delegators::delegate,
    delegators::leave_a_node,
    delegators::set_policy,
    authorities::govern,
    authorities::closed_doors,
    authorities::gates,
    broken::a_queue,
    broken::a_job,
    broken::a_stake,
}

#[tokio::test]
async fn every_error_is_tripped() {
    let tripped = all().await;
    let missing = |refusal: Refusal| (!tripped.contains(&refusal)).then(|| refusal.to_string());
    let missing: Vec<String> = (jobs::Error::ALL.iter().map(|error| (*error).into()))
        .chain(stakes::Error::ALL.iter().map(|error| (*error).into()))
        .chain(rewards::Error::ALL.iter().map(|error| (*error).into()))
        .filter_map(missing)
        .collect();
    assert!(missing.is_empty(), "nothing trips {missing:#?}");
}
