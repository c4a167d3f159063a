//! Alibaba's gateway and actions against golden signatures and a small signing caller.

mod actions;
mod console;
mod faults;
mod signing;

use super::*;
use crate::answer::WireOutcome;
use crate::fault::{Fault, FaultRule};
use crate::simulator::RequestHandler;
use crate::testing::{control_request, pairs_of, read, request, vectors};
use crate::ticket::{MessageAuthor, SupportScript};
use crate::wire::{hex, hmac_sha256, parse_utc, percent_encode, sha256_hex, utc_text};

const NOW: i64 = 1_768_465_800_000;

/// A client for the tests: signs each request.
struct AlibabaTestClient {
    simulator: AlibabaSimulator,
    keys: Keys,
    version: &'static str,
    nonce: std::cell::Cell<u64>,
    now_ms: std::cell::Cell<i64>,
}

impl AlibabaTestClient {
    fn new() -> Self {
        let (simulator, version) = (AlibabaSimulator::new(), "2021-06-10");
        Self { simulator, keys: DEMO_KEYS, version, nonce: 0.into(), now_ms: NOW.into() }
    }

    fn signed(&self, action: &str, query: &[(&str, &str)], form: &[(&str, &str)]) -> Request<Bytes> {
        self.nonce.set(self.nonce.get() + 1);
        let join = |pairs: &[(&str, &str)]| {
            let mut pairs: Vec<_> =
                pairs.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
            pairs.sort();
            pairs.join("&")
        };
        let (query, body) = (join(query), join(form));
        let mut headers = vec![
            ("host".to_owned(), "127.0.0.1:1".to_owned()),
            ("x-acs-action".to_owned(), action.to_owned()),
            ("x-acs-content-sha256".to_owned(), sha256_hex(body.as_bytes())),
            ("x-acs-date".to_owned(), utc_text(self.now_ms.get())),
            ("x-acs-signature-nonce".to_owned(), format!("{}-{}", self.keys.id, self.nonce.get())),
            ("x-acs-version".to_owned(), self.version.to_owned()),
        ];
        if !body.is_empty() {
            headers.insert(0, ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        }
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
        let canonical = format!("POST\n/\n{query}\n{lines}\n{names}\n{}", sha256_hex(body.as_bytes()));
        let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical.as_bytes()));
        let signature = hex(&hmac_sha256(self.keys.secret.as_bytes(), to_sign.as_bytes()));
        let id = self.keys.id;
        let authorization = format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}");
        headers.push(("authorization".to_owned(), authorization));
        let target = if query.is_empty() { "/".to_owned() } else { format!("/?{query}") };
        request("POST", &target, &headers, &body)
    }

    fn call(&self, action: &str, query: &[(&str, &str)], form: &[(&str, &str)]) -> (u16, Value) {
        read(&self.simulator.handle(self.signed(action, query, form), self.now_ms.get()))
    }

    fn create(&self, description: &str) -> String {
        let form = [("Description", description), ("Severity", "1"), ("CategoryId", "7161")];
        let (status, body) = self.call("CreateTicket", &[], &form);
        assert_eq!((status, &body["Success"]), (200, &json!(true)));
        body["Data"].as_str().unwrap().to_owned()
    }

    fn status(&self, id: &str) -> Value {
        self.call("GetTicket", &[], &[("TicketId", id)]).1["Data"]["Status"]["Value"].clone()
    }
}
