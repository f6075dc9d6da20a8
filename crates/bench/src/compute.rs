//! Compute units by instruction, beside those of the predecessor's programs.

use serde::Serialize;

use crate::report::Transaction;

/// What the predecessor's programs use for the same steps. They have no `start`: taking a job
/// starts it.
pub const PREDECESSOR: [(&str, u64); 3] = [("list", 22_147), ("work", 8_682), ("finish", 20_131)];
/// Compute units of the instruction that sets a transaction's limit; part of every figure here.
pub const LIMIT_UNITS: u64 = 150;
/// The instructions of every job.
pub const OF_A_JOB: [&str; 4] = ["list", "work", "start", "finish"];

/// The transactions of one instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComputeRow {
    /// The instruction.
    pub instruction: String,
    /// How many there were.
    pub count: usize,
    /// The least compute units that one used.
    pub min: u64,
    /// What the middle one used.
    pub median: u64,
    /// The most that one used.
    pub max: u64,
    /// What the predecessor's instruction used.
    pub predecessor: Option<u64>,
}

/// One row for each instruction, in the order of their first transactions.
pub fn rows<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> Vec<ComputeRow> {
    let mut groups: Vec<(&str, Vec<u64>)> = Vec::new();
    for transaction in transactions {
        let name = transaction.instruction.as_str();
        match groups.iter_mut().find(|(group, _)| *group == name) {
            Some((_, units)) => units.push(transaction.compute_units),
            None => groups.push((name, vec![transaction.compute_units])),
        }
    }
    groups.into_iter().map(|(name, units)| row(name, units)).collect()
}

/// What a whole job uses, by the middle transaction of each of its instructions, and what the
/// predecessor's did.
pub fn whole_job(rows: &[ComputeRow]) -> (u64, u64) {
    let of_a_job = rows.iter().filter(|row| OF_A_JOB.contains(&row.instruction.as_str()));
    (of_a_job.map(|row| row.median).sum(), PREDECESSOR.iter().map(|(_, units)| units).sum())
}

/// The middle value, the lower one of two; 0 if there is none.
pub fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

fn row(name: &str, units: Vec<u64>) -> ComputeRow {
    ComputeRow {
        instruction: name.to_owned(),
        count: units.len(),
        min: units.iter().min().copied().unwrap_or_default(),
        max: units.iter().max().copied().unwrap_or_default(),
        median: median(units),
        predecessor: PREDECESSOR
            .iter()
            .find(|(instruction, _)| *instruction == name)
            .map(|(_, units)| *units),
    }
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
        let rows = rows(all.iter());
        let names: Vec<_> = rows.iter().map(|row| row.instruction.as_str()).collect();
        assert_eq!(names, ["list", "work", "start", "leave"]);
        let list = &rows[0];
        assert_eq!((list.count, list.min, list.median, list.max), (3, 3_000, 4_000, 9_000));
        assert_eq!((list.predecessor, rows[2].predecessor), (Some(22_147), None));
        assert_eq!(whole_job(&rows), (6_001, 50_960));
    }

    #[test]
    fn the_middle_of_none_one_and_two() {
        assert_eq!((median(vec![]), median(vec![5]), median(vec![9, 5])), (0, 5, 5));
    }
}
