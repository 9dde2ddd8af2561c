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
    PYTHONSAFEPATH=1 "$(find_python)" -m venv "$venv"
  fi
  # the working folder, which Python would search first, may be one of recordings from others
  PYTHONSAFEPATH=1 "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$root$extras" >&2
  echo "$want" > "$stamp"
}

# install_browser: a Chromium for the tests of pages, where there is none and apt-get may install it;
# tried once, without output: if it fails those tests are skipped, and say so
install_browser() {
  local name tried="$venv/.psgkit-browser-tried"
  for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
    if command -v "$name" > /dev/null; then return; fi
  done
  if [ -f "$tried" ] || [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then return; fi
  echo "Installing Chromium for the tests of pages (once)..." >&2
  touch "$tried"
  {
    apt-get update &&
      DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium
  } > /dev/null 2>&1 || echo "It could not be installed; these tests are skipped." >&2
}
