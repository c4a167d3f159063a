# Sourced by the run scripts: the Python tools of each stand in a virtual environment of its own under .venv.

# pinned_venv FOLDER REQUIREMENTS: a virtual environment with a pinned set, installed again only after the set changed.
pinned_venv() {
    if ! cmp -s "$2" "$1/.installed"; then
        [[ -x $1/bin/pip ]] || python3 -m venv "$1"
        "$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$2"
        cp "$2" "$1/.installed"
    fi
}
