//! Evaluates the compiled programs as the kernel does, also for calls that this kernel lacks.

use nix::libc::*;
use seccompiler::sock_filter;

use super::*;

/// The offsets of `struct seccomp_data`.
const ARCHITECTURE_OFFSET: u32 = 4;
const ARGUMENTS_OFFSET: u32 = 16;
/// What marks a number as one of the x32 interface.
const X32_BIT: i64 = 0x4000_0000;

/// What the filter does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allowed,
    Fails(i32),
    Killed,
}

fn own_architecture() -> u32 {
    const IS_64_BIT_LITTLE_ENDIAN: u32 = 0xc000_0000;
    IS_64_BIT_LITTLE_ENDIAN | if cfg!(target_arch = "x86_64") { 62 } else { 183 }
}

/// Runs one program, whose instructions are few.
fn run_program(program: &[sock_filter], architecture: u32, number: i64, arguments: &[u64]) -> u32 {
    let load = |offset: u32| match offset {
        0 => number as u32,
        ARCHITECTURE_OFFSET => architecture,
        _ => {
            let at = offset.strict_sub(ARGUMENTS_OFFSET);
            let argument = arguments.get(at as usize / 8).copied().unwrap_or_default();
            (argument >> (at % 8 * 8)) as u32
        }
    };

    let (mut at, mut accumulator) = (0, 0);
    loop {
        let instruction = &program[at];
        let k = instruction.k;
        let mut jump_if = |condition: bool| {
            at += usize::from(if condition { instruction.jt } else { instruction.jf });
        };
        match instruction.code {
            0x20 => accumulator = load(k),
            0x54 => accumulator &= k,
            0x15 => jump_if(accumulator == k),
            0x25 => jump_if(accumulator > k),
            0x35 => jump_if(accumulator >= k),
            0x05 => at += k as usize,
            0x06 => return k,
            code => panic!("the instruction {code:#x} is not implemented"),
        }
        at += 1;
    }
}

/// Runs both programs. The smallest action wins; of equal ones that of the last program.
fn judge_on(architecture: u32, number: i64, arguments: &[u64]) -> Verdict {
    let programs = compile_programs().unwrap();
    let results =
        programs.iter().rev().map(|program| run_program(program, architecture, number, arguments));

    let result = results.min_by_key(|result| (result & SECCOMP_RET_ACTION_FULL).cast_signed());
    match result.unwrap() {
        SECCOMP_RET_ALLOW => Verdict::Allowed,
        SECCOMP_RET_KILL_PROCESS => Verdict::Killed,
        result if result & SECCOMP_RET_ACTION_FULL == SECCOMP_RET_ERRNO => {
            Verdict::Fails((result & SECCOMP_RET_DATA).cast_signed())
        }
        result => panic!("{result:#x} is not an action of the filter"),
    }
}

fn judge(number: i64, arguments: &[u64]) -> Verdict {
    judge_on(own_architecture(), number, arguments)
}

#[test]
fn what_is_not_listed_does_not_exist() {
    for number in [SYS_clone3, SYS_io_uring_setup, SYS_io_uring_enter, SYS_memfd_secret, 467, 9999]
    {
        assert_eq!(judge(number, &[]), Verdict::Fails(ENOSYS), "{number}");
    }
    for number in [SYS_read, SYS_execve, SYS_clone, SYS_futex, SYS_mmap, 452] {
        assert_eq!(judge(number, &[]), Verdict::Allowed, "{number}");
    }
}

#[test]
fn no_other_architecture_is_a_way_around() {
    for number in 0..600 {
        assert_eq!(judge(number | X32_BIT, &[]), Verdict::Fails(ENOSYS), "{number}");
    }

    // i386 and 32-bit ARM: 26 is their `ptrace`, 20 their `getpid`.
    for architecture in [0x4000_0003, 0x4000_0028] {
        for number in [20, 26] {
            assert_eq!(judge_on(architecture, number, &[]), Verdict::Killed);
        }
    }
}

#[test]
fn a_call_is_allowed_or_refused_not_both() {
    let refused = refused::rules().unwrap();
    let always = refused.iter().filter(|(_, rules)| rules.is_empty()).map(|(number, _)| *number);
    let always: Vec<_> = always.collect();

    assert!(always.len() > 40, "{always:?}");
    for number in always {
        assert!(!allowed::rules().contains_key(&number), "{number}");
        assert_eq!(judge(number, &[]), Verdict::Fails(EPERM), "{number}");
    }
}

#[test]
fn arguments_decide() {
    const REFUSED: Verdict = Verdict::Fails(EPERM);
    let number = |value: i32| u64::from(value.cast_unsigned());
    let thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS;

    assert_eq!(judge(SYS_clone, &[number(thread)]), Verdict::Allowed);
    assert_eq!(judge(SYS_clone, &[number(SIGCHLD)]), Verdict::Allowed);
    for flag in [CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC] {
        assert_eq!(judge(SYS_clone, &[number(flag | SIGCHLD)]), REFUSED, "{flag:#x}");
    }

    for call in [SYS_socket, SYS_socketpair] {
        for family in [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] {
            assert_eq!(judge(call, &[number(family)]), Verdict::Allowed, "{family}");
        }
        for family in [AF_VSOCK, AF_ALG, AF_PACKET, AF_KEY, AF_BLUETOOTH, AF_TIPC, 99] {
            assert_eq!(judge(call, &[number(family)]), REFUSED, "{family}");

            // The kernel reads 32 bits, so the filter must not compare 64.
            assert_eq!(judge(call, &[number(family) | 1 << 32]), REFUSED, "{family}");
        }
        let netfilter = [number(AF_NETLINK), 0, number(NETLINK_NETFILTER)];
        assert_eq!(judge(call, &netfilter), REFUSED);
        assert_eq!(judge(call, &[number(AF_INET), 0, number(IPPROTO_TCP)]), Verdict::Allowed);
    }

    for request in [TIOCSTI, TIOCLINUX, TIOCSETD] {
        assert_eq!(judge(SYS_ioctl, &[0, request]), REFUSED, "{request:#x}");
        assert_eq!(judge(SYS_ioctl, &[0, request | 1 << 32]), REFUSED, "{request:#x}");
    }
    assert_eq!(judge(SYS_ioctl, &[0, TCGETS]), Verdict::Allowed);

    for allowed in [0, 8, UNAME26, ADDR_NO_RANDOMIZE, -1] {
        assert_eq!(judge(SYS_personality, &[number(allowed)]), Verdict::Allowed, "{allowed:#x}");
    }
    for unusual in [READ_IMPLIES_EXEC, MMAP_PAGE_ZERO, ADDR_COMPAT_LAYOUT] {
        assert_eq!(judge(SYS_personality, &[number(unusual)]), REFUSED, "{unusual:#x}");
    }
}

#[test]
fn programs_are_what_the_kernel_loads() {
    let programs = CallFilter::compile().unwrap().programs;
    let compiled = compile_programs().unwrap();

    for (bytes, program) in programs.iter().zip(&compiled) {
        assert_eq!(bytes.len(), program.len() * size_of::<sock_filter>());
        assert!(program.len() < BPF_MAXINSNS as usize, "{}", program.len());
    }
}
