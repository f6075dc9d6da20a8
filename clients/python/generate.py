"""Writes the modules of the three programs from `idl/*.json`.

`python generate.py` writes them; with `--check` it writes nothing, and fails where a file differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from codegen.idl import Refused, read_program
from codegen.package import package_files

FOLDER = Path(__file__).resolve().parent
IDLS = FOLDER.parent.parent / "idl"
PACKAGE = FOLDER / "src" / "nosana"
PROGRAMS = ("jobs", "staking", "rewards")


def generate_all() -> dict[Path, str]:
    """Returns the texts of all generated files."""
    files: dict[Path, str] = {}
    for name in PROGRAMS:
        program = read_program(IDLS / f"{name}.json")
        for path, text in package_files(program).items():
            files[PACKAGE / name / path] = text
    return files


def find_differences(files: dict[Path, str]) -> list[str]:
    """Returns what differs from the generated files, one sentence each."""
    differences = []
    for path, text in sorted(files.items()):
        if not path.is_file():
            differences.append(f"{path.relative_to(FOLDER)} is missing")
        elif path.read_text(encoding="utf-8") != text:
            differences.append(f"{path.relative_to(FOLDER)} differs from the IDL")
    return differences + [
        f"{path.relative_to(FOLDER)} is left over" for path in left_over(set(files))
    ]


def left_over(paths: set[Path]) -> list[Path]:
    """Returns the files beside the generated ones that are not generated any more."""
    folders = [PACKAGE / name for name in PROGRAMS]
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted(path for path in found if path not in paths)


def write_all(files: dict[Path, str]) -> None:
    """Writes the files, and removes those that are not generated any more."""
    for path in left_over(set(files)):
        path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(description="Writes the modules of the programs.")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    is_check = parser.parse_args().check
    try:
        files = generate_all()
    except Refused as refused:
        print(f"error: {refused}", file=sys.stderr)
        return 1

    if not is_check:
        write_all(files)
        print(f"{len(files)} files written")
        return 0
    differences = find_differences(files)
    print("\n".join(differences) or f"{len(files)} files match the IDLs")
    if differences:
        print("run `python clients/python/generate.py`", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
