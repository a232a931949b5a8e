"""Asks for a file without holding the window; a test answers without a dialog."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtWidgets import QFileDialog, QWidget


def ask_for(
    parent: QWidget, title: str, kinds: str, use: Callable[[str], object], proposal: str = ""
) -> QFileDialog:
    """Show a dialog for a file, to be written where there is a proposal; `use` gets its path."""
    dialog = QFileDialog(parent, title, "", kinds)
    if proposal:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(proposal.rpartition(".")[2])
        dialog.selectFile(proposal)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(use)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
