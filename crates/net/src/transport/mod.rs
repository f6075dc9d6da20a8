//! How endpoints find and reach each other.
//!
//! | module | purpose |
//! | --- | --- |
//! | `key` | the key of an endpoint, in a file that only its owner reads |
//! | `relay` | which relays an endpoint uses |
//! | `address` | where a node can be reached: its bytes in an account |
//! | `address_text` | the same as text |
//! | `reach` | which addresses of strangers are dialed |
//! | `internet` | which addresses are of the Internet |
//! | `public_names` | to which addresses names of relays may lead |
//! | `endpoint` | an endpoint of a node or of a client |
//! | `announce` | when an address has changed for good |
//! | `accept` | accepts connections |
//! | `listener_bounds` | how many there are at once |
//! | `counted_address` | the addresses by which they are counted |
//! | `preferred` | the peers for whom places are kept |
//! | `extra_places` | these places |
//! | `handshakes` | handshakes of connections for which no place is free |

mod accept;
mod address;
mod address_text;
mod announce;
mod counted_address;
mod endpoint;
mod error;
mod extra_places;
mod handshakes;
mod internet;
mod key;
mod listener_bounds;
mod preferred;
mod public_names;
mod reach;
mod relay;

pub use accept::{ConnectionHandler, Listener};
pub(crate) use counted_address::find_address;
pub use iroh::EndpointId;

pub(crate) use address::mapped_ip;
pub use address::{ADDRESS_BYTES, MAX_PUBLIC_ADDRESSES, NodeAddress};
pub use address_text::parse_endpoint_id;
pub use endpoint::{EndpointConfig, LocalSockets, NetEndpoint};
pub use error::{AddressError, NetError};
pub use key::load_or_create_key;
pub use listener_bounds::ListenerBounds;
pub use preferred::{MAX_PREFERRED_PEERS, PreferredPeers};
pub use reach::Reach;
pub use relay::{MAX_RELAY_BYTES, RelayChoice};
