"""The simulated Huawei Cloud, driven by the official OSM and IAM SDKs."""

import base64

import pytest
import requests
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


def test_a_form_and_a_ticket_by_it(huawei, client):
    row = {"param_key": "instance", "param_name": "实例ID", "required": 1, "length": 64, "is_sensitive": 0}
    huawei.script("POST", "settings", {"extends_params": {CONSULTING: [row]}})
    request = model.ListExtendsParamsRequest(business_type_id=CONSULTING, product_category_id=ECS)
    form = client.list_extends_params(request)
    [param] = form.extends_params
    assert (param.param_key, param.required, param.length) == ("instance", 1, 64)
    assert form.common_params[0].param_key == "region"
    severities = client.list_severities(
        model.ListSeveritiesRequest(product_category_id=ECS, business_type_id=CONSULTING)
    )
    assert (severities.show, len(severities.severity_list)) == (True, 4)
    [template] = client.list_case_templates(
        model.ListCaseTemplatesRequest(business_type_id=CONSULTING)
    ).incident_template_list
    assert template.incident_template_content.startswith("现象")
    assert client.list_case_limits(model.ListCaseLimitsRequest()).config.create_case_ccemail_max_count == 10

    # A refusal comes back empty.
    assert create(client).incident_id is None
    fields = {
        "extends_map": {"instance": "ecs-1"},
        "extension_map": {"cc_email": "a@example.com"},
        "severity_id": severities.severity_list[1].severity_id,
        "remind_mobile": "13800138000",
    }
    ticket = huawei.ticket(create(client, **fields).incident_id)
    assert ticket["severity"] == fields["severity_id"]
    assert {name: ticket["details"][name] for name in fields if name != "severity_id"} == {
        name: value for name, value in fields.items() if name != "severity_id"
    }
    huawei.script("POST", "settings", {"extends_params": {}})


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


def test_a_file_is_downloaded(huawei, client, ticket):
    files = [{"name": "日志 1.txt", "content": {"text": "第一行"}}, {"name": "b", "content": {"bytes": 300_000}}]
    huawei.script("POST", "support_message", {"ticket": ticket, "content": "请看附件", "files": files})
    page = client.list_messages(model.ListMessagesRequest(case_id=ticket)).message_list
    text, long = page[-1].accessory_list
    assert (text.file_actual_name, long.file_actual_name) == ("日志 1.txt", "b")

    def download(accessory):
        downloaded = bytearray()
        request = model.DownloadAccessoriesRequest(accessory_id=accessory.accessory_id)
        client.download_accessories(request).consume_download_stream(
            lambda response: [downloaded.extend(part) for part in response.iter_content(65_536)]
        )
        return bytes(downloaded)

    assert download(text).decode() == "第一行"
    assert len(download(long)) == 300_000
    link = client.show_download_accessory_url(
        model.ShowDownloadAccessoryUrlRequest(accessory_id=text.accessory_id)
    ).accessory_url
    assert requests.get(link).content.decode() == "第一行"
    # A refusal is HTTP 200 with an error code in place of the file.
    unknown = client.show_download_accessory_url(model.ShowDownloadAccessoryUrlRequest(accessory_id="unknown"))
    assert (unknown.accessory_url, unknown.error_code) == (None, "OSM.01010001")


def test_a_file_is_sent_with_a_ticket_and_a_reply(huawei, client):
    content = "第一行\n".encode() * 200_000

    def upload(name, content, purpose):
        body = model.AccessoryJsonFormatReq(
            accessory_name=name,
            accessory_from=purpose,
            upload_type=0,
            accessory_data=base64.b64encode(content).decode(),
        )
        return client.upload_json_accessories(model.UploadJsonAccessoriesRequest(body=body)).accessory_id

    log = upload("日志 1+2%.txt", content, "incident")
    uploaded = huawei.script("GET", "uploads")["uploads"][-1]
    assert (uploaded["id"], uploaded["purpose"]) == (log, "incident")
    assert base64.b64decode(uploaded["content"]["base64"]) == content
    ticket = create(client, accessory_ids=[log]).incident_id
    reply = upload("b.json", b"{}", "message")
    message = model.CreateMessageDoV2(content="见附件", accessory_ids=[reply])
    client.create_messages(
        model.CreateMessagesRequest(case_id=ticket, body=model.CreateMessageV2Req(message=message))
    )
    page = client.list_messages(model.ListMessagesRequest(case_id=ticket)).message_list
    shown = [[(file.accessory_id, file.file_actual_name) for file in row.accessory_list] for row in page]
    assert shown == [[(log, "日志 1+2%.txt")], [(reply, "b.json")]]
    downloaded = bytearray()
    client.download_accessories(model.DownloadAccessoriesRequest(accessory_id=log)).consume_download_stream(
        lambda response: [downloaded.extend(part) for part in response.iter_content(65_536)]
    )
    assert bytes(downloaded) == content
    assert create(client, accessory_ids=["unknown"]).incident_id is None
    assert upload("a.log", b"1", "elsewhere") is None


def test_accessory_limits(huawei, client):
    huawei.script("POST", "settings", {"accessories": {"count": 4, "megabytes": 2, "types": "jpg,log"}})
    limit = client.show_accessory_limits(model.ShowAccessoryLimitsRequest()).accessory_limit
    assert [str(limit.limit_count), limit.limit_size, limit.limit_file_type] == ["4", "2", "jpg,log"]
    huawei.script("POST", "settings", {"accessories": {}})


def test_rights(huawei, client):
    def granted():
        agreement = model.ShowSignedLatestPublishedAgreementRequest(agreement_type="0")
        return (
            client.show_customer_privilege_policy(model.ShowCustomerPrivilegePolicyRequest()).policy_switch,
            client.list_privileges(model.ListPrivilegesRequest(privilege="createCase")).has_privilege,
            client.show_signed_latest_published_agreement(agreement).is_signed_latest,
        )

    assert granted() == (False, 1, True)
    quota = client.list_case_quotas(model.ListCaseQuotasRequest())
    assert (quota.total, quota.un_used) == (30, 28)
    changed = {"restricted": True, "may_create": False, "signed": False, "contacts": [3, 0]}
    huawei.script("POST", "settings", {"rights": changed})
    assert granted() == (True, 0, False)
    request = model.ListHasVerifiedContactsRequest(contact_way=0, offset=0, limit=2)
    contacts = client.list_has_verified_contacts(request)
    assert (contacts.count, len(contacts.contact_list)) == (3, 2)
    mails = client.list_has_verified_contacts(model.ListHasVerifiedContactsRequest(contact_way=1, offset=0, limit=1))
    assert (mails.count, mails.contact_list) == (0, [])
    huawei.script("POST", "settings", {"rights": {}})
    assert granted() == (False, 1, True)


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


def test_urge_score_and_withdraw(huawei, client, ticket):
    assert act(client, ticket, "press").error_code is None
    assert act(client, ticket, "press").error_code == "OSM.01010004"

    message = model.CreateMessageDoV2(content="发错了")
    client.create_messages(
        model.CreateMessagesRequest(case_id=ticket, body=model.CreateMessageV2Req(message=message))
    )
    detail = client.show_case_detail(model.ShowCaseDetailRequest(case_id=ticket)).incident_detail_info
    sent = detail.message_list[-1].message_id
    for _ in range(2):
        withdrawn = client.revoke_message(model.RevokeMessageRequest(case_id=ticket, message_id=sent))
        assert withdrawn.error_code is None
    page = client.list_messages(model.ListMessagesRequest(case_id=ticket)).message_list
    assert [row.content for row in page] == [DESCRIPTION]
    unknown = client.revoke_message(model.RevokeMessageRequest(case_id=ticket, message_id="unknown"))
    assert unknown.error_code == "OSM.01010001"

    dimensions = client.list_satisfaction_dimensions(model.ListSatisfactionDimensionsRequest())
    ids = [row.satisfaction_id for row in dimensions.satisfaction_dimension_list]
    assert (dimensions.total_count, ids) == (2, [1, 2])
    scores = [model.IncidentSatisfactionV2Do(satisfaction_id=one, satisfaction_value=4) for one in ids]

    def rate():
        body = model.CreateScoreV2Req(judgement="谢谢 + 😀", incident_satisfaction_list=scores)
        return client.create_scores(model.CreateScoresRequest(case_id=ticket, body=body))

    assert rate().error_code == "OSM.01010014"
    act(client, ticket, "cancel")
    assert rate().error_code is None
    [rating] = huawei.ticket(ticket)["ratings"]
    assert (rating["scores"], rating["comment"]) == ([4, 4], "谢谢 + 😀")
    detail = client.show_case_detail(model.ShowCaseDetailRequest(case_id=ticket)).incident_detail_info
    shown = [(row.satisfaction_id, row.satisfaction_value) for row in detail.incident_satisfaction]
    assert (detail.judgement, shown) == ("谢谢 + 😀", [(1, 4), (2, 4)])


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
