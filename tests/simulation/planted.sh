#!/usr/bin/env bash
# Shows that the fault machine can fail: plants each fault of tests/simulation/planted into a copy of the last commit, one after
# the other, and runs schedules until a promise is broken. Exits non-zero when a fault escapes or a patch no longer applies.
#
#   tests/simulation/planted.sh [--schedules N] [--threads T] [FAULT…]
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
schedules=5000
threads=2
faults=()
while (($#)); do
    case $1 in
    --schedules) schedules=$2 && shift 2 ;;
    --threads) threads=$2 && shift 2 ;;
    *) faults+=("$1") && shift ;;
    esac
done
if ((${#faults[@]} == 0)); then
    for patch in tests/simulation/planted/*.patch; do faults+=("$(basename "$patch" .patch)"); done
fi

copy=$root/target/planted/tree
out=$root/target/planted
# Not the project's own target: cargo tells two copies of a workspace apart by the times of their files alone, and would take
# what was built of a planted fault for the real thing. Kept between runs, so that only the project's own packages are built again.
export CARGO_TARGET_DIR=$out/target
mkdir -p "$copy"

# Brings the copy to the last commit; files that did not change keep their time, so that little is built again.
restore() {
    rm -rf "$out/fresh" && mkdir -p "$out/fresh"
    git archive HEAD | tar -x -C "$out/fresh"
    (cd "$copy" && find . -type f) | while read -r file; do [[ -e $out/fresh/$file ]] || rm "$copy/$file"; done
    (cd "$out/fresh" && find . -type f) | while read -r file; do
        cmp -s "$out/fresh/$file" "$copy/$file" || install -D -m "$(stat -c %a "$out/fresh/$file")" "$out/fresh/$file" "$copy/$file"
    done
}

# The copy lies in a folder that git does not look after, and must not be taken for a part of the repository.
plant() {
    (cd "$copy" && GIT_CEILING_DIRECTORIES=$out git apply "$root/tests/simulation/planted/$1.patch")
}

escaped=0
rows=()
for fault in "${faults[@]}"; do
    restore
    if ! plant "$fault" 2>"$out/$fault.log"; then
        rows+=("$fault|–|the patch does not apply") && escaped=1
        continue
    fi
    if ! (cd "$copy" && cargo build --quiet --profile simulation -p simulation) >>"$out/$fault.log" 2>&1; then
        rows+=("$fault|–|it does not build: $out/$fault.log") && escaped=1
        continue
    fi
    if "$CARGO_TARGET_DIR/simulation/faults" --fixed "$schedules" --threads "$threads" --until-broken >"$out/$fault.log" 2>&1; then
        rows+=("$fault|$schedules|ESCAPED") && escaped=1
        continue
    fi
    found=$(grep -m1 '^first broken:' "$out/$fault.log" || echo "first broken: nothing (see $out/$fault.log)")
    promise=$(sed -E 's/first broken: ([^ ]+).*/\1/' <<<"$found")
    number=$(sed -E 's/.*number ([0-9]+)/\1/' <<<"$found")
    rows+=("$fault|$number|$promise")
    [[ $promise == nothing ]] && escaped=1
    printf '%s: %s after %s\n' "$fault" "$promise" "$number"
done
printf '\n%-44s %10s  %s\n' fault schedules promise
for row in "${rows[@]}"; do
    IFS='|' read -r fault number promise <<<"$row"
    printf '%-44s %10s  %s\n' "$fault" "$number" "$promise"
done
exit "$escaped"
