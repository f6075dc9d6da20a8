//! Keeps the end of a long output.

/// Appends `part` to `kept`, and drops bytes from the beginning beyond `limit`. Returns whether
/// there are more than `limit` bytes. Up to twice the limit stays meanwhile, so that not every byte
/// moves all others; with an empty `part`, exactly the limit stays.
pub fn keep_end(kept: &mut Vec<u8>, part: &[u8], limit: usize) -> bool {
    kept.extend_from_slice(part);

    let beyond = kept.len().saturating_sub(limit);
    if beyond > limit || (part.is_empty() && beyond > 0) {
        kept.drain(..beyond);
    }
    beyond > 0
}

#[cfg(test)]
mod tests {
    use super::keep_end;

    #[test]
    fn the_beginning_is_dropped() {
        let mut kept = Vec::new();
        assert!(!keep_end(&mut kept, b"abc", 3) && !keep_end(&mut kept, b"", 3));
        assert!(keep_end(&mut kept, b"de", 3));
        assert!(kept.len() <= 6 && keep_end(&mut kept, b"fghij", 3));
        assert_eq!(kept, b"hij");
        assert!(keep_end(&mut kept, b"k", 3) && keep_end(&mut kept, b"", 3));
        assert_eq!(kept, b"ijk");
    }
}
