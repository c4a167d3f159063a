//! An HTTP client for the AWS SDK that notes the calls.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};

/// The calls to AWS so far, the SDK's own retries included.
#[derive(Clone, Debug, Default)]
pub struct AwsCalls(Arc<Mutex<Vec<String>>>);

impl AwsCalls {
    /// How many calls to DynamoDB were made so far.
    pub fn to_table(&self) -> usize {
        self.0.lock().unwrap().iter().filter(|target| target.starts_with("DynamoDB")).count()
    }

    /// The calls since this was last asked for, as `<service prefix>.<operation>`.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The client that notes its calls here.
    pub fn client(&self) -> SharedHttpClient {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        SharedHttpClient::new(Noting { inner, calls: self.clone() })
    }
}

#[derive(Debug)]
struct Noting<T> {
    inner: T,
    calls: AwsCalls,
}

impl HttpClient for Noting<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Noting { inner, calls: self.calls.clone() })
    }
}

impl HttpConnector for Noting<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        self.calls.0.lock().unwrap().push(target.to_owned());
        self.inner.call(request)
    }
}
