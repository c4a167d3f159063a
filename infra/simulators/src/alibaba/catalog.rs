//! Alibaba's catalog: directories of products, and the categories of a product.

use serde_json::{Value, json};

use super::params::{CallParams, number};
use super::{AlibabaFailure, AlibabaSuccess};
use crate::catalog::{Catalog, CatalogGroup, CatalogProduct, editions, problem_types, services};
use crate::simulator::AuthorizedCall;
use crate::vendor_state::VendorState;

/// Ids known from public code, by short form.
const KNOWN: [(&str, u64); 11] = [
    ("ECS", 7160),
    ("OSS", 9457),
    ("DNS", 11864),
    ("CDN", 18422),
    ("ACK", 18474),
    ("FC", 18528),
    ("SLB", 18700),
    ("ECI", 18771),
    ("BSS", 10293),
    ("ICP", 25352),
    ("SAS", 14278),
];

/// The catalog at the start: every fortieth product has no categories.
pub(super) fn generate() -> Catalog {
    let mut groups: Vec<CatalogGroup> = Vec::new();
    let mut next_category = 100_000;
    for (n, service) in services().enumerate() {
        if groups.last().is_none_or(|group| group.name != service.group.0) {
            groups.push(CatalogGroup {
                id: (groups.len() + 1).to_string(),
                name: service.group.0.into(),
                name_en: service.group.1.into(),
                products: Vec::new(),
            });
        }
        for (edition, (name, name_en, acronym)) in editions(&service).enumerate() {
            let known = KNOWN.iter().find(|(short, _)| *short == acronym).map(|(_, id)| *id);
            let id = known.unwrap_or(30_000 + (n * 3 + edition) as u64 * 7);
            let count = if (n * 3 + edition) % 40 == 39 { 0 } else { 8 + n % 3 };
            let categories = problem_types(n + edition, count, |at| match (id, at) {
                // Ids the vendor's documents and public code show.
                (7160, 0) => "7161".to_owned(),
                (14278, 0) => "80793".to_owned(),
                _ => {
                    next_category += 3;
                    next_category.to_string()
                }
            });
            let product = CatalogProduct {
                id: id.to_string(),
                name,
                name_en,
                description: String::new(),
                acronym,
                problem_types: categories,
            };
            if let Some(group) = groups.last_mut() {
                group.products.push(product);
            }
        }
    }
    Catalog { groups, regions: Vec::new() }
}

fn named<'a>(zh: &'a str, en: &'a str, language: Option<&str>) -> &'a str {
    if matches!(language, Some("en" | "jp")) { en } else { zh }
}

fn matches(name: &str, part: Option<&str>) -> bool {
    part.is_none_or(|part| name.to_lowercase().contains(&part.to_lowercase()))
}

/// Ids are numbers on the wire; a scripted id that is none stays a text.
fn id(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
}

pub(super) fn list_products(state: &VendorState, call: &AuthorizedCall<'_>) -> Result<AlibabaSuccess, AlibabaFailure> {
    let params = CallParams::of(call.request);
    let (part, language) = (params.query("Name"), params.query("Language"));
    let mut directories = Vec::new();
    for group in &state.catalog().groups {
        let products = group.products.iter().map(|product| (product, named(&product.name, &product.name_en, language)));
        let products: Vec<_> = products
            .filter(|(_, name)| matches(name, part))
            .map(|(product, name)| json!({ "ProductId": id(&product.id), "ProductName": name }))
            .collect();
        if part.is_none() || !products.is_empty() {
            let name = named(&group.name, &group.name_en, language);
            directories.push(json!({ "DirectoryId": id(&group.id), "DirectoryName": name, "ProductList": products }));
        }
    }
    Ok(AlibabaSuccess::data(0, json!(directories)))
}

pub(super) fn list_categories(
    state: &VendorState,
    call: &AuthorizedCall<'_>,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let params = CallParams::of(call.request);
    let product = number(params.required("ProductId")?, "ProductId", 0..=99_999_999_999)?.to_string();
    let product = state.catalog().product(&product).ok_or_else(|| AlibabaFailure::illegal("product does not exist"))?;
    let (part, language) = (params.form("Name"), params.query("Language"));
    let categories =
        product.problem_types.iter().map(|category| (category, named(&category.name, &category.name_en, language)));
    let categories: Vec<_> = categories
        .filter(|(_, name)| matches(name, part))
        .map(|(category, name)| json!({ "CategoryId": id(&category.id), "CategoryName": name }))
        .collect();
    if product.problem_types.is_empty() {
        // Of the products without categories, some answer without the field and some with an empty one.
        let even = product.id.bytes().last().is_some_and(|digit| digit % 2 == 0);
        return Ok(if even { AlibabaSuccess::done(200) } else { AlibabaSuccess::data(200, json!([])) });
    }
    Ok(AlibabaSuccess::data(200, json!(categories)))
}
