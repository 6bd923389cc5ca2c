"""The response of a list against its JSON Schema, and no more.

BASE_URL=http://127.0.0.1:8900 pytest docs/comparison/schema_check.py
"""

import json
import os
from pathlib import Path

import jsonschema
import pytest
import requests

SCHEMAS = Path(__file__).resolve().parents[2] / "fixtures" / "schemas"
QUERIES = ({"limit": 100, "offset": 0}, {"limit": 100, "offset": 100}, {"limit": 1, "offset": 0})


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_response_matches_its_schema(query: dict[str, int]) -> None:
    response = requests.get(
        f"{os.environ['BASE_URL']}/v1/models", params={"gateway": "huggingface", **query}, timeout=10
    )
    body = response.json()
    jsonschema.validate(body, json.loads((SCHEMAS / "gatewayz-envelope.json").read_text()))
    model = json.loads((SCHEMAS / "gatewayz-model.json").read_text())
    for item in body["data"]:
        jsonschema.validate(item, model)
