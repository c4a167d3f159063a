"""The story with the Python client of openapi-generator."""

import polydesk
import story
from client import Answer, Refused


class Client:
    """Every operation by the generated method. Each fails with [`Refused`] where the response is an error."""

    Problem = polydesk.Problem
    GatewayMessage = polydesk.GatewayMessage

    def __init__(self, api, key, calls):
        configuration = polydesk.Configuration(host=api, access_token=key)
        self.api_client = polydesk.ApiClient(configuration)
        self.accounts = polydesk.AccountsApi(self.api_client)
        self.catalog = polydesk.CatalogApi(self.api_client)
        self.tickets = polydesk.TicketsApi(self.api_client)
        self.audit = polydesk.AuditApi(self.api_client)
        send = self.api_client.call_api

        def call_api(method, url, *arguments, **options):
            response = send(method, url, *arguments, **options)
            calls.record(method, url, response.status)
            return response

        self.api_client.call_api = call_api

    def call(self, operation, *arguments, **parameters):
        try:
            response = operation(*arguments, **parameters)
        except polydesk.ApiException as error:
            raise Refused(error.status, error.data, error.body) from error
        return Answer(response.status_code, response.data, response.headers)

    def get_version(self):
        return self.call(self.catalog.get_version_with_http_info)

    def list_vendors(self):
        return self.call(self.catalog.list_vendors_with_http_info)

    def get_form(self, vendor, product, problem_type):
        return self.call(self.catalog.get_form_with_http_info, polydesk.Vendor(vendor), product, problem_type)

    def create_account(self, fields, key=None):
        kind = {
            "ALIBABA": polydesk.NewAlibabaAccount,
            "HUAWEI": polydesk.NewHuaweiAccount,
            "TENCENT": polydesk.NewTencentAccount,
        }[fields["type"]]
        account = polydesk.NewAccount(kind(**fields))
        return self.call(self.accounts.create_account_with_http_info, account, idempotency_key=key)

    def list_accounts(self, **parameters):
        return self.call(self.accounts.list_accounts_with_http_info, **parameters)

    def get_account(self, account):
        return self.call(self.accounts.get_account_with_http_info, account)

    def change_account(self, account, adopt):
        change = polydesk.AccountChange(adopt_console_tickets=adopt)
        return self.call(self.accounts.change_account_with_http_info, account, change)

    def rotate_keys(self, account, secret_id, secret_key_secret):
        keys = polydesk.NewKeys(secret_id=secret_id, secret_key_secret=secret_key_secret)
        return self.call(self.accounts.rotate_keys_with_http_info, account, keys)

    def delete_account(self, account):
        return self.call(self.accounts.delete_account_with_http_info, account)

    def refresh_catalog(self, vendor=None):
        if vendor is None:
            return self.call(self.catalog.refresh_catalog_with_http_info)
        request = polydesk.RefreshRequest(type=polydesk.Vendor(vendor))
        return self.call(self.catalog.refresh_catalog_with_http_info, refresh_request=request)

    def get_refresh(self, refresh):
        return self.call(self.catalog.get_refresh_with_http_info, refresh)

    def list_products(self, vendor, **parameters):
        return self.call(self.catalog.list_products_with_http_info, type=polydesk.Vendor(vendor), **parameters)

    def list_product_types(self, vendor, **parameters):
        return self.call(self.catalog.list_product_types_with_http_info, type=polydesk.Vendor(vendor), **parameters)

    def list_sources(self, vendor):
        return self.call(self.catalog.list_sources_with_http_info, type=polydesk.Vendor(vendor))

    def list_regions(self, vendor):
        return self.call(self.catalog.list_regions_with_http_info, type=polydesk.Vendor(vendor))

    def list_catalog_changes(self, vendor, since, **parameters):
        list_changes = self.catalog.list_catalog_changes_with_http_info
        return self.call(list_changes, since, type=polydesk.Vendor(vendor), **parameters)

    def create_ticket(self, key, fields, **parameters):
        ticket = polydesk.NewTicket(**fields)
        return self.call(self.tickets.create_ticket_with_http_info, key, ticket, **parameters)

    def create_wrong_ticket(self, key, fields):
        # The client checks what it sends, so a wrong field needs a way around the check.
        return self.call(self.tickets.create_ticket_with_http_info, key, polydesk.NewTicket.model_construct(**fields))

    def list_tickets(self, account, vendor, status, state, since, until):
        return self.call(
            self.tickets.list_tickets_with_http_info,
            custom_id=account,
            type=polydesk.Vendor(vendor),
            status=polydesk.TicketStatus(status),
            state=polydesk.TicketState(state),
            var_from=since,
            to=until,
        )

    def get_statistics(self, first, last, account, vendor):
        return self.call(
            self.tickets.get_statistics_with_http_info,
            first,
            last,
            type=polydesk.Vendor(vendor),
            custom_id=account,
        )

    def list_audit_records(self, **filters):
        return self.call(self.audit.list_audit_records_with_http_info, **filters)

    def get_ticket(self, ticket):
        return self.call(self.tickets.get_ticket_with_http_info, ticket)

    def list_messages(self, ticket, **parameters):
        return self.call(self.tickets.list_messages_with_http_info, ticket, **parameters)

    def verify_archive(self, ticket):
        return self.call(self.tickets.get_verification_with_http_info, ticket)

    def get_transcript(self, ticket):
        return self.call(self.tickets.get_transcript_with_http_info, ticket)

    def get_attachment(self, ticket, attachment):
        return self.call(self.tickets.get_attachment_with_http_info, ticket, attachment)

    def create_attachment(self, fields):
        return self.call(self.tickets.create_attachment_with_http_info, polydesk.NewAttachment(**fields))

    def reply_ticket(self, key, ticket, content, attachments=None):
        message = polydesk.NewMessage(content=content, attachments=attachments)
        return self.call(self.tickets.reply_ticket_with_http_info, key, ticket, message)

    def close_ticket(self, ticket):
        return self.call(self.tickets.close_ticket_with_http_info, ticket)

    def reopen_ticket(self, key, ticket, content):
        return self.call(self.tickets.reopen_ticket_with_http_info, key, ticket, polydesk.Reopening(content=content))

    def urge_ticket(self, key, ticket):
        return self.call(self.tickets.urge_ticket_with_http_info, key, ticket)

    def withdraw_message(self, key, ticket, message):
        return self.call(self.tickets.withdraw_message_with_http_info, key, ticket, message)

    def rate_ticket(self, key, ticket, solved, score, comment=None):
        rating = polydesk.NewRating(solved=solved, score=score, comment=comment)
        return self.call(self.tickets.rate_ticket_with_http_info, key, ticket, rating)

    def erase_ticket(self, ticket, reason):
        return self.call(self.tickets.erase_ticket_with_http_info, ticket, reason=polydesk.Reason(reason=reason))

    def hold_ticket(self, ticket, reason, tag):
        body = polydesk.Reason(reason=reason)
        return self.call(self.tickets.hold_ticket_with_http_info, ticket, if_match=tag, reason=body)

    def end_hold(self, ticket):
        return self.call(self.tickets.end_hold_with_http_info, ticket)

    def resolve_ticket(self, ticket, cloud_id=None):
        at_vendor = polydesk.TicketAtVendor(cloud_id=cloud_id) if cloud_id else polydesk.Absent(absent=True)
        return self.call(self.tickets.resolve_ticket_with_http_info, ticket, polydesk.TicketResolution(at_vendor))

    def resolve_reply(self, ticket, reply, message_id=None):
        at_vendor = polydesk.ReplyAtVendor(message_id=message_id) if message_id else polydesk.Absent(absent=True)
        resolution = polydesk.ReplyResolution(at_vendor)
        return self.call(self.tickets.resolve_reply_with_http_info, ticket, reply, resolution)


if __name__ == "__main__":
    story.main(Client)
