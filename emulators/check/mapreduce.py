"""MapReduce (lecture 9): every word of every book is counted once.

Which books is told by ClientJobStartMessage, the results by the client's published attribute
``result_files``; folders are those of the exercise's constants.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from emulators.check.property import Property
from emulators.check.published import attribute, field, is_a
from emulators.errors import describe
from emulators.trace.events import RawEvent

if TYPE_CHECKING:
    from emulators.simulation import Simulation

Counts = Counter[str]


def independent_count(folder: str, names: list[str]) -> Counts:
    """Count the words of some books letter by letter, without the exercise."""
    from ex9data.files import books_folder, read_text

    counts: Counts = Counter()
    for name in names:
        text, _ = read_text(books_folder(folder) / name)
        counts.update("".join(c if c.isalpha() else " " for c in text.lower()).split())
    return counts


class WordCounts(Property):
    """What stands in the result files equals an independent count of the same books.

    `books` and `results` are folders relative to the project. Reads files, writes none.
    """

    name = "word_counts"
    sentence = "Every word of every book is counted, and counted once."

    def __init__(self, books: str = "ex9data/books", results: str = "ex9data/results") -> None:
        super().__init__()
        self._folder = books
        self._results = results
        self.job: list[str] = []

    def on_send(self, event: RawEvent) -> None:
        """Note which books are to be counted."""
        if is_a(event[3], "ClientJobStartMessage"):
            self.job = list(field(event[3], "filenames") or ())

    def end(self, run: Simulation) -> None:
        """Compare the counts."""
        files = next((attribute(one, "result_files") for one in run.devices), None)
        if not files:
            self.violated(
                "the client has no results when the run is over",
                hint="who has not finished: the mappers, the reducers, or the master?",
            )
            return
        try:
            counted = self._counted(files)
        except (OSError, ValueError) as error:
            self.violated(
                f"the results {', '.join(map(str, files))} cannot be read: {describe(error)}",
                hint="write them with write_counts, and report the name that was written",
            )
            return
        self._compare(counted, independent_count(self._folder, self.job))

    def _counted(self, files: list[str]) -> Counts:
        from ex9data.files import read_counts

        return sum((read_counts(self._results, file) for file in files), Counter())

    def _compare(self, counted: Counts, expected: Counts) -> None:
        wrong = sorted(
            word for word in expected.keys() | counted.keys() if counted[word] != expected[word]
        )
        if wrong:
            word = max(wrong, key=lambda one: abs(counted[one] - expected[one]))
            self.violated(
                f"the word {word!r} is counted {counted[word]} times, and is there "
                f"{expected[word]} times; {len(wrong)} of {len(expected)} words are wrong",
                hint="too few: is a mapper, a file or a partition left out? "
                "Too many: does something come twice?",
            )
