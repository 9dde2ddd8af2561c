"""Address and credentials of a dask scheduler, checked before anything is sent to it.

Without TLS any client can run code on the workers, and a false scheduler can run code on the
client, because dask pickles tasks, results and errors.  Only mutual TLS prevents both.
"""

import ipaddress
import ssl
from pathlib import Path

from psgkit.core.dataclass import dataclass
from psgkit.errors import InputFileError, SettingsError
from psgkit.io.files import first_bytes

_PLAIN, _TLS = "tcp", "tls"
_WANTED = "tls://HOST:PORT, or tcp://HOST:PORT on this machine"
_OPTIONS = {"ca": "--tls-ca", "cert": "--tls-cert", "key": "--tls-key"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """PEM files of mutual TLS: authority of the cluster, certificate and key of this client."""

    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class SchedulerAccess:
    """A scheduler that may be connected to.

    Attributes
    ----------
    address : str
        With its protocol, as dask expects it.
    credentials : Credentials or None
        None for a scheduler without TLS, and where the configuration of dask names the files.
    """

    address: str
    credentials: Credentials | None = None

    @property
    def is_encrypted(self) -> bool:
        """Return whether the connection is encrypted and both ends are authenticated."""
        return self.address.startswith(f"{_TLS}://")

    @property
    def warning(self) -> str:
        """Return the warning about a scheduler without TLS; empty with TLS."""
        if self.is_encrypted:
            return ""
        who = "every user of this machine" if _is_loopback(self.address) else "all on its network"
        return f"{self.address} has no TLS: {who} can run programs there in your name"


def scheduler_access(
    address: str,
    files: dict[str, Path | None] | None = None,
    *,
    insecure: bool = False,
) -> SchedulerAccess:
    """Check address and credentials and return the access to a scheduler.

    Parameters
    ----------
    address : str
        As typed; without a protocol it is unencrypted TCP, as for dask.
    files : dict of {"ca", "cert", "key"} to Path or None, optional
        PEM files.
    insecure : bool
        Whether a scheduler without TLS on another machine is allowed.

    Raises
    ------
    SettingsError
        If the address is unencrypted and on another machine, or the files are no credentials.
    """
    protocol, separator, rest = address.strip().rpartition("://")
    protocol = protocol if separator else _PLAIN
    whole = f"{protocol}://{rest}"
    if protocol not in (_PLAIN, _TLS) or not _host_of(whole):
        raise SettingsError("--scheduler", repr(address), _WANTED)
    given = {name: path for name, path in (files or {}).items() if path is not None}
    if protocol == _TLS:
        if not given:
            return SchedulerAccess(address=whole)
        return SchedulerAccess(address=whole, credentials=_credentials(given))
    if given:
        options = ", ".join(_OPTIONS[name] for name in given)
        raise SettingsError("--scheduler", f"{whole} with {options}", "tls:// with credentials")
    if not insecure and not _is_loopback(whole):
        raise SettingsError(
            "--scheduler",
            f"{whole}, which is neither encrypted nor authenticated",
            f"{_TLS}://{rest} with --tls-ca, --tls-cert and --tls-key",
            "Start scheduler and workers with TLS (psgkit batch --help), or add --insecure if "
            "no other user can reach that network.",
        )
    return SchedulerAccess(address=whole)


def _host_of(address: str) -> str:
    """Return the host in ``protocol://host:port``, empty if the address is not of that form.

    Examples
    --------
    >>> _host_of("tcp://[::1]:8786"), _host_of("tls://node7:8786"), _host_of("tcp://node7")
    ('::1', 'node7', '')
    """
    host, _, port = address.partition("://")[2].rpartition(":")
    return host.removeprefix("[").removesuffix("]") if port.isdecimal() else ""


def _is_loopback(address: str) -> bool:
    """Return whether the host is a loopback address or localhost.

    Any other name is resolved by a name server, which is not trusted here.
    """
    host = _host_of(address)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _credentials(given: dict[str, Path]) -> Credentials:
    """Return the credentials in PEM files; raise if one is missing or of another kind."""
    missing = [option for name, option in _OPTIONS.items() if name not in given]
    if missing:
        found = f"no {' and no '.join(missing)}"
        raise SettingsError("--scheduler", found, "--tls-ca, --tls-cert and --tls-key together")
    for name, path in given.items():
        try:
            # a pipe or a device would be waited for
            first_bytes(path, 1, f"{_OPTIONS[name]} {path}", "a PEM file")
        except InputFileError as error:
            raise SettingsError(error.where, error.found, error.wanted) from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=given["ca"])
    except ssl.SSLError:
        wanted = "the certificate of the cluster's authority (PEM)"
        raise SettingsError(f"--tls-ca {given['ca']}", "no certificate", wanted) from None
    try:
        # an encrypted key would ask for its passphrase on the terminal at every connection
        context.load_cert_chain(given["cert"], given["key"], password="")
    except ssl.SSLError as error:
        where = f"--tls-cert {given['cert']}, --tls-key {given['key']}"
        found = (error.reason or "no certificate and key").lower().replace("_", " ")
        wanted = "a certificate and its private key (PEM) without a passphrase"
        raise SettingsError(where, found, wanted) from None
    return Credentials(**given)
