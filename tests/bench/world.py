"""Both sides with what the scenarios need. Test data is created when a scenario first asks for it."""

import functools
import itertools

from peer_side import Peer
from product import Product


class World:
    """The product and the peer on the same backends."""

    def __init__(self, backends, programs, folder, list_tickets):
        self.backends = backends
        self.alibaba = backends.alibaba
        self._programs = programs
        self.folder = folder
        self._list_tickets = list_tickets
        self._tables = itertools.count(1)

    def new_product(self, name, environment=None):
        """The product on a new table, without accounts."""
        table = f"{name}-{next(self._tables)}"
        return Product(self.backends, self._programs, self.folder, table, environment)

    def new_peer(self, name, endpoint=None, environment=None):
        return Peer(self.backends, self.folder, f"{name}-{next(self._tables)}", endpoint, environment)

    @functools.cached_property
    def _product(self):
        """The product with a catalog, and an account."""
        product = self.new_product("polydesk")
        account = product.register(f"{product.table}-customer")
        product.refresh()
        return product, account

    @property
    def product(self):
        return self._product[0]

    @property
    def account(self):
        return self._product[1]

    @functools.cached_property
    def creating(self):
        """The product with a catalog and two accounts, and the accounts."""
        product = self.new_product("create")
        accounts = [product.register(f"{product.table}-{customer}") for customer in ("first", "second")]
        product.refresh()
        return product, accounts

    @functools.cached_property
    def peer(self):
        peer = self.new_peer("peer")
        peer.refresh()
        return peer

    @functools.cached_property
    def listed(self):
        """The product with one account and many tickets, and the account."""
        product = self.new_product("list")
        account = product.register(f"{product.table}-customer")
        product.refresh()
        product.tickets([account], self._list_tickets)
        return product, account
