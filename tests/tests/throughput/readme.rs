//! The README's ceilings are those that were computed.

use nosana_bench::format::format_thousands;
use nosana_tests::reports::check_readme_rows;

use crate::ceiling::Ceiling;

/// The row of the README's table.
const ROW: &str = "whole jobs a second that blocks have room for: in one market, in sixteen";

/// Fails where the README has other ceilings.
pub fn check_readme(ceilings: &[Ceiling; 2]) {
    let [one, sixteen] =
        ceilings.each_ref().map(|ceiling| format_thousands(ceiling.jobs_per_second() as u64));

    check_readme_rows(&[(ROW.to_owned(), format!("{one} and {sixteen}"))]);
}
