//! Names of I/O points: function, operation, and the items of the operation. Calls with one name come from one place
//! in the product's code, as far as requests show it.

use http::Method;
use serde_json::Value;

/// An I/O point of a function, for example `create-ticket: UpdateItem TICKET SET #state = :unknown`.
pub type IoPoint = String;

/// The point of a call to AWS. `target` is the header `X-Amz-Target`.
pub fn aws(function: &str, target: &str, body: &Value) -> IoPoint {
    let operation = target.split_once('.').map_or(target, |(_, operation)| operation);
    format!("{function}: {operation}{}", items(operation, body))
}

/// The point of a call to the bucket: the method, and the first part of the object's key.
pub fn bucket(function: &str, method: &Method, key: &str) -> IoPoint {
    format!("{function}: {method} {}", key.split('/').next().unwrap_or_default())
}

/// The point of a call to a vendor.
pub fn vendor(function: &str, vendor: &str, operation: &str) -> IoPoint {
    format!("{function}: {vendor} {operation}")
}

fn items(operation: &str, body: &Value) -> String {
    match operation {
        "GetItem" | "DeleteItem" => format!(" {}", key(&body["Key"])),
        "PutItem" => format!(" {}", key(&body["Item"])),
        "UpdateItem" => format!(" {} {}", key(&body["Key"]), head(&body["UpdateExpression"])),
        "Query" => {
            let index = body["IndexName"].as_str().unwrap_or("table");
            let values = &body["ExpressionAttributeValues"];
            format!(" {index} {} {}", prefix(&values[":pk"]["S"]), prefix(&values[":prefix"]["S"]))
        }
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            distinct(tables.flat_map(|(_, table)| array(&table["Keys"])).map(key))
        }
        "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            let requests = tables.flat_map(|(_, requests)| array(requests));
            distinct(requests.map(|request| match request.get("PutRequest") {
                Some(put) => key(&put["Item"]),
                None => format!("-{}", key(&request["DeleteRequest"]["Key"])),
            }))
        }
        "TransactWriteItems" => array(&body["TransactItems"]).map(action).collect(),
        _ => String::new(),
    }
}

fn action(item: &Value) -> String {
    let Some((kind, item)) = item.as_object().and_then(|kinds| kinds.iter().next()) else {
        return String::new();
    };
    match kind.as_str() {
        "Put" => format!(" put {}", key(&item["Item"])),
        "Update" => format!(" update {} {}", key(&item["Key"]), head(&item["UpdateExpression"])),
        _ => format!(" {} {}", kind.to_lowercase(), key(&item["Key"])),
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn distinct(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort();
    names.dedup();
    format!(" {}", names.join(", "))
}

/// `TICKET/MESSAGE` for `TICKET#01J…`, `MESSAGE#…`; one word where both are the same, or where the sort key begins with
/// a time, a day or a number, which differs from item to item.
fn key(item: &Value) -> String {
    let (pk, sk) = (prefix(&item["PK"]["S"]), prefix(&item["SK"]["S"]));
    if pk == sk || sk.starts_with(|c: char| c.is_ascii_digit()) { pk } else { format!("{pk}/{sk}") }
}

fn prefix(text: &Value) -> String {
    text.as_str().unwrap_or_default().split('#').next().unwrap_or_default().to_owned()
}

/// An update's first assignment, which differs between the updates of an item.
fn head(expression: &Value) -> String {
    expression.as_str().unwrap_or_default().split(',').next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn points_name_items_without_ids() {
        let get = json!({"Key": {"PK": {"S": "TICKET#01J"}, "SK": {"S": "TICKET"}}});
        assert_eq!(aws("close-ticket", "DynamoDB_20120810.GetItem", &get), "close-ticket: GetItem TICKET");
        let transaction = json!({"TransactItems": [
            {"Put": {"Item": {"PK": {"S": "IDEMPOTENCY#ab"}, "SK": {"S": "IDEMPOTENCY"}}}},
            {"Update": {
                "Key": {"PK": {"S": "ACCOUNT#1"}, "SK": {"S": "ACCOUNT"}},
                "UpdateExpression": "ADD open_tickets :change",
            }},
        ]});
        assert_eq!(
            aws("f", "DynamoDB_20120810.TransactWriteItems", &transaction),
            "f: TransactWriteItems put IDEMPOTENCY update ACCOUNT ADD open_tickets :change"
        );
        let record = json!({"Item": {"PK": {"S": "AUDIT"}, "SK": {"S": "1791018638289#01J"}}});
        assert_eq!(aws("f", "DynamoDB_20120810.PutItem", &record), "f: PutItem AUDIT");
        assert_eq!(vendor("f", "alibaba", "CreateTicket"), "f: alibaba CreateTicket");
    }
}
