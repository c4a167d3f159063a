//! What a vendor can't do: an error that names its console, and no call.

use std::collections::BTreeSet;

use shared::{
    domain::{CloudId, FilePurpose, NewTicket, ProblemTypeId, ProductId, Severity, Site, TicketDetails, TicketId},
    error::{Error, ErrorKind, Retry},
};

use super::{all_vendors, sent_file::SentFile};
use crate::support::{World, cases};

#[tokio::test(flavor = "multi_thread")]
async fn ticket_operations_of_a_vendor_without_tickets_name_its_console_and_make_no_call() {
    let world = World::start().await;
    let without: Vec<_> = all_vendors(&world).filter(|case| !case.capability().tickets).collect();
    assert_eq!(without.len(), 1);
    for case in cases(without) {
        let id = CloudId::parse("1").unwrap();
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
            secret_info: None,
            details: TicketDetails::default(),
            sensitive: BTreeSet::new(),
            files: Vec::new(),
        };
        let mut abroad = case.clone();
        abroad.account.site = Site::International;
        abroad.account.region_id = "ap-singapore".into();
        for (session, console) in [
            (case.session(), case.capability().console),
            (abroad.session(), "https://console.tencentcloud.com/workorder/category"),
        ] {
            let errors: Vec<Error> = vec![
                session.list_problem_types(&product).await.unwrap_err(),
                session.create_ticket(&ticket).await.unwrap_err(),
                session.find_tickets(&ticket.id, 0).await.unwrap_err(),
                session.list_tickets(0, 0).await.unwrap_err(),
                session.ticket_status(&id).await.unwrap_err(),
                session.list_messages(&id).await.unwrap_err(),
                session.reply_ticket(&id, "text", &[]).await.unwrap_err(),
                session.close_ticket(&id).await.unwrap_err(),
                session.attachment_limits().await.unwrap_err(),
                session.upload_file(&SentFile::text("a.log", "text"), FilePurpose::Reply).await.unwrap_err(),
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
