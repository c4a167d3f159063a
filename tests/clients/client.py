"""What the story needs of a client, whatever generator wrote it."""

import dataclasses


@dataclasses.dataclass
class Answer:
    """A response as the client parsed it. `data` is a type of the client, or None without a body."""

    status: int
    data: object
    headers: dict

    def __post_init__(self):
        self.headers = {name.lower(): text for name, text in self.headers.items()}

    @property
    def replayed(self):
        return self.headers.get("idempotency-replayed") == "true"


class Refused(Exception):
    """An error response. `data` is a type of the client, a `Problem` if a function answered."""

    def __init__(self, status, data, body):
        super().__init__(f"{status} {body}")
        self.status = status
        self.data = data


def value(field):
    """The text of an enumeration's value."""
    return getattr(field, "value", field)


def is_absent(field):
    """Whether an optional field is not there: None or the client's own mark."""
    return not field and field is not False and field != 0


def type_of(item):
    """The field `type`, a word that Python reserves: one generator adds a mark to it."""
    return value(item.type_ if hasattr(item, "type_") else item.type)
