//! The metrics of one invocation so far.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value};

use super::{Telemetry, emf, metrics::Metric};
use crate::{
    domain::Actor,
    invocation::{Invocation, Trace},
};

tokio::task_local! {
    static CURRENT: Arc<Recorder>;
}

/// Calls `record` with the recorder of the running invocation, if there is one.
pub(super) fn current<T>(record: impl FnOnce(&Recorder) -> T) -> Option<T> {
    CURRENT.try_with(|recorder| record(recorder)).ok()
}

/// The recorder of an invocation. Writes its metrics when it is dropped, also by a panic or a cancelled future.
pub(super) struct Recorder {
    telemetry: Telemetry,
    pub trace: Option<Trace>,
    pub actor: Option<Actor>,
    state: Mutex<State>,
}

struct State {
    properties: Map<String, Value>,
    groups: Groups,
}

/// Names and values of dimensions.
pub(super) type Dimensions = Vec<(&'static str, &'static str)>;

/// The metrics by their dimensions.
pub(super) type Groups = BTreeMap<Dimensions, BTreeMap<&'static str, Measured>>;

/// A metric's values, and how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Measured {
    pub unit: super::Unit,
    /// Whether a 0 is a property only.
    pub is_sparse: bool,
    pub values: Values,
}

/// One number, or many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Values {
    One(u64),
    Many(Vec<u64>),
}

impl Recorder {
    pub fn new(telemetry: &Telemetry, function: &'static str, invocation: &Invocation) -> Arc<Self> {
        let mut properties = Map::new();
        properties.insert("function".to_owned(), function.into());
        properties.insert("request_id".to_owned(), invocation.request_id.as_str().into());
        if let Some(trace) = &invocation.trace {
            properties.insert("trace_id".to_owned(), trace.root().into());
        }
        Arc::new(Self {
            telemetry: telemetry.clone(),
            trace: invocation.trace.clone(),
            actor: invocation.actor.clone(),
            state: Mutex::new(State { properties, groups: BTreeMap::new() }),
        })
    }

    /// Makes this the recorder of `work`.
    pub fn surround<F: Future>(self: &Arc<Self>, work: F) -> impl Future<Output = F::Output> + use<F> {
        CURRENT.scope(Arc::clone(self), work)
    }

    pub fn property(&self, name: &'static str, value: Value) {
        self.lock().properties.insert(name.to_owned(), value);
    }

    /// The property of that name, where it is a text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.lock().properties.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    pub fn change<const N: usize>(
        &self,
        metric: &Metric<N>,
        of: [&'static str; N],
        change: impl FnOnce(Option<Values>) -> Values,
    ) {
        let dimensions = metric.dimensions.into_iter().zip(of).collect();
        let mut state = self.lock();
        let group = state.groups.entry(dimensions).or_default();
        let values = change(group.remove(metric.name).map(|measured| measured.values));
        group.insert(metric.name, Measured { unit: metric.unit, is_sparse: metric.is_sparse, values });
    }

    /// Writes the metrics since the last flush.
    pub fn flush(&self) {
        let mut state = self.lock();
        let groups = std::mem::take(&mut state.groups);
        let Telemetry { sink, clock, namespace } = &self.telemetry;
        for document in emf::documents(namespace, clock.now_ms(), &state.properties, groups) {
            sink.write(&document.to_string());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.flush();
    }
}
