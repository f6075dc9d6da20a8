//! The cases that test the compiler. The program and the host test compile these same files.
//!
//! Called functions are never inlined, so that the call is made and the arguments are passed.
//! Overflow is always explicit: a program is built with overflow checks.

mod branches;
mod calls;
mod memory;
mod numbers;
mod structs;

/// Length of an input, in bytes.
pub const INPUT_LEN: usize = 128;

/// Maximum length of an outcome, in bytes.
pub const MAX_OUTCOME_LEN: usize = 640;

/// A case: writes to the outcome what it computes from the input.
type Case = fn(&Input, &mut Outcome);

/// All cases, with their descriptions. `run` takes the index in this table.
pub const CASES: &[(&str, Case)] = &[
    ("eight arguments, called directly", calls::eight_directly),
    ("eight arguments, called through a pointer", calls::eight_through_pointer),
    ("arguments of every width", calls::every_width),
    ("structs by value and by return", structs::structs_by_value),
    ("calls through a trait object", structs::trait_objects),
    ("deep recursion", calls::deep_recursion),
    ("checked u64", numbers::checked_u64),
    ("u128", numbers::wide_unsigned),
    ("i128", numbers::wide_signed),
    ("settlement: multiply and divide in u128", numbers::multiply_divide),
    ("narrow signed numbers", numbers::narrow_signed),
    ("bits", numbers::bit_operations),
    ("branches", branches::enums_and_branches),
    ("copies of every length", memory::copy_every_length),
    ("overlapping moves", memory::move_overlapping),
    ("fills and comparisons", memory::fill_and_compare),
    ("sorting numbers", memory::sort_numbers),
    ("sorting keys", memory::sort_keys),
];

/// Runs the case of that index; `None` if there is none.
pub fn run_case(case: u8, input: &Input) -> Option<Outcome> {
    let (_, case) = CASES.get(usize::from(case))?;

    let mut outcome = Outcome { bytes: [0; MAX_OUTCOME_LEN], length: 0 };
    case(input, &mut outcome);

    Some(outcome)
}

/// An input: bytes, also read as numbers.
pub struct Input {
    bytes: [u8; INPUT_LEN],
}

impl Input {
    /// Creates an input of these bytes.
    pub fn new(bytes: &[u8; INPUT_LEN]) -> Self {
        Self { bytes: *bytes }
    }

    /// Returns all bytes.
    pub fn bytes(&self) -> &[u8; INPUT_LEN] {
        &self.bytes
    }

    /// Returns one of the sixteen 64-bit numbers; the index wraps.
    pub fn word_at(&self, index: usize) -> u64 {
        let start = index % (INPUT_LEN / 8) * 8;
        self.bytes[start..start + 8].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
    }

    /// Returns one of the eight 128-bit numbers; the index wraps.
    pub fn wide_at(&self, index: usize) -> u128 {
        u128::from(self.word_at(2 * index)) << 64 | u128::from(self.word_at(2 * index + 1))
    }
}

/// The values that a case produced, in order.
pub struct Outcome {
    bytes: [u8; MAX_OUTCOME_LEN],
    length: usize,
}

impl Outcome {
    /// Returns the bytes added so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Adds bytes. Panics if they do not fit: that is an error in the case, and both sides fail.
    pub fn put_bytes(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.bytes[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }

    /// Adds a 64-bit number.
    pub fn put_word(&mut self, word: u64) {
        self.put_bytes(&word.to_le_bytes());
    }

    /// Adds a 128-bit number.
    pub fn put_wide(&mut self, wide: u128) {
        self.put_bytes(&wide.to_le_bytes());
    }

    /// Adds a 64-bit number that may be missing.
    pub fn put_option(&mut self, word: Option<u64>) {
        self.put_bytes(&[u8::from(word.is_some())]);
        self.put_word(word.unwrap_or_default());
    }

    /// Adds a 128-bit number that may be missing.
    pub fn put_wide_option(&mut self, wide: Option<u128>) {
        self.put_bytes(&[u8::from(wide.is_some())]);
        self.put_wide(wide.unwrap_or_default());
    }
}
