"""An officer at the pages, without a browser: loads a page, fills in its form, sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from lxml import html

WANTS_A_PAGE = {"Accept": "text/html"}


@dataclass
class Page:
    """A page as it came."""

    response: Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.url.path

    @property
    def tree(self) -> Any:
        return html.fromstring(self.response.text)

    @property
    def text(self) -> str:
        """What a reader reads, in one line."""
        main = self.tree.get_element_by_id("main-content")
        return " ".join(main.text_content().split())

    def of(self, css: str) -> list[str]:
        """The text of each element of a class."""
        found = self.tree.find_class(css)
        return [" ".join(one.text_content().split()) for one in found]

    def form(self, action: str) -> dict[str, Any]:
        """The fields of the form that goes to `action`, as they stand."""
        form = next(form for form in self.tree.forms if form.get("action") == action)
        return {name: value for name, value in form.form_values() if name}

    @property
    def wrongs(self) -> list[str]:
        """What the summary of errors says, and that each of its links leads somewhere."""
        for link in self.tree.xpath("//*[contains(@class, 'govuk-error-summary__list')]//a"):
            assert self.tree.get_element_by_id(link.get("href").removeprefix("#")) is not None
        return [
            " ".join(one.text_content().split())
            for one in self.tree.xpath("//*[contains(@class, 'govuk-error-summary__list')]/li")
        ]


@dataclass
class Officer:
    """Somebody who uses the pages of a service."""

    client: TestClient

    def goes(self, address: str, **query: Any) -> Page:
        """Load a page."""
        return Page(self.client.get(address, params=query or None, headers=WANTS_A_PAGE))

    def sends(self, address: str, fields: dict[str, Any], **files: Any) -> Page:
        """Send a form's fields, with the secret that its page carries."""
        token = self.goes("/").form("/need")["lbd-form"]
        data = {"lbd-form": token, **fields}
        sent = self.client.post(address, data=data, files=files or None, headers=WANTS_A_PAGE)
        return Page(sent)

    def describes(self, said: str) -> Page:
        """Paste a need."""
        return self.sends("/need", {"said": said})

    def uploads(self, name: str, content: bytes) -> Page:
        """Upload a specification."""
        return self.sends("/need", {"said": ""}, file=(name, content))

    def asks(self, said: str, **fields: Any) -> Page:
        """Paste a need, change some fields of the lots found, and ask for the lists."""
        found = self.describes(said).form("/lots")
        found |= {name.replace("_", "-"): value for name, value in fields.items()}
        return self.sends("/lots", {**found, "do": "ask"})

    def chooses(self, page: Page, **choices: Any) -> Page:
        """Send choices from a list: provider's id → (outcome, reason)."""
        fields = {"lots": page.path.rpartition("/")[2]}
        for id_, (outcome, reason) in choices.items():
            fields |= {f"choice-{id_}": outcome, f"reason-{id_}": reason}
        return self.sends(f"{page.path}/choices", fields)


DECIDED = {
    "by": "Pat Example",
    "role": "Commissioning officer",
    "reason": "Nearest to those who need it.",
    "conflicts": "none",
}
"""A decision as its form says it; Pat is invented."""
