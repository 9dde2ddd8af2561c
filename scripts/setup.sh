# Sourced by the other scripts: makes the virtual environment when it is missing or out of date.
# The stamp is the digest of pyproject.toml, so that a second call costs a few milliseconds.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="${PSGKIT_VENV:-$root/.venv}"

find_python() {
  local candidate
  for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "psgkit needs Python 3.11 or newer; none was found on the PATH." >&2
  exit 2
}

# install EXTRAS: install psgkit with "" or "[test]" into the environment, once
install() {
  local extras="$1" stamp want
  stamp="$venv/.psgkit${extras//[^a-z]/}"
  want="$(cksum < "$root/pyproject.toml") $root"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
    return
  fi
  echo "Setting up $venv (once)..." >&2
  if [ ! -x "$venv/bin/python" ]; then
    "$(find_python)" -m venv "$venv"
  fi
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$root$extras" >&2
  echo "$want" > "$stamp"
}
