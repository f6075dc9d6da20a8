//! Panics. The loader accepts no writable globals, and std's way of panicking is full of them:
//! hooks, counters, locks.

use super::{Change, Edit};

/// Edits that end a panic at once.
pub const EDITS: &[Edit] = &[
    Edit {
        name: "panic handler",
        why: "a panic must reach the function with which Solana programs log it, and then stop the program",
        file: "std/src/panicking.rs",
        find: "pub fn panic_handler(info: &core::panic::PanicInfo<'_>) -> ! {\n",
        times: 1,
        change: Change::After(
            r#"    #[cfg(target_os = "solana")]
    {
        unsafe extern "Rust" {
            fn custom_panic(info: &core::panic::PanicInfo<'_>);
        }
        unsafe extern "C" {
            fn abort() -> !;
        }
        unsafe {
            custom_panic(info);
            abort()
        }
    }
    #[cfg(not(target_os = "solana"))]
    report_and_unwind(info)
}

#[cfg(not(any(test, doctest, target_os = "solana")))]
fn report_and_unwind(info: &core::panic::PanicInfo<'_>) -> ! {
"#,
        ),
    },
    Edit {
        name: "panic anchor",
        why: "std keeps a pointer to its panic machinery alive for shared libraries, and with it all of the machinery",
        file: "std/src/panicking.rs",
        find: "pub static EMPTY_PANIC: ",
        times: 1,
        change: Change::Before("#[cfg(not(target_os = \"solana\"))]\n"),
    },
    Edit {
        name: "allocation failure",
        why: "std remembers an earlier failure in a global before it prints one; here there is nowhere to print",
        file: "std/src/alloc.rs",
        find: "fn default_alloc_error_hook(layout: Layout) {\n",
        times: 1,
        change: Change::After("    if cfg!(target_os = \"solana\") {\n        return;\n    }\n"),
    },
];
