//! Compute units by instruction, compared with those of the predecessor's programs.

use serde::Serialize;

use crate::report::transaction::{Transaction, median};

/// Compute units of the predecessor's programs for the same steps. They have no `start`: taking a
/// job starts it. They were measured once, and no command here repeats that: this repository does
/// not have those programs.
pub const PREDECESSOR: [(&str, u64); 3] = [("list", 22_147), ("work", 8_682), ("finish", 20_131)];
/// Compute units of the two instructions that set a transaction's limits, of compute units and of
/// loaded bytes; part of every figure here.
pub const LIMIT_UNITS: u64 = 2 * 150;
/// The instructions of every job.
pub const JOB_INSTRUCTIONS: [&str; 4] = ["list", "work", "start", "finish"];
/// What `bench/baseline.json` calls them in a whole job whose result is paid at once, of a node
/// that has worked before.
pub const WHOLE_JOB: [&str; 4] =
    ["jobs.list", "jobs.work, a job waits", "jobs.start", "jobs.finish"];

/// The compute units of the transactions of one instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComputeRow {
    /// The instruction.
    pub instruction: String,
    /// The number of transactions.
    pub count: usize,
    /// The smallest number of compute units.
    pub min: u64,
    /// The median.
    pub median: u64,
    /// The largest number of compute units.
    pub max: u64,
    /// Compute units of the predecessor's instruction.
    pub predecessor: Option<u64>,
}

impl ComputeRow {
    fn new(instruction: &str, units: Vec<u64>) -> Self {
        Self {
            instruction: instruction.to_owned(),
            count: units.len(),
            min: units.iter().min().copied().unwrap_or_default(),
            max: units.iter().max().copied().unwrap_or_default(),
            median: median(units),
            predecessor: find_predecessor(instruction),
        }
    }
}

/// Returns the compute units of the predecessor's instruction.
pub fn find_predecessor(instruction: &str) -> Option<u64> {
    PREDECESSOR.iter().find(|(name, _)| *name == instruction).map(|(_, units)| *units)
}

/// Returns one row for each instruction, in the order of their first transactions.
pub fn group_by_instruction<'a>(
    transactions: impl Iterator<Item = &'a Transaction>,
) -> Vec<ComputeRow> {
    let mut groups: Vec<(&str, Vec<u64>)> = Vec::new();
    for transaction in transactions {
        let name = transaction.instruction.as_str();
        match groups.iter_mut().find(|(group, _)| *group == name) {
            Some((_, units)) => units.push(transaction.compute_units),
            None => groups.push((name, vec![transaction.compute_units])),
        }
    }

    groups.into_iter().map(|(name, units)| ComputeRow::new(name, units)).collect()
}

/// Returns the compute units of a whole job, ours and the predecessor's: the sum of the medians of
/// its instructions.
pub fn sum_whole_job(rows: &[ComputeRow]) -> (u64, u64) {
    let of_job = rows.iter().filter(|row| JOB_INSTRUCTIONS.contains(&row.instruction.as_str()));
    let ours = of_job.map(|row| row.median).sum();
    let theirs = PREDECESSOR.iter().map(|(_, units)| units).sum();

    (ours, theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction(instruction: &str, compute_units: u64) -> Transaction {
        Transaction { instruction: instruction.to_owned(), compute_units, ..Transaction::default() }
    }

    #[test]
    fn transactions_are_grouped_by_instruction() {
        let units = [
            ("list", 4_000),
            ("work", 2_000),
            ("list", 9_000),
            ("list", 3_000),
            ("start", 1),
            ("leave", 7),
        ];
        let all = units.map(|(name, units)| transaction(name, units));
        let rows = group_by_instruction(all.iter());

        let names: Vec<_> = rows.iter().map(|row| row.instruction.as_str()).collect();
        assert_eq!(names, ["list", "work", "start", "leave"]);
        let list = &rows[0];
        assert_eq!((list.count, list.min, list.median, list.max), (3, 3_000, 4_000, 9_000));
        assert_eq!((list.predecessor, rows[2].predecessor), (Some(22_147), None));
        assert_eq!(sum_whole_job(&rows), (6_001, 50_960));
    }
}
