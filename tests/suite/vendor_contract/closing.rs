//! Status and closing.

use shared::{
    domain::{CloudId, Vendor},
    error::{ErrorKind, Retry},
    vendors::Phase,
};
use simulators::{Fault, FaultRule};

use super::{ContractCase, vendors_with_tickets};
use crate::support::World;

async fn phase(case: &ContractCase<'_>, id: &CloudId) -> Phase {
    let status = case.session().ticket_status(id).await.unwrap();
    status.phase
}

async fn close(case: &ContractCase<'_>, id: &CloudId) {
    case.session().close_ticket(id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_a_vendor_has_its_phase_and_an_unknown_one_is_not_ended() {
    use Phase::{AwaitingCustomer, Ended, Other, Processing, Waiting};
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let id = case.create(1).await;
        assert_eq!(phase(&case, &id).await, Waiting);
        let codes: &[(i64, Phase)] = match case.vendor {
            Vendor::Alibaba => &[
                (1, Waiting),
                (2, Processing),
                (3, AwaitingCustomer),
                (4, Processing),
                (5, AwaitingCustomer),
                (6, Ended),
                (99, Other),
            ],
            _ => &[
                (0, Waiting),
                (1, Processing),
                (2, AwaitingCustomer),
                (3, Ended),
                (4, Ended),
                (5, Processing),
                (12, Ended),
                (13, Ended),
                (17, AwaitingCustomer),
                (99, Other),
            ],
        };
        for (code, wanted) in codes {
            case.sim.set_status(id.as_str(), *code);
            assert_eq!(phase(&case, &id).await, *wanted, "{} {code}", case.vendor);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_ends_the_ticket_and_may_be_repeated() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        // Untouched, taken up, and answered by support.
        for (number, replies) in [(1, 0), (2, 1), (3, 2)] {
            let id = case.create(number).await;
            for _ in 0..replies {
                case.sim.support_says(id.as_str(), "您好", case.now_ms());
            }
            for _ in 0..3 {
                close(&case, &id).await;
                assert_eq!(phase(&case, &id).await, Phase::Ended, "{}", case.vendor);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_of_a_ticket_that_ended_otherwise_succeeds() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let ended: &[i64] = match case.vendor {
            Vendor::Alibaba => &[6],
            _ => &[3, 4, 12, 13],
        };
        let id = case.create(1).await;
        for code in ended {
            case.sim.set_status(id.as_str(), *code);
            close(&case, &id).await;
            assert_eq!(case.at_vendor(&id).status, *code, "{}", case.vendor);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_ticket_is_not_found() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let session = case.session();
        let id = CloudId::parse("TT20200101000000").unwrap();
        let errors = [
            session.ticket_status(&id).await.map(drop).unwrap_err(),
            session.list_messages(&id).await.map(drop).unwrap_err(),
            session.close_ticket(&id).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
            assert_eq!(error.code(), "vendor_ticket_not_found");
            assert_eq!(error.retry(), Retry::No);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_customers_ticket_can_be_neither_read_nor_closed() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let id = case.create(1).await;
        let before = case.at_vendor(&id);
        let other = case.other_customer();
        let errors = [
            other.ticket_status(&id).await.map(drop).unwrap_err(),
            other.list_messages(&id).await.map(drop).unwrap_err(),
            other.reply_ticket(&id, "text", &[]).await.unwrap_err(),
            other.close_ticket(&id).await.unwrap_err(),
        ];
        for error in errors {
            let kind = match case.vendor {
                Vendor::Alibaba => ErrorKind::PermissionDenied,
                _ => ErrorKind::NotFound,
            };
            assert_eq!(error.kind(), kind, "{error:?}");
            assert_eq!(error.retry(), Retry::No);
        }
        assert_eq!(case.at_vendor(&id), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_close_of_an_open_ticket_is_a_conflict_with_the_vendors_reason() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let id = case.create(1).await;
        let (operation, code) = match case.vendor {
            Vendor::Alibaba => ("CloseTicket", "-101"),
            _ => ("UpdateCases", "OSM.01010013"),
        };
        let refusal = Fault::Refuse { code: code.into(), message: "工单处理中，不能关闭".into() };
        case.sim.fault(FaultRule::always(operation, refusal));
        let error = case.session().close_ticket(&id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}");
        assert_eq!(error.code(), "vendor_close_refused");
        assert!(error.message().contains("不能关闭"), "{error:?}");
        assert_eq!(error.vendor().unwrap().code.as_deref(), Some(code));
        assert_eq!(phase(&case, &id).await, Phase::Waiting);
    }
}
