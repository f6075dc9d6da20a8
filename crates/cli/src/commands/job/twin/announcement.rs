//! What twins can cost, and whether they can show anything, before the job is listed.

use anyhow::{Result, bail};
use nosana_job_spec::JobDefinition;
use nosana_protocol::job::Kind;

use super::{
    MAX_TWINS,
    funds::MAX_BONDS,
    scope::{ANSWERS_SCOPE, has_answers},
    time::{allows_twin, describe_short_window, fits_window},
};
use crate::commands::{
    context::CliContext,
    job::{
        check_means::CheckMeans,
        listing::{ListingOptions, Quote, QuoteRequest},
    },
    values::format_nos,
};

/// Prints what twins of a job can cost, except where JSON is printed. Fails if the options name a
/// twin and the market's clocks allow none.
pub async fn announce_twins(
    ctx: &CliContext,
    definition: &JobDefinition,
    options: &ListingOptions,
    means: CheckMeans,
) -> Result<()> {
    if !means.lists_twin() {
        return Ok(());
    }
    let quote = Quote::fetch(ctx, QuoteRequest::from_options(options, Kind::VerifiedBatch)).await?;
    let is_named = means == CheckMeans::Twin;
    let (window, phase) = (quote.challenge_seconds, quote.dispute_seconds);

    let lines = if has_answers(definition) && !is_named {
        vec![format!("no twin is listed: {ANSWERS_SCOPE}")]
    } else if allows_twin(window, phase) {
        describe_twins(&quote, options.timeout)
    } else if is_named {
        bail!("{}; omit `--check-by twin`", describe_short_window(window, phase));
    } else {
        vec![format!("no twin is listed: {}", describe_short_window(window, phase))]
    };

    if !options.connection.is_json() {
        for line in lines {
            eprintln!("check    {line}");
        }
    }
    Ok(())
}

/// The amounts, and a warning if a slow node can prevent a twin.
fn describe_twins(quote: &Quote, timeout: u64) -> Vec<String> {
    let mut lines = vec![format!(
        "a twin costs at most {}, and at most {MAX_TWINS} are listed; the bond of a dispute is {}, \
         and at most {MAX_BONDS} are paid",
        format_nos(quote.deposit),
        format_nos(quote.bond())
    )];

    if !fits_window(timeout, quote.start_seconds, quote.challenge_seconds) {
        lines.push(format!(
            "the challenge window of {} s is too short for a twin of a job that takes all of its \
             {} s: a node that is slow on purpose is not checked; a shorter --timeout helps",
            quote.challenge_seconds, timeout
        ));
    }
    lines
}
