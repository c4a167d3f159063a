"""The story with the client of openapi-python-client."""

import httpx
import story
from client import Answer, Refused
from polydesk import AuthenticatedClient, models
from polydesk.api.accounts import (
    change_account,
    create_account,
    delete_account,
    get_account,
    list_accounts,
    rotate_keys,
)
from polydesk.api.audit import list_audit_records
from polydesk.api.catalog import (
    get_form,
    get_refresh,
    get_version,
    list_catalog_changes,
    list_product_types,
    list_products,
    list_regions,
    list_sources,
    list_vendors,
    refresh_catalog,
)
from polydesk.api.tickets import (
    close_ticket,
    create_attachment,
    create_ticket,
    end_hold,
    erase_ticket,
    get_statistics,
    get_ticket,
    hold_ticket,
    list_messages,
    list_tickets,
    rate_ticket,
    reopen_ticket,
    reply_ticket,
    resolve_reply,
    resolve_ticket,
    urge_ticket,
    withdraw_message,
)
from polydesk.types import UNSET


class Client:
    """Every operation by the generated function. Each fails with [`Refused`] where the response is an error."""

    Problem = models.Problem
    GatewayMessage = models.GatewayMessage

    def __init__(self, api, key, calls):
        def record(response):
            calls.record(response.request.method, str(response.request.url), response.status_code)

        self.client = AuthenticatedClient(
            base_url=api,
            token=key,
            raise_on_unexpected_status=True,
            timeout=httpx.Timeout(40),
            httpx_args={"event_hooks": {"response": [record]}},
        )

    def call(self, operation, *arguments, **parameters):
        response = operation.sync_detailed(*arguments, client=self.client, **parameters)
        if response.status_code >= 400:
            raise Refused(response.status_code, response.parsed, response.content)
        return Answer(response.status_code, response.parsed, response.headers)

    def get_version(self):
        return self.call(get_version)

    def list_vendors(self):
        return self.call(list_vendors)

    def create_account(self, fields, key=None):
        kind = {
            "ALIBABA": models.NewAlibabaAccount,
            "HUAWEI": models.NewHuaweiAccount,
            "TENCENT": models.NewTencentAccount,
        }[fields["type"]]
        return self.call(create_account, body=kind.from_dict(fields), idempotency_key=key or UNSET)

    def list_accounts(self, **parameters):
        return self.call(list_accounts, **parameters)

    def get_account(self, account):
        return self.call(get_account, account)

    def change_account(self, account, adopt):
        return self.call(change_account, account, body=models.AccountChange(adopt_console_tickets=adopt))

    def rotate_keys(self, account, secret_id, secret_key_secret):
        return self.call(rotate_keys, account, body=models.NewKeys(secret_id, secret_key_secret))

    def delete_account(self, account):
        return self.call(delete_account, account)

    def refresh_catalog(self, vendor=None):
        request = models.RefreshRequest(type_=models.Vendor(vendor)) if vendor else UNSET
        return self.call(refresh_catalog, body=request)

    def get_refresh(self, refresh):
        return self.call(get_refresh, refresh)

    def list_products(self, vendor, **parameters):
        return self.call(list_products, type_=models.Vendor(vendor), **parameters)

    def list_product_types(self, vendor, **parameters):
        return self.call(list_product_types, type_=models.Vendor(vendor), **parameters)

    def list_sources(self, vendor):
        return self.call(list_sources, type_=models.Vendor(vendor))

    def list_catalog_changes(self, vendor, since, **parameters):
        return self.call(list_catalog_changes, since=since, type_=models.Vendor(vendor), **parameters)

    def get_form(self, vendor, product, problem_type):
        kind = {"product_id": product, "product_business_id": problem_type}
        return self.call(get_form, type_=models.Vendor(vendor), **kind)

    def list_regions(self, vendor):
        return self.call(list_regions, type_=models.Vendor(vendor))

    def create_ticket(self, key, fields, **parameters):
        body = models.NewTicket.from_dict(fields)
        return self.call(create_ticket, body=body, idempotency_key=key, **parameters)

    # The client does not check texts.
    create_wrong_ticket = create_ticket

    def list_tickets(self, account, vendor, status, state, since, until):
        return self.call(
            list_tickets,
            custom_id=account,
            type_=models.Vendor(vendor),
            status=models.TicketStatus(status),
            state=models.TicketState(state),
            from_=since,
            to=until,
        )

    def get_statistics(self, first, last, account, vendor):
        return self.call(get_statistics, from_=first, to=last, type_=models.Vendor(vendor), custom_id=account)

    def list_audit_records(self, **filters):
        return self.call(list_audit_records, **filters)

    def get_ticket(self, ticket):
        return self.call(get_ticket, ticket)

    def list_messages(self, ticket, **parameters):
        return self.call(list_messages, ticket, **parameters)

    def verify_archive(self, ticket):
        from polydesk.api.tickets import get_verification

        return self.call(get_verification, ticket)

    def get_transcript(self, ticket):
        from polydesk.api.tickets import get_transcript

        return self.call(get_transcript, ticket)

    def get_attachment(self, ticket, attachment):
        from polydesk.api.tickets import get_attachment

        return self.call(get_attachment, ticket, attachment)

    def create_attachment(self, fields):
        return self.call(create_attachment, body=models.NewAttachment.from_dict(fields))

    def reply_ticket(self, key, ticket, content, attachments=UNSET):
        message = models.NewMessage(content, attachments=attachments)
        return self.call(reply_ticket, ticket, body=message, idempotency_key=key)

    def close_ticket(self, ticket):
        return self.call(close_ticket, ticket)

    def reopen_ticket(self, key, ticket, content):
        return self.call(reopen_ticket, ticket, body=models.Reopening(content), idempotency_key=key)

    def urge_ticket(self, key, ticket):
        return self.call(urge_ticket, ticket, idempotency_key=key)

    def withdraw_message(self, key, ticket, message):
        return self.call(withdraw_message, ticket, message, idempotency_key=key)

    def rate_ticket(self, key, ticket, solved, score, comment=UNSET):
        rating = models.NewRating(solved=solved, score=score, comment=comment)
        return self.call(rate_ticket, ticket, body=rating, idempotency_key=key)

    def erase_ticket(self, ticket, reason):
        return self.call(erase_ticket, ticket, body=models.Reason(reason=reason))

    def hold_ticket(self, ticket, reason, tag):
        return self.call(hold_ticket, ticket, body=models.Reason(reason=reason), if_match=tag)

    def end_hold(self, ticket):
        return self.call(end_hold, ticket)

    def resolve_ticket(self, ticket, cloud_id=None):
        at_vendor = models.TicketAtVendor(cloud_id) if cloud_id else models.Absent(absent=True)
        return self.call(resolve_ticket, ticket, body=at_vendor)

    def resolve_reply(self, ticket, reply, message_id=None):
        at_vendor = models.ReplyAtVendor(message_id) if message_id else models.Absent(absent=True)
        return self.call(resolve_reply, ticket, reply, body=at_vendor)


if __name__ == "__main__":
    story.main(Client)
