"""What a template leaves open and a submission still has empty."""

from emulators.grading.unfinished import open_parts

TEMPLATE = """
class King:
    def run(self):
        todo("vote")

    def decide(self):
        pass

    def __str__(self):
        return "king"
"""


def parts(tmp_path, source):
    for name, text in (("template.py", TEMPLATE), ("mine.py", source)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return open_parts(tmp_path / "template.py", tmp_path / "mine.py")


def test_an_empty_method_that_the_template_leaves_open(tmp_path):
    source = (
        "class King:\n    def run(self):\n        '''Vote.'''\n    def decide(self): return None\n"
    )
    assert parts(tmp_path, source) == [
        "King.run is empty (mine.py, line 2)",
    ]


def test_an_empty_method_of_ones_own_is_not_open(tmp_path):
    assert parts(tmp_path, "class King:\n    def helper(self): pass\n") == []


def test_a_method_that_does_something_is_not_open(tmp_path):
    assert parts(tmp_path, "class King:\n    def run(self): self.vote()\n") == []


def test_a_file_that_does_not_parse_has_no_open_parts(tmp_path):
    assert parts(tmp_path, "class King(:") == []
