"""Takes the picture of the README from a running demo company: needs Chromium and Playwright.

python3 run.py demo
python docs/images/take.py http://127.0.0.1:8000 demo@northreach.example PASSWORD
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).with_name("overview.png")
WIDTH, HEIGHT = 1440, 1000
MOST_BYTES = 250_000


def take(address: str, email: str, password: str) -> int:
    """Photograph the overview by quarters, in light, and return the size in bytes."""
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(f"{address}/sign-in")
        page.fill("[name=username]", email)
        page.fill("[name=password]", password)
        page.click("main button")
        page.goto(f"{address}/?survey=relationship&grain=quarter")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURE)
        browser.close()
    return PICTURE.stat().st_size


if __name__ == "__main__":
    size = take(*sys.argv[1:4])
    print(f"{PICTURE.name}: {size:,} bytes")
    sys.exit(0 if size <= MOST_BYTES else f"It is larger than {MOST_BYTES:,} bytes.")
