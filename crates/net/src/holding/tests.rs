//! What tests share: an RPC server with some accounts, and a node that reads from it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
};

use nosana_client::{
    Session,
    codec::ProgramAccount,
    jobs::accounts::{Dispute, Job},
};
use nosana_store::Store;
use serde_json::{Value, json};
use solana_address::Address;

use super::{ChainAdmission, HoldLimits, JobIndex, PrivateJobs};

/// The sysvar with the cluster's time.
const CLOCK: Address = Address::from_str_const("SysvarC1ock11111111111111111111111111111111");

/// An account: its address, its owner, and its data.
pub(crate) struct TestAccount {
    address: Address,
    owner: Address,
    data: Vec<u8>,
}

impl TestAccount {
    /// The account of a job.
    pub(crate) fn of_job(address: Address, job: &Job) -> Self {
        Self { address, owner: Job::PROGRAM, data: job.to_data() }
    }

    /// The account of a dispute.
    pub(crate) fn of_dispute(address: Address, dispute: &Dispute) -> Self {
        Self { address, owner: Dispute::PROGRAM, data: dispute.to_data() }
    }

    /// The chain's clock at this time.
    pub(crate) fn of_clock(unix_timestamp: u64) -> Self {
        let mut data = vec![0; 32];
        data.extend(unix_timestamp.to_le_bytes());
        Self { address: CLOCK, owner: Address::default(), data }
    }

    fn to_json(&self) -> Value {
        json!({
            "data": [bs58::encode(&self.data).into_string(), "base58"],
            "executable": false,
            "lamports": 1,
            "owner": self.owner.to_string(),
            "rentEpoch": 0,
            "space": self.data.len(),
        })
    }
}

/// Starts an RPC server that has these accounts only. Returns its URL.
pub(crate) fn start_chain(accounts: Vec<TestAccount>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // The client may go before it has the answer.
            let _ = answer_request(&stream, &accounts);
        }
    });
    url
}

/// A node with empty stores in this folder, whose RPC server has this address.
pub(crate) fn new_admission(folder: &Path, rpc_url: &str) -> ChainAdmission {
    let path = |name: &str| folder.join(name);
    let index = |name: &str| JobIndex::open(&path(name)).unwrap();
    let store = |name: &str| Store::open(path(name)).unwrap();
    let private = PrivateJobs::open(&path("private"), Address::default()).unwrap();
    let own = (index("own-index"), index("judged-index"), store("own"));
    let held = (index("held-index"), store("held"));
    // Nothing is sent over the websocket.
    let session = Session::new(rpc_url, "ws://127.0.0.1:1");
    ChainAdmission::new(session, own, held, private, HoldLimits::default())
}

fn answer_request(mut stream: &TcpStream, accounts: &[TestAccount]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;

    let body = String::from_utf8_lossy(&body);
    let found = accounts.iter().find(|account| body.contains(&account.address.to_string()));
    let result = json!({ "context": { "slot": 1 }, "value": found.map(TestAccount::to_json) });
    let answer = json!({ "jsonrpc": "2.0", "id": 0, "result": result }).to_string();
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{answer}"
    )
}
