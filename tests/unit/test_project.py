"""The promises of the project's own files: README, requirements, licence. They are read, not run."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from typer.main import get_command

from vfrac_core import __version__
from vfrac_core.cli.main import app
from vfrac_core.signs import SAFETY

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COMMANDS = get_command(app).commands


def front_matter() -> dict[str, str]:
    """The plain ``key: value`` lines with which a Hugging Face Space is set up."""
    assert README.startswith("---\n"), "the front matter must be the first thing in the README"
    block = README.split("---\n")[1]
    return {key: value.strip('"') for key, value in re.findall(r"^(\w+): (\S.*)$", block, flags=re.MULTILINE)}


def requirement_lines() -> list[str]:
    text = (ROOT / "requirements.txt").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def requirement(name: str) -> Requirement:
    return next(one for one in map(Requirement, requirement_lines()) if one.name == name)


def readme_calls() -> list[list[str]]:
    return [line.split() for line in re.findall(r"^python -m vfrac_core (.+)$", README, flags=re.MULTILINE)]


def test_a_space_runs_the_gradio_that_is_required() -> None:
    assert front_matter()["sdk"] == "gradio"
    assert front_matter()["sdk_version"] in requirement("gradio").specifier


def test_a_space_runs_a_python_that_is_supported() -> None:
    assert front_matter()["python_version"] in SpecifierSet(PROJECT["requires-python"])


def test_versions_in_the_front_matter_are_quoted_because_yaml_reads_3_10_as_3_1() -> None:
    assert re.search(r'^sdk_version: "[\d.]+"$', README, flags=re.MULTILINE)
    assert re.search(r'^python_version: "[\d.]+"$', README, flags=re.MULTILINE)


def test_the_short_description_fits_a_space_card() -> None:
    assert len(front_matter()["short_description"]) <= 60


@pytest.mark.parametrize("line", requirement_lines())
def test_requirements_are_plain_specifiers(line: str) -> None:
    parsed = Requirement(line)  # refuses options such as --index-url and -e
    assert parsed.url is None
    assert parsed.specifier, "every dependency has a range"


def test_torch_is_pinned_exactly_in_requirements_and_readme() -> None:
    assert str(requirement("torch").specifier) == "==2.14.1"
    assert str(requirement("torchvision").specifier) == "==0.29.1"
    assert "pip install torch==2.14.1 torchvision==0.29.1 " in README


def test_the_readme_names_every_command() -> None:
    assert {call[0] for call in readme_calls()} == set(COMMANDS)


@pytest.mark.parametrize("call", readme_calls(), ids=" ".join)
def test_every_option_in_the_readme_exists(call: list[str]) -> None:
    known = {name for parameter in COMMANDS[call[0]].params for name in parameter.opts} | {"--help"}
    assert {word for word in call if word.startswith("--")} <= known


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_a_help_text(command: str) -> None:
    assert COMMANDS[command].help


def test_the_readme_says_that_it_is_no_medical_device() -> None:
    assert SAFETY in README


def test_the_links_and_pictures_of_readme_and_docs_are_there() -> None:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_version_and_licence_are_the_same_in_every_file() -> None:
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"version: {__version__}\n" in citation
    assert f"## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text()
    assert PROJECT["license"] == "Apache-2.0"
    assert "license: Apache-2.0\n" in citation
    assert front_matter()["license"] == "apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    home = re.compile(rb"(?<![\w.])/(?:home|root|work|Users)/\w")
    found = [name for name in listed.split("\0") if name and (ROOT / name).is_file() and home.search((ROOT / name).read_bytes())]
    assert found == []
