//! The system calls that commands can use: those of Docker's default profile, without the ones that
//! `refused` lists, without `modify_ldt`, which only 16-bit programs need, and without
//! `memfd_secret`, whose memory no limit counts.
//!
//! Not listed, so that libraries fall back: `clone3`, whose flags a filter cannot read, `io_uring`,
//! which makes system calls that no filter checks, and the policies of NUMA memory.

use nix::libc::*;

use super::Rules;

/// Returns the rules that match what is allowed.
pub(super) fn rules() -> Rules {
    let groups = [FILES, DESCRIPTORS, PROCESSES, MEMORY, SIGNALS_AND_TIME, MESSAGES, LEGACY, NEWER];
    groups.into_iter().flatten().map(|number| (*number, Vec::new())).collect()
}

/// Files by their paths, and their attributes.
const FILES: &[i64] = calls! {
    SYS_chdir SYS_copy_file_range SYS_faccessat SYS_faccessat2 SYS_fadvise64 SYS_fallocate
    SYS_fanotify_mark SYS_fchdir SYS_fchmod SYS_fchmodat SYS_fchown SYS_fchownat SYS_fdatasync
    SYS_fgetxattr SYS_flistxattr SYS_flock SYS_fremovexattr SYS_fsetxattr SYS_fstat SYS_fstatfs
    SYS_fsync SYS_ftruncate SYS_getcwd SYS_getdents64 SYS_getxattr SYS_inotify_add_watch
    SYS_inotify_init1 SYS_inotify_rm_watch SYS_landlock_add_rule SYS_landlock_create_ruleset
    SYS_landlock_restrict_self SYS_lgetxattr SYS_linkat SYS_listxattr SYS_llistxattr
    SYS_lremovexattr SYS_lsetxattr SYS_mkdirat SYS_mknodat SYS_name_to_handle_at SYS_newfstatat
    SYS_openat SYS_openat2 SYS_readlinkat SYS_removexattr SYS_renameat2 SYS_setxattr SYS_statfs
    SYS_statx SYS_symlinkat SYS_sync SYS_syncfs SYS_truncate SYS_umask SYS_unlinkat SYS_utimensat
};

/// Open files: reading, writing, waiting.
const DESCRIPTORS: &[i64] = calls! {
    SYS_close SYS_close_range SYS_dup SYS_dup3 SYS_epoll_create1 SYS_epoll_ctl SYS_epoll_pwait
    SYS_epoll_pwait2 SYS_eventfd2 SYS_fcntl SYS_io_cancel SYS_io_destroy SYS_io_getevents
    SYS_io_setup SYS_io_submit SYS_ioctl SYS_lseek SYS_pipe2 SYS_ppoll SYS_pread64 SYS_preadv
    SYS_preadv2 SYS_pselect6 SYS_pwrite64 SYS_pwritev SYS_pwritev2 SYS_read SYS_readahead SYS_readv
    SYS_sendfile SYS_signalfd4 SYS_splice SYS_tee SYS_timerfd_create SYS_timerfd_gettime
    SYS_timerfd_settime SYS_vmsplice SYS_write SYS_writev
};

/// Processes, threads, their users, limits and priorities.
const PROCESSES: &[i64] = calls! {
    SYS_capget SYS_capset SYS_clone SYS_execve SYS_execveat SYS_exit SYS_exit_group
    SYS_get_robust_list SYS_getcpu SYS_getegid SYS_geteuid SYS_getgid SYS_getgroups SYS_getpgid
    SYS_getpid SYS_getppid SYS_getpriority SYS_getresgid SYS_getresuid SYS_getrusage SYS_getsid
    SYS_gettid SYS_getuid SYS_ioprio_get SYS_ioprio_set SYS_personality SYS_pidfd_open SYS_prctl
    SYS_prlimit64 SYS_process_mrelease SYS_rseq SYS_sched_get_priority_max
    SYS_sched_get_priority_min SYS_sched_getaffinity SYS_sched_getattr SYS_sched_getparam
    SYS_sched_getscheduler SYS_sched_rr_get_interval SYS_sched_setaffinity SYS_sched_setattr
    SYS_sched_setparam SYS_sched_setscheduler SYS_sched_yield SYS_seccomp SYS_set_robust_list
    SYS_set_tid_address SYS_setfsgid SYS_setfsuid SYS_setgid SYS_setgroups SYS_setpgid
    SYS_setpriority SYS_setregid SYS_setresgid SYS_setresuid SYS_setreuid SYS_setsid SYS_setuid
    SYS_sysinfo SYS_uname SYS_wait4 SYS_waitid
};

const MEMORY: &[i64] = calls! {
    SYS_brk SYS_futex SYS_futex_waitv SYS_getrandom SYS_madvise SYS_membarrier SYS_memfd_create
    SYS_mincore SYS_mlock SYS_mlock2 SYS_mlockall SYS_mmap SYS_mprotect SYS_mremap SYS_mseal
    SYS_msync SYS_munlock SYS_munlockall SYS_munmap SYS_pkey_alloc SYS_pkey_free SYS_pkey_mprotect
    SYS_remap_file_pages
};

/// Signals, clocks and timers. The clock can be read, not set.
const SIGNALS_AND_TIME: &[i64] = calls! {
    SYS_adjtimex SYS_clock_adjtime SYS_clock_getres SYS_clock_gettime SYS_clock_nanosleep
    SYS_getitimer SYS_gettimeofday SYS_kill SYS_nanosleep SYS_pidfd_send_signal SYS_restart_syscall
    SYS_rt_sigaction SYS_rt_sigpending SYS_rt_sigprocmask SYS_rt_sigqueueinfo SYS_rt_sigreturn
    SYS_rt_sigsuspend SYS_rt_sigtimedwait SYS_rt_tgsigqueueinfo SYS_setitimer SYS_sigaltstack
    SYS_tgkill SYS_timer_create SYS_timer_delete SYS_timer_getoverrun SYS_timer_gettime
    SYS_timer_settime SYS_times SYS_tkill
};

/// Sockets, and the messages, semaphores and shared memory of the IPC namespace.
const MESSAGES: &[i64] = calls! {
    SYS_accept SYS_accept4 SYS_bind SYS_connect SYS_getpeername SYS_getsockname SYS_getsockopt
    SYS_listen SYS_mq_getsetattr SYS_mq_notify SYS_mq_open SYS_mq_timedreceive SYS_mq_timedsend
    SYS_mq_unlink SYS_msgctl SYS_msgget SYS_msgrcv SYS_msgsnd SYS_recvfrom SYS_recvmmsg SYS_recvmsg
    SYS_semctl SYS_semget SYS_semop SYS_semtimedop SYS_sendmmsg SYS_sendmsg SYS_sendto
    SYS_setsockopt SYS_shmat SYS_shmctl SYS_shmdt SYS_shmget SYS_shutdown SYS_socket SYS_socketpair
};

/// Older forms of the calls above, which newer architectures do not have.
#[cfg(target_arch = "x86_64")]
const LEGACY: &[i64] = calls! {
    SYS_access SYS_alarm SYS_arch_prctl SYS_chmod SYS_chown SYS_creat SYS_dup2 SYS_epoll_create
    SYS_epoll_wait SYS_eventfd SYS_fork SYS_futimesat SYS_getdents SYS_getpgrp SYS_getrlimit
    SYS_inotify_init SYS_lchown SYS_link SYS_lstat SYS_mkdir SYS_mknod SYS_open SYS_pause SYS_pipe
    SYS_poll SYS_readlink SYS_rename SYS_renameat SYS_rmdir SYS_select SYS_setrlimit SYS_signalfd
    SYS_stat SYS_symlink SYS_sync_file_range SYS_time SYS_unlink SYS_utime SYS_utimes SYS_vfork
};
#[cfg(not(target_arch = "x86_64"))]
const LEGACY: &[i64] = calls! { SYS_getrlimit SYS_renameat SYS_setrlimit SYS_sync_file_range };

/// Numbers from Linux 6.5 on, which are the same on every architecture and not yet in the C
/// library's bindings: `cachestat`, `fchmodat2`, `map_shadow_stack`, `futex_wake`, `futex_wait`,
/// `futex_requeue`, `setxattrat`, `getxattrat`, `listxattrat`, `removexattrat`.
const NEWER: &[i64] = &[451, 452, 453, 454, 455, 456, 463, 464, 465, 466];
