//! 128-bit arithmetic, for which LLVM calls functions of `compiler-builtins`.
//!
//! LLVM and rustc use different conventions for such a call. LLVM 23 reads the result from
//! registers; rustc compiles the function to store it through a hidden pointer, but LLVM passes the
//! first operand in that register. A checked multiplication of two `u64` makes such a call, so
//! programs would overwrite memory of their caller. With the "unadjusted" convention rustc does not
//! change the signature, and LLVM generates both sides.

use super::{Change, Edit};

/// Returns the edit that gives one function the "unadjusted" convention.
macro_rules! unadjusted {
    ($file:literal, $function:literal, $times:literal) => {
        Edit {
            name: concat!("convention of ", $function),
            why: "LLVM reads 128-bit results from registers, rustc would store them through \
                  a pointer",
            file: concat!("compiler-builtins/compiler-builtins/src/int/", $file),
            find: concat!("extern \"C\" fn ", $function, "("),
            times: $times,
            change: Change::Instead(concat!("extern \"unadjusted\" fn ", $function, "(")),
        }
    };
}

/// The functions that LLVM calls for this target.
pub const EDITS: &[Edit] = &[
    unadjusted!("mul.rs", "__multi3", 1),
    unadjusted!("udiv.rs", "__udivti3", 1),
    unadjusted!("udiv.rs", "__umodti3", 1),
    // Signed division and remainder of every width come from three macros.
    unadjusted!("sdiv.rs", "$signed_fn", 3),
    unadjusted!("shift.rs", "__ashlti3", 1),
    unadjusted!("shift.rs", "__ashrti3", 1),
    unadjusted!("shift.rs", "__lshrti3", 1),
];
