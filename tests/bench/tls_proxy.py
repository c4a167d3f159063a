"""Ends TLS for the host names of AWS and of the vendor, and passes the requests on. Listens on loopback.

    tls_proxy.py ADDRESS CHAIN KEY CONFIG

CONFIG is JSON: `aws` is the port of MiniStack, `vendor` that of the simulator, `keys` the secrets by key id. Prints a
line when it listens.
"""

import asyncio
import contextlib
import json
import pathlib
import ssl
import sys

from resigning import signed_for

MAX_HEAD = 65536


class Proxy:
    """The connections of one listener. The TLS server name of a connection decides where it leads."""

    def __init__(self, config):
        self._config = config
        self._names = {}

    def context(self, chain, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        context.set_alpn_protocols(["http/1.1"])
        context.sni_callback = self._remember
        return context

    def _remember(self, ssl_object, name, _):
        self._names[id(ssl_object)] = name or ""

    async def serve(self, reader, writer):
        name = self._names.pop(id(writer.get_extra_info("ssl_object")), "")
        is_vendor = name.endswith(".aliyuncs.com")
        port = self._config["vendor" if is_vendor else "aws"]
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        requests = self._sign_again(reader, upstream_writer, port) if is_vendor else copy(reader, upstream_writer)
        await asyncio.gather(quiet(requests, upstream_writer), quiet(copy(upstream_reader, writer), writer))

    async def _sign_again(self, reader, writer, port):
        """A simulator answers only requests to its own address, and `Host` is signed."""
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            body = await reader.readexactly(content_length(head))
            writer.write(signed_for(f"127.0.0.1:{port}", head, body, self._config["keys"]) + body)
            await writer.drain()


def content_length(head):
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def quiet(work, writer):
    """Does the work until a connection ends, and closes the other one."""
    try:
        with contextlib.suppress(OSError):
            await work
    finally:
        writer.close()


async def main(address, chain, key, config):
    proxy = Proxy(json.loads(pathlib.Path(config).read_text()))
    context = proxy.context(chain, key)
    server = await asyncio.start_server(proxy.serve, address, 443, ssl=context, backlog=200, limit=MAX_HEAD)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
