"""Compares what a view looks like with a stored picture, with a tolerance for other letters.

A picture that is missing is an error; ``WRITE_SNAPSHOTS=1 python3 -m pytest …`` writes it anew.
"""

import os
from pathlib import Path

import pytest
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFont, QFontDatabase, QImage

FOLDER = Path(__file__).resolve().parents[2] / "snapshots"
FAMILY = "DejaVu Sans"
SHRUNK = QSize(160, 100)
LARGE = 48
"""A difference of a colour in a spot that everybody sees."""
MOST_LARGE = 0.02
MOST_ON_AVERAGE = 2.5


def set_font(view):
    """Use the letters of the stored pictures, or skip where they are not installed."""
    if FAMILY not in QFontDatabase.families():
        pytest.skip(f"the font {FAMILY} is not installed, with which the pictures were made")
    font = QFont(FAMILY)
    font.setPixelSize(14)
    view.setFont(font)


def differences(one, other):
    """Return how much two pictures differ on average, and the share of spots that differ a lot."""
    spots = []
    for image in (one, other):
        small = image.scaled(
            SHRUNK,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        ).convertToFormat(QImage.Format.Format_RGB888)
        bits = small.constBits()
        bits.setsize(small.sizeInBytes())
        spots.append(bytes(bits))
    apart = [abs(a - b) for a, b in zip(*spots, strict=True)]
    return sum(apart) / len(apart), sum(value > LARGE for value in apart) / len(apart)


def compare(view, name, tmp_path):
    """Fail where a view does not look as it did when its picture was stored."""
    image = view.grab().toImage()
    stored = FOLDER / f"{name}.png"
    if os.environ.get("WRITE_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        assert image.save(str(stored))
    assert stored.exists(), f"there is no {stored}"
    wanted = QImage(str(stored))
    assert image.size() == wanted.size()
    average, large = differences(image, wanted)
    if average > MOST_ON_AVERAGE or large > MOST_LARGE:
        actual = tmp_path / f"{name}.png"
        image.save(str(actual))
        pytest.fail(f"{actual} differs from {stored}: {average:.1f} on average, {large:.1%} a lot")
