//! The numbers of a deployment's jobs.

use nosana_protocol::units::UnixTimestamp;

use super::replica::Replica;

/// The numbers that were used, and the next one. Later jobs have higher numbers, also after a
/// restart that has forgotten closed ones: so a number is at least the time in seconds.
#[derive(Debug, Default)]
pub struct JobNumbers {
    /// The highest number of a job.
    highest: u32,
    /// The chain's time in seconds, modulo 2³².
    seconds: u32,
    /// The number that was given last. It is given again unless a job has it: the private store has
    /// one definition for each number, and listings may fail for hours.
    given: Option<u32>,
}

impl JobNumbers {
    /// Notes the jobs on the chain, and its time.
    pub fn note_turn(&mut self, replicas: &[Replica], now: UnixTimestamp) {
        let numbers = replicas.iter().map(|replica| replica.number);
        self.highest = numbers.fold(self.highest, u32::max);
        self.seconds = u32::try_from(now.0.rem_euclid(1 << 32)).unwrap_or_default();
    }

    /// Returns the number of the next job.
    pub fn next_number(&mut self) -> u32 {
        let unused = self.given.filter(|number| *number > self.highest);
        let number = unused.unwrap_or_else(|| self.highest.max(self.seconds).wrapping_add(1));
        self.given = Some(number);
        number
    }

    /// Notes that a job has this number.
    pub fn note_listed(&mut self, number: u32) {
        self.highest = self.highest.max(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_until_a_job_has_it() {
        let mut numbers = JobNumbers::default();
        numbers.note_turn(&[], UnixTimestamp(100));
        assert_eq!(numbers.next_number(), 101);

        numbers.note_turn(&[], UnixTimestamp(200));
        assert_eq!(numbers.next_number(), 101, "its listing failed");
        numbers.note_listed(101);
        assert_eq!(numbers.next_number(), 201);
        numbers.note_listed(201);
        assert_eq!(numbers.next_number(), 202, "in the same second");
    }
}
