"""The servers of a cluster on one machine: which there are, where they listen, and the files they are started from."""

from __future__ import annotations

import os
import pwd
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from faq.errors import SetupError
from maintain.settings import ROOT

POSTGRESQL = Path("/usr/lib/postgresql")
"""Where Debian puts the programs of PostgreSQL, by version."""

PACKAGES = {
    "initdb": "postgresql",
    "redis-server": "redis-server",
    "nginx": "nginx-light",
    "supervisord": "supervisor",
    "setpriv": "util-linux",
}
"""Debian's package of each program."""

REPLICAS = 2
"""Rasa servers, and action servers."""

PATIENCE = {"nginx": 5, "rasa": 30, "actions": 20, "postgres": 30, "redis": 5}
"""Seconds that a server gets to finish what it has begun."""


@dataclass(frozen=True)
class Cluster:
    """A cluster in a folder of its own.

    Attributes:
        folder: for its data, its secrets, its configuration and its logs.
        ports: of each server by its name: ``chat`` and ``actions`` are nginx's, ``rasa-1`` and so on the servers',
            ``rasa-1-metrics`` and so on those of their metrics.
        settings: variables that the Rasa and the action servers get besides.
    """

    folder: Path
    ports: Mapping[str, int]
    settings: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where readers reach it."""
        return f"http://127.0.0.1:{self.ports['chat']}"

    @property
    def database_url(self) -> str:
        """Its PostgreSQL."""
        return f"postgresql://faq:{self.secret('postgres')}@127.0.0.1:{self.ports['postgres']}/faq"

    @property
    def redis_url(self) -> str:
        """Its Redis."""
        return f"redis://:{self.secret('redis')}@127.0.0.1:{self.ports['redis']}/0"

    @property
    def control(self) -> list[str]:
        """The command that stops and starts single servers, and asks how they are."""
        return [program("supervisorctl"), "-c", str(self.folder / "supervisord.conf")]

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the servers."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "FAQ_SECRET_KEYS": self.secret("sessions"),
            "FAQ_ACTIONS_URL": f"http://127.0.0.1:{self.ports['actions']}/webhook",
            "FAQ_CHAT_TRUSTED_PROXIES": "1",
            "FAQ_LOG_FORMAT": "json",
            "FAQ_NLU_PROCESSES": "0",  # the two replicas share the cores of one machine
            "MPLCONFIGDIR": str(self.folder / "tmp"),
            "TMPDIR": str(self.folder / "tmp"),
            **self.settings,
        }

    def secret(self, name: str) -> str:
        """A password, made when it is first asked for and kept in a file that its owner alone can read."""
        file = self.folder / "secrets" / name
        if not file.exists():
            file.parent.mkdir(mode=0o700, exist_ok=True)
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
                new.write(secrets.token_urlsafe(32))
        return file.read_text(encoding="ascii")

    def servers(self) -> dict[str, tuple[list[str], dict[str, str]]]:
        """The command of each server and the variables that are its own, in the order in which they start."""
        folder = self.folder
        serve = [*as_user("nobody", reads_all=True), sys.executable, "-m", "maintain", "serve"]
        started: dict[str, tuple[list[str], dict[str, str]]] = {
            "postgres": ([*as_user("postgres"), program("postgres"), "-D", str(folder / "postgres")], {}),
            "redis": ([*as_user("redis"), program("redis-server"), str(folder / "redis" / "redis.conf")], {}),
        }
        for kind, prefix in (("actions", "FAQ_ACTIONS_"), ("rasa", "FAQ_")):
            for name in (f"{kind}-{number}" for number in range(1, REPLICAS + 1)):
                ports = {"PORT": self.ports[name], "METRICS_PORT": self.ports[f"{name}-metrics"]}
                started[name] = ([*serve, kind], {prefix + key: str(port) for key, port in ports.items()})
        nginx = [program("nginx"), "-c", str(folder / "nginx" / "nginx.conf"), "-p", str(folder / "nginx")]
        started["nginx"] = ([*as_user("www-data"), *nginx], {})
        return started

    def prepare(self) -> None:
        """Writes what the servers are started from; data that is there stays.

        Raises:
            SetupError: a program is missing, or the database cannot be made.
        """
        for name in ("log", "nginx", "redis", "tmp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        (self.folder / "tmp").chmod(0o1777)
        self._write("redis/redis.conf", self._redis(), "redis")
        self._write("nginx/nginx.conf", self._nginx(), "www-data")
        give(self.folder / "nginx", "www-data")
        self._write("supervisord.conf", self._supervisord())
        self._write("prometheus.yml", self._prometheus())
        if not (self.folder / "postgres" / "PG_VERSION").exists():
            self._make_database()
        self._write("postgres/postgresql.conf", self._postgres(), "postgres")

    def _write(self, name: str, text: str, owner: str = "") -> None:
        file = self.folder / name
        file.unlink(missing_ok=True)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
            new.write(text)
        if owner:
            give(file, owner)

    def _redis(self) -> str:
        ours = f"bind 127.0.0.1\nport {self.ports['redis']}\ndir {self.folder / 'redis'}\n"
        return f"{_deployed('redis/redis.conf')}{ours}requirepass {self.secret('redis')}\n"

    def _postgres(self) -> str:
        where = f"listen_addresses = '127.0.0.1'\nport = {self.ports['postgres']}\nunix_socket_directories = ''\n"
        return _deployed("postgres/faq.conf") + where

    def _nginx(self) -> str:
        def servers(kind: str) -> str:
            ports = (self.ports[f"{kind}-{number}"] for number in range(1, REPLICAS + 1))
            return "\n    ".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;" for port in ports)

        chat = Template(_deployed("nginx/chat.conf.template")).safe_substitute(
            FAQ_LISTEN=f"127.0.0.1:{self.ports['chat']}",
            FAQ_ACTIONS_LISTEN=f"127.0.0.1:{self.ports['actions']}",
            FAQ_CHAT_SERVERS=servers("rasa"),
            FAQ_ACTION_SERVERS=servers("actions"),
            FAQ_ACCESS_LOG=str(self.folder / "nginx" / "access.log"),
        )
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        scratch = "".join(f"{kind}_temp_path {self.folder}/nginx/{kind};\n" for kind in kinds)
        head = f"daemon off;\nworker_processes 2;\npid {self.folder}/nginx/nginx.pid;\nerror_log stderr emerg;\n"
        return f"{head}events {{ worker_connections 1024; }}\nhttp {{\n{scratch}{chat}}}\n"

    def _prometheus(self) -> str:
        config = yaml.safe_load(_deployed("prometheus/prometheus.yml"))
        config["rule_files"] = [str(ROOT / "deploy" / "prometheus" / "alerts.yml")]
        for job in config["scrape_configs"]:
            kind = job["job_name"].removeprefix("faq-")
            ports = [self.ports[f"{kind}-{number}-metrics"] for number in range(1, REPLICAS + 1)]
            job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
        return str(yaml.safe_dump(config))

    def _supervisord(self) -> str:
        socket, log = self.folder / "supervisor.sock", self.folder / "log"
        user = "user=root\n" if os.geteuid() == 0 else ""
        text = f"""[unix_http_server]
file={socket}
chmod=0700
[supervisord]
nodaemon=true
{user}logfile={log}/supervisord.log
pidfile={self.folder}/supervisord.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{socket}
"""
        for place, (name, (command, own)) in enumerate(self.servers().items()):
            kind = name.partition("-")[0]
            ours = {**self.environment, **own} if kind in ("rasa", "actions") else own
            variables = ",".join(f'{key}="{value}"' for key, value in ours.items()).replace("%", "%%")
            stop = {"postgres": "INT", "nginx": "QUIT"}.get(kind, "TERM")
            text += f"""[program:{name}]
command={shlex.join(command).replace("%", "%%")}
directory={ROOT if ours else self.folder}
environment={variables}
priority={place + 1}
autorestart=true
startsecs=1
startretries=1000000
stopsignal={stop}
stopwaitsecs={PATIENCE[kind]}
stdout_logfile={log}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
redirect_stderr=true
"""
        return text

    def _make_database(self) -> None:
        """Makes the database, and a role that owns it and is no superuser."""
        data = self.folder / "postgres"
        data.mkdir(mode=0o700, exist_ok=True)
        give(data, "postgres")
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--wal-segsize=1"]
        self._write("tmp/password", self.secret("postgres-admin"), "postgres")
        options.append(f"--pwfile={self.folder / 'tmp' / 'password'}")
        _run([*as_user("postgres"), program("initdb"), "-D", str(data), "-U", "postgres", *options], "")
        (self.folder / "tmp" / "password").unlink()
        statements = Template(_deployed("postgres/roles.sql")).substitute(FAQ_PASSWORD=self.secret("postgres"))
        single = [
            *as_user("postgres"),
            program("postgres"),
            "--single",
            "-D",
            str(data),
            "template1",
        ]  # whose grants it gets
        _run(single, statements)


def _deployed(name: str) -> str:
    return (ROOT / "deploy" / name).read_text(encoding="utf-8")


def _run(command: Sequence[str], text: str) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd="/", check=False)
    if done.returncode or "ERROR" in done.stderr:
        raise SetupError(f"[CLU02] {shlex.join(command)} failed: {done.stderr.strip()[-500:]}")


def program(name: str) -> str:
    """Where a program lies.

    Raises:
        SetupError: it is not on this machine.
    """
    folders = sorted(POSTGRESQL.glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin"]))
    if not found:
        package = PACKAGES.get(name, PACKAGES["supervisord" if name.startswith("supervisor") else "initdb"])
        raise SetupError(f"[CLU01] There is no {name} on this machine: apt-get install {package}")
    return found


def as_user(name: str, reads_all: bool = False) -> list[str]:
    """What stands before a command so that it does not run as root; nothing where we are not root.

    Args:
        name: the user in whose place it runs.
        reads_all: whether it may read what root can: our Python may lie under root's home.
    """
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam(name)
    capabilities = "-all,+dac_read_search" if reads_all else "-all"
    options = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]
    return [program("setpriv"), *options, f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}"]


def as_small_root() -> list[str]:
    """What stands before the supervisor's command: root with no more than it needs to start and to stop others as users
    of their own; nothing where we are not root."""
    if os.geteuid() != 0:
        return []
    return [program("setpriv"), "--bounding-set=-all,+setuid,+setgid,+kill,+dac_read_search"]


def give(path: Path, name: str) -> None:
    """Makes a user the owner of a file or folder; does nothing where we are not root."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(name)
        os.chown(path, user.pw_uid, user.pw_gid)
