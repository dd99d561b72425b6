#!/usr/bin/env bash
# Installs the wheel of this folder as a newcomer would, in an empty folder, and tries the demo:
#     deploy/try_install.sh FOLDER          with pipx and with uv, those that are installed
# Each tool gets a home of its own in FOLDER. Libraries come from the package index.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
root=$(mkdir -p "$1" && cd "$1" && pwd)
[ -z "$(ls -A "$root")" ] || { echo "$root is not empty" >&2; exit 2; }
export LBD_CACHE=${LBD_CACHE:-$root/cache}
export PIPX_HOME=$root/pipx PIPX_BIN_DIR=$root/pipx/bin UV_TOOL_DIR=$root/uv UV_TOOL_BIN_DIR=$root/uv/bin
unset PYTHONPATH

python3 -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir "$root" "$source"
wheel=$(ls "$root"/*.whl)
cd "$(mktemp -d -p "$root")"

try() { # the command in this folder
    "$1" --version
    rm -f demo.log && touch demo.log
    "$1" demo --no-browser --port 0 --register "$root/demo.register" > demo.log 2>&1 &
    demo=$!
    trap 'kill $demo 2>/dev/null || true' EXIT
    for _ in $(seq 1200); do
        address=$(sed -n 's/^Serving at \(http[^ ]*\) .*/\1/p' demo.log)
        [ -z "$address" ] || break
        kill -0 $demo 2>/dev/null || { cat demo.log >&2; return 1; }
        sleep 0.25
    done
    curl --silent --fail --output /dev/null "$address/"
    curl --silent --fail --output /dev/null "$address/docs"
    "$1" shortlist "$(sed -n 's/.*matcher shortlist \([^ ]*\) .*/\1/p' demo.log)" \
        --register "$root/demo.register" -k 1 > shortlist.log
    grep --quiet "XX-EXAMPLE-" shortlist.log
    kill $demo
    wait $demo 2>/dev/null || true
}

tried=()
if command -v pipx >/dev/null; then
    pipx install --quiet "$wheel"
    try "$PIPX_BIN_DIR/matcher"
    tried+=(pipx)
fi
if command -v uv >/dev/null; then
    uv tool install --quiet "$wheel"
    try "$UV_TOOL_BIN_DIR/matcher"
    tried+=(uv)
fi
[ ${#tried[@]} -gt 0 ] || { echo "neither pipx nor uv is installed" >&2; exit 2; }
echo "Installed, and the demo tried, with: ${tried[*]}"
