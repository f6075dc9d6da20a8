//! The floor of each instruction of a job's life, of those with which jobs begin or end otherwise,
//! and of the most used ones of stakes and rewards: what the same calls, system calls and logs cost
//! in a program that does little else. An instruction that costs more than one and a half times its
//! floor has a reason in its row, and a bound of its own. The page names those without a floor.
//!
//! The program is `programs/floor`. It runs at the address of the instruction's program, with the
//! accounts of the instruction itself, in the state in which the instruction runs next: owners,
//! sizes, writable accounts and signatures are the same. How much it logs, and which programs it
//! calls, is compared with the instruction's logs.
//!
//! A floor has no call of the staking program: a node's collateral stays locked from one job to the
//! next.
//!
//! | module | content |
//! | --- | --- |
//! | [`row`] | what a row says of an instruction |
//! | [`rows`] | what each instruction of a job's life cannot do without, and the reasons |
//! | [`other_rows`], [`stake_rows`] | the same of other jobs, of stakes and of rewards |
//! | [`payments`] | what jobs pay |
//! | [`minimal_call`] | the call of the program in the place of an instruction |
//! | [`logged`] | what the logs of both must have in common |
//! | [`life`] | a job's life, in which each instruction is measured |
//! | [`other_ends`], [`stakes`] | lives of other jobs, and a stake's |
//! | [`program_code`] | the code of a program, and that of the floors |
//! | [`probe`] | measures an instruction and its floor in one state |

mod life;
mod logged;
mod minimal_call;
mod other_ends;
mod other_rows;
mod payments;
mod probe;
mod program_code;
mod row;
mod rows;
mod stake_rows;
mod stakes;

use nosana_bench::summary::baseline::FLOOR;
use nosana_tests::reports::has_compared_compiler;

use crate::baseline::{Figures, Reasons};
use row::Excess;

pub use life::measure_floors;

/// The most that an instruction may cost without a reason, in percent of its floor.
const MAX_PERCENT: u64 = 150;
/// The most by which an instruction may differ from the suite's figure, in compute units. Each is
/// measured in a world of its own, with other neighbors in the queue, and a settlement lets the
/// node's reputation fade by the time since the last one: some 290 units more after some days.
const MAX_DIFFERENCE: u64 = 300;

/// A measured floor.
pub struct Floor {
    /// What the suite calls the instruction.
    pub label: &'static str,
    /// Compute units of the floor.
    pub units: u64,
    /// Compute units of the instruction in the same state.
    pub instruction_units: u64,
    /// What the instruction may cost above one and a half times its floor.
    pub excess: Option<&'static Excess>,
}

/// Adds each floor to the figures of its instruction.
pub fn add_floors(figures: &mut Figures, floors: &[Floor]) {
    for floor in floors {
        let of_label = figures.get_mut(floor.label);
        let of_label = of_label.unwrap_or_else(|| panic!("{} is not measured", floor.label));
        of_label.insert(FLOOR.to_owned(), floor.units);
    }
}

/// Returns the reasons of the instructions that have one, by their labels.
pub fn list_reasons(floors: &[Floor]) -> Reasons {
    let reason = |floor: &Floor| Some((floor.label.to_owned(), floor.excess?.reason.to_owned()));
    floors.iter().filter_map(reason).collect()
}

/// Prints each instruction beside its floor. Fails if one is too far above it, has a reason that it
/// does not need, or costs something else than the suite's figure.
pub fn check_floors(figures: &Figures, floors: &[Floor]) {
    println!("{:<28} {:>6} {:>8} {:>6} {:>6}", "instruction", "CU", "beside", "floor", "ratio");
    for floor in floors {
        let Floor { label, units: least, instruction_units, excess } = floor;
        let units = figures[*label]["units"];
        let ratio = units as f64 / *least as f64;
        let reason = excess.map_or("", |excess| excess.reason);
        println!("{label:<28} {units:>6} {instruction_units:>8} {least:>6} {ratio:>6.2}  {reason}");
    }

    let units_of = |floor: &Floor| figures[floor.label]["units"];
    let mut problems: Vec<String> =
        floors.iter().filter_map(|floor| find_difference(units_of(floor), floor)).collect();
    if has_compared_compiler() {
        problems.extend(floors.iter().filter_map(|floor| find_problem(units_of(floor), floor)));
    } else {
        println!("another compiler built the programs: the ratios are not checked");
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns what is wrong if the instruction beside the floor is not the one that has this figure.
fn find_difference(units: u64, floor: &Floor) -> Option<String> {
    let Floor { label, instruction_units, .. } = floor;

    (units.abs_diff(*instruction_units) > MAX_DIFFERENCE).then(|| {
        format!(
            "{label} costs {units}, and {instruction_units} in the state of its floor: measure \
             both in the same situation"
        )
    })
}

/// Returns what is wrong with an instruction that costs this many compute units.
fn find_problem(units: u64, floor: &Floor) -> Option<String> {
    let Floor { label, units: least, excess, .. } = floor;
    let is_over = |percent: u64| 100 * units > percent * least;

    match excess {
        None if is_over(MAX_PERCENT) => Some(format!(
            "{label} costs {units}, more than {MAX_PERCENT} % of its floor of {least}; make it \
             cheaper, or give the reason in its row of floor/"
        )),
        Some(Excess { max_percent, .. }) if is_over(*max_percent) => Some(format!(
            "{label} costs {units}, more than {max_percent} % of its floor of {least}; make it \
             cheaper: the reason in its row of floor/ does not excuse it"
        )),
        Some(_) if !is_over(MAX_PERCENT) => Some(format!(
            "{label} costs {units}, at most {MAX_PERCENT} % of its floor of {least}; remove the \
             reason from its row of floor/"
        )),
        None | Some(_) => None,
    }
}

#[test]
fn a_reason_is_required_above_its_bound_and_refused_below_the_common_one() {
    const EXCESS: Excess = Excess { max_percent: 180, reason: "checks" };
    let floor = |excess| Floor { label: "jobs.list", units: 100, instruction_units: 150, excess };
    let plain = floor(None);
    let excused = floor(Some(&EXCESS));

    assert_eq!(find_problem(150, &plain), None);
    assert!(find_problem(151, &plain).is_some());
    assert!(find_problem(150, &excused).is_some());
    assert_eq!(find_problem(151, &excused), None);
    assert_eq!(find_problem(180, &excused), None);
    assert!(find_problem(181, &excused).is_some());

    assert_eq!(find_difference(150 + MAX_DIFFERENCE, &plain), None);
    assert!(find_difference(151 + MAX_DIFFERENCE, &plain).is_some());
}
