"""A request to each server of `serve` that succeeds with the access key, and what it becomes without."""

import dataclasses
import hashlib
import hmac
import http.client
import json
import time
import urllib.parse

JSON = "application/json"


@dataclasses.dataclass(frozen=True)
class Request:
    """A request, complete but for its `Host`."""

    name: str
    url: str
    method: str
    path: str
    headers: dict
    body: bytes = b""

    def with_headers(self, **headers):
        """With other headers; None removes one."""
        changed = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return dataclasses.replace(self, headers={name: value for name, value in changed.items() if value is not None})

    def send(self):
        """The status, the headers and the body of the response."""
        address = urllib.parse.urlsplit(self.url).netloc
        connection = http.client.HTTPConnection(address, timeout=40)
        try:
            connection.putrequest(self.method, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in ({"Host": address, "Content-Length": len(self.body)} | self.headers).items():
                connection.putheader(name, value)
            connection.endheaders(self.body)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()


def register(served):
    """Registers an account, so that there is something to see, and returns its id."""
    body = json.dumps(served.registrations["ALIBABA"]).encode()
    status, _, answer = Request("api", served.api, "POST", "/accounts", bearer(served.key), body).send()
    assert status == 201, answer
    return json.loads(answer)["id"]


def upload(served, content):
    """Sends a file to the bucket by a link."""
    body = json.dumps({"name": "a.txt", "size": len(content), "type": "text/plain"}).encode()
    status, _, answer = Request("API", served.api, "POST", "/attachments", bearer(served.key), body).send()
    assert status == 201, answer
    target = json.loads(answer)
    link = target["upload_url"]
    bucket = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(link))
    path = link.removeprefix(bucket)
    return Request("S3", bucket, "PUT", path, target["headers"], content)


def bearer(key):
    return {"Authorization": f"Bearer {key}", "Content-Type": JSON}


def to_every_server(served, account):
    """A request to each server that only the access key opens."""
    yield Request("API", served.api, "GET", "/accounts", bearer(served.key))
    yield Request("API (write)", served.api, "POST", "/catalog/refresh", bearer(served.key))
    secret = {"SecretId": f"polydesk/local/account/{account}"}
    event = {"Source": "polydesk", "DetailType": "T", "Detail": "{}", "EventBusName": "polydesk"}
    queue = served.environment["DEAD_LETTER_QUEUE_URL"]
    for service, target, body in [
        ("DYNAMODB", "DynamoDB_20120810.Scan", {"TableName": "polydesk"}),
        ("SECRETS_MANAGER", "secretsmanager.GetSecretValue", secret),
        ("EVENTBRIDGE", "AWSEvents.PutEvents", {"Entries": [event]}),
        ("SQS", "AmazonSQS.SendMessage", {"QueueUrl": queue, "MessageBody": "x"}),
    ]:
        url = served.environment[f"AWS_ENDPOINT_URL_{service}"]
        headers = {"Authorization": signed_by(served.key), "X-Amz-Target": target, "Content-Type": JSON}
        yield Request(service, url, "POST", "/", headers, json.dumps(body).encode())
    for vendor, body in served.registrations.items():
        yield Request(f"{vendor} (control)", body["endpoint"], "GET", "/_simulator/tickets", bearer(served.key))


def signed_by(key):
    return f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/x/aws4_request, SignedHeaders=host, Signature=0"


def tencent_call(served, secret):
    """A call of the simulated Tencent Cloud, signed with a secret."""
    body = served.registrations["TENCENT"]
    now = int(time.time())
    date = time.strftime("%Y-%m-%d", time.gmtime(now))
    host = urllib.parse.urlsplit(body["endpoint"]).netloc
    digest = hashlib.sha256(b"{}").hexdigest()
    canonical = f"POST\n/\n\ncontent-type:{JSON}\nhost:{host}\n\ncontent-type;host\n{digest}"
    scope = f"{date}/sts/tc3_request"
    text = f"TC3-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{secret}".encode()
    for part in (date, "sts", "tc3_request", text):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"Credential={body['secret_id']}/{scope}"
    headers = {
        "Authorization": f"TC3-HMAC-SHA256 {credential}, SignedHeaders=content-type;host, Signature={key.hex()}",
        "Content-Type": JSON,
        "X-TC-Action": "GetCallerIdentity",
        "X-TC-Version": "2018-08-13",
        "X-TC-Timestamp": str(now),
    }
    return Request("TENCENT", body["endpoint"], "POST", "/", headers, b"{}")
