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
check_units() { # as systemd reads them, where it is installed
    command -v systemd-analyze >/dev/null || { echo "systemd is not installed: the unit is not checked"; return 0; }
    mkdir -p "$root/checked"
    for unit in "$root"/etc/systemd/system/*.service; do
        moved < "$unit" > "$root/checked/$(basename "$unit")"
        found=$(systemd-analyze verify "$root/checked/$(basename "$unit")" 2>&1 | grep -F "$(basename "$unit")" || true)
        [ -z "$found" ] || { echo "$found" >&2; return 1; }
    done
    echo "systemd accepts the unit."
}
sudo() { if [ "$1" = -u ]; then shift 2; fi; "$@"; }
useradd() { :; }
systemctl() {
    if [ "$1" = daemon-reload ]; then check_units; fi
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
stop() {
    for pid in "$root"/*.pid; do
        if [ -f "$pid" ]; then kill "$(cat "$pid")" 2>/dev/null || true; fi
    done
    wait
}
trap stop EXIT

guide=$(sed -n '/^## One machine/,/^## The proxy/p' "$source/docs/deploying.md" | sed -n '/^```sh$/,/^```$/{/^```/d;p}' | moved)
echo "$guide"
eval "$guide"
echo
key=$(cd "$root/var/lib/local-by-default" && "$root/opt/local-by-default/.venv/bin/matcher" keys add another --keys keys.jsonl)
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/v1/register")" = 401 ]
curl --silent --fail --output /dev/null --header "Authorization: Bearer $key" --header "Host: lots.council.example" "http://127.0.0.1:$port/v1/register"
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' --header "Host: other.example" "http://127.0.0.1:$port/healthz")" = 400 ]
if command -v caddy >/dev/null; then
    free_port() { python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
    python() { command python3 "$@"; }
    tls=$(free_port) plain=$(free_port)
    ours="{\\n\\tadmin off\\n\\tskip_install_trust\\n\\thttp_port $plain\\n\\thttps_port $tls"
    sed -e "0,/^{\$/s//$ours/" "$source/deploy/Caddyfile" > "$root/Caddyfile"
    export LBD_DOMAIN=localhost LBD_UPSTREAM=127.0.0.1:$port XDG_DATA_HOME=$root/caddy XDG_CONFIG_HOME=$root/caddy
    caddy run --adapter caddyfile --config "$root/Caddyfile" > "$root/caddy.log" 2>&1 &
    echo $! > "$root/caddy.pid"
    site=https://localhost:$tls
    status() { curl --silent --insecure --output /dev/null --write-out '%{http_code}' "$@"; }
    curl --silent --insecure --fail --output /dev/null --retry 180 --retry-delay 1 --retry-all-errors "$site/readyz"
    [ "$(status "$site/v1/register")" = 401 ]
    [ "$(status --header "Authorization: Bearer $key" "$site/v1/register")" = 200 ]
    [ "$(status "$site/metrics")" = 404 ]
    head -c 21000000 /dev/zero > "$root/large"
    # Caddy refuses while curl still sends, and then curl may lose the answer: it says 000.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        refused=$(status --header "Authorization: Bearer $key" --data-binary @"$root/large" "$site/v1/shortlists" || true)
        [ "$refused" = 000 ] || break
    done
    [ "$refused" = 413 ]
    headers=$(curl --silent --insecure --user "anybody:$key" --dump-header - --output /dev/null "$site/")
    grep -qi '^strict-transport-security' <<< "$headers"
    grep -qi '^set-cookie: lbd-form=.*; Secure' <<< "$headers"
    echo "Caddy passes requests on: over TLS, with secure cookies, and with its limits."
else
    echo "Caddy is not installed: its file is not tried."
fi
echo "The guide was followed: the service is ready, needs a key, and answers to its host name only."
