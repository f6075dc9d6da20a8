//! Compares the compiler for the chain with that of the host.
//!
//! The program `toolchain-selftest` and this test are built from the same source. Each case runs on
//! the same inputs on both sides, and every byte of the outcome must agree. A compiler that
//! misplaces an argument or a 128-bit result fails here, with the name of the case, and not in a
//! program that holds money.

#[path = "../../programs/toolchain-selftest/src/cases/mod.rs"]
mod cases;
mod chain;
mod inputs;

use cases::{CASES, Input, run_case};
use chain::Chain;

/// How many inputs each case runs on.
const ROUNDS: u64 = 400;

/// How many disagreements of one case are worth describing.
const SHOWN: usize = 2;

#[test]
fn the_chain_computes_what_the_host_computes() -> anyhow::Result<()> {
    let mut chain = Chain::new()?;
    let mut wrong = Vec::new();
    for (number, (name, _)) in CASES.iter().enumerate() {
        let case = u8::try_from(number)?;
        let mut described = 0;
        for round in 0..ROUNDS {
            let bytes = inputs::input(round);
            let expected = run_case(case, &Input::new(&bytes))
                .map(|outcome| outcome.bytes().to_vec())
                .unwrap_or_default();
            let difference = match chain.run(case, &bytes) {
                Ok(found) if found == expected => continue,
                Ok(found) => {
                    let place = found.iter().zip(&expected).position(|(a, b)| a != b);
                    let place = place.unwrap_or(found.len().min(expected.len()));
                    format!("byte {place} of {} differs ({} on chain)", expected.len(), found.len())
                }
                Err(error) => error.to_string(),
            };
            described += 1;
            if described <= SHOWN {
                wrong.push(format!("{name}, input {round}: {difference}"));
            }
        }
    }
    anyhow::ensure!(
        wrong.is_empty(),
        "the compiler for the chain is wrong:\n  {}",
        wrong.join("\n  ")
    );
    Ok(())
}

#[test]
fn the_program_refuses_what_is_no_input() -> anyhow::Result<()> {
    let mut chain = Chain::new()?;
    let beyond = u8::try_from(CASES.len())?;
    anyhow::ensure!(chain.run(beyond, &inputs::input(1)).is_err(), "there is no such case");
    anyhow::ensure!(chain.send(vec![0; cases::INPUT_LEN]).is_err(), "the input is one byte short");
    anyhow::ensure!(chain.send(Vec::new()).is_err(), "there is no input");
    Ok(())
}

/// A test that compares nothing would pass, too.
#[test]
fn every_case_depends_on_its_input() {
    for (number, (name, _)) in CASES.iter().enumerate() {
        let outcome = |round| {
            run_case(number as u8, &Input::new(&inputs::input(round))).map(|o| o.bytes().to_vec())
        };
        assert!((1..20).any(|round| outcome(round) != outcome(0)), "{name} ignores its input");
    }
}
