//! `POST /catalog/refresh`: stores a run as pending, asks for it on the bus and answers at once.

use http::Response;
use shared::{
    app::App,
    audit,
    domain::{RefreshRun, RunId, Vendor},
    error::Result,
    http::{
        Fields, HttpCall,
        idempotency::{self, KeyedOutcome},
    },
    ids,
    store::StoredAnswer,
    workflow::refresh_start::{self, lost_at},
};

/// Answers `202` with the run; the run continues without the caller.
pub async fn start(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let mut fields = Fields::of_optional_body(&call.body)?;
    let vendor = fields.optional_vendor("type");
    fields.finish(|| Some(()))?;
    let id: RunId = ids::new_id(app.clock.as_ref(), app.random.as_ref())?;
    idempotency::run(app, call, id.to_string(), |id| store_and_request(app, id, vendor)).await
}

async fn store_and_request(app: &App, id: String, vendor: Option<Vendor>) -> Result<KeyedOutcome> {
    let run = refresh_start::start(app, RunId::parse(id)?, vendor).await?;
    audit::set_subject(run.id.as_str());
    let location = Some(format!("/catalog/refreshes/{}", run.id));
    Ok(KeyedOutcome::Final(StoredAnswer::new(202, location, &run)?))
}

/// Stores the schedule's run of all vendors as pending, if it does not exist. The run's id is made of the event's id,
/// so that a repeated delivery continues the same run.
pub async fn store_scheduled(app: &App, id: &RunId) -> Result<()> {
    if app.store.refresh(id).await?.is_none() {
        let run = RefreshRun::pending(id.clone(), None, app.clock.now_ms(), None);
        app.store.put_refresh(&run, lost_at(app)).await?;
    }
    Ok(())
}
