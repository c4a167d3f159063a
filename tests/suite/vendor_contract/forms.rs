//! The forms of problem types, by capability.

use serde_json::{Map, json};
use shared::domain::{NewTicket, TicketDetails, TicketForm};

use super::vendors_with_tickets;
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_with_forms_tells_one_and_any_other_none_without_a_call() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let ticket = case.new_ticket(1);
        let form = case.session().ticket_form((&ticket.product_id, &ticket.problem_type_id)).await.unwrap();
        if !case.capability().forms {
            assert_eq!((form, case.sim.calls().len()), (TicketForm::default(), 0), "{}", case.vendor);
            continue;
        }
        assert_eq!((form.severities.len(), form.templates.len(), form.max_cc), (4, 1, Some(10)), "{}", case.vendor);
        assert_eq!((form.unread.len(), form.unreadable, form.extra.len()), (0, 0, 0), "{}", case.vendor);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_with_forms_gets_the_ticket_s_own_fields() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world).filter(|case| case.capability().forms).collect::<Vec<_>>() {
        let ticket = case.new_ticket(1);
        let form = case.session().ticket_form((&ticket.product_id, &ticket.problem_type_id)).await.unwrap();
        let severity_id = Some(form.severities[1].id.clone());
        let extra = Map::from_iter([("键".to_owned(), json!(["a", 1]))]);
        let cc = vec!["a@example.com".to_owned()];
        let details = TicketDetails { severity_id: severity_id.clone(), extra, cc, contact: None };
        let id = case.session().create_ticket(&NewTicket { details, ..ticket }).await.unwrap();
        let stored = case.at_vendor(&id);
        assert_eq!(stored.severity, severity_id);
        let wanted = json!({"extends_map": {"键": ["a", 1]}, "extension_map": {"cc_email": "a@example.com"}});
        assert_eq!(stored.details, wanted, "{}", case.vendor);
    }
}
