//! The initial state of all schedules: accounts at the vendors, small catalogs, and a table with both. It is built
//! once, by the product's own refresh, and copied for each schedule.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use local::template::Template;
use refresh_catalog::Event;
use shared::{
    domain::{AccountHealth, AccountId, CustomerId, RunId, Site, Vendor},
    invocation::Invocation,
    store::RegistrationStart,
};
use simulators::{Catalog, CatalogChange, SimulatedVendors};
use tokio::time::Instant;

use crate::{
    clock::EPOCH_MS,
    io::{
        secrets::SimulatedSecrets,
        stream::StreamReader,
        table::{SimulatedTable, TABLE},
    },
    plan::SchedulePlan,
    process::FunctionProcess,
    rng::Rng,
    world::SimulatedWorld,
};

const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

/// Numbers the table images of this process.
static IMAGES: AtomicU64 = AtomicU64::new(0);

/// The products of each vendor: few, because a refresh reads the problem types of each.
const PRODUCTS: usize = 2;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A part of every key's id and secret, to find leaked keys.
pub const CANARY: &str = "c4n4ry";

/// A customer's id is that of the account behind it.
pub const CUSTOMER: &str = "customer-";

/// An account with a product and a problem type for its tickets.
#[derive(Clone, Debug)]
pub struct RegisteredAccount {
    /// The account id.
    pub id: AccountId,
    /// Its vendor.
    pub vendor: Vendor,
    /// Its vendor's name in the simulators.
    pub name: &'static str,
    /// Whether the sync adopts tickets that were opened in the vendor's console.
    pub adopts: bool,
    key_id: String,
    key_secret: String,
    /// Another pair of the same customer.
    pub second_keys: KeyPair,
    /// A pair of a customer without an account.
    pub strangers_keys: KeyPair,
    /// A product.
    pub product_id: String,
    /// A problem type of the product that is a question and no fault.
    pub problem_type_id: String,
}

impl RegisteredAccount {
    /// The vendor's id of its customer.
    pub fn customer(&self) -> String {
        format!("{CUSTOMER}{}", self.id)
    }

    /// The customer of [`strangers_keys`](Self::strangers_keys).
    pub fn stranger(&self) -> String {
        format!("stranger-{}", self.id)
    }
}

/// A key pair that the vendor knows.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The key's id.
    pub id: String,
    /// The secret.
    pub secret: String,
}

impl KeyPair {
    fn named(name: &str) -> Self {
        Self { id: format!("{CANARY}id{name}"), secret: format!("{CANARY}secret{name}") }
    }
}

/// The initial state of all schedules.
#[derive(Debug)]
pub struct InitialState {
    image: Option<PathBuf>,
    vendors: SimulatedVendors,
    /// The last record of the table's stream.
    pub last_record: Option<String>,
    /// The accounts.
    pub accounts: Vec<RegisteredAccount>,
}

impl InitialState {
    /// Builds it: two accounts at each vendor with tickets, catalogs refreshed.
    pub fn build() -> Self {
        let vendors = SimulatedVendors::default();
        reduce_catalog(&vendors.alibaba.catalog(), |change| vendors.alibaba.change_catalog(change));
        reduce_catalog(&vendors.huawei.catalog(), |change| vendors.huawei.change_catalog(change));
        let accounts = vec![
            account("A1", Vendor::Alibaba, &vendors.alibaba.catalog()),
            account("H1", Vendor::Huawei, &vendors.huawei.catalog()),
            account("A2", Vendor::Alibaba, &vendors.alibaba.catalog()),
            account("H2", Vendor::Huawei, &vendors.huawei.catalog()),
        ];
        for account in &accounts {
            let (customer, stranger) = (account.customer(), account.stranger());
            let first = KeyPair { id: account.key_id.clone(), secret: account.key_secret.clone() };
            for (customer, KeyPair { id, secret }) in
                [(&customer, &first), (&customer, &account.second_keys), (&stranger, &account.strangers_keys)]
            {
                match account.name {
                    "alibaba" => vendors.alibaba.add_keys_for(customer, id, secret),
                    _ => vendors.huawei.add_keys_for(customer, id, secret),
                }
            }
        }
        let mut initial = Self { image: None, vendors, last_record: None, accounts };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let name = format!("polydesk-simulation-{}-{}.db", std::process::id(), IMAGES.fetch_add(1, Ordering::Relaxed));
        let image = std::env::temp_dir().join(name);
        // Another run with the same process id may have left it.
        let _ = std::fs::remove_file(&image);
        initial.last_record = runtime.expect("a runtime starts").block_on(async {
            let mut rng = Rng::new(0);
            let world = SimulatedWorld::new(SchedulePlan::draw(&mut rng), rng, &initial);
            let process = FunctionProcess::start(&world, 0);
            populate(&process, &initial.accounts).await;
            world.table.save_image(&image);
            world.table.stream(None).and_then(StreamReader::last)
        });
        initial.image = Some(image);
        initial
    }

    /// Loads the table image into an empty engine.
    pub fn restore_table(&self, table: &SimulatedTable) {
        if let Some(image) = &self.image {
            table.restore(image);
        }
    }

    /// The secrets with the account keys.
    pub fn secrets(&self) -> SimulatedSecrets {
        let mut secrets = SimulatedSecrets::default();
        for account in &self.accounts {
            secrets.put(account.id.as_str(), &account.key_id, &account.key_secret);
        }
        secrets
    }

    /// The vendors with the accounts' keys.
    pub fn vendors(&self) -> SimulatedVendors {
        self.vendors.copy()
    }
}

impl Drop for InitialState {
    fn drop(&mut self) {
        if let Some(image) = &self.image {
            // A temporary file that stays does no harm.
            let _ = std::fs::remove_file(image);
        }
    }
}

async fn populate(process: &FunctionProcess, accounts: &[RegisteredAccount]) {
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
            customer_id: CustomerId::parse(account.customer()).ok(),
            created_by: None,
            changed_by: None,
            create_time: EPOCH_MS,
            health: AccountHealth::default(),
            // The vendors' clocks may be behind.
            adopt_since: account.adopts.then_some(EPOCH_MS - HOUR_MS),
            adoption_read_until: None,
            wait_until: None,
            calls_per_minute: None,
            new_messages_mark: None,
            blocked_close: None,
            last_ended: None,
            reopening_check: None,
            rights: None,
            deleting: None,
        };
        let begun = store.begin_registration(&stored, false, EPOCH_MS).await;
        assert_eq!(begun.ok(), Some(RegistrationStart::Begun), "a registration begins");
        store.finish_registration(&stored).await.expect("an account is stored");
    }
    let deadline = Instant::now() + Duration::from_secs(300);
    let invocation = Invocation { deadline, request_id: "initial-state".to_owned(), trace: None, actor: None };
    let done = refresh_catalog::handle_event(
        &process.app,
        &Event::Schedule(RunId::parse("initial-state").expect("an id")),
        &invocation,
    )
    .await;
    done.expect("the catalogs are refreshed");
}

fn account(id: &str, vendor: Vendor, catalog: &Catalog) -> RegisteredAccount {
    let products = catalog.groups.iter().flat_map(|group| &group.products);
    let mut choices = products.flat_map(|product| product.problem_types.iter().map(move |one| (product, one)));
    let (product, problem_type) = choices.find(|(_, one)| !one.fault).expect("a question can be asked");
    RegisteredAccount {
        id: AccountId::parse(id).expect("an id"),
        vendor,
        name: if vendor == Vendor::Alibaba { "alibaba" } else { "huawei" },
        adopts: id.ends_with('2'),
        key_id: format!("{CANARY}id{id}"),
        key_secret: format!("{CANARY}secret{id}"),
        second_keys: KeyPair::named(&format!("{id}-second")),
        strangers_keys: KeyPair::named(&format!("{id}-stranger")),
        product_id: product.id.clone(),
        problem_type_id: problem_type.id.clone(),
    }
}

fn reduce_catalog(catalog: &Catalog, change: impl Fn(CatalogChange) -> bool) {
    let products = catalog.groups.iter().flat_map(|group| &group.products);
    let mut products: Vec<_> =
        products.map(|product| (!product.problem_types.iter().any(|one| !one.fault), product.id.clone())).collect();
    // Products with a problem type for a ticket come first.
    products.sort_by_key(|(unsuitable, _)| *unsuitable);
    products.dedup_by(|a, b| a.1 == b.1);
    for (_, id) in products.into_iter().skip(PRODUCTS) {
        change(CatalogChange::RemoveProduct(id));
    }
}
