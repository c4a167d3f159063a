//! The catalog of a simulated vendor: groups of products, their problem types, and regions.

mod names;

use serde::{Deserialize, Serialize};

pub(crate) use names::{editions, problem_types, services};

/// What kind of problem with a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogProblemType {
    /// The vendor's id.
    pub id: String,
    /// The Chinese name.
    pub name: String,
    /// The English name.
    pub name_en: String,
    /// Whether it is a fault rather than a question (Huawei's `case_type` 5).
    #[serde(default)]
    pub fault: bool,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogProduct {
    /// The vendor's id.
    pub id: String,
    /// The Chinese name.
    pub name: String,
    /// The English name.
    pub name_en: String,
    /// What it is, possibly empty.
    #[serde(default)]
    pub description: String,
    /// A short form, possibly empty.
    #[serde(default)]
    pub acronym: String,
    /// Its problem types, possibly none.
    #[serde(default)]
    pub problem_types: Vec<CatalogProblemType>,
}

/// A group of products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogGroup {
    /// The vendor's id.
    pub id: String,
    /// The Chinese name.
    pub name: String,
    /// The English name.
    pub name_en: String,
    /// Its products, possibly none.
    pub products: Vec<CatalogProduct>,
}

/// A region a ticket can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogRegion {
    /// The region's id.
    pub id: String,
    /// The Chinese name.
    pub name: String,
    /// The English name.
    pub name_en: String,
    /// Whether it is outside mainland China.
    pub international: bool,
}

/// All a new ticket can choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// The groups in the vendor's order. A product may be in more than one.
    pub groups: Vec<CatalogGroup>,
    /// The regions.
    pub regions: Vec<CatalogRegion>,
}

/// A change of a catalog, as JSON `{"remove_product": "7160"}` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatalogChange {
    /// Takes a product and its problem types away.
    RemoveProduct(String),
    /// Takes one problem type away.
    RemoveProblemType {
        /// The product's id.
        product: String,
        /// The problem type's id.
        id: String,
    },
    /// Adds a product to the group with that id, or to the first group.
    AddProduct {
        /// The group's id.
        #[serde(default)]
        group: Option<String>,
        /// The product.
        #[serde(flatten)]
        product: CatalogProduct,
    },
    /// Adds a problem type to a product.
    AddProblemType {
        /// The product's id.
        product: String,
        /// The problem type.
        #[serde(flatten)]
        problem_type: CatalogProblemType,
    },
    /// Renames a product.
    RenameProduct {
        /// The product's id.
        id: String,
        /// The new Chinese name; the English name follows unless given.
        name: String,
        /// The new English name.
        #[serde(default)]
        name_en: Option<String>,
    },
    /// Renames a problem type.
    RenameProblemType {
        /// The product's id.
        product: String,
        /// The problem type's id.
        id: String,
        /// The new Chinese name; the English name follows unless given.
        name: String,
        /// The new English name.
        #[serde(default)]
        name_en: Option<String>,
    },
}

impl Catalog {
    /// Every product once, in order.
    pub fn products(&self) -> impl Iterator<Item = &CatalogProduct> {
        let mut seen = std::collections::HashSet::new();
        self.groups.iter().flat_map(|group| &group.products).filter(move |product| seen.insert(product.id.clone()))
    }

    /// The product with that id.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<&CatalogProduct> {
        self.groups.iter().flat_map(|group| &group.products).find(|product| product.id == id)
    }

    /// The problem type with that id and its product.
    #[must_use]
    pub fn problem_type(&self, id: &str) -> Option<(&CatalogProduct, &CatalogProblemType)> {
        self.groups.iter().flat_map(|group| &group.products).find_map(|product| {
            product.problem_types.iter().find(|problem_type| problem_type.id == id).map(|found| (product, found))
        })
    }

    /// Applies a change; false when an id in it is unknown.
    pub fn change(&mut self, change: CatalogChange) -> bool {
        match change {
            CatalogChange::RemoveProduct(id) => {
                let mut found = false;
                for group in &mut self.groups {
                    let before = group.products.len();
                    group.products.retain(|product| product.id != id);
                    found |= group.products.len() < before;
                }
                found
            }
            CatalogChange::RemoveProblemType { product, id } => self.each(&product, |product| {
                let before = product.problem_types.len();
                product.problem_types.retain(|problem_type| problem_type.id != id);
                product.problem_types.len() < before
            }),
            CatalogChange::AddProduct { group, product } => {
                let wanted = |known: &&mut CatalogGroup| group.as_ref().is_none_or(|id| *id == known.id);
                self.groups.iter_mut().find(wanted).map(|known| known.products.push(product)).is_some()
            }
            CatalogChange::AddProblemType { product, problem_type } => self.each(&product, |product| {
                product.problem_types.push(problem_type.clone());
                true
            }),
            CatalogChange::RenameProduct { id, name, name_en } => self.each(&id, |product| {
                product.name_en = name_en.clone().unwrap_or_else(|| name.clone());
                product.name.clone_from(&name);
                true
            }),
            CatalogChange::RenameProblemType { product, id, name, name_en } => self.each(&product, |product| {
                let known = product.problem_types.iter_mut().find(|problem_type| problem_type.id == id);
                known
                    .map(|problem_type| {
                        problem_type.name_en = name_en.clone().unwrap_or_else(|| name.clone());
                        problem_type.name.clone_from(&name);
                    })
                    .is_some()
            }),
        }
    }

    fn each(&mut self, id: &str, mut change: impl FnMut(&mut CatalogProduct) -> bool) -> bool {
        let products = self.groups.iter_mut().flat_map(|group| &mut group.products);
        products.filter(|product| product.id == id).fold(false, |found, product| change(product) | found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_read_from_json_and_report_unknown_ids() {
        let mut catalog = Catalog {
            groups: vec![CatalogGroup { id: "g".into(), name: "组".into(), name_en: "G".into(), products: vec![] }],
            regions: vec![],
        };
        let mut apply = |json: &str| catalog.change(serde_json::from_str(json).unwrap());
        assert!(apply(r#"{"add_product": {"id": "1", "name": "云", "name_en": "Cloud"}}"#));
        assert!(apply(r#"{"add_problem_type": {"product": "1", "id": "2", "name": "问题", "name_en": "Problem"}}"#));
        assert!(apply(r#"{"rename_product": {"id": "1", "name": "新"}}"#));
        assert!(!apply(r#"{"remove_problem_type": {"product": "1", "id": "3"}}"#));
        assert!(!apply(r#"{"remove_product": "9"}"#));
        let product = catalog.product("1").unwrap();
        assert_eq!((product.name.as_str(), product.name_en.as_str()), ("新", "新"));
        assert_eq!(catalog.problem_type("2").unwrap().1.name_en, "Problem");
        assert!(catalog.change(CatalogChange::RemoveProduct("1".into())));
        assert_eq!(catalog.products().count(), 0);
    }
}
