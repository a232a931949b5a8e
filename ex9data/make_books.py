"""Writes the book collection of lecture 9 (`books.zip`), the same bytes on every computer.

The books are made up: words that can be pronounced and mean nothing, as often as words are in
real books (Zipf's law: the word of rank r comes about 1/r as often as the first one).

What keeps the bytes the same everywhere:
- randomness comes from `random.Random(SEED).random()` alone, which Python promises not to change,
- the weights of Zipf's law are whole numbers, so nothing depends on rounding,
- the archive has fixed dates and rights, and is packed with bzip2: its output does not depend
  on the version, while the output of zip's usual method does (zlib and zlib-ng differ).

    python3 make_books.py                   writes books.zip beside this file
    python3 make_books.py --folder FOLDER   writes the books there, as plain text files
"""

import argparse
import bisect
import itertools
import random
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path

SEED = 9
NUMBER_OF_BOOKS = 20
VOCABULARY_SIZE = 20_000
SMALLEST_BOOK, LARGEST_BOOK = 40_000, 155_000  # bytes
LONGEST_SHORT_WORDS = (40, 1_500)  # words up to these ranks have one and two syllables

ONSETS = [
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "fl",
    "g",
    "gl",
    "gr",
    "h",
    "j",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
]
VOWELS = 4 * ["a", "a", "e", "e", "i", "o", "u", "au", "ei", "ou"] + ["é", "é", "è", "ô", "ü"]
ENDINGS = ["", "", "", "", "l", "n", "n", "r", "r", "s", "nd", "rt"]
SENTENCE_ENDS = [".", ".", ".", ".", ".", ".", "?", "!", "…"]
PAUSES = [",", ",", ",", ",", ";", ":", " —"]


class Dice:
    """All randomness of the books, drawn from one stable source."""

    def __init__(self, seed: int):
        self._random = random.Random(seed).random

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit - 1."""
        return int(self._random() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def one_in(self, number: int) -> bool:
        """True once in `number` times."""
        return self.below(number) == 0

    def pick(self, items):
        """One of the items."""
        return items[self.below(len(items))]


class Language:
    """A vocabulary, the most frequent word first."""

    def __init__(self, dice: Dice):
        self._dice = dice
        self.words = self._invent(VOCABULARY_SIZE)
        self._weights = list(
            itertools.accumulate(10**9 // (rank + 2) for rank in range(VOCABULARY_SIZE))
        )

    def word(self) -> str:
        """A word of the vocabulary, drawn by Zipf's law."""
        return self.words[bisect.bisect_right(self._weights, self._dice.below(self._weights[-1]))]

    def rare_word(self) -> str:
        """A word from the second half of the vocabulary: a name, a theme."""
        return self.words[self._dice.between(VOCABULARY_SIZE // 2, VOCABULARY_SIZE - 1)]

    def _invent(self, size: int) -> list[str]:
        words: dict[str, None] = {}  # a dict keeps the order, a set does not
        while len(words) < size:
            words[self._new_word(len(words))] = None
        return list(words)

    def _new_word(self, rank: int) -> str:
        one_syllable, two_syllables = LONGEST_SHORT_WORDS
        if rank < one_syllable:
            return self._syllable() + self._dice.pick(ENDINGS)
        syllables = 2 if rank < two_syllables else self._dice.between(2, 4)
        return "".join(self._syllable() for _ in range(syllables)) + self._dice.pick(ENDINGS)

    def _syllable(self) -> str:
        return self._dice.pick(ONSETS) + self._dice.pick(VOWELS)


class Book:
    """One book: title, author, chapters, with names and themes that only this book has."""

    def __init__(self, dice: Dice, language: Language, number: int):
        self._dice = dice
        self._language = language
        title = [language.rare_word() for _ in range(dice.between(1, 3))]
        self.filename = f"{number:02}-{plain('-'.join(title))}.txt"
        self.title = " ".join(title).title()
        self.author = f"{language.rare_word().title()} {language.rare_word().title()}"
        self._themes = [language.rare_word() for _ in range(40)]
        self._names = [language.rare_word().title() for _ in range(8)]

    def text(self, size: int) -> str:
        """Chapters until the book has about `size` characters."""
        parts = [f"{self.title}\nby {self.author}\n"]
        chapter = 0
        while sum(map(len, parts)) < size:
            chapter += 1
            parts.extend(self._chapter(chapter))
        return "\n".join(parts)

    def _chapter(self, number: int) -> Iterator[str]:
        heading = " ".join(self._language.word() for _ in range(self._dice.between(2, 5)))
        yield f"\nChapter {number}\n{heading.capitalize()}\n"
        for _ in range(self._dice.between(8, 20)):
            yield self._paragraph()

    def _paragraph(self) -> str:
        sentences = [self._sentence() for _ in range(self._dice.between(2, 9))]
        return textwrap.fill(" ".join(sentences), width=72, break_on_hyphens=False) + "\n"

    def _sentence(self) -> str:
        words = [self._word() for _ in range(self._dice.between(3, 24))]
        for place in range(2, len(words) - 1):
            if self._dice.one_in(9):
                words[place] += self._dice.pick(PAUSES)
        words[0] = words[0][0].upper() + words[0][1:]
        sentence = " ".join(words) + self._dice.pick(SENTENCE_ENDS)
        return f"“{sentence}”" if self._dice.one_in(8) else sentence

    def _word(self) -> str:
        if self._dice.one_in(30):
            return self._dice.pick(self._names)
        if self._dice.one_in(25):
            return self._dice.pick(self._themes)
        return self._language.word()


def plain(word: str) -> str:
    """The word without accents, for the name of a file."""
    return word.translate(str.maketrans("éèôü", "eeou"))


def make_books() -> dict[str, bytes]:
    """The whole collection: file name -> content."""
    dice = Dice(SEED)
    language = Language(dice)
    books = {}
    for number in range(1, NUMBER_OF_BOOKS + 1):
        book = Book(dice, language, number)
        size = dice.between(SMALLEST_BOOK, LARGEST_BOOK)
        books[book.filename] = book.text(size).encode("utf-8")
    return books


def write_zip(books: dict[str, bytes], archive: Path) -> None:
    """Packs the books; nothing in the archive depends on the day or on the computer."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_BZIP2) as packed:
        for filename, content in books.items():
            entry = zipfile.ZipInfo(filename, date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_BZIP2
            entry.create_system = 3  # Unix, also where it is written on another system
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)


def write_folder(books: dict[str, bytes], folder: Path) -> None:
    """Writes the books as plain files."""
    folder.mkdir(parents=True, exist_ok=True)
    for filename, content in books.items():
        (folder / filename).write_bytes(content)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the book collection of lecture 9.")
    parser.add_argument("--folder", type=Path, help="write plain text files there, no archive")
    folder = parser.parse_args().folder
    books = make_books()
    archive = Path(__file__).with_name("books.zip")
    if folder:
        write_folder(books, folder)
    else:
        write_zip(books, archive)
    size = sum(map(len, books.values()))
    print(f"{len(books)} books, {size:,} bytes, in {folder or archive}")


if __name__ == "__main__":
    main()
