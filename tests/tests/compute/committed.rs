//! What the suite does with the figures that are committed: those of the baseline and of the
//! README.

use nosana_tests::reports::CommittedFigures;

use crate::baseline::{Figures, Reasons, compare_baseline, write_baseline, write_report};

/// Writes the report, and compares the figures with those that are committed, or writes the
/// baseline and the README's table. Comes after all other checks: figures of programs that fail
/// them are not written.
pub fn check_committed(figures: &Figures, reasons: &Reasons) {
    write_report(figures, reasons);

    match CommittedFigures::from_environment() {
        CommittedFigures::Compare => compare_baseline(figures),
        CommittedFigures::Write => write_baseline(figures),
        CommittedFigures::Skip(reason) => println!("nothing committed is compared: {reason}"),
    }
}
