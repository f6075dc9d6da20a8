//! The filter of system calls: seccomp programs that bubblewrap loads right before the command.
//!
//! What is not listed in [`allowed`] does not exist (`ENOSYS`), as on a kernel without it: libraries
//! then use another way, and a call that a newer kernel adds stays closed. What [`refused`] lists is
//! not permitted (`EPERM`). A program that makes system calls of another architecture, such as
//! 32-bit code, is killed; those of x32 are not listed.
//!
//! | module | purpose |
//! | --- | --- |
//! | [`allowed`] | the system calls that commands can use |
//! | [`refused`] | the system calls, or values of their arguments, that are not permitted |

/// Names of system calls, in rows.
macro_rules! calls {
    ($($name:ident)*) => { &[$($name),*] };
}

mod allowed;
mod refused;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, env::consts::ARCH, fmt, sync::Arc};

use nix::libc::{ENOSYS, EPERM};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompFilter, SeccompRule, TargetArch,
};

use crate::SandboxError;

/// How many programs the filter consists of.
pub(crate) const PROGRAM_COUNT: usize = 2;

/// Rules by the number of their system call. A call without rules always matches.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// The programs of the filter, as bubblewrap reads them.
#[derive(Clone)]
pub(crate) struct CallFilter {
    /// In the order in which they are loaded. Of two programs that fail a call, the kernel takes
    /// the error of the one that was loaded last.
    pub programs: Arc<[Vec<u8>; PROGRAM_COUNT]>,
}

impl fmt::Debug for CallFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.programs.each_ref().map(Vec::len);
        f.debug_struct("CallFilter").field("program_bytes", &bytes).finish()
    }
}

impl CallFilter {
    /// Compiles the filter for this machine.
    pub fn compile() -> Result<Self, SandboxError> {
        let failed = |error: BackendError| {
            SandboxError::NoFilter(format!("it cannot be compiled for {ARCH}: {error}"))
        };

        let programs = compile_programs().map_err(failed)?;
        Ok(Self { programs: programs.map(|program| encode_program(&program)).into() })
    }
}

fn compile_programs() -> Result<[BpfProgram; PROGRAM_COUNT], BackendError> {
    let [missing, forbidden] = [ENOSYS, EPERM].map(|error| SeccompAction::Errno(error as u32));

    Ok([
        compile_program(allowed::rules(), missing, SeccompAction::Allow)?,
        compile_program(refused::rules()?, SeccompAction::Allow, forbidden)?,
    ])
}

fn compile_program(
    rules: Rules,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let architecture = TargetArch::try_from(ARCH)?;
    SeccompFilter::new(rules, otherwise, on_match, architecture)?.try_into()
}

/// Returns a program as the kernel's array of `struct sock_filter`.
fn encode_program(program: &BpfProgram) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(program.len() * 8);
    for instruction in program {
        bytes.extend(instruction.code.to_ne_bytes());
        bytes.extend([instruction.jt, instruction.jf]);
        bytes.extend(instruction.k.to_ne_bytes());
    }
    bytes
}
