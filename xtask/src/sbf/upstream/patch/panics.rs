//! Panics. The loader does not accept writable globals, and std's panic machinery uses many of
//! them: hooks, counters, locks.

use super::{Change, Edit};

/// Edits that make a panic log its message and abort.
pub const EDITS: &[Edit] = &[
    Edit {
        name: "panic handler",
        why: "a panic must call the function that logs it in Solana programs, and then abort",
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
        why: "std keeps a pointer to its panic machinery for shared libraries, which would link \
              all of the machinery",
        file: "std/src/panicking.rs",
        find: "pub static EMPTY_PANIC: ",
        times: 1,
        change: Change::Before("#[cfg(not(target_os = \"solana\"))]\n"),
    },
    Edit {
        name: "allocation failure",
        why: "std records an earlier failure in a writable global before it prints one, and \
              programs have no standard error",
        file: "std/src/alloc.rs",
        find: "fn default_alloc_error_hook(layout: Layout) {\n",
        times: 1,
        change: Change::After("    if cfg!(target_os = \"solana\") {\n        return;\n    }\n"),
    },
];
