//! What a vendor can't do: an error that names its console, and no call.

use shared::{
    domain::{CloudId, NewTicket, ProblemTypeId, ProductId, Severity, Site, TicketId},
    error::{Error, ErrorKind, Retry},
    vendors::Access,
};

use super::all_vendors;
use crate::support::{World, cases};

#[tokio::test(flavor = "multi_thread")]
async fn ticket_operations_of_a_vendor_without_tickets_name_its_console_and_make_no_call() {
    let world = World::start().await;
    let without: Vec<_> = all_vendors(&world).filter(|case| !case.capability().tickets).collect();
    assert_eq!(without.len(), 1);
    for case in cases(without) {
        let (client, id) = (case.client(), CloudId::parse("1").unwrap());
        let product = ProductId::parse("cvm").unwrap();
        let ticket = NewTicket {
            id: TicketId::parse("T1").unwrap(),
            name: "title".into(),
            description: "text".into(),
            email: None,
            product_id: product.clone(),
            problem_type_id: ProblemTypeId::parse("1").unwrap(),
            source_id: None,
            region_id: None,
            severity: Severity::Normal,
        };
        let abroad = Access { site: Site::International, region_id: "ap-singapore".into(), ..case.access() };
        for (access, console) in [
            (case.access(), case.capability().console),
            (abroad, "https://console.tencentcloud.com/workorder/category"),
        ] {
            let errors: Vec<Error> = vec![
                client.list_problem_types(&access, &product).await.unwrap_err(),
                client.create_ticket(&access, &ticket).await.unwrap_err(),
                client.find_tickets(&access, "ref T1", 0).await.unwrap_err(),
                client.list_tickets(&access, 0, 0).await.unwrap_err(),
                client.ticket_status(&access, &id).await.unwrap_err(),
                client.list_messages(&access, &id).await.unwrap_err(),
                client.reply_ticket(&access, &id, "text").await.unwrap_err(),
                client.close_ticket(&access, &id).await.unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
                assert_eq!(error.code(), "capability_not_supported");
                assert_eq!(error.retry(), Retry::No);
                assert!(error.message().contains(console), "{error:?}");
                assert_eq!(error.vendor().unwrap().vendor, case.vendor);
            }
        }
        assert_eq!(case.sim.calls(), []);
    }
}
