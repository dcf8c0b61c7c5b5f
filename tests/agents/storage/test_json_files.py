"""JSON files of strangers: read, or refused in words."""

import pytest

from agents.storage.json_files import read_json, write_json


def test_what_is_written_is_read(tmp_path):
    write_json(tmp_path / "a.json", {"a": [1, None, "b"]})
    assert read_json(tmp_path / "a.json") == {"a": [1, None, "b"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is damaged: it is not JSON from line 1, column 1 on"),
        ("steps,return\n1,0.5\n", "is damaged: it is not JSON from line 1, column 1 on"),
        ('{"a": 1,\n "b"}', "is damaged: it is not JSON from line 2, column 5 on"),
        ('{"a": NaN}', "is damaged: NaN is not a number of JSON"),
        ("[1]", "does not hold a JSON object"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", "does not hold a JSON object of reasonable size"),
        ("{" + " " * 2**20 + "}", "does not hold a JSON object of reasonable size"),
    ],
)
def test_what_is_no_json_object_is_refused(tmp_path, text, said):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_json(tmp_path / "a.json")
