//! The requests that register an account at each simulated vendor.

use serde_json::{Value, json};
use simulators::{CurrentKeys, RunningSimulators};

/// The bodies of `POST /accounts` for the first customer: Alibaba, Huawei, Tencent.
pub fn requests(simulators: &RunningSimulators) -> [Value; 3] {
    let vendors = &simulators.vendors;
    [
        request("ALIBABA", "cn-hangzhou", &simulators.alibaba_url(), &vendors.alibaba.current_keys()),
        request("HUAWEI", "cn-south-1", &simulators.huawei_url(), &vendors.huawei.current_keys()),
        request("TENCENT", "ap-guangzhou", &simulators.tencent_url(), &vendors.tencent.current_keys()),
    ]
}

fn request(vendor: &str, region: &str, endpoint: &str, keys: &[CurrentKeys]) -> Value {
    let keys = keys.first();
    json!({
        "type": vendor,
        "region_id": region,
        "endpoint": endpoint,
        "secret_id": keys.map(|pair| pair.id),
        "secret_key_secret": keys.map(|pair| pair.secret.as_str()),
    })
}
