//! The report as text.

use crate::{
    ceiling::{Ceiling, HotAccount},
    cost::{Charge, sum_charges},
    fees::{Fees, sum_fees},
    parallel::BankRun,
    report::Report,
};

/// Prints the report.
pub fn print_report(report: &Report) {
    print_charges(&report.charges);

    println!("\nlamports of a whole job, by the priority fee in micro-lamports for a unit");
    sum_fees(&report.charges).iter().for_each(print_fees);

    println!("\naccounts that the jobs of a market share");
    report.in_market.iter().for_each(print_account);
    println!("accounts that the jobs of different markets share");
    if report.between_markets.is_empty() {
        println!("  none");
    }
    report.between_markets.iter().for_each(print_account);

    println!("\nwhole jobs in blocks with nothing else");
    report.ceilings.iter().for_each(print_ceiling);

    let timings = &report.timings;
    println!("\n{} jobs on LiteSVM, in one thread", timings.jobs);
    for (step, time) in &timings.medians {
        println!("  {:<12} {:>10.1} µs", step.name(), time.as_secs_f64() * 1e6);
    }
    println!("  {:<12} {:>10.1} a second", "jobs", timings.jobs_per_second());
    println!("  {:<12} {:>10.1} a second", "transactions", timings.transactions_per_second());

    println!("\non a bank, with signatures that were verified before, and with the commit");
    report.bank_runs.iter().for_each(print_run);
}

/// Prints what each transaction costs, in compute units of a block.
fn print_charges(charges: &[Charge]) {
    println!(
        "{:<12} {:>10} {:>8} {:>6} {:>10} {:>8} {:>8} {:>9} {:>10}",
        "transaction",
        "signatures",
        "locks",
        "data",
        "execution",
        "loaded",
        "total",
        "reserved",
        "with limit"
    );
    for charge in charges {
        let [signatures, locks, data, execution, loaded] = charge.parts;
        println!(
            "{:<12} {signatures:>10} {locks:>8} {data:>6} {execution:>10} {loaded:>8} {:>8} {:>9} \
             {:>10}",
            charge.step.name(),
            charge.total,
            charge.reserved,
            charge.reserved_with_limit
        );
    }

    println!("{:<12} {:>55}", "a whole job", sum_charges(charges));
}

fn print_fees(fees: &Fees) {
    let Fees { price, of_signatures, of_priority } = fees;
    println!("  {price:>7}: {of_signatures} + {of_priority} = {}", fees.total());
}

fn print_account(account: &HotAccount) {
    let HotAccount { name, transactions, units } = account;
    println!("  {name}: {transactions} transactions of a job, {units} units");
}

fn print_ceiling(ceiling: &Ceiling) {
    println!(
        "  {:>2} markets: {} a block, {:.0} a second; {} is full first",
        ceiling.markets,
        ceiling.jobs_per_block,
        ceiling.jobs_per_second(),
        ceiling.bound
    );
}

fn print_run(run: &BankRun) {
    println!(
        "  {:>2} threads, {:>2} markets: {:.0} of {} transactions a second; {} waited for a lock",
        run.threads,
        run.markets,
        run.transactions_per_second(),
        run.transactions,
        run.delayed
    );
}
