"""Signs a request to Alibaba Cloud again, for another host.

The signature is ACS3-HMAC-SHA256: https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
"""

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote

AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=\w+")


def signed_for(host, head, body, secrets):
    """The head of the request with that `Host` and a signature for it."""
    request_line, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
    headers = [(name, host if name.lower() == "host" else value) for name, value in headers]
    values = {name.lower(): value for name, value in headers}
    key_id, names = AUTHORIZATION.fullmatch(values["authorization"]).groups()
    method, target, _ = request_line.split(" ")
    canonical = canonical_request(method, target, values, names, body)
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secrets[key_id].encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
    headers = [(name, authorization if name.lower() == "authorization" else value) for name, value in headers]
    return "\r\n".join([request_line, *(f"{name}: {value}" for name, value in headers), "", ""]).encode("latin-1")


def canonical_request(method, target, values, names, body):
    _, _, query = target.partition("?")
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    encoded = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    lines = "".join(f"{name}:{values[name]}\n" for name in names.split(";"))
    return f"{method}\n/\n{encoded}\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
