//! A node that answers as a test says.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use solana_rpc_client::{
    nonblocking::rpc_client::RpcClient,
    rpc_client::RpcClientConfig,
    rpc_sender::{RpcSender, RpcTransportStats},
};
use solana_rpc_client_api::{client_error::Result as RpcResult, request::RpcRequest};

use crate::session::Session;

/// Makes the answer to the last of the requests.
type Answer = Box<dyn Fn(&Received) -> RpcResult<Value> + Send + Sync>;

/// The requests that a node received: methods and parameters.
#[derive(Default)]
pub(super) struct Received(pub(super) Vec<(RpcRequest, Value)>);

impl Received {
    /// The number of requests of a method.
    pub(super) fn count_of(&self, method: RpcRequest) -> u64 {
        let requests = self.0.iter().filter(|(requested, _)| *requested == method);
        u64::try_from(requests.count()).unwrap()
    }

    /// The parameters of the request to answer.
    pub(super) fn last_params(&self) -> &Value {
        let (_, params) = self.0.last().unwrap();
        params
    }
}

/// A node that answers the methods of its script. Any other request fails the test.
#[derive(Default)]
pub(super) struct ScriptedNode {
    script: Vec<(RpcRequest, Answer)>,
    received: Arc<Mutex<Received>>,
}

impl ScriptedNode {
    /// Adds the answer to a method. It is made from all requests until then, with the one to answer
    /// as the last.
    pub(super) fn with_answer(
        mut self,
        method: RpcRequest,
        answer: impl Fn(&Received) -> RpcResult<Value> + Send + Sync + 'static,
    ) -> Self {
        self.script.push((method, Box::new(answer)));
        self
    }

    /// Returns a session on this node, and the requests that the node receives.
    pub(super) fn start_session(self) -> (Session, Arc<Mutex<Received>>) {
        let received = Arc::clone(&self.received);
        let rpc = Arc::new(RpcClient::new_sender(self, RpcClientConfig::default()));
        let session = Session { rpc, ..Session::new("http://127.0.0.1:1", "ws://127.0.0.1:1") };
        (session, received)
    }
}

impl RpcSender for ScriptedNode {
    fn send<'a: 'b, 'b>(
        &'a self,
        request: RpcRequest,
        params: Value,
    ) -> Pin<Box<dyn Future<Output = RpcResult<Value>> + Send + 'b>>
    where
        Self: 'b,
    {
        let entry = self.script.iter().find(|(method, _)| *method == request);
        let Some((_, make_answer)) = entry else { panic!("{request} was not expected") };

        let received = &mut *self.received.lock().unwrap();
        received.0.push((request, params));
        let answer = make_answer(received);
        Box::pin(async move { answer })
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        "a scripted node".to_owned()
    }
}
