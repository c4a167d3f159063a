//! Sites, hosts and the endpoints that an account may name.

use super::*;
use crate::vendors::testing::access;

#[test]
fn regions_decide_sites() {
    for (vendor, region, site) in [
        (Vendor::Alibaba, "cn-hangzhou", Site::China),
        (Vendor::Alibaba, "cn-hongkong", Site::China),
        (Vendor::Alibaba, "ap-southeast-1", Site::International),
        (Vendor::Alibaba, "eu-central-1", Site::International),
        (Vendor::Huawei, "cn-south-1", Site::China),
        (Vendor::Huawei, "ap-southeast-3", Site::International),
        (Vendor::Tencent, "ap-guangzhou", Site::China),
        (Vendor::Tencent, "ap-shanghai-fsi", Site::China),
        (Vendor::Tencent, "ap-hongkong", Site::International),
        (Vendor::Tencent, "ap-singapore", Site::International),
        (Vendor::Tencent, "na-siliconvalley", Site::International),
        (Vendor::Tencent, "cn-hangzhou", Site::International),
    ] {
        assert_eq!(site_of(vendor, region).unwrap(), site, "{vendor} {region}");
    }
    for bad in ["", "cn", "cn-", "-cn", "CN-north", "cn--north", "cn-north\n", "cn-no rth", "1-2"] {
        let error = site_of(Vendor::Alibaba, bad).unwrap_err();
        assert_eq!(error.fields()[0].pointer, "/region_id", "{bad:?}");
    }
}

#[test]
fn default_hosts_are_known_hosts() {
    for vendor in Vendor::ALL {
        for site in Site::ALL {
            for region in ["cn-south-1", "ap-northeast-1", "eu-central-1"] {
                let url = default_base_url(vendor, site, region, "sts");
                assert_eq!(check_endpoint(vendor, &url, false).unwrap(), url);
            }
        }
    }
}

#[test]
fn an_endpoint_is_a_known_host_and_nothing_else() {
    assert_eq!(
        check_endpoint(Vendor::Huawei, "https://OSM.cn-south-1.myhuaweicloud.cn", false).unwrap(),
        "https://osm.cn-south-1.myhuaweicloud.cn"
    );
    for bad in [
        "",
        "workorder.aliyuncs.com",
        "http://workorder.aliyuncs.com",
        "https://workorder.aliyuncs.com/",
        "https://workorder.aliyuncs.com:443",
        "https://workorder.aliyuncs.com?x",
        "https://user@workorder.aliyuncs.com",
        "https://workorder.aliyuncs.com.evil.example",
        "https://evil.example#workorder.aliyuncs.com",
        "https://osm.cn-south-1.myhuaweicloud.com",
        "https://127.0.0.1:8080",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:+80",
        "http://127.0.0.1:80/x",
        "http://127.0.0.2:80",
        "http://a@127.0.0.1:80",
        "http://127.0.0.1:80@evil.example:80",
        "http://[::2]:80",
    ] {
        let error = check_endpoint(Vendor::Alibaba, bad, true).unwrap_err();
        assert_eq!(error.fields()[0].pointer, "/endpoint", "{bad:?}");
        assert!(error.fields()[0].detail.contains("https://workorder.aliyuncs.com"));
    }
}

#[test]
fn loopback_must_be_allowed() {
    for good in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:65535"] {
        for vendor in Vendor::ALL {
            assert_eq!(check_endpoint(vendor, good, true).unwrap(), good);
            assert!(check_endpoint(vendor, good, false).is_err());
        }
    }
}

#[test]
fn a_tencent_host_means_its_site_and_loopback_serves_every_service() {
    let url = |endpoint: &str| {
        let mut access = access(Site::China, "ap-guangzhou");
        access.endpoint = Some(endpoint.into());
        base_url(Vendor::Tencent, &access, "region")
    };
    assert_eq!(url("https://sts.intl.tencentcloudapi.com"), "https://region.intl.tencentcloudapi.com");
    assert_eq!(url("https://sts.tencentcloudapi.com"), "https://region.tencentcloudapi.com");
    assert_eq!(url("http://127.0.0.1:9"), "http://127.0.0.1:9");
}

#[test]
fn identities_have_their_own_hosts() {
    let url = |vendor, service, region: &str, endpoint: Option<&str>| {
        let mut access = access(site_of(vendor, region).unwrap(), region);
        access.endpoint = endpoint.map(str::to_owned);
        base_url(vendor, &access, service)
    };
    for (region, endpoint, wanted) in [
        ("cn-hangzhou", None, "https://sts.aliyuncs.com"),
        ("cn-hongkong", None, "https://sts.aliyuncs.com"),
        ("eu-central-1", None, "https://sts.ap-southeast-1.aliyuncs.com"),
        ("ap-northeast-1", None, "https://sts.ap-northeast-1.aliyuncs.com"),
        (
            "cn-hangzhou",
            Some("https://workorder.ap-southeast-1.aliyuncs.com"),
            "https://sts.ap-southeast-1.aliyuncs.com",
        ),
        ("cn-hangzhou", Some("http://127.0.0.1:9"), "http://127.0.0.1:9"),
    ] {
        assert_eq!(url(Vendor::Alibaba, "sts", region, endpoint), wanted, "{region} {endpoint:?}");
    }
    for (region, endpoint, wanted) in [
        ("cn-south-1", None, "https://iam.myhuaweicloud.com"),
        ("ap-southeast-3", None, "https://iam.myhuaweicloud.com"),
        ("eu-west-101", None, "https://iam.eu-west-101.myhuaweicloud.eu"),
        ("cn-south-1", Some("https://osm.cn-south-1.myhuaweicloud.cn"), "https://iam.myhuaweicloud.com"),
        ("cn-south-1", Some("http://localhost:9"), "http://localhost:9"),
    ] {
        assert_eq!(url(Vendor::Huawei, "iam", region, endpoint), wanted, "{region} {endpoint:?}");
    }
    let tickets = "https://osm.cn-south-1.myhuaweicloud.cn";
    assert_eq!(url(Vendor::Huawei, "osm", "cn-south-1", Some(tickets)), tickets);
    assert_eq!(url(Vendor::Huawei, "osm", "eu-west-101", None), "https://osm.ap-southeast-3.myhuaweicloud.com");
}
