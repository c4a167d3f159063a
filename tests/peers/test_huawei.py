"""The simulated Huawei Cloud, driven by the official OSM and IAM SDKs."""

import pytest
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ConnectionException
from huaweicloudsdkiam.v3 import IamClient, KeystoneListAuthDomainsRequest
from huaweicloudsdkosm.v2 import OsmClient
from huaweicloudsdkosm.v2 import model

ECS = "69af625c1be54800b58ac4bae4870c90"
CONSULTING = "5efc9f47ace944bfafd054161409f15b"
SOURCE = "83aeb0f2834c4df49826c781d32a963e"
DESCRIPTION = "云服务器无法登录:a+b=c & 50% *~/ 第二行:\n\"Connection refused\" 😀👍🏽"


def client_for(vendor, key_id=None, secret=None, kind=OsmClient):
    # A given account id keeps the SDK from asking IAM for it.
    keys = vendor.keys
    credentials = GlobalCredentials(key_id or keys["id"], secret or keys["secret"], keys["account"])
    return kind.new_builder().with_credentials(credentials).with_endpoint(vendor.url).build()


@pytest.fixture
def client(huawei):
    return client_for(huawei)


def create(client, **changed):
    fields = {
        "business_type_id": CONSULTING,
        "product_category_id": ECS,
        "simple_description": DESCRIPTION,
        "source_id": SOURCE,
        "remind_mail": "ops@example.com",
    }
    body = model.CreateOrderIncidentV2Req(**(fields | changed))
    return client.create_cases(model.CreateCasesRequest(x_language="zh-cn", x_time_zone="GMT+8", body=body))


@pytest.fixture
def ticket(client):
    return create(client).incident_id


def status_of(client, ticket):
    return client.show_case_status(model.ShowCaseStatusRequest(case_id=ticket)).status


def act(client, ticket, action):
    body = model.WorkOrderOperateV2Req(operate_desc="已解决")
    return client.update_cases(model.UpdateCasesRequest(case_id=ticket, action_id=action, body=body))


def test_auth_domains(huawei):
    for keys in (huawei.keys, huawei.second_keys):
        client = client_for(huawei, keys["id"], keys["secret"], IamClient)
        [domain] = client.keystone_list_auth_domains(KeystoneListAuthDomainsRequest()).domains
        assert (domain.id, domain.enabled) == (keys["account"], True)
    with pytest.raises(ClientRequestException) as raised:
        client_for(huawei, secret="wrong", kind=IamClient).keystone_list_auth_domains(KeystoneListAuthDomainsRequest())
    assert raised.value.error_code == "APIGW.0301"


def test_catalog(client):
    tree = client.list_case_categories(model.ListCaseCategoriesRequest())
    groups = tree.incident_sub_type_list
    assert groups[-1].incident_product_category_list == []
    in_tree = [p.incident_product_category_id for g in groups for p in g.incident_product_category_list]
    flat = client.list_product_categories(model.ListProductCategoriesRequest())
    ids = [p.incident_product_category_id for p in flat.incident_product_category_list]
    assert flat.total_count == len(ids) >= 150
    assert set(in_tree) == set(ids) and len(in_tree) == len(ids) + 1
    found = client.list_product_categories(model.ListProductCategoriesRequest(product_category_name="云服务器 ECS"))
    first = found.incident_product_category_list[0]
    assert (first.incident_product_category_id, first.incident_product_category_acronym) == (ECS, "ECS")


def test_problem_types_and_regions(client):
    problems = client.list_problem_types(model.ListProblemTypesRequest(product_category_id=ECS))
    types = {t.business_type_id: t.case_type for t in problems.incident_business_type_list}
    assert types[CONSULTING] == "0"
    assert set(types.values()) == {"0", "5"}
    english = client.list_problem_types(model.ListProblemTypesRequest(product_category_id=ECS, x_language="en-us"))
    assert english.incident_business_type_list[0].business_type_name == "Purchase and renewal"
    regions = client.list_regions(model.ListRegionsRequest()).data_center_list
    assert len(regions) >= 10
    assert (regions[0].region_id, regions[0].region_name) == ("cn-north-1", "华北-北京一")


def test_create_and_show(client, ticket):
    detail = client.show_case_detail(model.ShowCaseDetailRequest(case_id=ticket)).incident_detail_info
    assert (detail.incident_id, detail.status, detail.simple_description) == (ticket, 0, DESCRIPTION)
    first = detail.message_list[0]
    assert (first.is_first_message, first.type, first.content) == (1, 0, DESCRIPTION)
    assert len(first.message_id) == 32
    assert status_of(client, ticket) == 0


def test_list_cases(client):
    marker = "标记-7f3a + *~"
    ticket = create(client, simple_description=f"第一行\n{marker}").incident_id
    found = client.list_cases(model.ListCasesRequest(app_key=marker, limit=100))
    assert (found.total_count, [row.incident_id for row in found.incident_info_list]) == (1, [ticket])
    found = client.list_cases(model.ListCasesRequest(search_key=["没有", marker], status=0))
    assert [row.incident_id for row in found.incident_info_list] == [ticket]
    assert client.list_cases(model.ListCasesRequest(incident_id=ticket, status=3)).total_count == 0


def test_messages(huawei, client, ticket):
    body = model.CreateMessageV2Req(message=model.CreateMessageDoV2(content="补充 😀 + 100%"))
    client.create_messages(model.CreateMessagesRequest(case_id=ticket, body=body))
    huawei.script("POST", "reply", {"ticket": ticket, "content": "您好 🙏", "replier_name": "小李"})
    huawei.script("POST", "messages", {"ticket": ticket, "count": 300})
    assert len(client.list_messages(model.ListMessagesRequest(case_id=ticket)).message_list) == 10
    messages, offset = [], 0
    while True:
        page = client.list_messages(model.ListMessagesRequest(case_id=ticket, offset=offset, limit=100))
        assert page.count == 303
        if not page.message_list:
            break
        messages += page.message_list
        offset += len(page.message_list)
    assert len(messages) == 303
    assert [(m.type, m.content) for m in messages[:3]] == [(0, DESCRIPTION), (0, "补充 😀 + 100%"), (1, "您好 🙏")]
    assert messages[2].replier_name == "小李"
    detail = client.show_case_detail(model.ShowCaseDetailRequest(case_id=ticket)).incident_detail_info
    assert [m.content for m in detail.message_list] == [m.content for m in messages]


def test_close_and_cancel(huawei, client, ticket):
    # Only a ticket nobody took up can be cancelled, only one being worked on can be closed. The refusal is
    # HTTP 200, and the SDK raises nothing.
    refused = act(client, ticket, "close")
    assert refused.error_code.startswith("OSM.0101")
    assert status_of(client, ticket) == 0
    huawei.script("POST", "reply", {"ticket": ticket, "content": "处理中"})
    assert status_of(client, ticket) == 1
    assert act(client, ticket, "cancel").error_code.startswith("OSM.0101")
    assert act(client, ticket, "close").error_code is None
    assert status_of(client, ticket) == 3
    other = create(client).incident_id
    act(client, other, "cancel")
    assert status_of(client, other) == 4


def test_a_refused_create_comes_back_empty(huawei, client):
    problems = client.list_problem_types(model.ListProblemTypesRequest(product_category_id=ECS))
    fault = next(t for t in problems.incident_business_type_list if t.case_type == "5")
    assert create(client, business_type_id=fault.business_type_id).incident_id is None
    assert create(client, business_type_id=fault.business_type_id, region_id="cn-north-4").incident_id
    assert create(client, simple_description="长" * 1201).incident_id is None
    assert create(client, simple_description="长" * 1200).incident_id
    assert huawei.script("GET", "calls")["calls"][-2]["outcome"] == "OSM.01010001"


def test_wrong_keys(huawei):
    huawei.script("POST", "keys", {"id": "peers-key", "secret": "right"})
    for key in ("unknown", "peers-key"):
        with pytest.raises(ClientRequestException) as raised:
            client_for(huawei, key, "wrong").list_regions(model.ListRegionsRequest())
        assert (raised.value.status_code, raised.value.error_code) == (401, "APIGW.0301")
        assert raised.value.request_id


def test_lockout(huawei):
    huawei.script("POST", "keys", {"id": "lock-key", "secret": "right"})
    wrong, right = client_for(huawei, "lock-key", "wrong"), client_for(huawei, "lock-key", "right")
    for _ in range(5):
        with pytest.raises(ClientRequestException):
            wrong.list_regions(model.ListRegionsRequest())
    assert right.list_regions(model.ListRegionsRequest()).total_count >= 10
    for _ in range(6):
        with pytest.raises(ClientRequestException):
            wrong.list_regions(model.ListRegionsRequest())
    with pytest.raises(ClientRequestException) as raised:
        right.list_regions(model.ListRegionsRequest())
    assert "locked" in raised.value.error_msg


def test_throttling_and_cut(huawei, client):
    huawei.script("POST", "faults", {"operation": "ListRegions", "times": 1, "fault": "throttle"})
    with pytest.raises(ClientRequestException) as raised:
        client.list_regions(model.ListRegionsRequest())
    # The SDK drops the body of a 429 and puts the status in place of the code.
    assert (raised.value.status_code, raised.value.error_code) == (429, "429")
    assert huawei.script("GET", "calls")["calls"][-1]["outcome"] == "fault:throttle"
    before = len(huawei.script("GET", "tickets")["tickets"])
    huawei.script("POST", "faults", {"operation": "CreateCases", "times": 1, "fault": "cut_after"})
    with pytest.raises(ConnectionException):
        create(client)
    assert len(huawei.script("GET", "tickets")["tickets"]) == before + 1
