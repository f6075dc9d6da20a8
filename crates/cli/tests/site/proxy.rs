//! A connection between a node and its RPC server, which a test can cut.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Forwards connections to another port of this machine, until it is cut.
pub struct Proxy {
    pub address: SocketAddr,
    wire: Arc<Mutex<Wire>>,
}

#[derive(Default)]
struct Wire {
    is_cut: bool,
    ends: Vec<TcpStream>,
}

#[allow(dead_code, reason = "each test uses its part")]
impl Proxy {
    pub fn to(target: &str) -> Self {
        Self::between(Ipv4Addr::LOCALHOST, target)
    }

    /// Listens at an address of this machine.
    pub fn between(near: Ipv4Addr, target: &str) -> Self {
        let target = target.rsplit_once('/').unwrap().1.to_owned();
        let listener = TcpListener::bind((near, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Arc::new(Mutex::new(Wire::default()));
        let held = Arc::clone(&wire);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let mut wire = held.lock().unwrap();
                if wire.is_cut {
                    continue;
                }
                let far = TcpStream::connect(&target).unwrap();
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || forward(from, to));
                }
                wire.ends.extend([near, far]);
            }
        });
        Self { address, wire }
    }

    /// Closes open connections, and refuses new ones.
    pub fn cut(&self) {
        let mut wire = self.wire.lock().unwrap();
        wire.is_cut = true;
        for end in wire.ends.drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    pub fn mend(&self) {
        self.wire.lock().unwrap().is_cut = false;
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
