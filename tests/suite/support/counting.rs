//! An HTTP client for the AWS SDK that counts the calls to DynamoDB.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};

/// The counter.
#[derive(Clone, Debug, Default)]
pub struct TableCalls(Arc<AtomicU64>);

impl TableCalls {
    /// How many calls were made so far, the SDK's own retries included.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// The client that counts here.
    pub fn client(&self) -> SharedHttpClient {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        SharedHttpClient::new(Counting {
            inner,
            calls: self.clone(),
        })
    }
}

#[derive(Debug)]
struct Counting<T> {
    inner: T,
    calls: TableCalls,
}

impl HttpClient for Counting<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Counting {
            inner,
            calls: self.calls.clone(),
        })
    }
}

impl HttpConnector for Counting<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if target.starts_with("DynamoDB") {
            self.calls.0.fetch_add(1, Ordering::SeqCst);
        }
        self.inner.call(request)
    }
}
