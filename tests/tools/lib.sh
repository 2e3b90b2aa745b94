# What the scripts beside it share; sourced, never run. A script calls `begin NAME SECONDS_MAX`, then what it
# needs of the rest, and ends with `passed "what was seen"`.
#
# Each has a folder, users and ports of its own, so that several run at once: nothing is fixed. Whatever it
# starts is ended and whatever it made is gone when it ends, however it ends. What it downloads stays in
# target/tools.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
tools=$target/tools
children=()
users=()
mounts=()

fail() {
    printf '%s: %s\n' "$name" "$*" >&2
    exit 1
}

# begin NAME SECONDS_MAX: under a deadline, in a folder of its own, $work. Runs the script once more, by `timeout`.
begin() {
    name=$1
    if [[ ${TOOLS_DEADLINE:-} != "$name" ]]; then
        TOOLS_DEADLINE=$name exec timeout --kill-after=30 "$2" "$0"
    fi
    [[ $EUID == 0 ]] || fail 'cannot make users: run as root'
    trap clean_up EXIT
    trap 'fail "stopped, or too slow"' TERM INT
    work=$(mktemp -d "/tmp/coupontools-mirror-$name.XXXXXX")
    chmod 711 "$work"
    program=$work/coupontools-mirror
    install -m 755 "$target/debug/coupontools-mirror" "$program" ||
        fail 'cannot find the program: run `cargo build` first'
}

passed() { printf '%-14s %s\n' "$name:" "$*"; }

clean_up() {
    local code=$? child user mount
    trap - EXIT
    trap '' TERM INT
    set +e
    for child in "${children[@]}"; do kill -TERM "$child" 2>/dev/null; done
    for child in "${children[@]}"; do
        timeout 10 tail --pid="$child" -s 0.1 -f /dev/null || kill -KILL "$child"
        wait "$child" 2>/dev/null
    done
    if ((code != 0)); then
        tail -n 20 "$work"/*.log >&2
    fi
    # What is mounted would be gone with the folder.
    for mount in "${mounts[@]}"; do umount "$mount" || exit 1; done
    rm -rf "$work"
    # Refused while something of theirs still runs: then this script has a bug.
    for ((user = ${#users[@]} - 1; user >= 0; user--)); do userdel "${users[user]}" || code=1; done
    exit "$code"
}

# wait_until SECONDS WHAT COMMAND…: asks again ten times a second.
wait_until() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        ((SECONDS < end)) || fail "waited in vain until $what"
        sleep 0.1
    done
}

# needs COMMAND=PACKAGE…: installs what is not there. Others may be installing at the same time.
needs() {
    local need missing=()
    for need in "$@"; do
        command -v "${need%=*}" >/dev/null || missing+=("${need#*=}")
    done
    ((${#missing[@]} == 0)) && return
    export DEBIAN_FRONTEND=noninteractive
    local apt=(apt-get -qq -o DPkg::Lock::Timeout=120 -o APT::Update::Error-Mode=any)
    { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"; } \
        >"$work/apt.log" 2>&1 </dev/null || fail "cannot install ${missing[*]}"
}

# needs_promtool: $promtool, unpacked from Debian's package once: installed, it would bring a server that runs.
needs_promtool() {
    promtool=$(command -v promtool || true)
    [[ -z $promtool ]] || return 0
    local folder=$tools/prometheus
    mkdir -p "$folder"
    exec 7>"$folder.lock"
    flock 7
    promtool=$folder/usr/bin/promtool
    if [[ ! -x $promtool ]]; then
        {
            apt-get -qq -o DPkg::Lock::Timeout=120 -o APT::Update::Error-Mode=any update
            (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download prometheus)
            dpkg-deb --extract "$work"/prometheus_*.deb "$folder"
        } >"$work/promtool.log" 2>&1 </dev/null || fail 'cannot fetch promtool'
    fi
    exec 7>&-
}

# needs_python: $python, a virtual environment with requirements.txt, made once. By Debian's own Python, which
# other users may run, too.
needs_python() {
    local venv=$tools/venv wanted=$root/tests/tools/requirements.txt
    mkdir -p "$tools"
    exec 8>"$tools/venv.lock"
    flock 8
    if ! cmp -s "$wanted" "$venv/installed.txt"; then
        dpkg-query -W python3-venv >/dev/null 2>&1 || needs "no-such-command=python3-venv"
        {
            rm -rf "$venv"
            /usr/bin/python3 -m venv "$venv"
            "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
                --cache-dir "$tools/pip" --requirement "$wanted"
            cp "$wanted" "$venv/installed.txt"
        } >"$work/pip.log" 2>&1 || fail 'cannot install the Python packages'
    fi
    exec 8>&-
    python=$venv/bin/python
    # A clone in a folder of root's own: the reader gets a copy.
    if ! as_reader test -x "$python"; then
        cp -r "$venv" "$work/venv"
        python=$work/venv/bin/python
    fi
}

# make_users: $daemon writes, $reader is in its group. As a package would make them.
make_users() {
    local user=(useradd --system --user-group --no-create-home --shell /usr/sbin/nologin)
    daemon=ctm-daemon-$$
    reader=ctm-reader-$$
    "${user[@]}" "$daemon" && users+=("$daemon")
    "${user[@]}" --groups "$daemon" "$reader" && users+=("$reader")
    install -d -m 700 -o "$reader" -g "$reader" "$work/home"
}

as_reader() { HOME=$work/home setpriv --reuid="$reader" --regid="$reader" --init-groups "$@"; }

# The same for what goes on in the background, by `&`: it becomes the command.
become_reader() {
    umask 027
    cd "$work/home"
    HOME=$work/home exec setpriv --reuid="$reader" --regid="$reader" --init-groups "$@"
}

# start_simulator ARGUMENT…: $simulator is its address.
start_simulator() {
    "$program" simulate --listen 127.0.0.1:0 "$@" >"$work/simulator.out" 2>"$work/simulator.log" &
    children+=($!)
    wait_until 20 'the simulator listens' grep -qs '^listening on http' "$work/simulator.out"
    simulator=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$work/simulator.out")
}

# start_daemon: over the simulator, with the folder as the unit makes it; $file, $url, $token, $masked_token.
# Looks every second, reads every list to its end every five, takes a snapshot every ten.
start_daemon() {
    install -d -m 2750 -o "$daemon" -g "$daemon" "$work/state"
    file=$work/state/mirror.db
    cat >"$work/mirror.toml" <<TOML
database = "$file"
[api]
base_url = "$simulator"
requests_per_second = 1000
[schedule]
incremental = "* * * * * *"
full = "*/5 * * * * *"
[snapshots]
schedule = "*/10 * * * * *"
keep = 2
[http]
listen = "127.0.0.1:0"
without_token = "nothing"
TOML
    token=$(ctm token add full)
    masked_token=$(ctm token add masked --masked)
    listen_daemon
    wait_until 60 'the first walks are done' is_loaded
}

# listen_daemon [ARGUMENT…]: starts it and waits until it listens.
listen_daemon() {
    export COUPONTOOLS_CLIENT_ID=demo-id COUPONTOOLS_CLIENT_SECRET=demo-secret
    : >"$work/daemon.log"
    ctm run "$@" 2>>"$work/daemon.log" &
    daemon_pid=$!
    children+=("$daemon_pid")
    wait_until 20 'the daemon listens' grep -qs 'listening url=' "$work/daemon.log"
    url=$(sed -n 's/.*listening url="\{0,1\}\(http[^" ]*\).*/\1/p' "$work/daemon.log")
}

stop_daemon() {
    kill -TERM "$daemon_pid"
    wait "$daemon_pid" || fail 'the daemon did not end well'
}

# Under the same address, as a unit's restart.
restart_daemon() {
    stop_daemon
    check_daemon
    listen_daemon --listen "${url#http://}"
}

# The program as the daemon's user runs it. Called in a subshell, by `$(…)` or `&`: it becomes the program, so
# that a signal to what runs in the background reaches it.
ctm() {
    umask 027
    exec setpriv --reuid="$daemon" --regid="$daemon" --init-groups "$program" --config "$work/mirror.toml" "$@"
}

# Every directory has been read to its end once: from here on, changes are recorded.
is_loaded() {
    [[ $(as_reader sqlite3 -readonly "$file" \
        "SELECT count(*) > 0 AND count(*) = (SELECT count(*) FROM registration_changes WHERE kind = 'loaded') FROM directories" \
        2>/dev/null) == 1 ]]
}

# control METHOD PATH [JSON]: of the simulator.
control() {
    curl --silent --show-error --fail --max-time 20 --request "$1" "$simulator/simulator/$2" ${3:+--data "$3"}
}

# So much happens that every walk writes.
live() { control POST behaviour '{"life":{"registrations_per_minute":600,"edits_per_minute":600,"deletions_per_minute":120}}' >/dev/null; }

still() { control POST behaviour '{"life":{"registrations_per_minute":0,"edits_per_minute":0,"deletions_per_minute":0}}' >/dev/null; }

# The feed's number: tells that something was written meanwhile.
seq_now() { as_reader sqlite3 -readonly "$file" 'SELECT max(seq) FROM registration_changes'; }

# The mirror holds what truly stands, which the simulator tells; what no page can prove gone stays, as missing.
is_exact() {
    local directory
    for directory in $(control GET truth | jq -r '.directories[].directory_id'); do
        control GET "truth/$directory" | jq -cS '.standing | [.registration_id, .email, .custom_3, .registered_at]' | sort >"$work/truth"
        as_reader sqlite3 -readonly "$file" "SELECT json_array(registration_id, email, custom_3, registered_at)
            FROM registrations WHERE directory_id = '$directory' AND missing_since IS NULL" | sort >"$work/mirrored"
        cmp -s "$work/truth" "$work/mirrored" || return 1
    done
}

# Nobody was in the daemon's way.
check_daemon() {
    ! grep -E ' (WARN|ERROR) |panicked at' "$work/daemon.log" >&2 || fail 'the daemon complained'
    local errors
    errors=$(as_reader sqlite3 -readonly "$file" 'SELECT count(*) FROM sync_status WHERE last_error IS NOT NULL')
    [[ $errors == 0 ]] || fail "$errors directories have a last error"
}
