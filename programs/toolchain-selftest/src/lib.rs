//! Tests whether a compiler for the chain computes what the host computes.
//!
//! The chain's virtual machine has few compilers, and a wrong one reports no error. This program
//! takes an input as instruction data, runs one of the [`cases`] on it, and returns the outcome as
//! return data. A host test runs the same source on the same inputs and compares every byte.

pub mod cases;

#[cfg(target_os = "solana")]
mod program {
    //! The bare interface to the virtual machine, without a framework, so that only the compiler is
    //! tested.

    use solana_define_syscall::definitions::{sol_log_, sol_set_return_data};

    use crate::cases::{INPUT_LEN, Input, run_case};

    /// Error code for instruction data that is not a case's number and an input.
    const MALFORMED: u64 = 1;

    /// Runs a case. Takes no accounts; the instruction data is the case's number and an input.
    ///
    /// # Safety
    ///
    /// The loader passes the address of the serialized accounts and instruction data, which it
    /// keeps readable.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn entrypoint(input: *const u8) -> u64 {
        // SAFETY: with no accounts the input is their number, the data's length, and the data.
        let accounts = unsafe { input.cast::<u64>().read() };
        // SAFETY: as above.
        let length = unsafe { input.cast::<u64>().add(1).read() };
        if accounts != 0 || length != 1 + INPUT_LEN as u64 {
            return MALFORMED;
        }

        // SAFETY: the length has been checked.
        let data = unsafe { core::slice::from_raw_parts(input.add(16), 1 + INPUT_LEN) };
        let Some((case, Ok(bytes))) =
            data.split_first().map(|(case, rest)| (case, rest.try_into()))
        else {
            return MALFORMED;
        };

        let Some(outcome) = run_case(*case, &Input::new(bytes)) else {
            return MALFORMED;
        };

        let bytes = outcome.bytes();
        // SAFETY: the pointer and the length are those of one slice.
        unsafe { sol_set_return_data(bytes.as_ptr(), bytes.len() as u64) };
        0
    }

    /// Logs a constant message: formatting the panic's location may not work with a wrong compiler.
    #[unsafe(no_mangle)]
    fn custom_panic(_: &core::panic::PanicInfo<'_>) {
        let message = "panicked";
        // SAFETY: the pointer and the length are those of one string.
        unsafe { sol_log_(message.as_ptr(), message.len() as u64) };
    }
}
