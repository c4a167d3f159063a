//! What every schedule begins with: accounts at the vendors, small catalogs, and a table that knows both. Made once, by the
//! product's own refresh, and copied for each schedule.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use local::template::Template;
use refresh_catalog::Event;
use shared::{
    domain::{AccountHealth, AccountId, RunId, Site, Vendor},
    invocation::Invocation,
};
use simulators::{Catalog, CatalogChange, Vendors};
use tokio::time::Instant;

use crate::{
    clock::EPOCH_MS,
    io::{
        secrets::Secrets,
        table::{TABLE, Table},
    },
    plan::Plan,
    process::Process,
    rng::Rng,
    world::World,
};

const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

/// Numbers the images of one process.
static IMAGES: AtomicU64 = AtomicU64::new(0);

/// How many products of each vendor are kept: a refresh reads each one's problem types.
const PRODUCTS: usize = 2;

/// What no key may leave a trace of: a part of every key's id and secret.
pub const CANARY: &str = "c4n4ry";

/// An account, with what a ticket of it can choose.
#[derive(Clone, Debug)]
pub struct Account {
    /// Our id.
    pub id: AccountId,
    /// Its vendor.
    pub vendor: Vendor,
    /// Its vendor's name in the simulators.
    pub name: &'static str,
    /// Whether it takes in tickets of the vendor's console.
    adopts: bool,
    key_id: String,
    key_secret: String,
    /// A product.
    pub product_id: String,
    /// A problem type of it that reports no fault.
    pub problem_type_id: String,
}

/// The beginning of all schedules.
#[derive(Debug)]
pub struct Base {
    image: Option<PathBuf>,
    vendors: Vendors,
    /// The accounts.
    pub accounts: Vec<Account>,
}

impl Base {
    /// Makes it: two accounts at each vendor with tickets, catalogs refreshed.
    pub fn make() -> Self {
        let vendors = Vendors::default();
        shrink(&vendors.alibaba.catalog(), |change| vendors.alibaba.change_catalog(change));
        shrink(&vendors.huawei.catalog(), |change| vendors.huawei.change_catalog(change));
        let accounts = vec![
            account("A1", Vendor::Alibaba, &vendors.alibaba.catalog()),
            account("H1", Vendor::Huawei, &vendors.huawei.catalog()),
            account("A2", Vendor::Alibaba, &vendors.alibaba.catalog()),
            account("H2", Vendor::Huawei, &vendors.huawei.catalog()),
        ];
        for account in &accounts {
            let (id, secret) = (&account.key_id, &account.key_secret);
            match account.name {
                "alibaba" => vendors.alibaba.add_keys_for(account.id.as_str(), id, secret),
                _ => vendors.huawei.add_keys_for(account.id.as_str(), id, secret),
            }
        }
        let mut base = Self { image: None, vendors, accounts };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let name =
            format!("polydesk-faults-{}-{}.db", std::process::id(), IMAGES.fetch_add(1, Ordering::Relaxed));
        let image = std::env::temp_dir().join(name);
        // Left behind by another run of the same number.
        let _ = std::fs::remove_file(&image);
        runtime.expect("a runtime starts").block_on(async {
            let mut rng = Rng::new(0);
            let world = World::new(Plan::draw(&mut rng), rng, &base);
            let process = Process::start(&world, 0);
            fill(&process, &base.accounts).await;
            world.table.keep(&image);
        });
        base.image = Some(image);
        base
    }

    /// Fills an empty engine.
    pub fn restore_table(&self, table: &Table) {
        if let Some(image) = &self.image {
            table.restore(image);
        }
    }

    /// The account keys as they are stored.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for account in &self.accounts {
            secrets.put(account.id.as_str(), &account.key_id, &account.key_secret);
        }
        secrets
    }

    /// The vendors, who know the accounts' keys.
    pub fn vendors(&self) -> Vendors {
        self.vendors.copy()
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        if let Some(image) = &self.image {
            // It is in a folder for such files.
            let _ = std::fs::remove_file(image);
        }
    }
}

async fn fill(process: &Process, accounts: &[Account]) {
    let store = &process.app.store;
    let template = Template::parse(TEMPLATE).expect("the template is understood");
    template.table.create(store.client(), TABLE).await.expect("the table is made");
    for account in accounts {
        let stored = shared::domain::Account {
            id: account.id.clone(),
            vendor: account.vendor,
            site: Site::China,
            region_id: if account.name == "alibaba" { "cn-hangzhou" } else { "cn-south-1" }.to_owned(),
            endpoint: None,
            domain_id: None,
            create_time: EPOCH_MS,
            health: AccountHealth::default(),
            adopt_since: account.adopts.then_some(EPOCH_MS),
            wait_until: None,
            deleting: None,
        };
        store.put_account(&stored).await.expect("an account is stored");
    }
    let deadline = Instant::now() + Duration::from_secs(300);
    let invocation = Invocation { deadline, request_id: "base".to_owned(), trace: None };
    let done = refresh_catalog::handle_event(
        &process.app,
        &Event::Schedule(RunId::parse("base").expect("an id")),
        &invocation,
    )
    .await;
    done.expect("the catalogs are refreshed");
}

fn account(id: &str, vendor: Vendor, catalog: &Catalog) -> Account {
    let products = catalog.groups.iter().flat_map(|group| &group.products);
    let mut choices =
        products.flat_map(|product| product.problem_types.iter().map(move |one| (product, one)));
    let (product, problem_type) = choices.find(|(_, one)| !one.fault).expect("a question can be asked");
    Account {
        id: AccountId::parse(id).expect("an id"),
        vendor,
        name: if vendor == Vendor::Alibaba { "alibaba" } else { "huawei" },
        adopts: id.ends_with('2'),
        key_id: format!("{CANARY}id{id}"),
        key_secret: format!("{CANARY}secret{id}"),
        product_id: product.id.clone(),
        problem_type_id: problem_type.id.clone(),
    }
}

fn shrink(catalog: &Catalog, change: impl Fn(CatalogChange) -> bool) {
    let products = catalog.groups.iter().flat_map(|group| &group.products);
    let mut products: Vec<_> = products
        .map(|product| (!product.problem_types.iter().any(|one| !one.fault), product.id.clone()))
        .collect();
    // Those that a ticket can be about first.
    products.sort_by_key(|(useless, _)| *useless);
    products.dedup_by(|a, b| a.1 == b.1);
    for (_, id) in products.into_iter().skip(PRODUCTS) {
        change(CatalogChange::RemoveProduct(id));
    }
}
