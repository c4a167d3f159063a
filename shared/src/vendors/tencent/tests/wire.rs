//! Documented answers and errors, decoded by the pure functions.

use crate::{
    domain::Vendor,
    vendors::{
        call::VendorOperation,
        tencent::decode,
        testing::{answered, fixture, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Tencent, "DescribeProducts");

fn answer(name: &str) -> http::Response<bytes::Bytes> {
    response(200, &[], fixture(&format!("tencent/{name}")))
}

#[test]
fn answers() {
    let customer = decode::customer(&answered(&READ, &answer("get-caller-identity"))).unwrap();
    assert_eq!(customer.as_str(), "100000000001");
    let (names, total) = decode::products(&answered(&READ, &answer("describe-products"))).unwrap();
    let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
    assert_eq!((names, total), (vec!["cvm", "cbs", "cvm"], Some(3)));
    let none = decode::products(&answered(&READ, &answer("describe-products-none"))).unwrap();
    assert_eq!(none, (Vec::new(), Some(0)));
}

#[test]
fn a_success_without_its_required_fields_is_a_bad_answer() {
    for body in [r#"{"Response":{"RequestId":"t"}}"#, r#"{"Response":{}}"#, "{}", "null", ""] {
        let answer = response(200, &[], body);
        let identity = decode::customer(&answered(&READ, &answer)).unwrap_err();
        let products = decode::products(&answered(&READ, &answer)).unwrap_err();
        assert_eq!((identity.code(), products.code()), ("vendor_bad_answer", "vendor_bad_answer"), "{body}");
    }
}

#[test]
fn a_product_without_a_usable_name_makes_the_page_a_bad_answer() {
    for name in ["null", r#""""#, r#""null""#, r#""c/vm""#] {
        let body = format!(r#"{{"Response":{{"Products":[{{"Name":"cvm"}},{{"Name":{name}}}],"TotalCount":2}}}}"#);
        let error = decode::products(&answered(&READ, &response(200, &[], body))).unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{name}");
    }
}
