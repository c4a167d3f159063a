"""The events on the stack's bus: a rule of this test sends every event of Polydesk to a queue."""

import json
import time

from .callers import allow, policy

WAIT_SECONDS = 150


class Bus:
    def __init__(self, emulator, bus):
        self._sqs = emulator.client("sqs")
        self._queue = self._sqs.create_queue(QueueName="events-of-the-bus")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        statement = allow("sqs:SendMessage", arn, Principal={"Service": "events.amazonaws.com"})
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy([statement])})
        events = emulator.client("events")
        events.put_rule(
            Name="all-of-polydesk", EventBusName=bus, EventPattern=json.dumps({"source": ["polydesk"]})
        )
        events.put_targets(
            Rule="all-of-polydesk", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}]
        )
        self.events = []

    def read(self):
        """All events up to now, in the order in which they came."""
        while True:
            response = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
            messages = response.get("Messages", [])
            for message in messages:
                self.events.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            if not messages:
                return self.events

    def wait_for(self, kind, matches):
        """The first event of a kind whose detail matches; waits for it."""
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            for event in self.read():
                if event["detail-type"] == kind and matches(event["detail"]):
                    return event
            time.sleep(0.5)
        raise AssertionError(f"no such {kind} came within {WAIT_SECONDS} s")

    def of_ticket(self, ticket):
        """The events of a ticket, in order: kind with state or message type, as `TicketUpdated closing`."""
        details = [(event["detail-type"], event["detail"]) for event in self.read()]
        return [
            f"{kind} {detail.get('state', detail.get('message_type'))}"
            for kind, detail in details
            if detail.get("ticket_id") == ticket
        ]
