"""axe-core finds nothing serious, in the dark and in the light."""

import pytest
from axe_playwright_python.sync_playwright import Axe


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("keys", [(), ("j", "Enter", "o", "a"), ("?",)], ids=["list", "viewer", "keys"])
def test_axe_finds_nothing_serious(open_page, scheme, keys):
    opened = open_page(color_scheme=scheme, bypass_csp=True)  # axe itself is a script of its own
    opened.page.locator("summary").click()
    opened.press(*keys)
    found = Axe().run(opened.page).response
    assert found["passes"]
    serious = [
        (rule["id"], node["html"])
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert serious == []
