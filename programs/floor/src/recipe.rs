//! What one call of the program does, as bytes: the tests write them, the program reads them.

/// In the place of an account: there is none.
pub const NONE: u8 = u8::MAX;
/// Bytes of a recipe.
pub const LEN: usize = 20;

/// What one call does. Accounts are named by their place in the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Accounts of the program whose fields are read and written.
    pub writes: [u8; 3],
    /// The account whose first bytes are logged as the event.
    pub logged: u8,
    /// Bytes of the event.
    pub event_bytes: u16,
    /// The token account that pays, if there is a transfer.
    pub source: u8,
    /// The token accounts that are paid: two are paid in one call.
    pub destinations: [u8; 2],
    /// Whose tokens they are. The program signs for it by the seeds unless it has signed itself.
    pub authority: u8,
    /// The account that is created, if there is one: at the address of the seeds.
    pub created: u8,
    /// Who pays for it.
    pub funder: u8,
    /// Bytes of its data.
    pub space: u16,
    /// The account that is closed, if there is one.
    pub closed: u8,
    /// Who receives its lamports.
    pub receiver: u8,
    /// Bytes of each seed of the address; zero for those that it does not have.
    pub seed_bytes: [u8; 3],
    /// Zero if the clock is not read.
    pub reads_clock: u8,
}

impl Recipe {
    /// Reads a recipe.
    #[inline(always)]
    pub const fn from_bytes(bytes: &[u8; LEN]) -> Self {
        let [one, two, three, logged, event_low, event_high, source, first, second, rest @ ..] =
            *bytes;
        let [authority, created, funder, space_low, space_high, closed, receiver, rest @ ..] = rest;
        let [first_seed, second_seed, third_seed, reads_clock] = rest;

        Self {
            writes: [one, two, three],
            logged,
            event_bytes: u16::from_le_bytes([event_low, event_high]),
            source,
            destinations: [first, second],
            authority,
            created,
            funder,
            space: u16::from_le_bytes([space_low, space_high]),
            closed,
            receiver,
            seed_bytes: [first_seed, second_seed, third_seed],
            reads_clock,
        }
    }

    /// Writes a recipe.
    pub const fn to_bytes(self) -> [u8; LEN] {
        let [one, two, three] = self.writes;
        let [event_low, event_high] = self.event_bytes.to_le_bytes();
        let [first, second] = self.destinations;
        let [space_low, space_high] = self.space.to_le_bytes();
        let [first_seed, second_seed, third_seed] = self.seed_bytes;

        [
            one,
            two,
            three,
            self.logged,
            event_low,
            event_high,
            self.source,
            first,
            second,
            self.authority,
            self.created,
            self.funder,
            space_low,
            space_high,
            self.closed,
            self.receiver,
            first_seed,
            second_seed,
            third_seed,
            self.reads_clock,
        ]
    }

    /// Splits the seeds of an address, which follow the recipe: up to three, those that it does not
    /// have are empty, and the bump.
    #[inline(always)]
    pub fn split_seeds<'a>(&self, seeds: &'a [u8]) -> Option<[&'a [u8]; 4]> {
        let [first, second, third] = self.seed_bytes.map(usize::from);
        let (first, rest) = seeds.split_at_checked(first)?;
        let (second, rest) = rest.split_at_checked(second)?;
        let (third, bump) = rest.split_at_checked(third)?;
        Some([first, second, third, bump])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_is_read_as_it_was_written() {
        let bytes = core::array::from_fn(|index| u8::try_from(index).unwrap_or(NONE));
        let recipe = Recipe::from_bytes(&bytes);

        assert_eq!(recipe.to_bytes(), bytes);
        assert_eq!((recipe.writes, recipe.logged), ([0, 1, 2], 3));
        assert_eq!((recipe.seed_bytes, recipe.reads_clock), ([16, 17, 18], 19));
    }

    #[test]
    fn seeds_that_are_too_short_are_refused() {
        let recipe = Recipe { seed_bytes: [3, 32, 8], ..Recipe::from_bytes(&[NONE; LEN]) };
        let seeds = [7; 3 + 32 + 8 + 1];
        let lengths = recipe.split_seeds(&seeds).map(|parts| parts.map(<[u8]>::len));

        assert_eq!(lengths, Some([3, 32, 8, 1]));
        assert_eq!(recipe.split_seeds(&[7; 3 + 32 + 8 - 1]), None);
    }

    #[test]
    fn seeds_that_an_address_does_not_have_are_empty() {
        let recipe = Recipe { seed_bytes: [4, 0, 0], ..Recipe::from_bytes(&[NONE; LEN]) };
        let lengths = recipe.split_seeds(b"pool\xff").map(|parts| parts.map(<[u8]>::len));

        assert_eq!(lengths, Some([4, 0, 0, 1]));
    }
}
