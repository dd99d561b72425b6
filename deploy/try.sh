#!/usr/bin/env bash
# Follows docs/deploying.md, section "One machine, with systemd", word for word in an empty folder:
#     deploy/try.sh FOLDER
# Folders of the system are folders in FOLDER; systemctl starts the command of the unit. Where
# LBD_PYTHON names a Python that has the software, nothing is installed.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
root=$(mkdir -p "$1" && cd "$1" && pwd)
[ -z "$(ls -A "$root")" ] || { echo "$root is not empty" >&2; exit 2; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export LBD_CACHE=${LBD_CACHE:-$root/var/lib/local-by-default/cache}

mkdir -p "$root/opt/local-by-default" "$root/var/lib/local-by-default" "$root/etc/systemd/system"
(cd "$source" && tar --create --exclude=./.venv --exclude=./.git --exclude=./build \
    --exclude='*_cache' --exclude=.hypothesis --exclude=__pycache__ --exclude='*.egg-info' .) \
    | tar --extract --directory "$root/opt/local-by-default"

moved() { # the text with the folders of the system moved into FOLDER
    sed -e "s#\(^\|[ =\"]\)/\(opt\|var/lib\)/local-by-default#\1$root/\2/local-by-default#g" \
        -e "s#/etc/systemd/system#$root/etc/systemd/system#g" -e "s#127.0.0.1:8000#127.0.0.1:$port#g"
}
sudo() { if [ "$1" = -u ]; then shift 2; fi; "$@"; }
useradd() { :; }
systemctl() {
    [ "$1" = enable ] || return 0
    unit="$root/etc/systemd/system/$3.service"
    moved < "$unit" > "$unit.moved"
    command=$(sed -n '/^ExecStart=/,/[^\\]$/p' "$unit.moved" | sed -e 's/^ExecStart=//' -e 's/\\$//')
    # shellcheck disable=SC2086 # the words of the command
    $command --port "$port" > "$root/service.log" 2>&1 &
    echo $! > "$root/service.pid"
}
if [ -n "${LBD_PYTHON:-}" ]; then
    python3() { # a virtual environment whose commands are those of the Python that is there
        mkdir -p .venv/bin
        printf '#!/bin/sh\nexec "%s" -m api.cli.main "$@"\n' "$LBD_PYTHON" > .venv/bin/matcher
        printf '#!/bin/sh\n' > .venv/bin/pip
        chmod +x .venv/bin/matcher .venv/bin/pip
    }
    export PYTHONPATH=$root/opt/local-by-default
fi
stop() { if [ -f "$root/service.pid" ]; then kill "$(cat "$root/service.pid")" 2>/dev/null || true; wait; fi; }
trap stop EXIT

guide=$(sed -n '/^## One machine/,/^## The proxy/p' "$source/docs/deploying.md" | sed -n '/^```sh$/,/^```$/{/^```/d;p}' | moved)
echo "$guide"
eval "$guide"
echo
key=$(cd "$root/var/lib/local-by-default" && "$root/opt/local-by-default/.venv/bin/matcher" keys add another --keys keys.jsonl)
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/v1/register")" = 401 ]
curl --silent --fail --output /dev/null --header "Authorization: Bearer $key" --header "Host: lots.council.example" "http://127.0.0.1:$port/v1/register"
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' --header "Host: other.example" "http://127.0.0.1:$port/healthz")" = 400 ]
echo "The guide was followed: the service is ready, needs a key, and answers to its host name only."
