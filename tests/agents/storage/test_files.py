"""What Windows lacks, played here: links are followed, and what is being read cannot be replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.storage import files


@pytest.mark.linux
def test_a_link_is_not_followed_where_the_system_has_no_word_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_NO_LINKS", 0)
    (tmp_path / "outside").write_bytes(b"precious")
    (tmp_path / "link").symlink_to("outside")
    (tmp_path / "nowhere").symlink_to("missing")
    for name in ("link", "nowhere"):
        for opened in (files.opened_to_read, files.opened_to_change):
            with pytest.raises(OSError, match="links in a run folder are not followed"):
                opened(tmp_path / name)
    assert (tmp_path / "outside").read_bytes() == b"precious"
    assert not (tmp_path / "missing").exists()
    with files.opened_to_read(tmp_path / "link", follow_links=True) as file:
        assert file.read() == b"precious"


@pytest.mark.parametrize("n_refusals", [2, 3])
def test_a_file_that_is_being_read_is_replaced_when_its_reader_is_done(tmp_path, monkeypatch, n_refusals):
    path, replace, asked = tmp_path / "file", Path.replace, []

    def busy_at_first(self, target):
        asked.append(target)
        if len(asked) <= n_refusals:
            raise PermissionError(13, "it is being read")
        return replace(self, target)

    path.write_bytes(b"old")
    monkeypatch.setattr(files, "_TRIES", 3)
    monkeypatch.setattr(Path, "replace", busy_at_first)
    monkeypatch.setattr(files.time, "sleep", lambda seconds: None)
    if n_refusals < 3:
        with files.replacing(path) as file:
            file.write(b"new")
    else:
        with pytest.raises(PermissionError, match="it is being read"), files.replacing(path) as file:
            file.write(b"new")
    assert (path.read_bytes(), asked) == (b"new" if n_refusals < 3 else b"old", [path] * 3)
    assert [left.name for left in tmp_path.iterdir()] == ["file"]
