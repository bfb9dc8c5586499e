"""How pages and files travel: packed, named by their content, and not sent again to who has them."""

from __future__ import annotations

import gzip
import re

from lms.web.assets import STYLE_SHEET, asset, content_of
from lms.web.transfer import packed
from tests.support.browser import Browser

TAKES_GZIP = {"Accept-Encoding": "gzip, deflate, br"}
ADDRESS = re.compile(r'"(/static/[^"]+)"')


def test_a_page_is_packed_for_who_takes_it_and_for_nobody_else(client: Browser) -> None:
    plain = client.get("/help")
    small = client.get("/help", headers=TAKES_GZIP)
    refused = client.get("/help", headers={"Accept-Encoding": "gzip;q=0"})

    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data == refused.data
    assert len(small.data) < len(plain.data) / 2
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_the_length_of_a_packed_page_does_not_tell_what_is_on_it(client: Browser) -> None:
    lengths = {len(client.get("/help", headers=TAKES_GZIP).data) for _time in range(12)}

    assert len(lengths) > 1


def test_what_is_packed_is_read_by_every_gzip() -> None:
    for body in (b"", b"short", bytes(range(256)) * 1_000):
        for name in (b"", b"---"):
            assert gzip.decompress(packed(body, 5, name)) == body


def test_every_file_of_a_page_is_kept_for_ever_under_the_name_of_its_content(client: Browser) -> None:
    addresses = set(ADDRESS.findall(client.get("/").text))

    assert len(addresses) >= 4
    for address in addresses:
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", address
        assert client.get(address.replace("/static/", "/static/0")).headers["Cache-Control"] == "no-cache"


def test_the_style_sheet_is_packed(client: Browser) -> None:
    with client.application.test_request_context():
        address = asset(STYLE_SHEET)

    answer = client.get(address, headers=TAKES_GZIP)

    assert answer.mimetype == "text/css"
    assert gzip.decompress(answer.data) == content_of(STYLE_SHEET)
    assert len(answer.data) < len(content_of(STYLE_SHEET)) / 3


def test_what_has_not_changed_is_not_sent_again(client: Browser, as_learner: Browser) -> None:
    file = ADDRESS.findall(client.get("/").text)[0]
    for browser, address in ((client, "/"), (client, "/programs"), (client, file)):
        first = browser.get(address, headers=TAKES_GZIP)
        again = browser.get(address, headers={**TAKES_GZIP, "If-None-Match": first.headers["ETag"]})

        assert again.status_code == 304, address
        assert again.data == b""
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_a_tag_names_one_content_alone(client: Browser, as_learner: Browser) -> None:
    tag = client.get("/").headers["ETag"]

    assert as_learner.get("/", headers={"If-None-Match": tag}).status_code == 200
    assert client.get("/help", headers={"If-None-Match": tag}).status_code == 200


def test_a_sitting_is_never_kept(as_learner: Browser) -> None:
    answer = as_learner.get("/exams/attempts/AAAAAAAAAAAAAAAAAAAAAA/items/1")

    assert "no-store" in answer.headers["Cache-Control"]
    assert "ETag" not in answer.headers


def test_no_address_leads_out_of_the_folder_of_files(client: Browser) -> None:
    for name in ("../app.py", "css/../../app.py", "%2e%2e/app.py", "/etc/passwd", "css/../favicon.svg", "css"):
        assert client.get(f"/static/x/{name}").status_code in {404, 308}, name


def test_no_cookie_travels_with_what_every_cache_may_hand_on(as_learner: Browser) -> None:
    with as_learner.session_transaction() as session:
        session.permanent = True
    page = as_learner.get("/learn")

    files = [as_learner.get(address) for address in ADDRESS.findall(page.text)]

    assert "Set-Cookie" in page.headers
    assert len(files) >= 4
    for file in files:
        assert "Set-Cookie" not in file.headers
        assert "Cookie" not in file.headers.get("Vary", "")
