//! Machines of their own: network namespaces, each with one cable to a router. The router is the
//! namespace of the test itself, which starts its program anew in one, and has no other cable: no
//! packet leaves it.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use nosana_localnet::World;

use super::proxy::Proxy;

/// In the program inside, names the namespace of the one outside.
const OUTSIDE: &str = "NOSANA_TEST_OUTSIDE";
/// Whether the router passes packets from one machine to another.
const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";

/// Runs the test with this path in a namespace of its own. Returns true there; false outside, when
/// it has succeeded.
pub fn enter_namespace(test: &str) -> bool {
    if env::var_os(OUTSIDE).is_some() {
        return true;
    }

    let mut inside = Command::new("unshare");
    inside.arg("--net").arg(env::current_exe().unwrap());
    inside.args(["--ignored", "--exact", test, "--nocapture"]);
    let output = inside.env(OUTSIDE, find_namespace()).output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|part| String::from_utf8_lossy(&part).into_owned());
    assert!(output.status.success() && said[0].contains("1 passed"), "{}", said.concat());
    false
}

/// The namespace of this process.
fn find_namespace() -> PathBuf {
    fs::read_link("/proc/self/ns/net").unwrap()
}

/// Lets packets pass between the machines, or drops them silently, as firewalls do.
pub fn set_forwarding(is_on: bool) {
    fs::write(FORWARDING, if is_on { "1" } else { "0" }).unwrap();
}

/// Prepares the loopback interface of the router.
pub fn start_router() {
    assert_ne!(env::var_os(OUTSIDE).unwrap(), find_namespace(), "the machine's own namespace");
    run(Command::new("ip").args(["link", "set", "lo", "up"]));
    set_forwarding(true);
}

/// Checks that nothing leads out of the router.
pub fn assert_router_isolated(machines: &[&Machine]) {
    let cables = machines.iter().map(|machine| name_cable(machine.number));
    let links: Vec<String> = ["lo".to_owned()].into_iter().chain(cables).collect();
    assert_isolated(&links, |arguments| run(Command::new("ip").args(arguments)));
}

/// Checks that these are all interfaces, and that no route is for all addresses.
fn assert_isolated(expected: &[String], ip: impl Fn(&[&str]) -> String) {
    let listed = ip(&["-oneline", "link", "show", "up"]);
    let name =
        |line: &str| Some(line.split_whitespace().nth(1)?.split(['@', ':']).next()?.to_owned());
    let links: Vec<String> = listed.lines().filter_map(name).collect();
    assert_eq!(links, expected, "{listed}");

    for family in ["-4", "-6"] {
        assert_eq!(ip(&[family, "route", "show", "default"]), "");
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// The router's end of the cable to the machine with this number.
fn name_cable(number: u8) -> String {
    format!("cable{number}")
}

/// A machine with one cable to the router. It is gone with its value, and with the test's process.
pub struct Machine {
    /// Keeps the namespace until its input is closed.
    holder: Child,
    number: u8,
    rpc: Proxy,
    ws: Proxy,
}

impl Machine {
    /// Starts the machine with this number, from 1, which reaches the chain at the router.
    pub fn start(number: u8, world: &World) -> Self {
        let mut holder = Command::new("unshare")
            .args(["--net", "cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // It echoes when it is inside.
        holder.stdin.as_mut().unwrap().write_all(b"ready\n").unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");

        let id = holder.id();
        let cable = name_cable(number);
        let [router, own] = [1, 2].map(|end| Ipv4Addr::new(11, 7, number, end));
        let script = format!(
            "ip link add {cable} type veth peer name eth0 netns {id} && \
             ip address add {router}/24 dev {cable} && ip link set {cable} up && \
             nsenter --net=/proc/{id}/ns/net sh -ec 'ip link set lo up; \
             ip address add {own}/24 dev eth0; ip link set eth0 up; \
             ip route add 11.7.0.0/16 via {router}'"
        );
        run(Command::new("sh").args(["-c", &script]));

        let rpc = Proxy::between(router, &world.network.rpc_url());
        let ws = Proxy::between(router, &world.network.ws_url());
        Self { holder, number, rpc, ws }
    }

    /// Where it reaches the chain: the RPC server, and the websocket.
    pub fn urls(&self) -> [String; 2] {
        [format!("http://{}", self.rpc.address), format!("ws://{}", self.ws.address)]
    }

    /// Its address with this port: one of the Internet, as clients dial no others.
    pub fn socket(&self, port: u16) -> SocketAddr {
        (Ipv4Addr::new(11, 7, self.number, 2), port).into()
    }

    /// Leaves it no route beyond its cable but that to another machine.
    pub fn reach_only(&self, other: &Self) {
        let router = Ipv4Addr::new(11, 7, self.number, 1);
        let script = format!(
            "ip route del 11.7.0.0/16; ip route add 11.7.{}.0/24 via {router}",
            other.number
        );
        run(&mut self.place(Command::new("sh").args(["-ec", &script])));
    }

    /// Whether a route leads from it to another machine.
    pub fn has_route(&self, other: &Self) -> bool {
        let address = other.socket(0).ip().to_string();
        let mut route = Command::new("ip");
        route.args(["route", "get", &address]);
        self.place(&route).output().unwrap().status.success()
    }

    /// The same command, on this machine.
    pub fn place(&self, command: &Command) -> Command {
        let mut placed = Command::new("nsenter");
        placed.arg(format!("--net=/proc/{}/ns/net", self.holder.id()));
        placed.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());

        for (name, value) in command.get_envs() {
            match value {
                Some(value) => placed.env(name, value),
                None => placed.env_remove(name),
            };
        }
        placed
    }

    /// Checks that only its cable leads out of it.
    pub fn assert_isolated(&self) {
        let links = ["lo", "eth0"].map(str::to_owned);
        assert_isolated(&links, |arguments| {
            run(&mut self.place(Command::new("ip").args(arguments)))
        });
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
