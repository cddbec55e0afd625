#!/usr/bin/env bash
# Makes the environment that the Makefile's commands run in, and does nothing when it is already right.
#   scripts/environment.sh app   the run-time dependencies (requirements.txt)
#   scripts/environment.sh dev   those, the tools of pyproject.toml's extra "dev", Chromium and Node, dicom3tools where apt-get is
# A stamp in the environment holds the hash of each list that was installed: a changed list is installed again, an unchanged one never.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=${VFRAC_VENV:-.venv}

main() {
    case ${1:-} in
        app) make_venv; install_app ;;
        dev) make_venv; install_dev; install_programs ;;
        *) stop "usage: scripts/environment.sh app|dev" ;;
    esac
}

make_venv() {
    if fits "$VENV/bin/python" && "$VENV/bin/python" -c "import pip" 2>/dev/null; then return; fi
    local python
    python=$(find_python) || stop "no Python from 3.11 to 3.13 was found ($(python3 --version 2>&1 || true)); install one of them, on Debian 12 or later: apt-get install python3 python3-venv"
    # Debian keeps ensurepip, which every venv needs, in a package of its own.
    "$python" -c "import ensurepip" 2>/dev/null || need_package "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    "$python" -m venv "$VENV"
}

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if fits "$name"; then echo "$name"; return; fi
    done
    return 1
}

fits() { "$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" 2>/dev/null; }

install_app() {
    if installed app; then return; fi
    pip_install -r requirements.txt
    stamp app
}

# The tools are resolved together with the program's dependencies, so that neither can change the other's versions. The
# program itself is not installed: an environment shared by two checkouts must not run the other one's code.
install_dev() {
    if installed app && installed dev; then return; fi
    local tools
    mapfile -t tools < <(list_of dev)
    pip_install -r requirements.txt "${tools[@]}"
    stamp app
    stamp dev
}

pip_install() {
    echo "Installing into $VENV, once; minutes on a first run (PyTorch for Linux carries 3 GB of CUDA, README.md names a smaller build)."
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

installed() { [[ -f $VENV/.vfrac-$1 && $(<"$VENV/.vfrac-$1") == "$(hash_of "$1")" ]]; }

stamp() { hash_of "$1" >"$VENV/.vfrac-$1"; }

hash_of() { list_of "$1" | "$VENV/bin/python" -c "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"; }

list_of() {
    case $1 in
        app) cat requirements.txt ;;
        dev) "$VENV/bin/python" -c "
import tomllib
with open('pyproject.toml', 'rb') as file:
    print(*tomllib.load(file)['project']['optional-dependencies']['dev'], sep='\n')" ;;
    esac
}

install_programs() {
    command -v chromium >/dev/null || need_package chromium
    command -v node >/dev/null || need_package nodejs
    # Checks the DICOM files that we write (8 MB). Packaged by Debian and Ubuntu only: elsewhere its tests say that they are skipped.
    command -v dciodvfy >/dev/null || ! can_install || need_package dicom3tools
    # Playwright's wheel brings a Node of its own for its driver, but not this library.
    "$VENV/bin/python" -c "import ctypes; ctypes.CDLL('libatomic.so.1')" 2>/dev/null || need_package libatomic1
}

can_install() { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; }

need_package() {
    if ! can_install; then
        stop "$1 is missing; install it (Debian, Ubuntu: sudo apt-get install $1) and run this again"
    fi
    echo "Installing $1 by apt-get."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$1" >/dev/null
}

stop() {
    echo "$1" >&2
    exit 2
}

main "$@"
