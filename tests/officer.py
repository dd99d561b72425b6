"""An officer without a browser, who loads a page, fills in its form and sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from lxml import html

ACCEPTS_HTML = {"Accept": "text/html"}


@dataclass
class Page:
    """A page as the service sent it."""

    response: Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.url.path

    @property
    def query(self) -> str:
        return self.response.url.query.decode()

    @property
    def tree(self) -> Any:
        return html.fromstring(self.response.text)

    @property
    def text(self) -> str:
        """The text of the main part, in one line."""
        main = self.tree.get_element_by_id("main-content")
        return " ".join(main.text_content().split())

    def texts(self, css: str) -> list[str]:
        """The text of each element of a class."""
        elements = self.tree.find_class(css)
        return [" ".join(element.text_content().split()) for element in elements]

    def form(self, action: str) -> dict[str, Any]:
        """The fields of the form that is sent to `action`, with their values."""
        form = next(form for form in self.tree.forms if form.get("action") == action)
        return {name: value for name, value in form.form_values() if name}

    @property
    def errors(self) -> list[str]:
        """The error summary. Every link in it must lead to an element of the page."""
        for link in self.tree.xpath("//*[contains(@class, 'govuk-error-summary__list')]//a"):
            assert self.tree.get_element_by_id(link.get("href").removeprefix("#")) is not None
        return [
            " ".join(item.text_content().split())
            for item in self.tree.xpath("//*[contains(@class, 'govuk-error-summary__list')]/li")
        ]


@dataclass
class Officer:
    """A person who uses the pages of a service."""

    client: TestClient

    def open(self, address: str, **query: Any) -> Page:
        """Load a page."""
        return Page(self.client.get(address, params=query or None, headers=ACCEPTS_HTML))

    def send(self, address: str, fields: dict[str, Any], **files: Any) -> Page:
        """Send the fields of a form, with the secret of its page."""
        token = self.open("/").form("/need")["lbd-form"]
        data = {"lbd-form": token, **fields}
        return Page(self.client.post(address, data=data, files=files or None, headers=ACCEPTS_HTML))

    def paste(self, text: str) -> Page:
        """Paste a specification."""
        return self.send("/need", {"text": text})

    def upload(self, name: str, content: bytes) -> Page:
        """Upload a specification."""
        return self.send("/need", {"text": ""}, file=(name, content))

    def ask(self, text: str, **fields: Any) -> Page:
        """Paste a specification, change some fields, and ask for the shortlists."""
        form = self.paste(text).form("/lots")
        form |= {name.replace("_", "-"): value for name, value in fields.items()}
        return self.send("/lots", {**form, "do": "ask"})

    def decide(self, page: Page, **choices: Any) -> dict[str, Any]:
        """The form of the decision on a list; choices are (included, reason) by provider id."""
        included = [id_ for id_, (is_in, _) in choices.items() if is_in]
        opened = self.open(f"{page.path}/decision", lots=page.path.rpartition("/")[2],
                           provider=included)  # fmt: skip
        form = opened.form(f"{page.path}/decision")
        return (
            form
            | {"provider": included}
            | {f"reason-{id_}": reason for id_, (_, reason) in choices.items()}
        )


DECIDED = {
    "by": "Pat Example",
    "role": "Commissioning officer",
    "reason": "Nearest to those who need it.",
    "conflicts": "none",
}
"""The fields of a decision. Pat is invented."""
