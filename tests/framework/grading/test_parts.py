"""Who has done some of the tasks gets their points, whatever is still to do elsewhere."""

from emulators.runner import EXERCISES
from tests.framework.grading.suites import Outcome, judging

OPEN = """        self.neighbors = [i for i in (index - 1, index + 1) if 0 <= i < number_of_devices]
        todo("RipCommunication.__init__: close the line of devices to a ring")
"""
DONE = """        n = number_of_devices
        self.neighbors = [(index - 1) % n, (index + 1) % n]
"""


def test_a_part_that_is_done_counts_while_others_are_open(tmp_path):
    template = (EXERCISES / "exercise2.py").read_text(encoding="utf-8")
    assert OPEN in template
    (tmp_path / "exercise2.py").write_text(template.replace(OPEN, DONE), encoding="utf-8")
    made = judging(2, tmp_path, seeds=1)
    ring = made.verdict(made.cases["the_devices_form_a_ring"])
    tables = made.verdict(made.cases["the_tables_are_right"])
    assert ring.outcome is Outcome.PASSED
    assert tables.outcome is Outcome.NOT_YET_IMPLEMENTED
    assert "merge_tables" in tables.happened
    assert "routing_table_complete" not in tables.happened
