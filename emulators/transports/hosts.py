"""Where the devices of a run on several machines are, and the keys by which they are known."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulators.usage import UsageError, closest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEYS = ("devices", "keys")
EXAMPLE = 'devices = ["192.168.0.10:5550", "192.168.0.11:5550"]'


@dataclass(frozen=True)
class Hosts:
    """The addresses of all devices, as ``tcp://host:port``, and the folder with their keys."""

    addresses: tuple[str, ...]
    keys: Path | None = None

    @classmethod
    def load(cls, path: Path) -> Hosts:
        """Read a TOML file; raises `UsageError` with the file, the key and what is allowed."""
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"cannot read the hosts {path}: {error.strerror}") from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{path} is no TOML: {error}") from None
        for key in given:
            if key not in _KEYS:
                hint = closest(key, _KEYS)
                raise UsageError(
                    f"{path}: unknown key {key}"
                    + (f" (did you mean {hint}?)" if hint else f"; there are {', '.join(_KEYS)}")
                )
        folder = given.get("keys")
        if folder is not None and not isinstance(folder, str):
            raise UsageError(f"{path}: keys is {folder!r}; it is the folder with the keys")
        keys = None if folder is None else path.parent / folder
        return cls(tuple(_addresses(path, given.get("devices"))), keys)

    def secret(self, index: int) -> tuple[str, list[str]]:
        """Return the secret key of a device and the public keys of all.

        Raises `UsageError` where one is missing or is no key.
        """
        assert self.keys is not None
        public = [_key(public_file(self.keys, other)) for other in range(len(self.addresses))]
        return _key(secret_file(self.keys, index)), public


def _addresses(path: Path, given: Any) -> list[str]:
    if not isinstance(given, list) or len(given) < 2:
        raise UsageError(f"{path}: devices is a list of at least 2 addresses, as in {EXAMPLE}")
    found = [_address(path, one) for one in given]
    twice = [one for number, one in enumerate(found) if one in found[:number]]
    if twice:
        raise UsageError(
            f"{path}: the address {twice[0].removeprefix('tcp://')} stands there twice"
        )
    return found


def _address(path: Path, given: Any) -> str:
    host, _, port = str(given).rpartition(":")
    if not isinstance(given, str) or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"{path}: {given!r} is no address; HOST:PORT, as in {EXAMPLE}")
    return f"tcp://{given}"


def public_file(folder: Path, index: int) -> Path:
    """Return the file with the public key of a device: all machines have it."""
    return folder / f"device-{index}.public"


def secret_file(folder: Path, index: int) -> Path:
    """Return the file with the secret key of a device: only its machine has it."""
    return folder / f"device-{index}.secret"


_LENGTH = 40
"""Characters of a key in Z85, as CURVE has them."""


def _key(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise UsageError(
            f"cannot read the key {path}: {error.strerror}; exercise_runner.py keys makes keys"
        ) from None
    except UnicodeDecodeError:
        text = ""
    if len(text) != _LENGTH:
        raise UsageError(f"{path} is no key; exercise_runner.py keys makes keys")
    return text


def write_keys(folder: Path, devices: int) -> list[Path]:
    """Make a pair of keys for each device; return the files. Raises `UsageError`."""
    try:
        import zmq
    except ImportError:
        raise UsageError("keys need the package pyzmq: pip install pyzmq") from None
    files = [name(folder, index) for index in range(devices) for name in (public_file, secret_file)]
    there = [file for file in files if file.exists()]
    if there:
        raise UsageError(f"{there[0]} exists already: choose another folder, or remove it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(devices):
            public, secret = zmq.curve_keypair()
            public_file(folder, index).write_text(public.decode("ascii") + "\n")
            _write_secret(secret_file(folder, index), secret.decode("ascii") + "\n")
    except OSError as error:
        raise UsageError(f"cannot write keys into {folder}: {error.strerror}") from None
    return files


def _write_secret(path: Path, text: str) -> None:
    """Write a file that nobody else may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
