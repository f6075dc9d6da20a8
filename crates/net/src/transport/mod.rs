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
//! | `accept` | accepts connections, and bounds how many there are |

mod accept;
mod address;
mod address_text;
mod announce;
mod endpoint;
mod error;
mod internet;
mod key;
mod public_names;
mod reach;
mod relay;

pub(crate) use accept::find_address;
pub use accept::{ConnectionHandler, Listener, ListenerBounds};
pub use iroh::EndpointId;

pub(crate) use address::mapped_ip;
pub use address::{ADDRESS_BYTES, MAX_PUBLIC_ADDRESSES, NodeAddress};
pub use address_text::parse_endpoint_id;
pub use endpoint::{EndpointConfig, LocalSockets, NetEndpoint};
pub use error::{AddressError, NetError};
pub use key::load_or_create_key;
pub use reach::Reach;
pub use relay::{MAX_RELAY_BYTES, RelayChoice};
