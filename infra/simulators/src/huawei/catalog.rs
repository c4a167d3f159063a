//! Huawei's catalog: the tree of products, problem types, regions, severities and limits.

use serde_json::{Value, json};

use super::query::QueryParameters;
use super::{HuaweiFailure, HuaweiResult, HuaweiSettings, HuaweiSuccess, english};
use crate::catalog::{
    Catalog, CatalogGroup, CatalogProblemType, CatalogProduct, CatalogRegion, editions, problem_types, services,
};
use crate::simulator::AuthorizedCall;
use crate::vendor_state::VendorState;
use crate::wire::hex_id;

const REGIONS: [(&str, &str, &str, bool); 12] = [
    ("cn-north-1", "华北-北京一", "CN North-Beijing1", false),
    ("cn-north-4", "华北-北京四", "CN North-Beijing4", false),
    ("cn-north-9", "华北-乌兰察布一", "CN North-Ulanqab1", false),
    ("cn-east-2", "华东-上海二", "CN East-Shanghai2", false),
    ("cn-east-3", "华东-上海一", "CN East-Shanghai1", false),
    ("cn-south-1", "华南-广州", "CN South-Guangzhou", false),
    ("cn-southwest-2", "西南-贵阳一", "CN Southwest-Guiyang1", false),
    ("ap-southeast-1", "中国-香港", "CN-Hong Kong", true),
    ("ap-southeast-2", "亚太-曼谷", "AP-Bangkok", true),
    ("ap-southeast-3", "亚太-新加坡", "AP-Singapore", true),
    ("af-south-1", "非洲-约翰内斯堡", "AF-Johannesburg", true),
    ("la-south-2", "拉美-圣地亚哥", "LA-Santiago", true),
];

/// Severity ids and names.
const SEVERITIES: [(&str, &str, &str); 4] = [
    ("1a4e0c6bd30d4a7c8a3e7d8e7e0a0001", "系统瘫痪", "System down"),
    ("1a4e0c6bd30d4a7c8a3e7d8e7e0a0002", "系统受损", "System impaired"),
    ("1a4e0c6bd30d4a7c8a3e7d8e7e0a0003", "功能异常", "Abnormal function"),
    ("1a4e0c6bd30d4a7c8a3e7d8e7e0a0004", "一般咨询", "General inquiry"),
];

/// The catalog at the start: every fortieth product has no problem types, the last group has no products,
/// and one product is in two groups.
pub(super) fn generate() -> Catalog {
    let mut groups: Vec<CatalogGroup> = Vec::new();
    for (n, service) in services().enumerate() {
        if groups.last().is_none_or(|group| group.name != service.group.0) {
            groups.push(group(service.group.0, service.group.1));
        }
        for (edition, (name, name_en, acronym)) in editions(&service).enumerate() {
            // The two ids the vendor's documents show.
            let is_first = acronym == "ECS";
            let id = if is_first { "69af625c1be54800b58ac4bae4870c90".into() } else { hex_id(&format!("p/{acronym}")) };
            let count = if (n * 3 + edition) % 40 == 39 { 0 } else { 8 + n % 3 };
            let types = problem_types(n + edition, count, |at| match (is_first, at) {
                (true, 0) => "5efc9f47ace944bfafd054161409f15b".to_owned(),
                _ => hex_id(&format!("t/{acronym}/{at}")),
            });
            let described = edition == 0;
            let product = CatalogProduct {
                id,
                description: if described { format!("{}相关问题", service.name) } else { String::new() },
                acronym: if described { acronym } else { String::new() },
                name,
                name_en,
                problem_types: types,
            };
            if let Some(group) = groups.last_mut() {
                group.products.push(product);
            }
        }
    }
    if let [first, .., last] = groups.as_mut_slice() {
        last.products.extend(first.products.first().cloned());
    }
    groups.push(group("其他", "Others"));
    let regions = REGIONS.map(|(id, name, name_en, international)| CatalogRegion {
        id: id.into(),
        name: name.into(),
        name_en: name_en.into(),
        international,
    });
    Catalog { groups, regions: regions.to_vec() }
}

fn group(name: &str, name_en: &str) -> CatalogGroup {
    CatalogGroup {
        id: hex_id(&format!("g/{name_en}")),
        name: name.into(),
        name_en: name_en.into(),
        products: Vec::new(),
    }
}

/// Whether a severity with that id exists.
pub(super) fn is_severity(id: &str) -> bool {
    SEVERITIES.iter().any(|(known, ..)| *known == id)
}

/// The name of a severity.
pub(super) fn severity_name(id: &str, english: bool) -> &'static str {
    let known = SEVERITIES.iter().find(|(known, ..)| *known == id);
    known.map_or("", |(_, name, name_en)| if english { name_en } else { name })
}

pub(super) fn perform(state: &VendorState, settings: &HuaweiSettings, call: &AuthorizedCall<'_>) -> HuaweiResult {
    let (catalog, english, query) = (state.catalog(), english(call.request), QueryParameters::of(call.request));
    let body = match call.operation {
        "ListCaseCategories" => tree(catalog, english),
        "ListProductCategories" => {
            let part = query.text("product_category_name", 64)?.unwrap_or_default().to_lowercase();
            let named =
                catalog.products().filter(|p| name(&p.name, &p.name_en, english).to_lowercase().contains(&part));
            let list: Vec<_> = named.map(|product| show_product(product, english, json!(true))).collect();
            json!({ "total_count": list.len(), "incident_product_category_list": list })
        }
        "ListProblemTypes" => problems(catalog, english, query.text("product_category_id", 64)?)?,
        "ListRegions" => regions(catalog, english),
        "ListSeverities" => {
            for required in ["product_category_id", "business_type_id"] {
                query.text(required, 512)?.ok_or_else(|| HuaweiFailure::parameter(required))?;
            }
            let language = if english { "en-us" } else { "zh-cn" };
            let list = SEVERITIES.map(|(id, zh, en)| {
                json!({ "severity_id": id, "severity_name": name(zh, en, english), "language": language })
            });
            json!({ "show": settings.severities, "severity_list": list })
        }
        "ListSatisfactionDimensions" => dimensions(english),
        "ListExtendsParams" => {
            let id =
                query.text("business_type_id", 512)?.ok_or_else(|| HuaweiFailure::parameter("business_type_id"))?;
            let rows = settings.extends_params.get(id).cloned().unwrap_or_default();
            let common = json!({ "param_key": "region", "param_name": "区域", "is_show": 1, "is_required": 0 });
            json!({ "extends_params": rows, "common_params": [common] })
        }
        "ListCaseTemplates" => {
            query.text("business_type_id", 512)?.ok_or_else(|| HuaweiFailure::parameter("business_type_id"))?;
            let content = name("现象：\n时间：\n", "Symptom:\nTime:\n", english);
            let template = json!({
                "incident_template_id": "1", "incident_template_name": name("通用", "General", english),
                "incident_template_content": content,
            });
            json!({ "total_count": 1, "incident_template_list": [template] })
        }
        _ => json!({ "config": { "create_case_ccemail_max_count": settings.max_cc } }),
    };
    Ok(HuaweiSuccess::Body(body))
}

/// What a rating is about: the id, and the name in both languages.
pub(super) const DIMENSIONS: [(i64, &str, &str); 2] = [(1, "响应速度", "Response speed"), (2, "解决能力", "Ability")];

fn dimensions(english: bool) -> Value {
    let list = DIMENSIONS.map(|(id, zh, en)| {
        json!({
            "satisfaction_id": id, "satisfaction_name": name(zh, en, english), "satisfaction_desc": "",
            "value": 5, "per_value": 1, "sat_category_id": "1",
        })
    });
    json!({ "total_count": list.len(), "satisfaction_dimension_list": list })
}

fn name<'a>(zh: &'a str, en: &'a str, english: bool) -> &'a str {
    if english { en } else { zh }
}

fn show_product(product: &CatalogProduct, english: bool, plan: Value) -> Value {
    json!({
        "incident_product_category_id": product.id,
        "incident_product_category_name": name(&product.name, &product.name_en, english),
        "incident_product_category_desc": product.description,
        "incident_product_category_acronym": product.acronym,
        "can_use_support_plan": plan,
    })
}

/// The tree writes `can_use_support_plan` as a number, as the documented example does.
fn tree(catalog: &Catalog, english: bool) -> Value {
    let groups: Vec<_> = catalog
        .groups
        .iter()
        .map(|group| {
            let products: Vec<_> = group.products.iter().map(|p| show_product(p, english, json!(1))).collect();
            json!({
                "incident_sub_type_id": group.id,
                "incident_sub_type_name": name(&group.name, &group.name_en, english),
                "incident_product_category_list": products,
            })
        })
        .collect();
    json!({ "total_count": groups.len(), "incident_sub_type_list": groups })
}

fn problems(catalog: &Catalog, english: bool, product: Option<&str>) -> Result<Value, HuaweiFailure> {
    let show = |problem: &CatalogProblemType| {
        json!({
            "business_type_id": problem.id,
            "business_type_name": name(&problem.name, &problem.name_en, english),
            "case_type": if problem.fault { "5" } else { "0" },
            "can_use_support_plan": true,
        })
    };
    let list: Vec<_> = match product {
        None => catalog.products().flat_map(|product| &product.problem_types).map(show).collect(),
        Some(id) => {
            let product = catalog.product(id).ok_or_else(|| HuaweiFailure::parameter("product_category_id"))?;
            product.problem_types.iter().map(show).collect()
        }
    };
    Ok(json!({ "total_count": list.len(), "incident_business_type_list": list }))
}

fn regions(catalog: &Catalog, english: bool) -> Value {
    let show = |region: &CatalogRegion| {
        json!({
            "type": i32::from(region.international),
            "region_id": region.id,
            "region_name": name(&region.name, &region.name_en, english),
            "is_sensitive": false,
        })
    };
    let list: Vec<_> = catalog.regions.iter().map(show).collect();
    json!({ "total_count": list.len(), "data_center_list": list })
}
