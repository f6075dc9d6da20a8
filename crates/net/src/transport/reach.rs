//! Which addresses of strangers are dialed.
//!
//! Anybody can write any address into a node's account. Without this check, a node that names
//! addresses of private networks would make its clients send packets into their own networks.

use std::net::SocketAddr;

use iroh::RelayUrl;

use super::{
    AddressError, NodeAddress, RelayChoice,
    internet::{is_internet_address, is_internet_relay},
};

/// Which addresses an endpoint dials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the Internet, relays with HTTPS there, and the endpoint's own relays. For public
    /// clusters.
    #[default]
    Internet,
    /// Any address. For local networks and tests.
    Anywhere,
}

impl Reach {
    /// Whether a relay that a stranger has named is used.
    pub fn allows_relay(self, relay: &RelayUrl) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Internet => is_internet_relay(relay),
        }
    }

    /// Checks that others with this reach dial what an endpoint announces: all of its relays,
    /// because the nearest one is announced, and its public addresses.
    ///
    /// # Errors
    /// If they leave one out.
    pub fn check_announced(
        self,
        relays: &RelayChoice,
        sockets: &[SocketAddr],
    ) -> Result<(), AddressError> {
        if self == Self::Anywhere {
            return Ok(());
        }

        // The public relays have HTTPS.
        if let RelayChoice::Urls(urls) = relays
            && let Some(relay) = urls.iter().find(|relay| !self.allows_relay(relay))
        {
            return Err(AddressError::UndialedRelay(relay.to_string()));
        }
        match sockets.iter().find(|socket| !is_internet_address(socket.ip())) {
            Some(socket) => Err(AddressError::UndialedSocket(*socket)),
            None => Ok(()),
        }
    }

    /// Leaves out the addresses that are not dialed, and the relay if the endpoint uses none. The
    /// endpoint's `own` relays stay, whatever they are: it connects to them anyway, so a stranger
    /// who names one makes it dial nothing else.
    ///
    /// # Errors
    /// If none is left.
    pub(super) fn filter_address(
        self,
        address: &NodeAddress,
        own: &RelayChoice,
    ) -> Result<NodeAddress, AddressError> {
        let mut filtered = address.clone();

        match self {
            Self::Anywhere => {}
            Self::Internet => {
                filtered.sockets.retain(|socket| is_internet_address(socket.ip()));
                let is_dialed = |relay: &RelayUrl| {
                    own.has_url(relay) || is_internet_relay(relay) && !own.shares_host(relay)
                };
                filtered.relay = filtered.relay.filter(is_dialed);
            }
        }

        let uses_relays = own.uses_relays();
        if !uses_relays && filtered.sockets.is_empty() && filtered.relay.is_some() {
            return Err(AddressError::RelayAlone(address.to_string()));
        }
        filtered.relay = filtered.relay.filter(|_| uses_relays);

        if filtered.sockets.is_empty() && filtered.relay.is_none() {
            return Err(AddressError::Socket {
                address: address.to_string(),
                problem: "it names neither a relay with HTTPS nor an address of the Internet; \
                          choose the same relay, or dial other addresses on local networks only",
            });
        }
        Ok(filtered)
    }
}

#[cfg(test)]
mod tests {
    use iroh::SecretKey;

    use super::*;

    fn filter_parts(parts: &str) -> Option<String> {
        filter_with(&RelayChoice::Public, parts)
    }

    fn filter_with(own: &RelayChoice, parts: &str) -> Option<String> {
        let id = SecretKey::from_bytes(&[7; 32]).public();
        let address: NodeAddress = format!("{id},{parts}").parse().unwrap();
        assert_eq!(Reach::Anywhere.filter_address(&address, own).unwrap(), address);

        let filtered = Reach::Internet.filter_address(&address, own).ok()?.to_string();
        Some(filtered.trim_start_matches(&id.to_string()).to_owned())
    }

    #[test]
    fn relays_that_the_user_names_are_dialed_and_no_others_beside_them() {
        let own = ["http://10.0.0.1:3340/", "https://router/"];
        let choice = RelayChoice::from_texts(own).unwrap().unwrap();

        for relay in own {
            assert_eq!(filter_with(&choice, relay).unwrap(), format!(",{relay}"));
            assert_eq!(filter_parts(relay), None, "the public relays do not include {relay}");
        }
        // URLs are compared in their normal form.
        for (other, own) in [
            ("http://10.0.0.1:3340", own[0]),
            ("HTTP://0xa000001:3340/", own[0]),
            ("https://ROUTER:443", own[1]),
        ] {
            assert_eq!(filter_with(&choice, other).unwrap(), format!(",{own}"), "{other}");
        }
        for stranger in [
            "http://10.0.0.1/",
            "http://10.0.0.1:3341/",
            "https://10.0.0.1:3340/",
            "http://10.0.0.1:3340/admin",
            "http://10.0.0.2:3340/",
            "http://router/",
            "http://relay.example.com/",
        ] {
            assert_eq!(filter_with(&choice, stranger), None, "{stranger}");
        }

        // A relay of one's own may be at a private address, whatever its name: others there are not
        // dialed.
        let named = RelayChoice::from_texts(["https://relay.example.com/"]).unwrap().unwrap();
        for stranger in ["https://relay.example.com:8443/", "https://relay.example.com./"] {
            assert_eq!(filter_with(&named, stranger), None, "{stranger}");
            assert!(filter_parts(stranger).is_some());
        }

        // Nor does a relay of one's own let in sockets at the same host.
        let beside = "http://10.0.0.1:3340/,10.0.0.1:3340";
        assert_eq!(filter_with(&choice, beside).unwrap(), ",http://10.0.0.1:3340/");
    }

    #[test]
    fn strangers_cannot_name_addresses_of_private_networks() {
        for inside in [
            "10.0.0.1:1",
            "127.0.0.1:1",
            "192.168.1.1:53",
            "172.16.0.1:1",
            "169.254.169.254:80",
            "100.64.0.1:1",
            "198.18.0.1:1",
            "203.0.113.7:1",
            "[::1]:1",
            "[fe80::1]:1",
            "[fd00::1]:1",
            "[::ffff:10.0.0.1]:1",
            "[2002:a00:1::]:1",
            "[64:ff9b::a00:1]:1",
            "[2001:db8::1]:1",
            "http://relay.example.com/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://router/",
            "https://printer.local/",
            "https://printer.local./",
            "https://this.localhost/",
            "https://metadata.google.internal/",
            "https://router.home.arpa/",
            "https://router.lan/",
            "https://git.corp/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://10.0.0.1./",
            "https://ROUTER.Local/",
        ] {
            assert_eq!(filter_parts(inside), None, "{inside}");
        }
    }

    #[test]
    fn an_endpoint_without_relays_dials_none_that_a_node_names() {
        let id = SecretKey::from_bytes(&[7; 32]).public();
        let relayed: NodeAddress = format!("{id},https://relay.example.com/").parse().unwrap();
        let both: NodeAddress = format!("{relayed},8.8.8.8:4433").parse().unwrap();

        for reach in [Reach::Internet, Reach::Anywhere] {
            let direct = reach.filter_address(&both, &RelayChoice::Disabled).unwrap();
            assert_eq!(direct.to_string(), format!("{id},8.8.8.8:4433"));
            let error = reach.filter_address(&relayed, &RelayChoice::Disabled).unwrap_err();
            assert_eq!(error, AddressError::RelayAlone(relayed.to_string()));
        }
    }

    #[test]
    fn what_others_do_not_dial_is_not_announced() {
        let check = |reach: Reach, relay: &str, socket: &str| {
            let relays = RelayChoice::from_texts([relay]).unwrap().unwrap();
            reach.check_announced(&relays, &[socket.parse().unwrap()])
        };
        let (relay, socket) = ("https://relay.example.com/", "8.8.8.8:4433");
        for good in [relay, "public", "none"] {
            assert_eq!(check(Reach::Internet, good, socket), Ok(()));
        }

        for bad in ["http://relay.example.com/", "https://10.0.0.1/", "https://relay/"] {
            let refused = Err(AddressError::UndialedRelay(bad.to_owned()));
            assert_eq!(check(Reach::Internet, bad, socket), refused);
            assert_eq!(check(Reach::Anywhere, bad, socket), Ok(()));
        }
        for bad in ["10.0.0.1:4433", "127.0.0.1:1", "[fd00::1]:1", "[::ffff:192.168.1.1]:1"] {
            let refused = Err(AddressError::UndialedSocket(bad.parse().unwrap()));
            assert_eq!(check(Reach::Internet, relay, bad), refused);
            assert_eq!(check(Reach::Anywhere, relay, bad), Ok(()));
        }
    }

    #[test]
    fn the_nearest_of_several_relays_is_announced_so_all_are_checked() {
        let urls = ["https://relay.example.com/", "http://10.0.0.1:3340/"];
        let relays = RelayChoice::from_texts(urls).unwrap().unwrap();
        let refused = Err(AddressError::UndialedRelay(urls[1].to_owned()));
        assert_eq!(Reach::Internet.check_announced(&relays, &[]), refused);
    }

    #[test]
    fn addresses_of_the_internet_stay() {
        let parts = "https://relay.example.com/,8.8.8.8:4433,10.0.0.1:1";
        assert_eq!(filter_parts(parts).unwrap(), ",https://relay.example.com/,8.8.8.8:4433");
        assert!(filter_parts("[2606:4700::1]:1").is_some());
        assert!(filter_parts("[64:ff9b::8.8.8.8]:1").is_some(), "over a translator to IPv4");
    }
}
