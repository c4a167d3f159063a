//! Tencent Cloud, API 3.0 signed with TC3: the published calls that ticket software can use.
//!
//! `sts` 2018-08-13 `GetCallerIdentity` and `region` 2022-06-27 `DescribeProducts`. One port serves all
//! services: the service is read from the credential scope, the host is whatever the client used.
//! Every answer is HTTP 200 with one `Response` object; errors are in `Response.Error`.
//!
//! # Not modelled
//!
//! Ticket calls: the vendor publishes none, so `tandon` and any other service or action answers
//! `NoSuchProduct`, `NoSuchVersion` or `InvalidAction`. GET, regions, message language.
//!
//! # Assumptions where the vendor's behaviour is unknown
//!
//! - A scope with another date than the timestamp's, or other headers than those signed, is a
//!   `AuthFailure.SignatureFailure`; a header that is missing or cannot be read is
//!   `AuthFailure.InvalidAuthorization`.
//! - Checks come in this order: headers, key, time, signature, token, service, version, action, parameters.
//! - A host under `tencentcloudapi.com` must begin with the service of the scope.

mod gateway;

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::VendorReply;
use crate::catalog::{Catalog, CatalogGroup, CatalogProduct, editions, services};
use crate::keys::Keys;
use crate::simulator::{AuthorizedCall, SimulatedError, Simulator, VendorRules};
use crate::vendor_state::VendorState;
use crate::wire::{header, uuid};

/// The simulated Tencent Cloud.
pub type TencentSimulator = Simulator<TencentRules>;

/// Keys known from the start.
pub const DEMO_KEYS: Keys = Keys { id: "tencent-demo-key", secret: "tencent-demo-secret", account: "100000000001" };

/// Keys of a second customer, known from the start.
pub const SECOND_KEYS: Keys =
    Keys { id: "tencent-second-key", secret: "tencent-second-secret", account: "100000000002" };

/// Nothing can be switched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TencentSettings {}

/// What makes a simulator Tencent Cloud.
#[derive(Debug)]
pub struct TencentRules;

/// Real short codes that stand before the generated ones.
const PRODUCTS: [&str; 20] = [
    "cvm", "cbs", "cos", "clb", "vpc", "cdb", "redis", "mongodb", "tke", "cdn", "dnspod", "ssl", "waf", "cfs", "scf",
    "cam", "monitor", "sts", "region", "tag",
];

#[expect(private_interfaces, reason = "the trait is implemented here only")]
impl VendorRules for TencentRules {
    type Settings = TencentSettings;
    const VENDOR: &'static str = "tencent";
    const KEYS: &'static [Keys] = &[DEMO_KEYS, SECOND_KEYS];
    const SUPPORT: &'static str = "腾讯云工程师";

    fn catalog() -> Catalog {
        let generated = services().flat_map(|service| editions(&service).collect::<Vec<_>>());
        let generated = generated.map(|(name, name_en, acronym)| (acronym.to_lowercase(), name, name_en));
        let known = PRODUCTS.iter().map(|id| ((*id).to_owned(), (*id).to_owned(), (*id).to_owned()));
        let mut seen = std::collections::HashSet::new();
        let products = known.chain(generated).filter(|(id, ..)| seen.insert(id.clone()));
        let products = products.map(|(id, name, name_en)| CatalogProduct {
            acronym: id.clone(),
            id,
            name,
            name_en,
            description: String::new(),
            problem_types: Vec::new(),
        });
        let group = CatalogGroup {
            id: "products".into(),
            name: "产品".into(),
            name_en: "Products".into(),
            products: products.collect(),
        };
        Catalog { groups: vec![group], regions: Vec::new() }
    }

    fn operation(request: &Request<Bytes>) -> String {
        header(request, "x-tc-action").unwrap_or("Unknown").to_owned()
    }

    fn authorize(
        state: &mut VendorState,
        _: &TencentSettings,
        request: &Request<Bytes>,
        now_ms: i64,
    ) -> Result<String, VendorReply> {
        gateway::authorize(&state.keys, request, now_ms)
            .map_err(|refusal| failure(refusal.code, &refusal.message, state.next_request()))
    }

    fn perform(state: &mut VendorState, _: &TencentSettings, call: &AuthorizedCall<'_>) -> VendorReply {
        let number = state.next_request();
        match perform(state, call) {
            Ok(Value::Object(mut fields)) => {
                fields.insert("RequestId".to_owned(), json!(request_id(number)));
                VendorReply::json(200, &json!({ "Response": fields }))
            }
            Ok(_) => failure("InternalError", "An internal error has occurred.", number),
            Err((code, message)) => failure(code, &message, number),
        }
    }

    fn error_reply(error: &SimulatedError<'_>, number: u64) -> VendorReply {
        match error {
            SimulatedError::Throttled { .. } => failure(
                "RequestLimitExceeded",
                "Your current request times exceed the limit, please slow down.",
                number,
            ),
            SimulatedError::Status(status) => {
                let message = "An internal error has occurred. Retry your request.";
                VendorReply { status: *status, ..failure("InternalError", message, number) }
            }
            SimulatedError::Refused { code, message } => failure(code, message, number),
            SimulatedError::WrongShape => {
                VendorReply::json(200, &json!({ "Response": { "RequestId": request_id(number) } }))
            }
        }
    }

    fn status_after_support(status: i64) -> i64 {
        status
    }

    fn status_after_customer(status: i64) -> i64 {
        status
    }

    /// There are no tickets, so none takes a message.
    fn is_ended(_: i64) -> bool {
        true
    }

    fn status_after_closing(_: i64) -> Option<i64> {
        None
    }

    fn status_after_reopening(_: i64) -> Option<i64> {
        None
    }
}

fn request_id(number: u64) -> String {
    uuid("tencent", number)
}

fn failure(code: &str, message: &str, number: u64) -> VendorReply {
    let error = json!({ "Code": code, "Message": message });
    VendorReply::error(200, code, &json!({ "Response": { "Error": error, "RequestId": request_id(number) } }))
}

type TencentFailure = (&'static str, String);

fn perform(state: &VendorState, call: &AuthorizedCall<'_>) -> Result<Value, TencentFailure> {
    let service = gateway::service(call.request).unwrap_or_default();
    let (version, actions): (_, &[&str]) = match service.as_str() {
        "sts" => ("2018-08-13", &["GetCallerIdentity"]),
        "region" => ("2022-06-27", &["DescribeProducts"]),
        _ => {
            return Err(("NoSuchProduct", format!("The product `{service}` does not exist.")));
        }
    };
    if header(call.request, "x-tc-version") != Some(version) {
        return Err(("NoSuchVersion", "The API version does not exist.".to_owned()));
    }
    if !actions.contains(&call.operation) {
        return Err(("InvalidAction", format!("The request action={} is invalid or not found.", call.operation)));
    }
    let parameters = match serde_json::from_slice(call.request.body()) {
        Ok(Value::Object(parameters)) => parameters,
        _ => {
            return Err(("InvalidParameter", "The request body is not a JSON object.".to_owned()));
        }
    };
    let known: &[&str] = if service == "region" { &["Offset", "Limit"] } else { &[] };
    if let Some(name) = parameters.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(("UnknownParameter", format!("The parameter `{name}` is not recognized.")));
    }
    if service == "sts" {
        let uin = call.account;
        return Ok(json!({
            "Type": "CAMUser", "AccountId": uin, "UserId": uin, "PrincipalId": uin,
            "Arn": format!("qcs::cam::uin/{uin}:uin/{uin}"),
        }));
    }
    let number = |name: &str, default: usize, most: usize| match parameters.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => match value.as_u64().and_then(|value| usize::try_from(value).ok()) {
            Some(value) if value <= most => Ok(value),
            Some(_) => Err(("InvalidParameterValue", format!("The value of `{name}` exceeds {most}."))),
            None => Err(("InvalidParameter", format!("The value type of parameter `{name}` is not valid."))),
        },
    };
    let (offset, limit) = (number("Offset", 0, usize::MAX)?, number("Limit", 20, 100)?);
    let page: Vec<_> = state.catalog().products().skip(offset).take(limit).map(|p| json!({ "Name": p.id })).collect();
    Ok(json!({ "Products": page, "TotalCount": state.catalog().products().count() }))
}

#[cfg(test)]
mod tests;
