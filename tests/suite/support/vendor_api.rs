//! What differs between the vendors with tickets: names of operations, codes and statuses.

use simulators::Fault;

/// The names and codes of one vendor's API.
pub struct VendorApi {
    /// Creates a ticket.
    pub create: &'static str,
    /// Lists tickets.
    pub list: &'static str,
    /// Gives a ticket's status.
    pub status: &'static str,
    /// Gives a ticket with its text.
    pub detail: &'static str,
    /// The first call of a read of the messages.
    pub messages: &'static str,
    /// The last call of a read of the messages.
    pub last_messages: &'static str,
    /// The last call before a close.
    pub before_close: &'static str,
    /// Adds a customer's message.
    pub reply: &'static str,
    /// Whether the answer to a reply names the new message.
    pub reply_names_message: bool,
    /// The one source of its catalog.
    pub source_id: Option<&'static str>,
    /// Closes a ticket.
    pub close: &'static str,
    /// An answer to a close that says nothing of a failure.
    pub empty_success: Fault,
    /// Lists a product's problem types.
    pub problem_types: &'static str,
    /// The code of keys that are switched off.
    keys_refused: &'static str,
    /// The code of keys without the right to a call.
    no_permission: &'static str,
    /// The code of a ticket that does not exist.
    no_such_ticket: &'static str,
    /// The code of a create with a bad field.
    pub create_refused: &'static str,
    /// The code of a reply with a bad text.
    pub reply_refused: &'static str,
    /// The code of a close in the wrong state.
    pub close_refused: &'static str,
    /// The status of a ticket that a person closed in the console.
    pub ended_by_hand: i64,
    /// The status of a ticket that a call closed.
    pub ended_by_call: i64,
}

static ALIBABA: VendorApi = VendorApi {
    create: "CreateTicket",
    list: "ListTickets",
    status: "GetTicket",
    detail: "GetTicket",
    messages: "ListTicketNotes",
    last_messages: "ListTicketNotes",
    before_close: "ListTicketNotes",
    reply: "ReplyTicket",
    reply_names_message: true,
    source_id: None,
    close: "CloseTicket",
    empty_success: Fault::WrongShape,
    problem_types: "ListCategories",
    keys_refused: "InvalidAccessKeyId.Inactive",
    no_permission: "NoPermission",
    no_such_ticket: "param.illegal",
    create_refused: "param.illegal",
    reply_refused: "param.illegal",
    close_refused: "param.illegal",
    ended_by_hand: 6,
    ended_by_call: 6,
};

static HUAWEI: VendorApi = VendorApi {
    create: "CreateCases",
    list: "ListCases",
    status: "ShowCaseStatus",
    detail: "ShowCaseDetail",
    messages: "ShowCaseDetail",
    last_messages: "ListMessages",
    before_close: "ShowCaseStatus",
    reply: "CreateMessages",
    reply_names_message: false,
    source_id: Some(simulators::huawei::SOURCE_ID),
    close: "UpdateCases",
    empty_success: Fault::EmptyBody,
    problem_types: "ListProblemTypes",
    keys_refused: "APIGW.0301",
    no_permission: "OSM.01010007",
    no_such_ticket: "OSM.01010015",
    create_refused: "OSM.01010006",
    reply_refused: "OSM.01010001",
    close_refused: "OSM.01010014",
    ended_by_hand: 3,
    ended_by_call: 4,
};

/// The API of a vendor with tickets, by the vendor's name in JSON.
pub fn api(vendor: &str) -> &'static VendorApi {
    match vendor {
        "ALIBABA" => &ALIBABA,
        "HUAWEI" => &HUAWEI,
        _ => panic!("{vendor} has no tickets"),
    }
}

impl VendorApi {
    /// The refusal of keys.
    pub fn keys_refused(&self) -> Fault {
        refuse(self.keys_refused)
    }

    /// The refusal of a call that the keys have no right to.
    pub fn no_permission(&self) -> Fault {
        refuse(self.no_permission)
    }

    /// The answer that there is no such ticket.
    pub fn no_such_ticket(&self) -> Fault {
        refuse(self.no_such_ticket)
    }
}

/// A refusal with that code.
pub fn refuse(code: &str) -> Fault {
    Fault::Refuse { code: code.into(), message: "拒绝".into() }
}
