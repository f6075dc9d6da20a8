//! Resolves the names of relays. Strangers choose some of them, and a name may lead to any address.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::Pin;
use std::sync::Arc;

use iroh::dns::{BoxIter, DNS_TIMEOUT, DnsError, DnsResolver, Resolver, TxtRecordData};
use tracing::debug;

use super::{RelayChoice, internet::is_internet_address, relay::bare_host};

/// A search for records of one type.
type Lookup<T> = Pin<Box<dyn Future<Output = Result<BoxIter<T>, DnsError>> + Send>>;

/// Finds addresses of the Internet only, but for the names that the endpoint's user has chosen.
#[derive(Clone, Debug)]
struct PublicNames {
    inner: DnsResolver,
    chosen_hosts: Arc<[String]>,
}

/// A resolver that leaves out private addresses, except for the relays that the user has chosen.
pub(super) fn resolve_publicly(inner: DnsResolver, relays: &RelayChoice) -> DnsResolver {
    DnsResolver::custom(PublicNames { inner, chosen_hosts: relays.chosen_hosts().into() })
}

impl PublicNames {
    fn filter_addresses(&self, host: &str, found: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
        if self.chosen_hosts.iter().any(|chosen| chosen == bare_host(host)) {
            return found.collect();
        }

        let (public, private): (Vec<IpAddr>, Vec<IpAddr>) =
            found.partition(|ip| is_internet_address(*ip));
        if !private.is_empty() {
            debug!(host, ?private, "the name of a relay leads to addresses that are not dialed");
        }
        public
    }
}

impl Resolver for PublicNames {
    fn lookup_ipv4(&self, host: String) -> Lookup<Ipv4Addr> {
        let names = self.clone();
        Box::pin(async move {
            let found = names.inner.lookup_ipv4(host.clone(), DNS_TIMEOUT).await?;
            let found = names.filter_addresses(&host, found).into_iter();
            let v4 = found.filter_map(|ip| match ip {
                IpAddr::V4(ip) => Some(ip),
                IpAddr::V6(_) => None,
            });
            Ok(Box::new(v4) as BoxIter<Ipv4Addr>)
        })
    }

    fn lookup_ipv6(&self, host: String) -> Lookup<Ipv6Addr> {
        let names = self.clone();
        Box::pin(async move {
            let found = names.inner.lookup_ipv6(host.clone(), DNS_TIMEOUT).await?;
            let found = names.filter_addresses(&host, found).into_iter();
            let v6 = found.filter_map(|ip| match ip {
                IpAddr::V6(ip) => Some(ip),
                IpAddr::V4(_) => None,
            });
            Ok(Box::new(v6) as BoxIter<Ipv6Addr>)
        })
    }

    fn lookup_txt(&self, host: String) -> Lookup<TxtRecordData> {
        let names = self.clone();
        Box::pin(async move {
            let found = names.inner.lookup_txt(host, DNS_TIMEOUT).await?;
            let found: Vec<TxtRecordData> = found.collect();
            Ok(Box::new(found.into_iter()) as BoxIter<TxtRecordData>)
        })
    }

    fn clear_cache(&self) {
        self.inner.clear_cache();
    }

    fn reset(&self) -> Box<dyn Resolver> {
        self.inner.reset();
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every name leads to a private and a public address of each version.
    #[derive(Clone, Debug)]
    struct Mixed;

    fn give_addresses<T>(texts: [&'static str; 3]) -> Lookup<T>
    where
        T: std::str::FromStr<Err: std::fmt::Debug> + Send + 'static,
    {
        let found = texts.map(|text| text.parse::<T>().unwrap());
        Box::pin(async move { Ok(Box::new(found.into_iter()) as BoxIter<T>) })
    }

    impl Resolver for Mixed {
        fn lookup_ipv4(&self, _host: String) -> Lookup<Ipv4Addr> {
            give_addresses(["10.0.0.1", "8.8.8.8", "127.0.0.1"])
        }

        fn lookup_ipv6(&self, _host: String) -> Lookup<Ipv6Addr> {
            give_addresses(["fd00::1", "2606:4700::1", "64:ff9b::10.0.0.1"])
        }

        fn lookup_txt(&self, _host: String) -> Lookup<TxtRecordData> {
            Box::pin(async { Ok(Box::new(std::iter::empty()) as BoxIter<TxtRecordData>) })
        }

        fn clear_cache(&self) {}

        fn reset(&self) -> Box<dyn Resolver> {
            Box::new(self.clone())
        }
    }

    async fn find_addresses(relays: &RelayChoice, host: &str) -> Vec<String> {
        let names = resolve_publicly(DnsResolver::custom(Mixed), relays);
        names.reset();
        let found = names.lookup_ipv4_ipv6(host, DNS_TIMEOUT).await.unwrap();
        found.map(|ip| ip.to_string()).collect()
    }

    #[tokio::test]
    async fn a_name_that_a_stranger_chooses_leads_to_the_internet_only() {
        let own = RelayChoice::from_texts(["https://relay.corp.example:8443/"]).unwrap().unwrap();
        let of_peer = RelayChoice::OfPeer("https://relay.example.com".parse().unwrap());

        for relays in [&own, &of_peer, &RelayChoice::Public, &RelayChoice::Disabled] {
            let found = find_addresses(relays, "relay.example.com").await;
            assert_eq!(found, ["8.8.8.8", "2606:4700::1"], "{relays:?}");
        }
        for host in ["relay.corp.example", "relay.corp.example."] {
            assert_eq!(find_addresses(&own, host).await.len(), 6, "the user has named {host}");
        }
    }
}
