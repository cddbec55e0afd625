#!/usr/bin/env bash
# Makes the environment that the Makefile's commands run in, and does nothing when it is already right.
#   scripts/environment.sh app   the run-time dependencies (requirements.txt)
#   scripts/environment.sh dev   those, the tools of pyproject.toml's extra "dev", Chromium and Node
# A stamp in the environment holds the hash of what was installed: a changed list is installed again, an unchanged one never.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=${VFRAC_VENV:-.venv}
OLDEST="(3, 11)"
NEWEST="(3, 13)" # pyjpegls has no wheel for 3.14

main() {
    case ${1:-} in
        app) make_venv; install_app ;;
        dev) make_venv; install_dev; need_program chromium chromium; need_program node nodejs ;;
        *) stop "usage: scripts/environment.sh app|dev" ;;
    esac
}

make_venv() {
    if python_fits "$VENV/bin/python" && "$VENV/bin/python" -c "import pip" 2>/dev/null; then return; fi
    local python
    python=$(find_python) || stop "no Python from 3.11 to 3.13 was found ($(python3 --version 2>&1 || true)); install one of them, on Debian 12 or later: apt-get install python3 python3-venv"
    # Debian keeps ensurepip, which every venv needs, in a package of its own.
    "$python" -c "import ensurepip" 2>/dev/null || need_package "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    "$python" -m venv "$VENV"
}

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if python_fits "$name"; then echo "$name"; return; fi
    done
    return 1
}

python_fits() { "$1" -c "import sys; sys.exit(not $OLDEST <= sys.version_info[:2] <= $NEWEST)" 2>/dev/null; }

install_app() { install_once app -r requirements.txt; }

# The dev tools are resolved together with the program's dependencies, so neither can change the other's versions;
# the program itself is not installed: an environment shared by two checkouts must not run the other one's code.
install_dev() {
    local tools
    mapfile -t tools < <("$VENV/bin/python" -c "
import tomllib
with open('pyproject.toml', 'rb') as file:
    print(*tomllib.load(file)['project']['optional-dependencies']['dev'], sep='\n')")
    install_once dev -r requirements.txt "${tools[@]}"
    stamp_of -r requirements.txt >"$VENV/.vfrac-app"
}

install_once() { # name, then pip's arguments
    local stamp="$VENV/.vfrac-$1"
    shift
    if [[ -f $stamp && $(<"$stamp") == "$(stamp_of "$@")" ]]; then return; fi
    echo "Installing into $VENV, once; minutes on a first run (PyTorch for Linux carries 3 GB of CUDA, README.md names a smaller build)."
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    stamp_of "$@" >"$stamp"
}

stamp_of() {
    { echo "$@"; cat requirements.txt; } | "$VENV/bin/python" -c "
import hashlib, sys
print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
}

need_program() { # command, Debian package
    command -v "$1" >/dev/null || need_package "$2"
}

need_package() {
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
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
