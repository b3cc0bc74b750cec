//! What a reading process gives up before it opens anything. It cannot be taken back.
//!
//! * Files: Landlock leaves those that were handed over, the data of GDAL and PROJ, and the process's own directory.
//! * Network, other processes, other programs: seccomp refuses the system calls.
//! * Memory, computing time, sizes of files: limits of the operating system.
//!
//! Landlock needs Linux 5.13, seccomp 3.17. Where one is missing the other still holds, and the checks before a file is opened.

use serde::{Deserialize, Serialize};

/// What a reading process could give up on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Confined {
    /// It reaches no file but those handed to it.
    pub files: bool,
    /// It reaches no network and no other program.
    pub calls: bool,
}

#[cfg(not(target_os = "linux"))]
pub(super) fn confine(_start: &super::message::Start) -> Confined {
    Confined {
        files: false,
        calls: false,
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn close_inherited() {}

#[cfg(target_os = "linux")]
pub(super) use linux::{close_inherited, confine};

#[cfg(target_os = "linux")]
mod linux {
    use std::path::{Path, PathBuf};

    use landlock::{
        ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
        RulesetStatus, Scope, path_beneath_rules,
    };
    use nix::sys::resource::{Resource, setrlimit};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch,
    };

    use super::Confined;
    use crate::reading_process::limits;
    use crate::reading_process::message::Start;

    /// Libraries that GDAL loads when it needs them (encodings), its data and PROJ's, time zones.
    const SYSTEM: [&str; 15] = [
        "/usr/lib",
        "/usr/lib64",
        "/lib",
        "/lib64",
        "/usr/local/lib",
        "/usr/share/gdal",
        "/usr/share/proj",
        "/usr/local/share/gdal",
        "/usr/local/share/proj",
        "/usr/share/zoneinfo",
        "/etc/localtime",
        "/etc/ld.so.cache",
        "/dev/null",
        "/dev/zero",
        "/dev/urandom",
    ];

    /// Closes what the process inherited beside its channel: GDAL opens files in a way that hands them down.
    pub fn close_inherited() {
        let open: Vec<i32> = match std::fs::read_dir("/proc/self/fd") {
            Ok(entries) => entries
                .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
                .collect(),
            Err(_) => (0..1024).collect(),
        };
        for number in open.into_iter().filter(|number| *number > 2) {
            // The directory just read is among them, and closed already.
            let _ = nix::unistd::close(number);
        }
    }

    pub fn confine(start: &Start) -> Confined {
        limit(start);
        let files = landlock(start).is_ok_and(|status| status != RulesetStatus::NotEnforced);
        Confined {
            files,
            calls: seccomp().is_some(),
        }
    }

    /// A limit lower than this already is stays.
    fn limit(start: &Start) {
        for (resource, most) in [
            (Resource::RLIMIT_AS, limits::MEMORY_BYTES),
            (Resource::RLIMIT_CPU, start.seconds),
            (Resource::RLIMIT_FSIZE, start.file_bytes),
            (Resource::RLIMIT_NOFILE, limits::OPEN_FILES),
            (Resource::RLIMIT_CORE, 0),
        ] {
            let most = nix::sys::resource::getrlimit(resource).map_or(most, |(_, hard)| most.min(hard));
            let _ = setrlimit(resource, most, most);
        }
    }

    fn landlock(start: &Start) -> Result<RulesetStatus, RulesetError> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let write: BitFlags<AccessFs> = read
            | AccessFs::WriteFile
            | AccessFs::Truncate
            | AccessFs::MakeReg
            | AccessFs::MakeDir
            | AccessFs::RemoveFile
            | AccessFs::RemoveDir;
        let data = ["GDAL_DATA", "PROJ_LIB", "PROJ_DATA"]
            .iter()
            .filter_map(std::env::var_os)
            .flat_map(|dirs| std::env::split_paths(&dirs).collect::<Vec<PathBuf>>())
            .filter(|dir| dir.parent().is_some());
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V5))?
            .handle_access(AccessNet::from_all(ABI::V4))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .add_rules(path_beneath_rules(SYSTEM.map(Path::new), read))?
            .add_rules(path_beneath_rules(data, read))?
            .add_rules(path_beneath_rules(&start.readable, read))?
            .add_rules(path_beneath_rules([&start.work], write))?
            .restrict_self()?;
        Ok(status.ruleset)
    }

    /// Refuses the system calls that lead out. `None` where the kernel or the architecture has no filter.
    fn seccomp() -> Option<()> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
        let filter = |rules: Vec<(i64, Vec<SeccompRule>)>, error: i32| -> Option<BpfProgram> {
            let refuse = SeccompAction::Errno(error.cast_unsigned());
            SeccompFilter::new(rules.into_iter().collect(), SeccompAction::Allow, refuse, arch)
                .ok()?
                .try_into()
                .ok()
        };
        // Its flags are hidden from a filter; without it the C library starts threads by `clone`.
        let newer = filter(vec![(libc::SYS_clone3, Vec::new())], libc::ENOSYS)?;
        let refused = filter(refused()?, libc::EACCES)?;
        seccompiler::apply_filter_all_threads(&newer).ok()?;
        seccompiler::apply_filter_all_threads(&refused).ok()
    }

    fn refused() -> Option<Vec<(i64, Vec<SeccompRule>)>> {
        let always = [
            // Network.
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_listen,
            libc::SYS_accept,
            libc::SYS_accept4,
            libc::SYS_sendto,
            libc::SYS_sendmsg,
            libc::SYS_sendmmsg,
            libc::SYS_recvmsg,
            libc::SYS_recvmmsg,
            libc::SYS_io_uring_setup,
            libc::SYS_io_uring_enter,
            libc::SYS_io_uring_register,
            // Other programs and processes.
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_process_madvise,
            libc::SYS_pidfd_open,
            libc::SYS_pidfd_getfd,
            libc::SYS_pidfd_send_signal,
            libc::SYS_tkill,
            libc::SYS_rt_sigqueueinfo,
            libc::SYS_rt_tgsigqueueinfo,
            libc::SYS_setpriority,
            libc::SYS_kcmp,
            // Owners and rights of files, which Landlock does not guard.
            libc::SYS_fchmodat,
            libc::SYS_fchownat,
            libc::SYS_fchown,
            libc::SYS_setxattr,
            libc::SYS_lsetxattr,
            libc::SYS_removexattr,
            libc::SYS_lremovexattr,
            // The system itself.
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_pivot_root,
            libc::SYS_chroot,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_userfaultfd,
            libc::SYS_keyctl,
            libc::SYS_add_key,
            libc::SYS_request_key,
            libc::SYS_open_by_handle_at,
            libc::SYS_name_to_handle_at,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_kexec_load,
            libc::SYS_reboot,
            libc::SYS_swapon,
        ];
        #[cfg(target_arch = "x86_64")]
        let older = [
            libc::SYS_fork,
            libc::SYS_vfork,
            libc::SYS_chmod,
            libc::SYS_chown,
            libc::SYS_lchown,
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let older: [i64; 0] = [];
        let own = u64::from(std::process::id());
        // Threads may be started, processes not; signals go to itself alone, limits too.
        let thread = libc::CLONE_THREAD as u64;
        let mut rules: Vec<(i64, Vec<SeccompRule>)> = always
            .into_iter()
            .chain(older)
            .map(|call| (call, Vec::new()))
            .collect();
        for (call, how, value) in [
            (libc::SYS_clone, SeccompCmpOp::MaskedEq(thread), 0),
            (libc::SYS_kill, SeccompCmpOp::Ne, own),
            (libc::SYS_tgkill, SeccompCmpOp::Ne, own),
            (libc::SYS_prlimit64, SeccompCmpOp::Ne, 0),
        ] {
            let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, how, value).ok()?;
            rules.push((call, vec![SeccompRule::new(vec![condition]).ok()?]));
        }
        Some(rules)
    }
}
