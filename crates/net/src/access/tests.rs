//! Attacks on credentials, each of which a node must refuse for its own reason.

use iroh::{EndpointId, SecretKey};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::*;
use crate::wire::Decoder;

const NOW: u64 = 1_800_000_000;

fn endpoint(seed: u8) -> EndpointId {
    SecretKey::from_bytes(&[seed; 32]).public()
}

struct Fixture {
    client: Keypair,
    payer: Keypair,
    job: Address,
    peers: Peers,
}

impl Fixture {
    fn new() -> Self {
        Self {
            client: Keypair::new(),
            payer: Keypair::new(),
            job: Address::new_from_array([3; 32]),
            peers: Peers { node: endpoint(1), client: endpoint(2) },
        }
    }

    fn parties(&self) -> JobParties {
        JobParties { client: self.client.pubkey(), payer: self.payer.pubkey() }
    }

    fn request(&self, wallet: &Keypair) -> AccessRequest {
        AccessRequest::sign(wallet, self.job, &self.peers, NOW + 300).unwrap()
    }

    fn grant(&self, issuer: &Keypair, endpoint: Option<EndpointId>) -> Grant {
        let rights = Rights::new(true, PortRights::Only(vec![80])).unwrap();
        Grant::sign(issuer, self.job, rights, NOW + 3_600, endpoint).unwrap()
    }

    /// What a node decides about a credential that arrives on a connection of `peers`.
    fn decide(
        &self,
        credential: &Credential,
        peers: &Peers,
        now: u64,
    ) -> Result<Permission, AccessError> {
        let mut bytes = Vec::new();
        credential.encode_into(&mut bytes);
        let mut decoder = Decoder::new("test", &bytes);
        let received = Credential::decode_from(&mut decoder).unwrap();
        decoder.finish().unwrap();

        received.verify(&self.job, peers, now)?.permission(&self.parties())
    }

    fn decide_here(&self, credential: Credential) -> Result<Permission, AccessError> {
        self.decide(&credential, &self.peers, NOW)
    }
}

#[test]
fn client_payer_and_holders_of_grants_are_let_in() {
    let fixture = Fixture::new();
    let all = Permission { rights: Rights::all(), until: None };

    for wallet in [&fixture.client, &fixture.payer] {
        let request = Credential::Request(fixture.request(wallet));
        assert_eq!(fixture.decide_here(request), Ok(all.clone()));
    }
    for endpoint in [None, Some(fixture.peers.client)] {
        let grant = Credential::Grant(fixture.grant(&fixture.client, endpoint));
        let permission = fixture.decide_here(grant).unwrap();
        assert_eq!(permission.until, Some(NOW + 3_600));
        assert!(permission.rights.check_port(80).is_ok());
        assert!(permission.rights.check_port(81).is_err());
    }
}

#[test]
fn a_request_is_worthless_on_every_other_connection() {
    let fixture = Fixture::new();
    let request = Credential::Request(fixture.request(&fixture.client));
    let Peers { node, client } = fixture.peers;

    // The node, or who took the request from it, replays it: from its own endpoint, to another
    // node, and with the roles exchanged.
    for peers in [
        Peers { node, client: endpoint(9) },
        Peers { node: endpoint(9), client },
        Peers { node: client, client: node },
    ] {
        assert_eq!(fixture.decide(&request, &peers, NOW), Err(AccessError::Signature));
    }
}

#[test]
fn a_credential_is_worthless_for_another_job() {
    let fixture = Fixture::new();
    let other_job = Address::new_from_array([4; 32]);

    let request = fixture.request(&fixture.client);
    let grant = fixture.grant(&fixture.client, None);
    for credential in [Credential::Request(request.clone()), Credential::Grant(grant.clone())] {
        let verified = credential.verify(&other_job, &fixture.peers, NOW);
        assert_eq!(verified.unwrap_err(), AccessError::OtherJob);
    }

    // Naming the other job does not help: the signature is for the first.
    let renamed = [
        Credential::Request(AccessRequest { job: other_job, ..request }),
        Credential::Grant(Grant { job: other_job, ..grant }),
    ];
    for credential in renamed {
        let verified = credential.verify(&other_job, &fixture.peers, NOW);
        assert_eq!(verified.unwrap_err(), AccessError::Signature);
    }
}

#[test]
fn a_credential_ends_and_cannot_be_extended() {
    let fixture = Fixture::new();
    let request = fixture.request(&fixture.client);
    let grant = fixture.grant(&fixture.client, None);
    let decide = |credential: &Credential, now| fixture.decide(credential, &fixture.peers, now);

    let credential = Credential::Request(request.clone());
    assert!(decide(&credential, NOW + 299).is_ok());
    assert_eq!(decide(&credential, NOW + 300), Err(AccessError::Expired { seconds: 0 }));
    let credential = Credential::Grant(grant.clone());
    assert!(decide(&credential, NOW + 3_599).is_ok());
    assert_eq!(decide(&credential, NOW + 3_700), Err(AccessError::Expired { seconds: 100 }));

    let extended = Credential::Request(AccessRequest { expiry: NOW + 500, ..request });
    assert_eq!(decide(&extended, NOW + 300), Err(AccessError::Signature));
    let extended = Credential::Grant(Grant { expiry: NOW + 7_200, ..grant });
    assert_eq!(decide(&extended, NOW + 3_700), Err(AccessError::Signature));
}

#[test]
fn a_credential_of_the_far_future_is_refused() {
    let fixture = Fixture::new();
    let expiry = NOW + MAX_REQUEST_SECONDS + 1;
    let request =
        AccessRequest::sign(&fixture.client, fixture.job, &fixture.peers, expiry).unwrap();
    let decided = fixture.decide_here(Credential::Request(request));
    assert!(matches!(decided, Err(AccessError::TooLong { .. })), "{decided:?}");

    for expiry in [NOW + MAX_GRANT_SECONDS + 1, u64::MAX] {
        let grant = Grant::sign(&fixture.client, fixture.job, Rights::all(), expiry, None).unwrap();
        let decided = fixture.decide_here(Credential::Grant(grant));
        assert!(matches!(decided, Err(AccessError::TooLong { .. })), "{decided:?}");
    }
}

#[test]
fn a_grant_cannot_be_widened() {
    let fixture = Fixture::new();
    let grant = fixture.grant(&fixture.client, Some(endpoint(5)));
    assert_eq!(
        fixture.decide_here(Credential::Grant(grant.clone())),
        Err(AccessError::OtherEndpoint)
    );

    let more_ports = Rights::new(true, PortRights::Only(vec![80, 81])).unwrap();
    let widened = [
        Grant { endpoint: None, ..grant.clone() },
        Grant { endpoint: Some(fixture.peers.client), ..grant.clone() },
        Grant { rights: Rights::all(), endpoint: Some(fixture.peers.client), ..grant.clone() },
        Grant { rights: more_ports, endpoint: Some(fixture.peers.client), ..grant },
    ];
    for grant in widened {
        let decided = fixture.decide_here(Credential::Grant(grant));
        assert_eq!(decided, Err(AccessError::Signature));
    }
}

#[test]
fn only_the_client_shares_a_job() {
    let fixture = Fixture::new();
    let holder = Keypair::new();

    // Who has a grant signs a wider one with their own key, and the payer signs one.
    for issuer in [&holder, &fixture.payer] {
        let grant = fixture.grant(issuer, None);
        let decided = fixture.decide_here(Credential::Grant(grant));
        assert_eq!(decided, Err(AccessError::NotTheClient(issuer.pubkey().to_string())));
    }
    // A signature of somebody else under the client's name.
    let forged = Grant { issuer: fixture.client.pubkey(), ..fixture.grant(&holder, None) };
    let decided = fixture.decide_here(Credential::Grant(forged));
    assert_eq!(decided, Err(AccessError::Signature));
}

#[test]
fn strangers_are_refused() {
    let fixture = Fixture::new();
    let stranger = Keypair::new();

    let request = fixture.request(&stranger);
    let decided = fixture.decide_here(Credential::Request(request.clone()));
    assert_eq!(decided, Err(AccessError::NotAParty(stranger.pubkey().to_string())));

    let forged = AccessRequest { wallet: fixture.client.pubkey(), ..request };
    let decided = fixture.decide_here(Credential::Request(forged));
    assert_eq!(decided, Err(AccessError::Signature));
}

#[test]
fn a_signature_of_one_kind_is_not_one_of_the_other() {
    let fixture = Fixture::new();
    let grant = fixture.grant(&fixture.client, None);
    let request = fixture.request(&fixture.client);

    let as_request = AccessRequest { signature: grant.signature, ..request.clone() };
    let decided = fixture.decide_here(Credential::Request(as_request));
    assert_eq!(decided, Err(AccessError::Signature));
    let as_grant = Grant { signature: request.signature, ..grant };
    let decided = fixture.decide_here(Credential::Grant(as_grant));
    assert_eq!(decided, Err(AccessError::Signature));
}
