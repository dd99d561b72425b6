"""The service manifest of the Reconciliation API 0.2."""

from __future__ import annotations

from api.http.reconciliation.client_json import BATCH
from api.http.reconciliation.data_extension import SETTING
from api.http.reconciliation.properties import default_types
from matcher.core.types import Json

PREVIEW_SIZE = (420, 240)
"""Width and height of the frame that shows an organisation, in pixels."""


def manifest(base: str) -> dict[str, Json]:
    """The service manifest, for a client that reaches it at the address `base`."""

    def at(path: str) -> dict[str, Json]:
        return {"service_url": base, "service_path": path}

    types: list[Json] = [*default_types()]
    return {
        "versions": ["0.2"],
        "name": "Local by Default: providers",
        "identifierSpace": "https://org-id.guide/",
        "schemaSpace": f"{base}/reconcile/properties",
        "defaultTypes": types,
        "view": {"url": f"{base}/providers/{{{{id}}}}"},
        "preview": {
            "url": f"{base}/reconcile/preview?id={{{{id}}}}",
            "width": PREVIEW_SIZE[0],
            "height": PREVIEW_SIZE[1],
        },
        "batchSize": BATCH,
        "suggest": {
            "entity": {
                **at("/reconcile/suggest/entity"),
                "flyout_service_url": base,
                "flyout_service_path": "/reconcile/flyout/entity?id=${id}",
            },
            "property": at("/reconcile/suggest/property"),
            "type": at("/reconcile/suggest/type"),
        },
        "extend": {
            "propose_properties": at("/reconcile/properties"),
            "property_settings": [SETTING],
        },
    }
