//! How long each process of the node lives.

use std::time::Duration;

use fastrand::Rng;

/// Longest life, in means: a short trial has kills, too.
const MAX_MEANS: f64 = 3.0;

/// Lives of an exponential distribution: a kill is as likely in one moment as in any other,
/// whatever the node does and however long it runs already.
pub struct Lifetimes {
    rng: Rng,
    mean: Duration,
}

impl Lifetimes {
    /// The lives of a seed: the same seed and mean give the same lives.
    pub fn from_seed(seed: u64, mean: Duration) -> Self {
        Self { rng: Rng::with_seed(seed), mean }
    }

    /// Draws the next life.
    pub fn draw_life(&mut self) -> Duration {
        let survival = 1.0 - self.rng.f64();
        self.mean.mul_f64((-survival.ln()).clamp(0.0, MAX_MEANS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw_seconds(seed: u64, count: usize) -> Vec<f64> {
        let mut lifetimes = Lifetimes::from_seed(seed, Duration::from_secs(8));
        (0..count).map(|_| lifetimes.draw_life().as_secs_f64()).collect()
    }

    #[test]
    fn a_seed_gives_the_same_lives_around_the_mean() {
        assert_eq!(draw_seconds(1, 20), draw_seconds(1, 20));
        assert_ne!(draw_seconds(1, 20), draw_seconds(2, 20));

        let lives = draw_seconds(7, 10_000);
        let mean = lives.iter().sum::<f64>() / lives.len() as f64;
        // The bound of three means takes 5 % off the mean.
        assert!((7.2..8.0).contains(&mean), "{mean}");
        assert!(lives.iter().all(|life| (0.0..=24.0).contains(life)));
        assert!(lives.iter().any(|life| *life < 0.1) && lives.contains(&24.0));
    }
}
