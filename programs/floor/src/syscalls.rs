//! The runtime's system calls. On the host they do nothing: only the chain runs the program.

use pinocchio::{Address, ProgramResult, address::address_eq, error::ProgramError};

/// What the runtime appends to the seeds of an address before it hashes them.
const MARKER: &[u8] = b"ProgramDerivedAddress";

/// Logs bytes as an event.
#[inline(always)]
pub fn log_data(bytes: &[u8]) {
    let fields = [bytes];
    #[cfg(target_os = "solana")]
    // SAFETY: the pointer and the length are those of an array of slices, which is only read.
    unsafe {
        pinocchio::syscalls::sol_log_data(fields.as_ptr().cast(), fields.len() as u64)
    };
    #[cfg(not(target_os = "solana"))]
    let _ = fields;
}

/// Fails unless `expected` is the program's address for these seeds, of which the last one is the
/// bump. The calls are those of the first try of Anchor's search for a bump.
#[inline(always)]
pub fn check_address(
    program: &Address,
    [first, second, third, bump]: [&[u8]; 4],
    expected: &Address,
) -> ProgramResult {
    let owner: &[u8] = program.as_ref();
    // The runtime charges for an empty part, too.
    let (hash, is_on_curve) = if third.is_empty() {
        hash_parts(&[first, second, bump, owner, MARKER])
    } else {
        hash_parts(&[first, second, third, bump, owner, MARKER])
    };

    if is_on_curve || !address_eq(&Address::new_from_array(hash), expected) {
        return Err(ProgramError::InvalidSeeds);
    }
    Ok(())
}

/// Returns the sha2-256 of the joined parts, and whether it is a point of the curve.
#[cfg(target_os = "solana")]
#[inline(always)]
fn hash_parts(parts: &[&[u8]]) -> ([u8; 32], bool) {
    /// The runtime's number of the curve of addresses.
    const EDWARDS: u64 = 0;
    /// The runtime's return value for a point of the curve.
    const ON_CURVE: u64 = 0;
    let mut hash = [0; 32];

    // SAFETY: the pointer and the length are those of an array of slices; the result has 32 bytes.
    unsafe {
        pinocchio::syscalls::sol_sha256(
            parts.as_ptr().cast(),
            parts.len() as u64,
            hash.as_mut_ptr(),
        )
    };
    // SAFETY: the hash has 32 bytes; a null result is not written.
    let checked = unsafe {
        pinocchio::syscalls::sol_curve_validate_point(EDWARDS, hash.as_ptr(), core::ptr::null_mut())
    };
    (hash, checked == ON_CURVE)
}

/// On the host no hash is on the curve, nor any address's.
#[cfg(not(target_os = "solana"))]
const fn hash_parts(_parts: &[&[u8]]) -> ([u8; 32], bool) {
    ([0; 32], false)
}
