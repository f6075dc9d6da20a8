//! Reads the fields of a message. Numbers are little-endian.

/// A message that does not have the documented form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a valid {message}: {problem}")]
pub struct WireError {
    /// The message.
    pub message: &'static str,
    /// What is wrong.
    pub problem: &'static str,
}

/// The rest of a message.
pub(crate) struct Decoder<'a> {
    rest: &'a [u8],
    message: &'static str,
}

impl<'a> Decoder<'a> {
    pub(crate) const fn new(message: &'static str, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, message }
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], WireError> {
        let (bytes, rest) =
            self.rest.split_at_checked(count).ok_or_else(|| self.invalid("it is too short"))?;

        self.rest = rest;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let bytes = self.bytes(N)?;
        bytes.try_into().map_err(|_| self.invalid("it is too short"))
    }

    pub(crate) fn byte(&mut self) -> Result<u8, WireError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, WireError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, WireError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A flag is 0 or 1.
    pub(crate) fn flag(&mut self) -> Result<bool, WireError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.invalid("a flag is neither 0 nor 1")),
        }
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Everything that is left.
    pub(crate) fn remainder(self) -> &'a [u8] {
        self.rest
    }

    /// Checks that nothing is left.
    pub(crate) fn finish(self) -> Result<(), WireError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.invalid("it is too long"))
    }

    pub(crate) const fn invalid(&self, problem: &'static str) -> WireError {
        WireError { message: self.message, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_order_and_nothing_is_left() {
        let mut decoder = Decoder::new("test", &[1, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(decoder.flag(), Ok(true));
        assert_eq!(decoder.u16(), Ok(2));
        assert_eq!(decoder.u64(), Ok(3));
        assert_eq!(decoder.byte(), Ok(9));
        assert_eq!(decoder.byte().unwrap_err().problem, "it is too short");
        assert_eq!(decoder.finish(), Ok(()));
    }

    #[test]
    fn short_and_long_messages_are_refused() {
        assert!(Decoder::new("test", &[1]).u16().is_err());
        assert!(Decoder::new("test", &[2]).flag().is_err());
        assert!(Decoder::new("test", &[0]).finish().is_err());
        assert_eq!(Decoder::new("test", &[7, 8]).remainder(), [7, 8]);
    }
}
