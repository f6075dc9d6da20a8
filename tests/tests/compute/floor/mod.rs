//! The floor of each instruction of a job's life: what the same calls, system calls and logs cost
//! in a program that does little else. An instruction that costs more than one and a half times its
//! floor has a reason in its row.
//!
//! The program is `programs/floor`. It runs at the address of the jobs program, with the accounts
//! of the instruction itself, in the state in which the instruction runs next: owners, sizes,
//! writable accounts and signatures are the same. How much it logs, and which programs it calls, is
//! compared with the instruction's logs.
//!
//! A floor has no call of the staking program: a node's collateral stays locked from one job to the
//! next.
//!
//! | module | content |
//! | --- | --- |
//! | [`rows`] | what each instruction cannot do without, and the reasons |
//! | [`minimal_call`] | the call of the program in the place of an instruction |
//! | [`logged`] | what the logs of both must have in common |
//! | [`life`] | a job's life, in which each instruction is measured |

mod life;
mod logged;
mod minimal_call;
mod rows;

use nosana_tests::reports::has_compared_compiler;

use crate::baseline::Figures;

pub use life::measure_floors;

/// The figure's name in the baseline.
const FLOOR: &str = "floor";

/// A measured floor.
pub struct Floor {
    /// What the suite calls the instruction.
    pub label: &'static str,
    /// Compute units of the floor.
    pub units: u64,
    /// Why the instruction costs more than one and a half times as much.
    pub reason: Option<&'static str>,
}

/// Adds each floor to the figures of its instruction.
pub fn add_floors(figures: &mut Figures, floors: &[Floor]) {
    for floor in floors {
        let of_label = figures.get_mut(floor.label);
        let of_label = of_label.unwrap_or_else(|| panic!("{} is not measured", floor.label));
        of_label.insert(FLOOR.to_owned(), floor.units);
    }
}

/// Prints each instruction beside its floor. Fails if one is too far above it without a reason, or
/// has a reason that it does not need.
pub fn check_floors(figures: &Figures, floors: &[Floor]) {
    println!("{:<38} {:>8} {:>8} {:>8}", "instruction", "CU", "floor", "ratio");
    for floor in floors {
        let units = figures[floor.label]["units"];
        let ratio = units as f64 / floor.units as f64;
        let reason = floor.reason.unwrap_or_default();
        println!("{:<38} {units:>8} {:>8} {ratio:>8.2}  {reason}", floor.label, floor.units);
    }
    if !has_compared_compiler() {
        println!("another compiler built the programs: the ratios are not checked");
        return;
    }

    let problems: Vec<_> = floors
        .iter()
        .filter_map(|floor| find_problem(figures[floor.label]["units"], floor))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns what is wrong with an instruction that costs this many compute units.
fn find_problem(units: u64, floor: &Floor) -> Option<String> {
    let Floor { label, units: least, reason } = floor;
    let is_far = 2 * units > 3 * *least;

    match (is_far, reason) {
        (true, None) => Some(format!(
            "{label} costs {units}, more than 1.5 times its floor of {least}; make it cheaper, or \
             give the reason in floor/rows.rs"
        )),
        (false, Some(_)) => Some(format!(
            "{label} costs {units}, at most 1.5 times its floor of {least}; remove the reason from \
             floor/rows.rs"
        )),
        (true, Some(_)) | (false, None) => None,
    }
}

#[test]
fn a_reason_is_required_above_one_and_a_half_floors_and_refused_below() {
    let floor = |reason| Floor { label: "jobs.list", units: 100, reason };

    assert_eq!(find_problem(150, &floor(None)), None);
    assert!(find_problem(151, &floor(None)).is_some());
    assert!(find_problem(150, &floor(Some("checks"))).is_some());
    assert_eq!(find_problem(151, &floor(Some("checks"))), None);
}
