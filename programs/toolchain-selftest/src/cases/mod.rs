//! What the compiler is tested on. The program and the host test compile these same files.
//!
//! Every function that is called is kept out of line, so that the call is made and the arguments
//! travel. Overflow is always explicit: a program is built with overflow checks.

mod calls;
mod memory;
mod numbers;

/// Bytes of an input.
pub const INPUT: usize = 128;

/// Bytes that a case may produce.
pub const OUTPUT: usize = 640;

/// What a case does with an input.
type Case = fn(&Input, &mut Outcome);

/// The cases: what `run` takes as their number is the place in this table.
pub const CASES: &[(&str, Case)] = &[
    ("eight arguments, called directly", calls::eight_directly),
    ("eight arguments, called through a pointer", calls::eight_through_pointer),
    ("arguments of every width", calls::every_width),
    ("structs by value and by return", calls::structs),
    ("calls through a trait object", calls::trait_objects),
    ("deep recursion", calls::recursion),
    ("checked u64", numbers::checked_u64),
    ("u128", numbers::wide_unsigned),
    ("i128", numbers::wide_signed),
    ("settlement: multiply and divide in u128", numbers::multiply_divide),
    ("narrow signed numbers", numbers::narrow_signed),
    ("bits", numbers::bits),
    ("branches", numbers::branches),
    ("copies of every length", memory::copies),
    ("overlapping moves", memory::overlapping),
    ("fills and comparisons", memory::comparisons),
    ("sorting numbers", memory::sort_numbers),
    ("sorting keys", memory::sort_keys),
];

/// Runs one case; `None` if there is none of that number.
pub fn run(case: u8, input: &Input) -> Option<Outcome> {
    let (_, case) = CASES.get(usize::from(case))?;
    let mut outcome = Outcome { bytes: [0; OUTPUT], length: 0 };
    case(input, &mut outcome);
    Some(outcome)
}

/// An input: the same bytes, read in several ways.
pub struct Input {
    bytes: [u8; INPUT],
}

impl Input {
    /// An input of these bytes.
    pub fn new(bytes: &[u8; INPUT]) -> Self {
        Self { bytes: *bytes }
    }

    /// All of the bytes.
    pub fn bytes(&self) -> &[u8; INPUT] {
        &self.bytes
    }

    /// One of its sixteen numbers; the index wraps.
    pub fn word(&self, index: usize) -> u64 {
        let start = index % (INPUT / 8) * 8;
        self.bytes[start..start + 8].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
    }

    /// One of its eight wide numbers.
    pub fn wide(&self, index: usize) -> u128 {
        u128::from(self.word(2 * index)) << 64 | u128::from(self.word(2 * index + 1))
    }
}

/// What a case produced, in the order in which it did.
pub struct Outcome {
    bytes: [u8; OUTPUT],
    length: usize,
}

impl Outcome {
    /// The bytes so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Adds bytes. More than fit in are a mistake in the case, and fail it on both sides.
    pub fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.bytes[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }

    /// Adds a number.
    pub fn word(&mut self, word: u64) {
        self.put(&word.to_le_bytes());
    }

    /// Adds a wide number.
    pub fn wide(&mut self, wide: u128) {
        self.put(&wide.to_le_bytes());
    }

    /// Adds a number that may be missing.
    pub fn maybe(&mut self, word: Option<u64>) {
        self.put(&[u8::from(word.is_some())]);
        self.word(word.unwrap_or_default());
    }

    /// Adds a wide number that may be missing.
    pub fn maybe_wide(&mut self, wide: Option<u128>) {
        self.put(&[u8::from(wide.is_some())]);
        self.wide(wide.unwrap_or_default());
    }
}
