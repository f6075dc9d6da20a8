//! Services that std requires from an operating system and that Solana's runtime does not have.

use super::{Change, Edit};

/// Edits that select, for each service, std's variant for systems without it.
pub const EDITS: &[Edit] = &[
    Edit {
        name: "allocation alignment",
        why: "std does not compile for an architecture of unknown alignment",
        file: "std/src/sys/alloc/mod.rs",
        find: ")) {\n    8\n",
        times: 1,
        change: Change::Before("    target_arch = \"bpf\",\n"),
    },
    Edit {
        name: "system allocator",
        why: "programs define their own allocator, but std's default one must exist; it refuses \
              every request",
        file: "std/src/sys/alloc/mod.rs",
        find: "    target_os = \"xous\" => {\n        mod xous;\n    }\n",
        times: 1,
        change: Change::Before(
            r#"    target_os = "solana" => {
        mod refusing {
            #[stable(feature = "alloc_system_type", since = "1.28.0")]
            unsafe impl crate::alloc::GlobalAlloc for crate::alloc::System {
                unsafe fn alloc(&self, _: crate::alloc::Layout) -> *mut u8 {
                    crate::ptr::null_mut()
                }
                unsafe fn dealloc(&self, _: *mut u8, _: crate::alloc::Layout) {}
            }
        }
    }
"#,
        ),
    },
    Edit {
        name: "error codes",
        why: "the runtime has no error numbers to translate",
        file: "std/src/sys/io/error/mod.rs",
        find: "    any(\n        target_os = \"vexos\",\n",
        times: 1,
        change: Change::After("        target_os = \"solana\",\n"),
    },
    Edit {
        name: "random bytes",
        why: "a program must compute the same result on every validator",
        file: "std/src/sys/random/mod.rs",
        find: concat!(
            "        all(target_family = \"wasm\", target_os = \"unknown\"),\n",
            "        target_os = \"xous\",\n",
        ),
        times: 1,
        change: Change::Before("        target_os = \"solana\",\n"),
    },
    Edit {
        name: "random hash keys",
        why: "the variant without random bytes defines its own function for hash keys",
        file: "std/src/sys/random/mod.rs",
        find: "#[cfg(not(any(\n    target_os = \"linux\",\n",
        times: 1,
        change: Change::After("    target_os = \"solana\",\n"),
    },
    Edit {
        name: "fixed hash keys",
        why: "std counts hash maps in a thread-local, a writable global, which the loader does not \
              accept",
        file: "std/src/hash/random.rs",
        find: "    pub fn new() -> RandomState {\n",
        times: 1,
        change: Change::After(concat!(
            "        #[cfg(target_os = \"solana\")]\n",
            "        return RandomState { k0: 0, k1: 0 };\n",
            "        #[cfg(not(target_os = \"solana\"))]\n",
            "        RandomState::from_thread()\n",
            "    }\n",
            "\n",
            "    #[cfg(not(target_os = \"solana\"))]\n",
            "    fn from_thread() -> RandomState {\n",
        )),
    },
    Edit {
        name: "thread-local storage",
        why: "a program has one thread",
        file: "std/src/sys/thread_local/mod.rs",
        find: "    ) => {\n        mod no_threads;\n",
        times: 1,
        change: Change::Before("        target_os = \"solana\",\n"),
    },
    Edit {
        name: "thread-local destructors",
        why: "the thread does not end, so no destructor would run",
        file: "std/src/sys/thread_local/mod.rs",
        find: concat!(
            "        any(\n",
            "            target_os = \"hermit\",\n",
            "            target_os = \"xous\",\n",
            "        ) => {\n",
        ),
        times: 1,
        change: Change::Instead(concat!(
            "        any(\n",
            "            target_os = \"hermit\",\n",
            "            target_os = \"solana\",\n",
            "            target_os = \"xous\",\n",
            "        ) => {\n",
        )),
    },
];
