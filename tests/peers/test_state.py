"""The binary keeps its tickets and keys in a file across restarts."""

import json
import os
import signal
import stat
import subprocess
import urllib.request

import pytest
from alibabacloud_workorder20210610 import models

from conftest import Vendor
from test_alibaba import client_for


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_tickets_and_keys_survive_a_restart(tmp_path, how):
    state = tmp_path / "state.json"

    def start():
        command = [os.environ["SIMULATORS_BIN"], "--state", str(state)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        return process, Vendor(json.loads(process.stdout.readline())["alibaba"])

    process, alibaba = start()
    request = models.CreateTicketRequest(description="描述 😀", severity=1, category_id="7161")
    ticket = client_for(alibaba).create_ticket(request).body.data
    alibaba.script("POST", "reply", {"ticket": ticket, "content": "您好"})
    process.send_signal(how)
    assert process.wait(timeout=10) == 0
    with pytest.raises(urllib.request.URLError):
        alibaba.script("GET", "tickets")

    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    keys = alibaba.keys
    process, alibaba = start()
    assert alibaba.keys == keys
    data = client_for(alibaba).get_ticket(models.GetTicketRequest(ticket_id=ticket)).body.data
    assert (data.description, data.status.value) == ("描述 😀", "3")
    messages = client_for(alibaba).list_ticket_notes(models.ListTicketNotesRequest(ticket_id=ticket)).body.data
    assert [message.dialog.content for message in messages] == ["您好"]
    assert client_for(alibaba).create_ticket(request).body.data != ticket
    process.send_signal(how)
    assert process.wait(timeout=10) == 0
