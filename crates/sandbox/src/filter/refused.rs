//! The system calls, and the values of their arguments, that are not permitted.

use nix::libc::*;
use seccompiler::{
    BackendError,
    SeccompCmpArgLen::Dword,
    SeccompCmpOp::{Eq, MaskedEq, Ne},
    SeccompCondition, SeccompRule,
};

use super::Rules;

/// Returns the rules that match what is not permitted.
pub(super) fn rules() -> Result<Rules, BackendError> {
    let groups = [KERNEL, MOUNTS, NAMESPACES, KEYRINGS, OTHER_PROCESSES, PORTS];
    let always = groups.into_iter().flatten().map(|number| (*number, Vec::new()));

    let mut rules: Rules = always.collect();
    rules.insert(SYS_clone, clone_rules()?);
    rules.insert(SYS_socket, socket_rules()?);
    rules.insert(SYS_socketpair, socket_rules()?);
    rules.insert(SYS_ioctl, ioctl_rules()?);
    rules.insert(SYS_personality, personality_rules()?);
    Ok(rules)
}

/// What changes or watches the kernel and the whole machine, or runs code inside the kernel.
const KERNEL: &[i64] = calls! {
    SYS_acct SYS_bpf SYS_clock_settime SYS_delete_module SYS_fanotify_init SYS_finit_module
    SYS_init_module SYS_kexec_file_load SYS_kexec_load SYS_lookup_dcookie SYS_perf_event_open
    SYS_quotactl SYS_quotactl_fd SYS_reboot SYS_settimeofday SYS_swapoff SYS_swapon SYS_syslog
    SYS_userfaultfd SYS_vhangup
};

/// What changes mounts, or reaches files without a path through them.
const MOUNTS: &[i64] = calls! {
    SYS_chroot SYS_fsconfig SYS_fsmount SYS_fsopen SYS_fspick SYS_mount SYS_mount_setattr
    SYS_move_mount SYS_open_by_handle_at SYS_open_tree SYS_pivot_root SYS_umount2
};

/// What leaves a namespace, or changes what one shows. `clone` has rules of its own.
const NAMESPACES: &[i64] = calls! { SYS_setdomainname SYS_sethostname SYS_setns SYS_unshare };

/// The kernel's keyrings: keys of a user are shared by all jobs that run as this user.
const KEYRINGS: &[i64] = calls! { SYS_add_key SYS_keyctl SYS_request_key };

/// What reads or changes another process.
const OTHER_PROCESSES: &[i64] = calls! {
    SYS_kcmp SYS_pidfd_getfd SYS_process_vm_readv SYS_process_vm_writev SYS_ptrace
};

/// Access to input and output ports.
#[cfg(target_arch = "x86_64")]
const PORTS: &[i64] = calls! { SYS_ioperm SYS_iopl };
#[cfg(not(target_arch = "x86_64"))]
const PORTS: &[i64] = &[];

/// The flags of `clone` that create namespaces.
const NAMESPACE_FLAGS: [i32; 7] = [
    CLONE_NEWNS,
    CLONE_NEWCGROUP,
    CLONE_NEWUTS,
    CLONE_NEWIPC,
    CLONE_NEWUSER,
    CLONE_NEWPID,
    CLONE_NEWNET,
];

/// The families of sockets that commands can use. Others are not behind the network namespace
/// (`AF_VSOCK`), or reach parts of the kernel that few programs need.
const FAMILIES: [i32; 4] = [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK];

/// Requests that type into a terminal, or that load a line discipline.
const TERMINAL_REQUESTS: [Ioctl; 3] = [TIOCSTI, TIOCLINUX, TIOCSETD];

/// The personality of Linux itself.
const PER_LINUX: i32 = 0;
/// That of 32-bit Linux: `uname` shows another machine.
const PER_LINUX32: i32 = 8;
/// The value that returns the current personality.
const QUERY_PERSONALITY: i32 = -1;
/// The values of `personality` that change no permissions of memory. `ADDR_NO_RANDOMIZE` is what
/// sanitizers set for themselves.
const PERSONALITIES: [i32; 6] =
    [PER_LINUX, PER_LINUX32, UNAME26, UNAME26 | PER_LINUX32, ADDR_NO_RANDOMIZE, QUERY_PERSONALITY];

fn clone_rules() -> Result<Vec<SeccompRule>, BackendError> {
    let is_set = |flag: i32| {
        let bit = u64::from(flag.cast_unsigned());
        SeccompRule::new(vec![SeccompCondition::new(0, Dword, MaskedEq(bit), bit)?])
    };
    NAMESPACE_FLAGS.into_iter().map(is_set).collect()
}

fn socket_rules() -> Result<Vec<SeccompRule>, BackendError> {
    let family_is = |compare, family: i32| {
        SeccompCondition::new(0, Dword, compare, u64::from(family.cast_unsigned()))
    };

    let none_of_them = FAMILIES.into_iter().map(|family| family_is(Ne, family));
    let other_family = SeccompRule::new(none_of_them.collect::<Result<_, _>>()?)?;

    // What lists addresses and routes, as `getaddrinfo` does; not the firewall, the audit log or
    // the events of devices.
    let is_other = SeccompCondition::new(2, Dword, Ne, u64::from(NETLINK_ROUTE.cast_unsigned()))?;
    let other_netlink = SeccompRule::new(vec![family_is(Eq, AF_NETLINK)?, is_other])?;
    Ok(vec![other_family, other_netlink])
}

fn ioctl_rules() -> Result<Vec<SeccompRule>, BackendError> {
    let is_request =
        |request: Ioctl| SeccompRule::new(vec![SeccompCondition::new(1, Dword, Eq, request)?]);
    TERMINAL_REQUESTS.into_iter().map(is_request).collect()
}

fn personality_rules() -> Result<Vec<SeccompRule>, BackendError> {
    let differs =
        |value: i32| SeccompCondition::new(0, Dword, Ne, u64::from(value.cast_unsigned()));
    let none_of_them = PERSONALITIES.into_iter().map(differs).collect::<Result<_, _>>()?;
    Ok(vec![SeccompRule::new(none_of_them)?])
}
