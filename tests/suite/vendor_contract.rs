//! The contract of every vendor's client, case by case, against the vendor's simulator.

mod catalog;
mod closing;
mod creating;
mod files;
mod forms;
mod lost_answers;
mod messages;
mod refused_uploads;
mod rights;
mod sent_file;
mod unsupported;
mod uploads;
mod verbs;

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration, vec::IntoIter};

use shared::{
    domain::{
        Account, AccountHealth, AccountId, AccountKeys, CloudId, NewTicket, ProblemTypeId, ProductId, Severity, Site,
        SourceId, TicketDetails, TicketId, Vendor,
    },
    vendors::{Capability, Session, SessionKeys, pace::FASTEST},
};
use simulators::{Keys, SimulatedTicket};
use tokio::time::Instant;

use crate::support::{CaseIterator, Simulated, VendorApi, World, api, cases, demo_keys, second_keys};

/// One vendor's client and the simulator that it talks to.
#[derive(Clone)]
struct ContractCase<'a> {
    world: &'a World,
    vendor: Vendor,
    account: Account,
    sim: Arc<dyn Simulated>,
}

impl fmt::Debug for ContractCase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.vendor.as_str())
    }
}

fn of_vendor(world: &World, vendor: Vendor) -> ContractCase<'_> {
    let simulators = &world.stack.simulators;
    // Each has an id of its own: the pace and the budget of retries are by account.
    let (id, region_id, endpoint) = match vendor {
        Vendor::Alibaba => ("01JD2Y5T9V7Z3M6Q8R4S0X1AC1", "cn-hangzhou", simulators.alibaba_url()),
        Vendor::Huawei => ("01JD2Y5T9V7Z3M6Q8R4S0X1AC2", "cn-south-1", simulators.huawei_url()),
        Vendor::Tencent => ("01JD2Y5T9V7Z3M6Q8R4S0X1AC3", "ap-guangzhou", simulators.tencent_url()),
    };
    let account = Account {
        id: AccountId::parse(id).unwrap(),
        vendor,
        site: Site::China,
        region_id: region_id.into(),
        endpoint: Some(endpoint),
        domain_id: None,
        customer_id: None,
        created_by: None,
        changed_by: None,
        create_time: 0,
        health: AccountHealth::default(),
        adopt_since: None,
        adoption_read_until: None,
        wait_until: None,
        calls_per_minute: Some(FASTEST),
        new_messages_mark: None,
        blocked_close: None,
        last_ended: None,
        reopening_check: None,
        rights: None,
        deleting: None,
    };
    ContractCase { world, vendor, account, sim: world.simulated(vendor.as_str()) }
}

/// A case for each vendor.
fn all_vendors(world: &World) -> CaseIterator<IntoIter<ContractCase<'_>>> {
    cases(Vendor::ALL.map(|vendor| of_vendor(world, vendor)).to_vec())
}

/// A case for each vendor with tickets.
fn vendors_with_tickets(world: &World) -> CaseIterator<IntoIter<ContractCase<'_>>> {
    let mut of_all = Vendor::ALL.map(|vendor| of_vendor(world, vendor)).to_vec();
    of_all.retain(|case| case.capability().tickets);
    assert_eq!(of_all.len(), 2);
    cases(of_all)
}

impl ContractCase<'_> {
    fn capability(&self) -> &'static Capability {
        self.session().capability()
    }

    fn now_ms(&self) -> i64 {
        self.world.stack.app.clock.now_ms()
    }

    /// A session with good keys and enough time.
    fn session(&self) -> Session<'_> {
        self.session_for(Duration::from_secs(60))
    }

    fn session_for(&self, time_left: Duration) -> Session<'_> {
        self.session_with(&demo_keys(self.vendor.as_str()), time_left)
    }

    /// A session of another customer.
    fn other_customer(&self) -> Session<'_> {
        self.session_with(&second_keys(self.vendor.as_str()), Duration::from_secs(60))
    }

    fn session_with(&self, keys: &Keys, time_left: Duration) -> Session<'_> {
        let keys = AccountKeys { secret_id: keys.id.into(), secret_key_secret: keys.secret.into() };
        let keys = SessionKeys::Given(Arc::new(keys));
        self.world.stack.app.session_with(&self.account, keys, Instant::now() + time_left)
    }

    fn api(&self) -> &'static VendorApi {
        api(self.vendor.as_str())
    }

    fn creates(&self) -> u64 {
        self.sim.count(self.api().create)
    }

    /// A ticket that the vendor takes.
    fn new_ticket(&self, number: usize) -> NewTicket {
        let body = self.world.ticket_body(self.vendor.as_str(), "A1");
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let source = self.capability().default_source;
        NewTicket {
            id: TicketId::parse(format!("01JD2Y5T9V7Z3M6Q8R4S{number:06}")).unwrap(),
            name: text("name"),
            description: text("description"),
            email: None,
            product_id: ProductId::parse(text("product_id")).unwrap(),
            problem_type_id: ProblemTypeId::parse(text("product_business_id")).unwrap(),
            source_id: source.map(|id| SourceId::parse(id).unwrap()),
            region_id: None,
            severity: Severity::Normal,
            secret_info: None,
            details: TicketDetails::default(),
            sensitive: BTreeSet::new(),
            files: Vec::new(),
        }
    }

    async fn create(&self, number: usize) -> CloudId {
        let ticket = self.new_ticket(number);
        self.session().create_ticket(&ticket).await.unwrap()
    }

    /// The ticket as the vendor has it.
    fn at_vendor(&self, id: &CloudId) -> SimulatedTicket {
        let tickets = self.sim.tickets();
        tickets.into_iter().find(|ticket| ticket.id == id.as_str()).unwrap()
    }
}
