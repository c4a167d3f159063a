# Sourced by .ci/run and the run scripts: the folder that outlives a clone, and the Python and Node tools in it.

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

# pinned_node_modules NAME FOLDER: sets `node_modules` to the packages of that folder's package-lock.json, installed
# once; no script of a package runs.
pinned_node_modules() {
    local cache key
    cache=$(cache_folder "$(dirname "${BASH_SOURCE[0]}")/..") || return
    key=$({ node --version && cat "$2/package-lock.json"; } | sha256sum) || return
    node_modules=$cache/node/$1-${key:0:16}/node_modules
    mkdir -p "${node_modules%/*}" || return
    (
        flock 8
        [[ -e ${node_modules%/*}/.complete ]] && exit
        cp "$2/package.json" "$2/package-lock.json" "${node_modules%/*}/" &&
            npm ci --prefix "${node_modules%/*}" --ignore-scripts --no-audit --no-fund --silent &&
            touch "${node_modules%/*}/.complete"
    ) 8>"${node_modules%/*}.lock"
}
