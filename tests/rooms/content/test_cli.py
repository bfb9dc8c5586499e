"""Between a folder and the store: publish, pull and diff, and nobody's words lost on the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from flask import Flask

from lms.cli import run
from lms.content import queries
from lms.content.compiling import Tree, read_tree
from lms.content.taking_over import take_over
from lms.foundation.settings import Settings
from tests.support.browser import settle
from tests.support.campus import TREE
from tests.support.trees import EXAM, LESSON, SHORT_LESSON

Output = pytest.CaptureFixture[str]


@pytest.fixture
def operator(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the test's database; the test lets go of it before each command."""
    settings: Settings = app.extensions["lms_settings"]
    monkeypatch.setenv("LMS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("LMS_MAIL_URL", settings.mail_url)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder that stands on release 1."""
    return standing_on_one(tmp_path / "mine")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Somebody else's."""
    return standing_on_one(tmp_path / "other")


def standing_on_one(folder: Path) -> Path:
    shutil.copytree(TREE, folder)
    (folder / ".baton-release").write_text("1\n")
    return folder


def lms(*words: object) -> int:
    settle()
    return run([str(word) for word in words])


def add(folder: Path, path: str, sentence: str) -> None:
    file = folder / path
    file.write_text(f"{file.read_text()}\n{sentence}\n")


def base(folder: Path) -> str:
    return (folder / ".baton-release").read_text().strip()


def content_of(folder: Path) -> dict[str, bytes]:
    return dict(read_tree(folder).files)


class TestTakingOver:
    """The comparison alone: base, what others published, what stands here."""

    @pytest.mark.parametrize(
        ("old", "theirs", "own", "expected"),
        [
            (b"1", b"1", b"1", ""),
            (b"1", b"2", b"1", "write"),
            (b"1", b"1", b"2", ""),
            (b"1", b"2", b"2", ""),
            (b"1", b"2", b"3", "conflict"),
            (None, b"1", None, "write"),
            (None, b"1", b"2", "conflict"),
            (b"1", None, b"1", "remove"),
            (b"1", None, b"2", "conflict"),
            (b"1", b"2", None, "conflict"),
            (b"1", b"1", None, ""),
            (None, None, b"1", ""),
        ],
    )
    def test_each_case(self, old: bytes | None, theirs: bytes | None, own: bytes | None, expected: str) -> None:
        trees = [Tree({} if content is None else {"a": content}) for content in (old, theirs, own)]

        taken = take_over(*trees)

        found = {"write": taken.write, "remove": taken.remove, "conflict": taken.conflicts}
        assert [name for name, paths in found.items() if paths] == ([expected] if expected else [])


@pytest.mark.usefixtures("operator")
class TestPull:
    def test_an_empty_folder_gets_everything_but_certification_exams(self, tmp_path: Path) -> None:
        folder = tmp_path / "new"
        folder.mkdir()

        status = lms("content", "pull", "--root", folder)

        expected = {path: text for path, text in content_of(TREE).items() if not path.startswith("exams/")}
        assert status == 0
        assert content_of(folder) == expected
        assert base(folder) == "1"

    def test_with_them_it_is_the_whole_tree_and_publishes_as_unchanged(self, tmp_path: Path, capsys: Output) -> None:
        folder = tmp_path / "new"
        folder.mkdir()

        assert lms("content", "pull", "--root", folder, "--with-secure") == 0
        assert content_of(folder) == content_of(TREE)
        assert lms("content", "publish", "--root", folder) == 0
        assert "Nothing changed since release 1." in capsys.readouterr().out

    def test_certification_exams_go_into_their_own_folder(self, tmp_path: Path) -> None:
        folder, secure = tmp_path / "new", tmp_path / "secure"
        folder.mkdir()
        secure.mkdir()

        assert lms("content", "pull", "--root", folder, "--secure-root", secure) == 0
        assert not (folder / "exams").exists()
        assert (secure / EXAM).is_file()
        assert lms("content", "check", "--root", folder, "--secure-root", secure) == 0

    def test_what_others_published_comes_beside_what_was_changed_here(self, mine: Path, other: Path) -> None:
        add(other, SHORT_LESSON, "Theirs.")
        add(mine, LESSON, "Mine.")
        assert lms("content", "publish", "--root", other) == 0
        assert lms("content", "publish", "--root", mine) == 1

        assert lms("content", "pull", "--root", mine) == 0
        assert "Theirs." in (mine / SHORT_LESSON).read_text()
        assert "Mine." in (mine / LESSON).read_text()
        assert base(mine) == "2"
        assert lms("content", "publish", "--root", mine) == 0
        assert base(mine) == "3"

    def test_a_file_that_both_changed_stops_it_before_anything_is_written(
        self, mine: Path, other: Path, capsys: Output
    ) -> None:
        for folder, word in ((mine, "Mine."), (other, "Theirs.")):
            add(folder, SHORT_LESSON, word)
        add(other, LESSON, "Theirs.")
        lms("content", "publish", "--root", other)
        before = content_of(mine)
        capsys.readouterr()

        status = lms("content", "pull", "--root", mine)

        assert status == 1
        assert f"{SHORT_LESSON}: changed here and in release 2" in capsys.readouterr().out
        assert (content_of(mine), base(mine)) == (before, "1")
        assert lms("content", "pull", "--root", mine, "--theirs") == 0
        assert content_of(mine) == content_of(other)
        assert f"{SHORT_LESSON.rpartition('/')[2]}.mine-1: yours" in capsys.readouterr().out
        assert "Mine." in (mine / SHORT_LESSON).with_name("20-warm-up-time.md.mine-1").read_text()

    def test_what_others_removed_goes(self, mine: Path, other: Path) -> None:
        (other / "programs" / "workshop.yaml").unlink()
        lms("content", "publish", "--root", other)

        assert lms("content", "pull", "--root", mine) == 0
        assert not (mine / "programs" / "workshop.yaml").exists()

    def test_an_earlier_release_can_be_had_again(self, mine: Path) -> None:
        add(mine, SHORT_LESSON, "Later.")
        lms("content", "publish", "--root", mine)

        assert lms("content", "pull", "--root", mine, "--release", 1) == 0
        assert content_of(mine) == content_of(TREE)
        assert lms("content", "pull", "--root", mine, "--release", 99) == 1


@pytest.mark.usefixtures("operator")
class TestPublish:
    def test_who_fell_behind_is_told_what_changed_and_keeps_the_old_base(
        self, mine: Path, other: Path, capsys: Output
    ) -> None:
        add(other, SHORT_LESSON, "Theirs.")
        lms("content", "publish", "--root", other)
        capsys.readouterr()

        status = lms("content", "publish", "--root", mine)

        said = capsys.readouterr().err
        assert status == 1
        assert "release 2" in said
        assert SHORT_LESSON in said
        assert base(mine) == "1", "else the next publish would undo the other's work"

    def test_a_fresh_clone_of_what_is_published_takes_its_base_from_the_store(self, mine: Path) -> None:
        (mine / ".baton-release").unlink()

        assert lms("content", "publish", "--root", mine) == 0
        assert base(mine) == "1"

    def test_a_folder_that_does_not_say_where_it_began_hears_only_what_others_changed(
        self, mine: Path, other: Path, capsys: Output
    ) -> None:
        (mine / ".baton-release").unlink()
        add(other, LESSON, "Theirs.")
        add(mine, SHORT_LESSON, "Mine.")
        assert lms("content", "publish", "--root", other) == 0
        capsys.readouterr()

        assert lms("content", "publish", "--root", mine) == 1
        assert f"It changed: {LESSON}." in capsys.readouterr().err
        assert lms("content", "pull", "--root", mine) == 0
        assert "nearest to release 1" in capsys.readouterr().out
        assert lms("content", "publish", "--root", mine) == 0
        assert "Theirs." in (mine / LESSON).read_text()

    def test_of_releases_equally_near_the_older_counts_so_that_nothing_is_undone(self, mine: Path, other: Path) -> None:
        (mine / ".baton-release").unlink()
        for folder, word in ((mine, "Mine."), (other, "Theirs.")):
            add(folder, LESSON, word)
        assert lms("content", "publish", "--root", other) == 0

        assert lms("content", "publish", "--root", mine) == 1

    def test_a_base_of_another_store_is_explained_and_the_nearest_taken(self, mine: Path, capsys: Output) -> None:
        (mine / ".baton-release").write_text("77\n")
        add(mine, SHORT_LESSON, "More.")

        assert lms("content", "publish", "--root", mine) == 0
        assert ".baton-release names release 77, which is not in this database" in capsys.readouterr().out
        assert base(mine) == "2"

    def test_a_base_that_is_no_number_is_refused_in_a_sentence(self, mine: Path, capsys: Output) -> None:
        (mine / ".baton-release").write_text("one\n")

        assert lms("content", "publish", "--root", mine) == 1
        assert ".baton-release should hold the number of a release." in capsys.readouterr().err


@pytest.mark.usefixtures("operator")
def test_a_diff_is_a_patch_without_certification_exams(mine: Path, capsys: Output) -> None:
    add(mine, SHORT_LESSON, "Later.")
    add(mine, EXAM, "# a word")
    lms("content", "publish", "--root", mine)
    capsys.readouterr()

    assert lms("content", "diff", 1) == 0
    patch = capsys.readouterr().out
    assert lms("content", "diff", 1, 2, "--with-secure") == 0
    whole = capsys.readouterr().out

    assert f"--- old/{SHORT_LESSON}" in patch
    assert "+Later." in patch
    assert EXAM not in patch
    assert EXAM in whole


@pytest.mark.usefixtures("operator")
def test_a_link_in_a_folder_is_never_followed(mine: Path, tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "10-x.md").write_text("secret")
    (mine / "modules" / "basics" / "linked").symlink_to(tmp_path / "secret")
    (mine / "programs" / "other.yaml").symlink_to(tmp_path / "secret" / "10-x.md")

    status = lms("content", "check", "--root", mine, "--format", "json")

    found = json.loads(capsys.readouterr().out)
    assert status == 1
    assert {(one["code"], one["path"]) for one in found} == {
        ("file-link", "modules/basics/linked"),
        ("file-link", "programs/other.yaml"),
    }


def test_the_json_of_a_check_has_these_keys_and_no_others(mine: Path, capsys: Output) -> None:
    add(mine, SHORT_LESSON, "[x](lesson:clear-sectr)")

    run(["content", "check", "--root", str(mine), "--format", "json"])

    assert json.loads(capsys.readouterr().out) == [
        {
            "path": SHORT_LESSON,
            "line": 15,
            "column": 5,
            "severity": "error",
            "code": "broken-link",
            "message": "There is no lesson “clear-sectr” to link to.",
            "mend": "Did you mean “clear-sector”?",
        }
    ]


def test_the_real_content_has_nothing_to_mend(capsys: Output) -> None:
    root = Path(__file__).parents[3] / "content"

    assert run(["content", "check", "--root", str(root)]) == 0
    assert "0 errors, 0 warnings" in capsys.readouterr().out


@pytest.mark.usefixtures("operator")
def test_files_of_a_release_equal_those_that_were_published(app: Flask) -> None:
    assert dict(queries.tree_of(1, with_secure=True).files) == content_of(TREE)
