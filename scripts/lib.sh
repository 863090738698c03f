# shellcheck shell=bash
# What setup, demo, test and .ci/run share. Sourced, not run.

# shellcheck disable=SC2034  # read by the scripts that source this file
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  say "$@"
  exit 1
}

# option_value OPTION [VALUE]: VALUE, or the end of the script when it is missing.
option_value() {
  [[ $# -ge 2 && -n $2 ]] || die "$1: expected a value, got none; hint: --help"
  printf '%s\n' "$2"
}

# positive_number OPTION [VALUE]: VALUE, or the end of the script unless it is 1, 2, 3, ...
positive_number() {
  local value
  value=$(option_value "$@") || exit 1
  [[ $value =~ ^[1-9][0-9]*$ ]] || die "$1: expected a positive number, got '$value'"
  printf '%s\n' "$value"
}

# missing_packages NAME[|NAME...]...: one line for each argument of whose names none is installed,
# the first name. The others are packages that do as well and exclude the first or go without it.
missing_packages() {
  local wanted installed name
  installed=$'\n'$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' |
    sed -n 's/^installed //p')$'\n'
  for wanted in "$@"; do
    for name in ${wanted//|/ }; do
      [[ $installed == *$'\n'"$name"$'\n'* ]] && continue 2
    done
    printf '%s\n' "${wanted%%|*}"
  done
}

# install_packages NAME[|NAME...]...: installs those that are missing; fails with one line if it
# may not or cannot.
install_packages() {
  local missing as_root=()
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian: the equivalents of these packages are taken to be there: $*"
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -eq 0 ]] && return
  if [[ $EUID -ne 0 ]]; then
    if ! command -v sudo >/dev/null; then
      say "packages are missing; run as root: apt-get install ${missing[*]}"
      return 1
    fi
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  # A stale list of packages is better than none, so a failed update is not yet the end.
  "${as_root[@]}" apt-get update -q >&2 || say "apt-get update failed"
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-remove \
    --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >&2; then
    say "packages could not be installed; run as root: apt-get install ${missing[*]}"
    return 1
  fi
}
