"""The simulated Alibaba Cloud, driven by the official Workorder and STS SDKs."""

import pytest
import requests
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.exceptions import ClientException, ThrottlingException
from alibabacloud_tea_openapi.utils_models import Config
from alibabacloud_workorder20210610 import models
from alibabacloud_workorder20210610.client import Client

DESCRIPTION = "ECS 备份失败:a+b=c & 50% *~/ 第二行:\n\"引号\" 😀👍🏽"


def client_for(vendor, key_id=None, secret=None, kind=Client):
    return kind(
        Config(
            access_key_id=key_id or vendor.keys["id"],
            access_key_secret=secret or vendor.keys["secret"],
            endpoint=vendor.address,
            protocol="http",
        )
    )


@pytest.fixture
def client(alibaba):
    return client_for(alibaba)


@pytest.fixture
def ticket(client):
    request = models.CreateTicketRequest(
        description=DESCRIPTION, severity=2, category_id="7161", title="标题 +1*~/", email="ops@example.com"
    )
    return client.create_ticket(request).body.data


def test_caller_identity(alibaba):
    for keys in (alibaba.keys, alibaba.second_keys):
        caller = client_for(alibaba, keys["id"], keys["secret"], StsClient).get_caller_identity().body
        assert (caller.account_id, caller.identity_type) == (keys["account"], "RAMUser")
        assert caller.request_id
    with pytest.raises(ClientException) as raised:
        client_for(alibaba, "unknown", kind=StsClient).get_caller_identity()
    assert raised.value.code == "InvalidAccessKeyId.NotFound"


def test_list_products(client):
    body = client.list_products(models.ListProductsRequest(language="zh")).body
    names = {p.product_id: p.product_name for d in body.data for p in d.product_list}
    assert body.success is True
    assert len(names) >= 150
    assert names[7160] == "云服务器 ECS"
    english = client.list_products(models.ListProductsRequest(name="domain name", language="en")).body.data
    assert [p.product_id for p in english[0].product_list][0] == 11864


def test_list_categories(client):
    body = client.list_categories(models.ListCategoriesRequest(product_id=7160, language="zh")).body
    assert (body.code, body.success) == (200, True)
    assert body.data[0].category_id == 7161
    assert len(body.data) >= 8
    one = client.list_categories(models.ListCategoriesRequest(product_id=7160, name="无法连接")).body
    assert [c.category_name for c in one.data] == ["无法连接或登录"]


def test_create_and_get(alibaba, client, ticket):
    data = client.get_ticket(models.GetTicketRequest(ticket_id=ticket)).body.data
    assert (data.ticket_id, data.title, data.description) == (ticket, "标题 +1*~/", DESCRIPTION)
    assert (data.category_id, data.status.value, data.severity.value) == ("7161", "1", "2")
    assert data.create_time > 1_700_000_000_000
    assert alibaba.ticket(ticket)["email"] == "ops@example.com"


def test_a_secret_is_kept_apart_from_the_text(alibaba, client):
    content = "root: p&w=\"密码\"\n%20"
    secret = models.CreateTicketRequestSecretInfo(content=content)
    request = models.CreateTicketRequest(
        description=DESCRIPTION, severity=1, category_id="7161", secret_info=secret
    )
    ticket = client.create_ticket(request).body.data
    assert alibaba.ticket(ticket)["secret_info"] == content
    assert client.get_ticket(models.GetTicketRequest(ticket_id=ticket)).body.data.description == DESCRIPTION


def test_messages_and_reply(alibaba, client, ticket):
    alibaba.script("POST", "reply", {"ticket": ticket, "content": "您好 🙏", "replier_name": "小王"})
    request = models.ReplyTicketRequest(ticket_id=ticket, content="谢谢 + 😀", encrypt=False)
    message_id = client.reply_ticket(request).body.data
    messages = client.list_ticket_notes(models.ListTicketNotesRequest(ticket_id=ticket)).body.data
    messages.sort(key=lambda message: message.dialog_id)
    assert [(message.user.role, message.dialog.content) for message in messages] == [(2, "您好 🙏"), (3, "谢谢 + 😀")]
    assert messages[0].user.name == "小王"
    assert int(message_id) == messages[1].dialog_id
    assert client.get_ticket(models.GetTicketRequest(ticket_id=ticket)).body.data.status.value == "4"


def test_a_file_is_downloaded_by_its_link_until_that_expires(alibaba, client, ticket):
    files = [{"name": "日志 1.txt", "content": {"text": "第一行"}}, {"name": "b", "content": {"bytes": 300_000}}]
    alibaba.script("POST", "support_message", {"ticket": ticket, "content": "请看附件", "files": files})

    def attachments():
        request = models.ListTicketNotesRequest(ticket_id=ticket)
        [message] = client.list_ticket_notes(request).body.data
        return message.attachments

    text, long = attachments()
    assert (text.name, long.name) == ("日志 1.txt", "b")
    assert requests.get(text.url).content.decode() == "第一行"
    assert len(requests.get(long.url).content) == 300_000
    assert requests.get(text.url.replace("Signature=", "Signature=0")).status_code == 403
    alibaba.script("POST", "settings", {"link_seconds": 0})
    assert requests.get(attachments()[0].url).status_code == 403
    alibaba.script("POST", "settings", {"link_seconds": None})


def test_a_file_is_sent_with_a_ticket_and_a_reply(alibaba, client):
    alibaba.script("POST", "settings", {"description_as_note": True})
    content = "第一行\n".encode() * 200_000

    def upload(name, content):
        data = client.get_attachment_upload_url(models.GetAttachmentUploadUrlRequest(file_name=name)).body.data
        assert requests.put(data.put_signed_url, data=content).status_code == 200
        assert requests.get(data.get_signed_url).content == content
        return data.object_key

    keys = [upload("日志 1+2%.txt", content), upload("empty", b"")]
    request = models.CreateTicketRequest(
        description=DESCRIPTION, severity=1, category_id="7161", file_name_list=keys
    )
    ticket = client.create_ticket(request).body.data
    reply = models.ReplyTicketRequest(
        ticket_id=ticket, content="见附件", encrypt=False, file_name_list=[upload("b.json", b"{}")]
    )
    client.reply_ticket(reply)
    notes = client.list_ticket_notes(models.ListTicketNotesRequest(ticket_id=ticket)).body.data
    notes.sort(key=lambda note: note.dialog_id)
    shown = [[(file.name, requests.get(file.url).content) for file in note.attachments] for note in notes]
    assert shown == [[("日志 1+2%.txt", content), ("empty", b"")], [("b.json", b"{}")]]
    alibaba.script("POST", "settings", {"description_as_note": False})
    with pytest.raises(ClientException) as raised:
        client.create_ticket(models.CreateTicketRequest(
            description=DESCRIPTION, severity=1, category_id="7161", file_name_list=["20221003/u99999999/a"]
        ))
    assert raised.value.code == "param.illegal"


def test_a_link_for_a_file_takes_it_unsigned_until_it_expires(alibaba, client):
    def link():
        request = models.GetAttachmentUploadUrlRequest(file_name="a.log")
        return client.get_attachment_upload_url(request).body.data.put_signed_url

    assert requests.put(link(), data=b"1", headers={"Content-Type": "text/plain"}).status_code == 403
    assert requests.put(link(), data=b"1", headers={"Authorization": "x"}).status_code == 400
    assert requests.put(link().replace("Signature=", "Signature=0"), data=b"1").status_code == 403
    alibaba.script("POST", "settings", {"link_seconds": 0})
    assert requests.put(link(), data=b"1").status_code == 403
    alibaba.script("POST", "settings", {"link_seconds": None})
    assert "content" not in alibaba.script("GET", "uploads")["uploads"][-1]


def test_a_long_conversation_comes_whole(alibaba, client, ticket):
    alibaba.script("POST", "messages", {"ticket": ticket, "count": 2500})
    messages = client.list_ticket_notes(models.ListTicketNotesRequest(ticket_id=ticket)).body.data
    ids = [message.dialog_id for message in messages]
    assert len(set(ids)) == 2500
    assert ids != sorted(ids)


def test_list_tickets(client, ticket):
    request = models.ListTicketsRequest(
        page_number=1, page_size=10, ticket_id_list=[ticket, "0000000000"], status_list=["assigned", "6"]
    )
    body = client.list_tickets(request).body
    assert (body.total_count, body.page_number, body.page_size) == (1, 1, 10)
    assert [(t.ticket_id, t.status.value) for t in body.data] == [(ticket, "1")]
    nothing = models.ListTicketsRequest(page_number=1, page_size=10, keyword="不存在的词")
    assert client.list_tickets(nothing).body.total_count == 0


def test_close_and_close_again(client, ticket):
    request = models.CloseTicketRequest(ticket_id=ticket)
    body = client.close_ticket(request).body
    assert (body.code, body.success) == (200, True)
    assert client.get_ticket(models.GetTicketRequest(ticket_id=ticket)).body.data.status.value == "6"
    # A refusal within HTTP 200: the SDK raises nothing.
    again = client.close_ticket(request).body
    assert (again.code, again.success) == (-101, False)
    reopened = client.reopen_ticket(models.ReopenTicketRequest(ticket_id=ticket, content="又坏了"))
    assert reopened.body.data == ticket


def test_reopen_and_evaluate(alibaba, client, ticket):
    def evaluate(score, solved, content=None):
        request = models.EvaluateTicketRequest(ticket_id=ticket, score=score, solved=solved, content=content)
        return client.evaluate_ticket(request).body

    assert evaluate("5", True).success is False
    client.close_ticket(models.CloseTicketRequest(ticket_id=ticket))
    assert evaluate("5", True, "谢谢 + 😀").success is True
    assert evaluate("1", False).success is True
    with pytest.raises(ClientException) as raised:
        evaluate("6", True)
    assert raised.value.code == "InvalidScore"
    ratings = [(one["solved"], one["scores"], one["comment"]) for one in alibaba.ticket(ticket)["ratings"]]
    assert ratings == [(True, [5], "谢谢 + 😀"), (False, [1], "")]

    reopened = client.reopen_ticket(models.ReopenTicketRequest(ticket_id=ticket, content="又出现了 + 😀")).body
    assert (reopened.success, reopened.data) == (True, ticket)
    assert client.get_ticket(models.GetTicketRequest(ticket_id=ticket)).body.data.status.value == "1"
    [message] = client.list_ticket_notes(models.ListTicketNotesRequest(ticket_id=ticket)).body.data
    assert message.dialog.content == "又出现了 + 😀"
    assert client.reopen_ticket(models.ReopenTicketRequest(ticket_id=ticket, content="x")).body.success is False


@pytest.mark.parametrize(
    ("key_id", "secret", "status", "code"),
    [
        (None, "wrong", 400, "SignatureDoesNotMatch"),
        ("unknown", None, 404, "InvalidAccessKeyId.NotFound"),
    ],
)
def test_wrong_keys(alibaba, key_id, secret, status, code):
    with pytest.raises(ClientException) as raised:
        client_for(alibaba, key_id, secret).list_products(models.ListProductsRequest())
    assert (raised.value.status_code, raised.value.code) == (status, code)
    assert raised.value.request_id


def test_error_shapes(alibaba, client, ticket):
    with pytest.raises(ClientException) as raised:
        client.get_ticket(models.GetTicketRequest(ticket_id="0000000000"))
    assert raised.value.code == "param.illegal"
    with pytest.raises(ClientException) as raised:
        client.list_tickets(models.ListTicketsRequest(page_number=1, page_size=5))
    assert raised.value.code == "InvalidPageSize"
    other = client_for(alibaba, alibaba.second_keys["id"], alibaba.second_keys["secret"])
    with pytest.raises(ClientException) as raised:
        other.get_ticket(models.GetTicketRequest(ticket_id=ticket))
    assert (raised.value.status_code, raised.value.code) == (401, "illegal.auth")


def test_throttling(alibaba, client):
    rule = {"operation": "ListProducts", "times": 1, "fault": "throttle", "retry_after_ms": 700}
    alibaba.script("POST", "faults", [rule])
    with pytest.raises(ThrottlingException) as raised:
        client.list_products(models.ListProductsRequest())
    assert (raised.value.code, raised.value.retry_after) == ("Throttling.User", 700)
    assert client.list_products(models.ListProductsRequest()).body.success is True
