//! `POST /catalog/refresh`: stores a run as pending, asks for it on the bus and answers at once.

use http::{Response, StatusCode};
use shared::{
    app::App,
    domain::{RefreshRun, RunId, RunState, Vendor},
    error::Result,
    http::{
        Fields, HttpCall,
        idempotency::{self, Outcome},
        stored_answer,
    },
    ids,
};

/// The route, which names the idempotency records too.
pub const ROUTE: &str = "POST /catalog/refresh";

/// Answers `202` with the run; the run goes on without the caller.
pub async fn start(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let vendor = read(&call.body)?;
    let id = ids::run_id(app.clock.as_ref(), app.random.as_ref())?;
    let record = idempotency::optional_record(app, call, id.as_str())?;
    idempotency::run(app, record, id.to_string(), |id| store_and_request(app, id, vendor)).await
}

fn read(body: &[u8]) -> Result<Option<Vendor>> {
    let mut fields = Fields::of_optional_body(body)?;
    let vendor = fields.optional_vendor("type");
    fields.finish(|| Some(vendor))
}

async fn store_and_request(app: &App, id: String, vendor: Option<Vendor>) -> Result<Outcome> {
    let run = pending(app, RunId::parse(id)?, vendor);
    app.store.put_refresh(&run).await?;
    app.events.request_refresh(&run.id).await?;
    let location = Some(format!("/catalog/refreshes/{}", run.id));
    Ok(Outcome::Final(stored_answer(StatusCode::ACCEPTED, location, &run)?))
}

/// Stores a new pending run.
pub async fn store(app: &App, vendor: Option<Vendor>) -> Result<RefreshRun> {
    let run = pending(app, ids::run_id(app.clock.as_ref(), app.random.as_ref())?, vendor);
    app.store.put_refresh(&run).await?;
    Ok(run)
}

fn pending(app: &App, id: RunId, vendor: Option<Vendor>) -> RefreshRun {
    let create_time = app.clock.now_ms();
    RefreshRun { id, vendor, state: RunState::Pending, create_time, end_time: None, vendors: Vec::new() }
}
