//! Which relays an endpoint uses.
//!
//! A relay forwards packets between endpoints that cannot reach each other directly. It sees who
//! talks to whom, when and how much, and only ciphertext.

use std::str::FromStr;

use iroh::{RelayMode, RelayUrl};

use super::AddressError;

/// The longest URL of a relay, in bytes: an account has room for it.
pub const MAX_RELAY_BYTES: usize = 64;

/// The relays of an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RelayChoice {
    /// None: the endpoint is reached at its socket addresses only.
    #[default]
    Disabled,
    /// These; the endpoint stays connected to the nearest one.
    Urls(Vec<RelayUrl>),
    /// The public relays of the iroh project.
    Public,
    /// That of the peer to dial. A stranger has named it.
    OfPeer(RelayUrl),
}

impl RelayChoice {
    /// Parses what an owner gives: `none` alone, `public` alone, or URLs.
    ///
    /// # Errors
    /// If a text is not the URL of a relay.
    pub fn from_texts<'a>(
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<Self>, AddressError> {
        let texts: Vec<&str> = texts.into_iter().collect();

        match texts[..] {
            [] => Ok(None),
            ["none"] => Ok(Some(Self::Disabled)),
            ["public"] => Ok(Some(Self::Public)),
            _ => {
                let urls: Result<Vec<_>, _> = texts.into_iter().map(parse_relay_url).collect();
                urls.map(|urls| Some(Self::Urls(urls)))
            }
        }
    }

    /// Whether the endpoint uses any relay: without one of its own it dials no other either.
    pub fn uses_relays(&self) -> bool {
        match self {
            Self::Disabled => false,
            Self::Urls(urls) => !urls.is_empty(),
            Self::Public | Self::OfPeer(_) => true,
        }
    }

    /// Whether this relay is one of the given URLs. The public ones have HTTPS, so that
    /// [`Reach`](super::Reach) does not have to know them.
    pub(super) fn has_url(&self, relay: &RelayUrl) -> bool {
        match self {
            Self::Disabled | Self::Public => false,
            Self::Urls(urls) => urls.contains(relay),
            Self::OfPeer(url) => url == relay,
        }
    }

    /// Whether one of the given URLs has the host of this relay: that name may lead to a private
    /// address.
    pub(super) fn shares_host(&self, relay: &RelayUrl) -> bool {
        let host = bare_host(relay.host_str().unwrap_or_default());
        let is_same = |url: &RelayUrl| bare_host(url.host_str().unwrap_or_default()) == host;

        match self {
            Self::Disabled | Self::Public | Self::OfPeer(_) => false,
            Self::Urls(urls) => urls.iter().any(is_same),
        }
    }

    /// The hosts of the relays that no stranger has named.
    pub(super) fn chosen_hosts(&self) -> Vec<String> {
        let urls: Vec<RelayUrl> = match self {
            Self::OfPeer(_) => Vec::new(),
            Self::Disabled | Self::Urls(_) | Self::Public => self.relay_mode().relay_map().urls(),
        };
        let hosts = urls.iter().filter_map(|url| url.host_str());
        hosts.map(|host| bare_host(host).to_owned()).collect()
    }

    pub(super) fn relay_mode(&self) -> RelayMode {
        match self {
            Self::Disabled => RelayMode::Disabled,
            Self::Urls(urls) if urls.is_empty() => RelayMode::Disabled,
            Self::Urls(urls) => RelayMode::custom(urls.iter().cloned()),
            Self::Public => RelayMode::Default,
            Self::OfPeer(url) => RelayMode::custom([url.clone()]),
        }
    }
}

/// A name without the dot that may end it.
pub(super) fn bare_host(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

/// Parses the URL of a relay. It must fit into a node's account.
pub(super) fn parse_relay_url(text: &str) -> Result<RelayUrl, AddressError> {
    let invalid = |problem| AddressError::Relay { url: text.chars().take(200).collect(), problem };

    if text.contains(|c: char| !c.is_ascii_graphic() || c == ',') {
        return Err(invalid("it contains a space, a comma or a character that is not ASCII"));
    }
    let url = RelayUrl::from_str(text)
        .map_err(|_| invalid("it is not a URL; give one such as `https://relay.example.com`"))?;

    if !matches!(url.scheme(), "https" | "http") {
        return Err(invalid("it does not begin with `https://` or `http://`"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(invalid("it does not name a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("it contains a user or a password, which would be public"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("it has a query or a fragment; give the relay's address alone"));
    }
    if url.as_str().len() > MAX_RELAY_BYTES {
        return Err(invalid("it has more than 64 bytes, which do not fit into an account"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_choose_no_relay_public_ones_or_their_own() {
        assert_eq!(RelayChoice::from_texts([]).unwrap(), None);
        assert_eq!(RelayChoice::from_texts(["none"]).unwrap(), Some(RelayChoice::Disabled));
        assert_eq!(RelayChoice::from_texts(["public"]).unwrap(), Some(RelayChoice::Public));
        assert!(RelayChoice::Public.uses_relays() && !RelayChoice::Disabled.uses_relays());

        let own = RelayChoice::from_texts(["https://a.example", "http://127.0.0.1:80/"]).unwrap();
        let Some(RelayChoice::Urls(urls)) = own else { panic!("{own:?}") };
        assert!(RelayChoice::Urls(urls.clone()).uses_relays());
        assert!(!RelayChoice::Urls(Vec::new()).uses_relays());
        assert_eq!(RelayChoice::Urls(urls.clone()).chosen_hosts(), ["127.0.0.1", "a.example"]);
        let of_peer = RelayChoice::OfPeer(urls[0].clone());
        assert!(of_peer.uses_relays() && of_peer.has_url(&urls[0]));
        assert!(of_peer.chosen_hosts().is_empty() && !of_peer.shares_host(&urls[0]));
        assert_eq!(urls[0].as_str(), "https://a.example/");
        assert_eq!(urls[1].as_str(), "http://127.0.0.1/");
        assert!(RelayChoice::from_texts(["none", "https://a.example"]).is_err());
    }

    #[test]
    fn a_relay_url_names_a_host_and_nothing_secret() {
        let long = format!("https://{}.example", "a".repeat(60));
        let hostile = [
            "",
            "relay.example",
            "ftp://relay.example",
            "https://user:secret@relay.example",
            "https://relay.example/?token=1",
            "https://relay.example/#a",
            "https://a.example,https://b.example",
            "https://a.example /",
            "https://\u{202e}example",
            &long,
        ];

        for text in hostile {
            assert!(parse_relay_url(text).is_err(), "{text}");
        }
    }
}
