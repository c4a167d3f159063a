//! The addresses of a host, where all of them are public: a link that somebody else has made must not lead into the
//! network of this machine, nor to the service that gives a machine its credentials.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::{BoxError, Service};

/// The error for a host that has an address which is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host has an address that is not public")]
pub struct NotPublic;

/// Resolves names as the machine does. A connection is opened to the addresses that were checked: the name is not
/// resolved again in between.
#[derive(Clone)]
pub struct PublicAddresses(GaiResolver);

impl Default for PublicAddresses {
    fn default() -> Self {
        Self(GaiResolver::new())
    }
}

impl Service<Name> for PublicAddresses {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let found = self.0.call(name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = found.await?.collect();
            if addresses.iter().all(|address| is_public(address.ip())) {
                Ok(addresses.into_iter())
            } else {
                Err(NotPublic.into())
            }
        })
    }
}

/// Whether the address is one of the internet, by the registries of special addresses
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>,
/// <https://www.iana.org/assignments/iana-ipv6-special-registry>).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = match address.octets() {
        [0 | 10 | 127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..] => true,
        // Of carriers. Alibaba's machines read their credentials at 100.100.100.200.
        [100, 64..=127, ..] => true,
        // Protocols, documentation, relays, and measurements between networks.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Groups, reserved ones, and all machines.
        [224..=255, ..] => true,
        _ => false,
    };
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, .., seventh, eighth] = address.segments();
    // An address of a translator (64:ff9b::/96) leads to the IPv4 address in it.
    if address.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [a, b] = seventh.to_be_bytes();
        let [c, d] = eighth.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let is_unicast = first & 0xe000 == 0x2000;
    // 2001::/23 is of protocols, 2001:db8::/32 and 3fff::/20 of documentation, 2002::/16 of relays.
    let is_special = match (first, second) {
        (0x2001, second) => second < 0x200 || second == 0xdb8,
        (0x2002, _) => true,
        (0x3fff, second) => second < 0x1000,
        _ => false,
    };
    is_unicast && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for public in
            ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1", "223.5.5.5"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for public in ["2400:3200::1", "2001:4860:4860::8888", "64:ff9b::8.8.8.8"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.100.100.200",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[tokio::test]
    async fn a_name_of_a_private_address_is_refused() {
        let found = PublicAddresses::default().call("localhost".parse().unwrap()).await;
        assert!(found.unwrap_err().is::<NotPublic>());
    }
}
