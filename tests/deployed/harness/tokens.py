"""An issuer of tokens on loopback, with its keys at the address where API Gateway reads them."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

HOUR = 3600
KEY_ID = "first"


class Issuer:
    """An issuer that answers at `url` until `stop`, and signs with RS256.

    https://openid.net/specs/openid-connect-discovery-1_0.html; RFC 7517 has the keys, RFC 7519 the tokens.
    """

    def __init__(self):
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        documents = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), serving(documents))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        documents["/.well-known/openid-configuration"] = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        documents["/keys"] = {"keys": [public(self._key)]}
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def token(self, audience, key_id=KEY_ID, **claims):
        """A token for an audience, valid for an hour. `claims` replace the default ones; `None` leaves one out."""
        return token({"alg": "RS256", "kid": key_id}, self.claims(audience) | claims, self._sign)

    def unsigned(self, audience):
        """A token with the algorithm `none` and no signature."""
        return token({"alg": "none", "kid": KEY_ID}, self.claims(audience), lambda text: b"")

    def claims(self, audience):
        now = int(time.time())
        return {"iss": self.url, "sub": "somebody", "aud": audience, "iat": now - 60, "exp": now + HOUR}

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _sign(self, text):
        return self._key.sign(text, padding.PKCS1v15(), SHA256())


def token(header, claims, sign):
    given = {name: value for name, value in claims.items() if value is not None}
    text = f"{encoded(header)}.{encoded(given)}"
    return f"{text}.{base64url(sign(text.encode()))}"


def encoded(value):
    return base64url(json.dumps(value).encode())


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public(key):
    """The public half, as a JSON Web Key."""
    numbers = key.public_key().public_numbers()
    n, e = (base64url(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e))
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": n, "e": e}


def serving(documents):
    """A handler that returns these documents, by path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            document = documents.get(self.path)
            self.send_response(404 if document is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_):
            pass

    return Handler
