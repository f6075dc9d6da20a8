//! Syscalls that copy, fill and compare memory. A syscall costs 10 compute units up to 2,500 bytes;
//! a loop costs about one unit per instruction. Short runs remain loops, which are cheaper than the
//! call.

use super::{Change, Edit};

/// The file of the memory functions.
const FILE: &str = "compiler-builtins/compiler-builtins/src/mem/mod.rs";

/// Edits that use a syscall for long runs.
pub const EDITS: &[Edit] = &[
    Edit {
        name: "memory syscalls",
        why: "the edited functions below call them",
        file: FILE,
        find: "intrinsics! {\n",
        times: 1,
        change: Change::Before(
            r#"#[cfg(target_os = "solana")]
mod native {
    /// Longer runs than this are worth a syscall.
    const LOOP: usize = 32;

    unsafe extern "C" {
        fn sol_memcpy_(to: *mut u8, from: *const u8, n: u64);
        fn sol_memmove_(to: *mut u8, from: *const u8, n: u64);
        fn sol_memset_(to: *mut u8, byte: u8, n: u64);
        fn sol_memcmp_(a: *const u8, b: *const u8, n: u64, order: *mut i32);
    }

    #[inline(always)]
    pub unsafe fn copy(to: *mut u8, from: *const u8, n: usize) -> bool {
        if n > LOOP {
            unsafe { sol_memcpy_(to, from, n as u64) };
        }
        n > LOOP
    }

    #[inline(always)]
    pub unsafe fn shift(to: *mut u8, from: *const u8, n: usize) -> bool {
        if n > LOOP {
            unsafe { sol_memmove_(to, from, n as u64) };
        }
        n > LOOP
    }

    #[inline(always)]
    pub unsafe fn fill(to: *mut u8, byte: i32, n: usize) -> bool {
        if n > LOOP {
            unsafe { sol_memset_(to, byte as u8, n as u64) };
        }
        n > LOOP
    }

    #[inline(always)]
    pub unsafe fn order(a: *const u8, b: *const u8, n: usize) -> Option<i32> {
        if n <= LOOP {
            return None;
        }
        let mut order = 0;
        unsafe { sol_memcmp_(a, b, n as u64, &mut order) };
        Some(order)
    }
}

"#,
        ),
    },
    Edit {
        name: "memcpy",
        why: "long copies are cheaper as a syscall",
        file: FILE,
        find: "fn memcpy(dest: *mut u8, src: *const u8, n: usize) -> *mut u8 {\n",
        times: 1,
        change: Change::After(concat!(
            "        #[cfg(target_os = \"solana\")]\n",
            "        if native::copy(dest, src, n) {\n",
            "            return dest;\n",
            "        }\n",
        )),
    },
    Edit {
        name: "memmove",
        why: "long copies are cheaper as a syscall",
        file: FILE,
        find: "fn memmove(dest: *mut u8, src: *const u8, n: usize) -> *mut u8 {\n",
        times: 1,
        change: Change::After(concat!(
            "        #[cfg(target_os = \"solana\")]\n",
            "        if native::shift(dest, src, n) {\n",
            "            return dest;\n",
            "        }\n",
        )),
    },
    Edit {
        name: "memset",
        why: "long fills are cheaper as a syscall",
        file: FILE,
        find: "fn memset(s: *mut u8, c: core::ffi::c_int, n: usize) -> *mut u8 {\n",
        times: 1,
        change: Change::After(concat!(
            "        #[cfg(target_os = \"solana\")]\n",
            "        if native::fill(s, c, n) {\n",
            "            return s;\n",
            "        }\n",
        )),
    },
    Edit {
        name: "memcmp",
        why: "long comparisons are cheaper as a syscall",
        file: FILE,
        find: "fn memcmp(s1: *const u8, s2: *const u8, n: usize) -> core::ffi::c_int {\n",
        times: 1,
        change: Change::After(concat!(
            "        #[cfg(target_os = \"solana\")]\n",
            "        if let Some(order) = native::order(s1, s2, n) {\n",
            "            return order;\n",
            "        }\n",
        )),
    },
];
