# Sourced by .ci/run and the run scripts: the folder that outlives a clone, and the Python tools in it.

# cache_folder CLONE: prints the folder. It lies in the clone when the user's cache is missing or cannot be written.
cache_folder() {
    local user=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    local folder=$user/polydesk
    if [[ -z $user ]] || ! mkdir -p "$folder" 2>/dev/null || [[ ! -w $folder ]]; then
        folder=$1/target/cache
        mkdir -p "$folder"
    fi
    printf '%s\n' "$folder"
}

# pinned_venv NAME REQUIREMENTS: sets `venv` to a virtual environment with exactly that set, which it makes once. Two
# clones with the same set share it; another set or another Python has its own.
pinned_venv() {
    local cache key
    cache=$(cache_folder "$(dirname "${BASH_SOURCE[0]}")/..") || return
    key=$({ python3 -c 'import sys; print(sys.executable, sys.version)' && cat "$2"; } | sha256sum) || return
    venv=$cache/venv/$1-${key:0:16}
    mkdir -p "$cache/venv" || return
    (
        flock 8
        [[ -e $venv/.complete ]] && exit
        python3 -m venv --clear "$venv" &&
            "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$2" &&
            touch "$venv/.complete"
    ) 8>"$venv.lock"
}
