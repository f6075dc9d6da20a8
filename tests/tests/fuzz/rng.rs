//! SplitMix64: small, and the same on every machine, so that a seed is all that a failure needs.

/// A stream of numbers.
pub struct Rng(u64);

impl Rng {
    /// The stream of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`. The bias of the remainder does not matter for bounds as small as
    /// these.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// The same, as an index.
    pub fn index(&mut self, bound: usize) -> u8 {
        u8::try_from(self.below(bound as u64)).expect("small bounds")
    }

    /// True in `percent` of 100 cases.
    pub const fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::from(self.index(all.len()))]
    }
}
