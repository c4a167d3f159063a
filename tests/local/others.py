"""Shows that a page of another origin gets nothing from `serve`, and another user only the files of the desk."""

import contextlib
import dataclasses
import os
import pathlib
import stat
import time

import calls
from served import serving

NOBODY = 65534

# The secret that the source code shows for the simulated Tencent Cloud.
KNOWN_SECRET = "tencent-demo-secret"

# Headers that would let a page read a response.
READABLE_BY_A_PAGE = "access-control-allow"


def main():
    with serving() as served:
        account = calls.register(served)
        served.secrets.append(account)
        requests = list(calls.to_every_server(served, account))
        upload = calls.upload(served, b"12345")
        with_the_key(served, [*requests, upload])
        by_a_page(served, [*requests, upload])
        the_desk(served)
        by_the_desk(served, upload)
        without_the_key(served, requests, upload)
        files(served)
    print("A page of another origin gets nothing, and another user the files of the desk.")


def with_the_key(served, requests):
    """Every request is one that succeeds, or the refusals below would prove nothing."""
    for request in requests:
        status, _, body = request.send()
        assert status in (200, 202), f"{request.name}: {status} {body}"
    status, _, body = calls.tencent_call(served, served.registrations["TENCENT"]["secret_key_secret"]).send()
    assert "AccountId" in body, body
    print(f"{len(requests) + 1} requests with the access key or the vendor's keys succeed")


def by_a_page(served, requests):
    """The browser adds `Origin`, and with DNS rebinding the page's own name in `Host`: with the key or without."""
    requests = [*requests, calls.tencent_call(served, served.registrations["TENCENT"]["secret_key_secret"])]
    for request in requests:
        port = request.url.rsplit(":", 1)[1]
        for headers in (
            {"Origin": "https://page.example"},
            {"Origin": "null"},
            {"Host": f"page.example:{port}"},
            {"Host": f"page.example:{port}", "Origin": f"http://page.example:{port}"},
            {"Host": f"127.0.0.1.page.example:{port}"},
        ):
            refused(served, request.with_headers(**headers), (403,))
        # Asks whether it may send more than a form can.
        asks = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST", "Authorization": None}
        preflight = calls.Request(request.name, request.url, "OPTIONS", request.path, {}).with_headers(**asks)
        refused(served, preflight, (403,))
    # What a form can send to another origin without asking, from a browser that adds no `Origin`.
    forms = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
    for form in forms:
        write = calls.Request("API", served.api, "POST", "/catalog/refresh", {"Content-Type": form}, b"{}")
        refused(served, write, (401,))
        refused(served, write.with_headers(Authorization=f"Bearer {served.key}"), (415,))


def the_desk(served):
    """Its files are for everybody and name no secret; a page of another origin gets not even these."""
    answers = {"/": 302, "/desk": 200, "/desk/": 200, "/desk/config.json": 200, "/desk/none.js": 404}
    for path, expected in answers.items():
        file = calls.Request("desk", served.api, "GET", path, {})
        refused(served, file, (expected,))
        status, headers, _ = file.send()
        assert "default-src 'none'" in headers["content-security-policy"], f"{status} {headers}"
        for headers in ({"Origin": "https://page.example"}, {"Host": "page.example"}):
            refused(served, file.with_headers(**headers), (403,))
    # Another route.
    refused(served, calls.Request("API", served.api, "GET", "/version", {}), (401,))


def by_the_desk(served, upload):
    """The page of the API may use a link to a file, and nothing else of another server."""
    own = {"Origin": served.api}
    status, headers, body = upload.with_headers(**own).send()
    assert status == 200 and headers["access-control-allow-origin"] == served.api, f"{status} {headers} {body}"
    no_link = dataclasses.replace(upload, path=upload.path.split("?")[0])
    refused(served, no_link.with_headers(**own, Authorization=calls.signed_by(served.key)), (403,))
    for request in calls.to_every_server(served, "none"):
        if request.url != served.api:
            refused(served, request.with_headers(**own), (403,))


def without_the_key(served, requests, upload):
    """Another user can connect to every port."""
    for request in requests:
        for value in (None, "Bearer 0", f"Bearer {'0' * 32}", calls.signed_by("local"), calls.signed_by("0" * 32)):
            refused(served, request.with_headers(Authorization=value), (401, 403))
    refused(served, dataclasses.replace(upload, path=upload.path.replace(served.key, "0" * 32)), (403,))
    _, _, body = calls.tencent_call(served, KNOWN_SECRET).send()
    assert "AuthFailure.SignatureFailure" in body and "AccountId" not in body, body


def refused(served, request, statuses):
    status, headers, body = request.send()
    what = f"{request.name}: {request.method} {request.path} {request.headers}: {status} {headers} {body}"
    assert status in statuses, what
    assert not any(name.lower().startswith(READABLE_BY_A_PAGE) for name in headers), what
    assert not any(secret in f"{headers} {body}" for secret in served.secrets), what


def files(served):
    """Files are 0600 and folders 0700, and output and arguments have no secret."""
    found = wait_for_files(served.folder)
    assert any(path.name == "a.txt" for path in found), "the uploaded file is not there"
    wrong = [f"{path}: {mode}" for path, mode in found.items() if mode not in ("-rw-------", "drwx------")]
    assert not wrong, wrong
    process = pathlib.Path(f"/proc/{served.process.pid}")
    shown = "".join(served.output) + (process / "cmdline").read_text()
    assert not any(secret in shown for secret in served.secrets[:-1]), "output or arguments show a secret"
    print(f"{len(found)} files and folders are their owner's alone")
    if os.getuid() == 0:
        as_nobody([*found, process / "environ"])


def wait_for_files(folder):
    """Every file and folder with its mode, once all that `serve` writes are there."""
    state = {f".{name}.json" for name in ("queue", "secrets", "simulators", "statistics", "stream")}
    expected = {"", "-wal", "-shm", ".access"} | state
    for _ in range(300):
        found = dict(modes(folder))
        missing = expected - {path.name.removeprefix("polydesk.db") for path in found}
        if not missing:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not there: {missing}")


def modes(folder):
    for path in folder.rglob("*"):
        # A file that is replaced meanwhile has gone.
        with contextlib.suppress(FileNotFoundError):
            yield path, stat.filemode(path.lstat().st_mode)


def as_nobody(paths):
    """Opens everything as another user, in a process of its own."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            opened = [str(path) for path in paths if can_open(path)]
            print(f"opened as nobody: {opened or 'nothing'}", flush=True)
            status = 1 if opened else 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def can_open(path):
    for flags in (os.O_RDONLY, os.O_WRONLY):
        try:
            os.close(os.open(path, flags))
            return True
        except (PermissionError, FileNotFoundError, IsADirectoryError):
            pass
    return False


if __name__ == "__main__":
    main()
