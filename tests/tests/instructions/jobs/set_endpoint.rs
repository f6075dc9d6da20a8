//! `set_endpoint`: a node announces where clients can connect to it.

use nosana_client::{
    actions,
    jobs::{
        self,
        events::Event,
        types::{Endpoint, SocketAddress},
    },
};
use nosana_tests::{
    Refusal,
    terms::{batch, example_endpoint, terms},
    world::{case, unsigned},
};
use solana_signer::Signer;

use crate::{World, helpers::by_stranger};

const NO_SOCKET: SocketAddress = SocketAddress { ip: [0; 16], port: 0 };
const NOWHERE: Endpoint = Endpoint { id: [0; 32], relay: [0; 64], sockets: [NO_SOCKET; 2] };

pub async fn a_node_announces_where_it_is_reached() -> World {
    let world = World::new(terms()).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let set = |endpoint| actions::set_endpoint(owner, endpoint);
    let example = example_endpoint();

    // Also while a job runs: the node's address may change.
    let job = world.list(batch(1)).await;
    world.work_and_start(&world.node, &job).await;
    let done = world.run(set(example), &by).await;

    let node = world.node_of(&world.node).await;
    assert_eq!(node.endpoint, example);
    let event = done.events().into_iter().find_map(|event| match event {
        nosana_client::Event::Jobs(Event::NodeEndpointSet(event)) => Some(event),
        _ => None,
    });
    assert_eq!(event.expect("the event").endpoint, example);

    let [first, _] = example.sockets;
    let second_alone = Endpoint { sockets: [NO_SOCKET, first], ..example };
    let without_id = Endpoint { id: [0; 32], ..example };
    let mut cut_text = example;
    cut_text.relay[3] = 0;
    let invalid = jobs::Error::InvalidEndpoint;
    world
        .refuse_all([
            case("a second address alone", invalid, set(second_alone), &by),
            case("no id", invalid, set(without_id), &by),
            case("text after the padding", invalid, set(cut_text), &by),
            case(
                "a stranger",
                jobs::Error::NotNodeAuthority,
                by_stranger(&world, set(example)),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(set(example), owner), &[]),
        ])
        .await;

    assert_eq!(world.node_of(&world.node).await.endpoint, example);
    world.run(set(NOWHERE), &by).await;
    assert_eq!(world.node_of(&world.node).await.endpoint, NOWHERE);
    world.finish(&world.node, &job).await;
    world
}
