//! How often a client checks results: in secret, by a coin that is thrown once the result is there.

use std::str::FromStr;

use anyhow::{Error, Result, bail};
use nosana_client::jobs::accounts::Job;
use nosana_protocol::{
    dispute::checks::{EVERY_RESULT, sufficient_check_rate},
    units::Amount,
};
use solana_keypair::Keypair;

/// The probability with which a result is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CheckRate {
    /// The lowest one at which a node that cheats expects a loss.
    Auto,
    /// From 0 to 1.
    Share(f64),
}

impl FromStr for CheckRate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match (text, text.parse::<f64>()) {
            ("auto", _) => Ok(Self::Auto),
            (_, Ok(share)) if (0.0..=1.0).contains(&share) => Ok(Self::Share(share)),
            _ => bail!("not a valid share; give a number from 0 to 1, such as 0.1, or `auto`"),
        }
    }
}

impl CheckRate {
    /// Throws the coin for a job that has a result.
    pub fn draws_check(self, job: &Job) -> bool {
        random_share() < self.share_of(job)
    }

    /// Returns the probability for this job.
    fn share_of(self, job: &Job) -> f64 {
        match self {
            Self::Auto => {
                let pay = job.price_per_second.saturating_mul(job.timeout_seconds);
                let rate = sufficient_check_rate(Amount(pay), Amount(job.collateral));
                f64::from(rate) / f64::from(EVERY_RESULT)
            }
            Self::Share(share) => share,
        }
    }
}

/// Returns a random number from 0 to 1, without 1.
fn random_share() -> f64 {
    let key = Keypair::new();
    let bytes = key.secret_bytes().first_chunk::<4>().copied().unwrap_or_default();
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;

    use super::*;

    fn job(price_per_second: u64, collateral: u64) -> Job {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let read = Job::from_data(&zeroed).unwrap();
        Job { price_per_second, collateral, timeout_seconds: 600, ..read }
    }

    #[test]
    fn auto_is_the_share_at_which_cheating_does_not_pay() {
        // 20 times the pay as collateral: 1 / (21 × 0.7).
        let share = CheckRate::Auto.share_of(&job(1_000, 12_000_000));
        assert!((share - 0.068).abs() < 1e-3, "{share}");
        assert_eq!(CheckRate::Auto.share_of(&job(1_000, 0)), 1.0, "nothing to lose");
        assert_eq!(CheckRate::Auto.share_of(&job(0, 0)), 1.0);
    }

    #[test]
    fn a_share_is_a_probability() {
        let parse = |text: &str| text.parse::<CheckRate>().ok();
        assert_eq!(parse("auto"), Some(CheckRate::Auto));
        assert_eq!(parse("0.25"), Some(CheckRate::Share(0.25)));
        for text in ["", "-0.1", "1.1", "NaN", "often"] {
            assert_eq!(parse(text), None, "{text}");
        }
        let job = job(1, 1);
        assert!((0..100).all(|_| CheckRate::Share(1.0).draws_check(&job)));
        assert!((0..100).all(|_| !CheckRate::Share(0.0).draws_check(&job)));
    }
}
