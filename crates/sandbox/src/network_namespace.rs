//! Connections into a network namespace that belongs to a command or a container.
//!
//! A socket belongs to the namespace in which it was created, in whichever process it is used. So
//! somebody enters the namespace, connects, and leaves the socket here: a thread of its own if this
//! process is root. Other users may enter only with the rights of the user namespace that owns the
//! network, and the kernel lets a process with one thread enter that: a child does it, which shares
//! this process's table of open files.

use std::{
    fs::{self, File},
    io::{self, Read},
    net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6, TcpStream},
    os::{
        fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd},
        unix::fs::MetadataExt,
    },
    thread,
    time::Duration,
};

use nix::{
    errno::Errno,
    libc::{
        CLONE_FILES, CLONE_NEWNET, CLONE_NEWUSER, SIGCHLD, SYS_clone, SYS_exit_group, c_int, ioctl,
        setns, syscall,
    },
    sys::{
        socket::{
            AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrIn6, SockaddrLike, connect,
            setsockopt, socket, sockopt::SendTimeout,
        },
        time::{TimeVal, TimeValLike},
        wait::waitpid,
    },
    unistd::{Pid, write},
};

use crate::config::is_root;

/// How long a connection to this machine itself may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The request that opens the user namespace that owns a namespace: `NS_GET_USERNS`.
const GET_OWNER: u64 = 0xb701;
/// What a child reports: the socket, or the negative number of an error.
const REPORT_BYTES: usize = size_of::<c_int>();

/// A network namespace. It exists as long as this value does, even when its processes have ended.
#[derive(Debug)]
pub struct NetworkNamespace {
    network: OwnedFd,
    /// The user namespace to enter first; `None` if this process may do without.
    owner: Option<OwnedFd>,
}

impl NetworkNamespace {
    /// Opens the network namespace of a process.
    ///
    /// # Errors
    /// If the process has ended or belongs to somebody else, or if it shares this process's
    /// network: its ports would be those of the host.
    pub fn of_process(id: u32) -> io::Result<Self> {
        let network = File::open(format!("/proc/{id}/ns/net"))?;

        let of_host = fs::metadata("/proc/self/ns/net")?;
        let found = network.metadata()?;
        if (found.dev(), found.ino()) == (of_host.dev(), of_host.ino()) {
            return Err(io::Error::other("it shares the host's network"));
        }

        let network = OwnedFd::from(network);
        let owner = if is_root() { None } else { Some(open_owner(&network)?) };
        Ok(Self { network, owner })
    }

    /// Connects to a port of the namespace's loopback interface, by IPv4 or IPv6.
    ///
    /// # Errors
    /// If nothing listens there, or this process may not enter the namespace.
    pub fn connect(&self, port: u16) -> io::Result<TcpStream> {
        let connected = match &self.owner {
            None => self.connect_in_thread(port),
            Some(_) => self.connect_in_child(port)?,
        };
        let socket = connected.map_err(io::Error::from)?;

        #[allow(unsafe_code, reason = "the socket was left here for its only user, this value")]
        let stream = unsafe { TcpStream::from_raw_fd(socket) };
        stream.set_write_timeout(None)?;
        Ok(stream)
    }

    /// Connects in a thread that ends in the namespace.
    fn connect_in_thread(&self, port: u16) -> Result<RawFd, Errno> {
        thread::scope(|scope| {
            let spawned = thread::Builder::new().spawn_scoped(scope, || self.connect_inside(port));
            spawned.map_err(|_| Errno::EAGAIN)?.join().unwrap_or(Err(Errno::EIO))
        })
    }

    /// Connects in a child, whose socket is in this process's table.
    fn connect_in_child(&self, port: u16) -> io::Result<Result<RawFd, Errno>> {
        let (mut report, writer) = io::pipe()?;

        #[allow(
            unsafe_code,
            reason = "the child makes system calls only, and ends: other threads may hold locks"
        )]
        let child = unsafe {
            let child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
            if child == 0 {
                let found = self.connect_inside(port);
                let number = found.unwrap_or_else(|error| -(error as c_int));
                let _ = write(&writer, &number.to_ne_bytes());
                syscall(SYS_exit_group, 0);
            }
            child
        };
        let child = i32::try_from(child).ok().filter(|child| *child > 0);
        let child = child.ok_or_else(io::Error::last_os_error)?;

        // It ends in bounded time.
        while waitpid(Pid::from_raw(child), None) == Err(Errno::EINTR) {}
        drop(writer);
        let mut number = [0; REPORT_BYTES];
        report.read_exact(&mut number)?;

        let number = c_int::from_ne_bytes(number);
        Ok(if number >= 0 { Ok(number) } else { Err(Errno::from_raw(-number)) })
    }

    /// Enters the namespace and connects. The caller never leaves it. Allocates nothing and takes
    /// no lock, as a child of a process with threads must not.
    fn connect_inside(&self, port: u16) -> Result<RawFd, Errno> {
        if let Some(owner) = &self.owner {
            enter_namespace(owner, CLONE_NEWUSER)?;
        }
        enter_namespace(&self.network, CLONE_NEWNET)?;

        let v4 = SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
        match dial(AddressFamily::Inet, &v4) {
            Err(Errno::ECONNREFUSED) => {}
            dialed => return dialed,
        }
        // Some programs listen on `::1` only. Without IPv6, the first answer counts.
        let v6 = SockaddrIn6::from(SocketAddrV6::new(Ipv6Addr::LOCALHOST, port, 0, 0));
        dial(AddressFamily::Inet6, &v6).map_err(|_| Errno::ECONNREFUSED)
    }
}

fn open_owner(network: &OwnedFd) -> io::Result<OwnedFd> {
    #[allow(unsafe_code, reason = "no library wraps this request; it takes no pointer")]
    let owner = unsafe { ioctl(network.as_raw_fd(), GET_OWNER) };
    if owner < 0 {
        return Err(io::Error::last_os_error());
    }

    #[allow(unsafe_code, reason = "the kernel has just opened it for this process")]
    Ok(unsafe { OwnedFd::from_raw_fd(owner) })
}

fn enter_namespace(namespace: &OwnedFd, kind: c_int) -> Result<(), Errno> {
    #[allow(unsafe_code, reason = "it takes no pointer")]
    let entered = unsafe { setns(namespace.as_raw_fd(), kind) };
    Errno::result(entered).map(drop)
}

fn dial(family: AddressFamily, address: &dyn SockaddrLike) -> Result<RawFd, Errno> {
    let socket = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;

    // This bounds the connection, too.
    let seconds = i64::try_from(CONNECT_TIMEOUT.as_secs()).unwrap_or(i64::MAX);
    setsockopt(&socket.as_fd(), SendTimeout, &TimeVal::seconds(seconds))?;
    connect(socket.as_raw_fd(), address)?;
    Ok(socket.into_raw_fd())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufReader, ErrorKind},
        process::{Child, Command, Stdio},
        time::Instant,
    };

    use super::*;

    /// A server in a network namespace of its own; listens on 127.0.0.1:8081 and on [::1]:8082.
    fn start_server() -> (Child, u32) {
        let serve = "import socket, threading\n\
                     def serve(s):\n  while True:\n    c, _ = s.accept()\n\
                     \x20   c.sendall(b'inside')\n    c.close()\n\
                     six = socket.create_server(('::1', 8082), family=socket.AF_INET6)\n\
                     threading.Thread(target=serve, args=(six,), daemon=True).start()\n\
                     serve(socket.create_server(('127.0.0.1', 8081)))";
        let line = "exec 3>&1 1>&2; exec bwrap --unshare-user --unshare-pid --unshare-net \
                    --die-with-parent --json-status-fd 3 --ro-bind / / --proc /proc --dev /dev \
                    /usr/bin/python3 -c \"$0\"";
        let mut server = Command::new("bash");
        server.args(["-c", line, serve]).stdout(Stdio::piped());
        let mut server = server.spawn().unwrap();
        let mut report = BufReader::new(server.stdout.take().unwrap());
        let first = crate::status::read_first_process(&mut report).unwrap();
        (server, first)
    }

    fn read_all(namespace: &NetworkNamespace, port: u16) -> io::Result<String> {
        let mut text = String::new();
        namespace.connect(port)?.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn a_thread_and_a_child_connect_inside() {
        let (mut server, first) = start_server();
        let by_default = NetworkNamespace::of_process(first).unwrap();
        let network = by_default.network.try_clone().unwrap();
        let owner = Some(open_owner(&network).unwrap());
        let by_child = NetworkNamespace { network, owner };

        let begun = Instant::now();
        while by_default.connect(8082).is_err() || by_default.connect(8081).is_err() {
            assert!(begun.elapsed().as_secs() < 20, "this test needs python3");
            thread::sleep(Duration::from_millis(50));
        }
        for namespace in [&by_default, &by_child] {
            for port in [8081, 8082] {
                assert_eq!(read_all(namespace, port).unwrap(), "inside");
            }
            let refused = namespace.connect(8083).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        }
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, 8081)).is_err(), "not on the host");

        // Many at once, each with a socket of its own.
        thread::scope(|scope| {
            for namespace in [&by_default, &by_child] {
                for _ in 0..20 {
                    scope.spawn(|| assert_eq!(read_all(namespace, 8081).unwrap(), "inside"));
                }
            }
        });

        // The namespace outlives its processes, and nothing listens there any more.
        server.kill().unwrap();
        server.wait().unwrap();
        let begun = Instant::now();
        while by_child.connect(8081).is_ok() {
            assert!(begun.elapsed().as_secs() < 20);
        }
    }

    #[test]
    fn the_hosts_own_network_is_refused() {
        let refused = NetworkNamespace::of_process(std::process::id()).unwrap_err().to_string();
        assert!(refused.contains("host's network"), "{refused}");
        assert!(NetworkNamespace::of_process(u32::MAX).is_err());
    }
}
