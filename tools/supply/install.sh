#!/bin/sh
# Installs uv into .tools/uv (`install.sh uv`) and the project's packages into .venv (`install.sh packages`).
# What a machine lacks is said in one sentence, with what to install.
set -eu
cd "$(dirname "$0")/../.."

fail() {
    echo "make install: $1" >&2
    exit 1
}

uv() {
    command -v python3 >/dev/null || fail "python3 is missing: install it (Debian: apt-get install -y python3 python3-venv; macOS: brew install python)"
    # pyenv reads .python-version and refuses to be anything else; uv runs on any Python.
    python3 -c '' 2>/dev/null || export PYENV_VERSION=system
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null ||
        fail "python3 does not run, or is older than 3.8 ($(python3 -V 2>&1 | head -1)): install a newer one"
    python3 -c 'import ensurepip, venv' 2>/dev/null ||
        fail "python3 cannot make virtual environments: on Debian, apt-get install -y python3-venv"
    python3 -m venv .tools/uv
    .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement tools/supply/uv.txt ||
        fail "uv could not be installed from PyPI; behind a proxy or a mirror, set HTTPS_PROXY or PIP_INDEX_URL"
    touch .tools/uv/bin/uv
}

packages() {
    uv=.tools/uv/bin/uv
    if ! "$uv" python find --quiet >/dev/null 2>&1; then
        said=$("$uv" python install --no-bin 2>&1) ||
            fail "Python $(cat .python-version) is not on PATH and cannot be downloaded ($(echo "$said" | tail -1 | sed 's/^ *cause: //')): install it (pyenv install $(cat .python-version); macOS: brew install python@$(cat .python-version)) and put it on PATH"
    fi
    "$uv" sync --quiet --frozen ||
        fail "the packages of uv.lock could not be installed; behind a proxy or a mirror, set HTTPS_PROXY or UV_DEFAULT_INDEX"
    touch .venv/synced
}

mkdir -p .tools 2>/dev/null && [ -w .tools ] || fail "$(pwd) cannot be written: clone the project into a folder of your own"
"$1"
