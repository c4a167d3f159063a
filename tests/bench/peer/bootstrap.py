"""The smallest Lambda runtime in Python: `python bootstrap.py create.handler`."""

import http.client
import importlib
import json
import os
import sys
import traceback

RUNTIME = "/2018-06-01/runtime"


def main():
    module, _, name = sys.argv[1].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        connection.request("GET", f"{RUNTIME}/invocation/next")
        invocation = connection.getresponse()
        event = json.loads(invocation.read())
        request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            path, body = "response", handler(event)
        except Exception as error:
            traceback.print_exc()
            path, body = "error", {"errorMessage": str(error), "errorType": type(error).__name__}
        url = f"{RUNTIME}/invocation/{request_id}/{path}"
        connection.request("POST", url, json.dumps(body), {"Content-Type": "application/json"})
        connection.getresponse().read()


if __name__ == "__main__":
    main()
