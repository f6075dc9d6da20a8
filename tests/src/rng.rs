//! SplitMix64: small, and equal on every machine, so that a seed is enough to repeat a failure.

/// A stream of random numbers.
pub struct Rng(u64);

impl Rng {
    /// The stream of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);

        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`. The bias of the remainder does not matter for bounds as
    /// small as those of the tests.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.next_u64() % bound
    }

    /// Returns a number in `from..=to`.
    pub const fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// Returns a number in `from..=to` with evenly distributed magnitude: as often between 1 and 2
    /// as between 1,000 and 2,000.
    pub fn magnitude(&mut self, from: u64, to: u64) -> u64 {
        let bits = self.between(u64::from(from.max(1).ilog2()), u64::from(to.max(1).ilog2()));
        let low = 1_u64 << bits;
        self.between(low, low.saturating_mul(2) - 1).clamp(from, to)
    }

    /// Returns an index below `bound`.
    pub fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).expect("the bound is an index")
    }

    /// Returns an index below `bound`, which fits a byte.
    pub fn byte(&mut self, bound: usize) -> u8 {
        u8::try_from(self.index(bound)).expect("the bound fits a byte")
    }

    /// Returns true in `percent` of 100 cases.
    pub const fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Returns one of `all`.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.index(all.len())]
    }
}
