//! What an instruction and its floor must have in common, as their logs show it.

use nosana_client::{logs, staking};
use nosana_tests::Executed;
use solana_address::Address;

/// Returns the bytes that this program logged as events.
pub fn logged_bytes(program: &Address, done: &Executed) -> usize {
    let logged = logs::logged_data(&done.logs);
    logged.iter().filter(|(logger, _)| logger == program).map(|(_, data)| data.len()).sum()
}

/// Returns the programs that the program called, in order, without the staking program.
pub fn called_programs(done: &Executed) -> Vec<&str> {
    let staking = staking::ID.to_string();
    let calls = done
        .logs
        .iter()
        .filter_map(|line| line.strip_prefix("Program ")?.strip_suffix(" invoke [2]"));
    calls.filter(|program| *program != staking).collect()
}
