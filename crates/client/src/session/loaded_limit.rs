//! The bytes of accounts that a transaction may load.
//!
//! Before a leader executes a transaction, it reserves units of the block for all pages that the
//! transaction may load. Without a limit these are 64 MiB, whose 16,384 units are more than all the
//! rest of most transactions; and the priority of a transaction is its fee divided by its cost.

/// The most bytes that a transaction may load, which is the limit of one that requests none.
pub const MAX_LOADED_BYTES: u32 = 64 * 1024 * 1024;
/// Bytes of a page. Leaders charge whole pages: a limit between two of them reserves no less.
const PAGE_BYTES: u32 = 32 * 1024;
/// The divisor for the share of the simulated bytes that is added. Most bytes are the code of
/// programs, and an upgrade may land between the simulation and the execution.
const SPARE_DIVISOR: u32 = 4;
/// The least number of bytes that is added. Each `grow_queue` that lands after the simulation adds
/// at most 9,600 bytes, and each account that another transaction creates some hundred: two pages
/// hold six such growths, and what they reserve is a thousandth of the default.
const MIN_SPARE_BYTES: u32 = 2 * PAGE_BYTES;

/// Returns the limit of loaded bytes to request, given the bytes that the simulation loaded: a
/// quarter more, at least two pages of 32 KiB more, in whole pages, and at most
/// [`MAX_LOADED_BYTES`].
pub fn choose_loaded_limit(simulated_bytes: u32) -> u32 {
    let spare = (simulated_bytes / SPARE_DIVISOR).max(MIN_SPARE_BYTES);
    let wanted = simulated_bytes.saturating_add(spare).min(MAX_LOADED_BYTES);

    // The most is whole pages, so this does not exceed it.
    wanted.next_multiple_of(PAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::{MAX_LOADED_BYTES, choose_loaded_limit};

    #[test]
    fn limits_have_a_margin_in_whole_pages() {
        assert_eq!(choose_loaded_limit(0), 65_536, "the runtime refuses a limit of zero");
        assert_eq!(choose_loaded_limit(1), 98_304);
        assert_eq!(choose_loaded_limit(32_768), 98_304);
        assert_eq!(choose_loaded_limit(32_769), 131_072);

        // From eight pages on, a quarter is more than two pages.
        assert_eq!(choose_loaded_limit(262_144), 327_680);
        assert_eq!(choose_loaded_limit(1_000_000), 1_277_952);
    }

    #[test]
    fn no_limit_exceeds_that_of_the_runtime() {
        assert_eq!(choose_loaded_limit(53_000_000), 66_256_896);
        assert_eq!(choose_loaded_limit(53_687_091), MAX_LOADED_BYTES);
        assert_eq!(choose_loaded_limit(MAX_LOADED_BYTES), MAX_LOADED_BYTES);
        assert_eq!(choose_loaded_limit(u32::MAX), MAX_LOADED_BYTES);
    }
}
