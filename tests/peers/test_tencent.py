"""The simulated Tencent Cloud, driven by the official SDK."""

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.region.v20220627 import models as region_models
from tencentcloud.region.v20220627.region_client import RegionClient
from tencentcloud.sts.v20180813 import models as sts_models
from tencentcloud.sts.v20180813.sts_client import StsClient


def credential_for(vendor, key_id=None, secret=None, token=None):
    return Credential(key_id or vendor.keys["id"], secret or vendor.keys["secret"], token)


def profile_for(vendor):
    return ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=vendor.address))


def identity(vendor, *keys):
    client = StsClient(credential_for(vendor, *keys), "ap-guangzhou", profile_for(vendor))
    return client.GetCallerIdentity(sts_models.GetCallerIdentityRequest())


def test_caller_identity(tencent):
    caller = identity(tencent)
    assert (caller.Type, caller.AccountId, caller.UserId) == ("CAMUser", "100000000001", "100000000001")
    assert caller.Arn == "qcs::cam::uin/100000000001:uin/100000000001"
    assert caller.RequestId


def test_temporary_keys(tencent):
    tencent.script("POST", "keys", {"id": "temporary", "secret": "s", "account": "100000000009", "token": "t+/="})
    assert identity(tencent, "temporary", "s", "t+/=").AccountId == "100000000009"
    with pytest.raises(TencentCloudSDKException) as raised:
        identity(tencent, "temporary", "s", "other")
    assert raised.value.code == "AuthFailure.TokenFailure"


@pytest.mark.parametrize(
    ("keys", "code"),
    [((None, "wrong"), "AuthFailure.SignatureFailure"), (("unknown", None), "AuthFailure.SecretIdNotFound")],
)
def test_wrong_keys(tencent, keys, code):
    with pytest.raises(TencentCloudSDKException) as raised:
        identity(tencent, *keys)
    assert raised.value.code == code
    assert raised.value.requestId


def test_products(tencent):
    client = RegionClient(credential_for(tencent), "", profile_for(tencent))
    names, total = [], 1
    while len(names) < total:
        request = region_models.DescribeProductsRequest()
        request.Offset, request.Limit = len(names), 100
        answer = client.DescribeProducts(request)
        total = answer.TotalCount
        names += [product.Name for product in answer.Products]
    assert len(set(names)) == total >= 150
    assert names[0] == "cvm"
    request = region_models.DescribeProductsRequest()
    request.Limit = 101
    with pytest.raises(TencentCloudSDKException) as raised:
        client.DescribeProducts(request)
    assert raised.value.code == "InvalidParameterValue"


def test_no_ticket_calls(tencent):
    def call(service, version, action):
        client = CommonClient(service, version, credential_for(tencent), "", profile_for(tencent))
        with pytest.raises(TencentCloudSDKException) as raised:
            client.call_json(action, {"Content": "中文 😀"})
        return raised.value.code

    assert call("tandon", "2023-01-04", "CreateMCTicket") == "NoSuchProduct"
    assert call("sts", "2018-08-13", "CreateTicket") == "InvalidAction"
    assert call("sts", "2017-01-01", "GetCallerIdentity") == "NoSuchVersion"


def test_throttling(tencent):
    tencent.script("POST", "faults", {"operation": "GetCallerIdentity", "times": 1, "fault": "throttle"})
    with pytest.raises(TencentCloudSDKException) as raised:
        identity(tencent)
    assert raised.value.code == "RequestLimitExceeded"
    assert identity(tencent).AccountId == "100000000001"
