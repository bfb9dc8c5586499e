"""What Chromium would tell a screen reader."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def told(page: Page, role: str) -> list[dict[str, Any]]:
    """What Chromium's accessibility tree holds of this role: name, description and properties."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        {
            "name": node.get("name", {}).get("value", ""),
            "description": node.get("description", {}).get("value", ""),
            **{each["name"]: each["value"].get("value") for each in node.get("properties", [])},
        }
        for node in nodes
        if not node.get("ignored") and node.get("role", {}).get("value") == role
    ]
