"""The files under deploy/ say what the programs that read them understand, and keep what the pages promise."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from channels.settings import ChatSettings
from maintain.settings import ROOT, Settings

DEPLOY = ROOT / "deploy"
KUBERNETES = "1.28"
"""The newest version whose schema comes with the package that Rasa's pins leave room for."""
OURS = ("faq-rasa", "faq-actions")


def manifests() -> list[dict[str, Any]]:
    files = sorted((DEPLOY / "kubernetes").glob("*.yml"))
    return [document for file in files for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))]


def name_of(document: dict[str, Any]) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {each["metadata"]["name"]: each["spec"] for each in manifests() if each["kind"] == kind}


def pods() -> Iterator[Any]:
    for kind in ("Deployment", "StatefulSet"):
        yield from (pytest.param(spec["template"]["spec"], id=name) for name, spec in of_kind(kind).items())


@pytest.mark.filterwarnings("ignore:Use of .. or absolute path in a resource path:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The metaschema specified by:DeprecationWarning")
@pytest.mark.parametrize("document", manifests(), ids=name_of)
def test_files_of_kubernetes_fit_the_schema(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_files_of_kubernetes_are_all_applied() -> None:
    listed = yaml.safe_load((DEPLOY / "kustomization.yml").read_text(encoding="utf-8"))
    assert sorted(listed["resources"]) == sorted(
        f"kubernetes/{file.name}" for file in (DEPLOY / "kubernetes").iterdir()
    )
    sources = [file.partition("=")[2] for each in listed["configMapGenerator"] for file in each.get("files", ())]
    assert sources
    assert [source for source in sources if not (DEPLOY / source).is_file()] == []


@pytest.mark.parametrize("pod", pods())
def test_files_of_kubernetes_harden_every_pod(pod: dict[str, Any]) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        context = container["securityContext"]
        assert (context["readOnlyRootFilesystem"], context["allowPrivilegeEscalation"]) == (True, False)
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert {"cpu", "memory"} == set(container["resources"]["limits"]) == set(container["resources"]["requests"])
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)


def test_files_of_kubernetes_keep_two_and_tell_live_from_ready() -> None:
    for name in OURS:
        assert of_kind("Deployment")[name]["replicas"] == 2
        assert of_kind("PodDisruptionBudget")[name]["minAvailable"] == 1
        scaled = of_kind("HorizontalPodAutoscaler")[name]
        assert scaled["scaleTargetRef"]["name"] == name
        assert scaled["minReplicas"] == 2
    (rasa,) = of_kind("Deployment")["faq-rasa"]["template"]["spec"]["containers"]
    assert rasa["livenessProbe"]["httpGet"]["path"] == "/chat/health/live"
    assert rasa["readinessProbe"]["httpGet"]["path"] == "/chat/health"


def test_files_of_kubernetes_let_only_the_chat_in() -> None:
    (rule,) = of_kind("Ingress")["faq"]["rules"]
    assert [path["path"] for path in rule["http"]["paths"]] == ["/chat"]
    assert of_kind("NetworkPolicy")["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress"]}


def test_files_give_the_actions_no_secret(composed: dict[str, Any]) -> None:
    """Neither keys nor databases nor models: the action servers only say what the article says."""
    for name in ("actions-1", "actions-2"):
        service = composed["services"][name]
        assert not service.get("secrets")
        assert not service.get("volumes")
        assert service["environment"].keys() == {"FAQ_COUNTRY"}
    pod = of_kind("Deployment")["faq-actions"]["template"]["spec"]
    assert "secret" not in yaml.safe_dump(pod).lower()
    assert "models" not in yaml.safe_dump(pod)


def test_files_mount_the_models_to_be_read_only(composed: dict[str, Any]) -> None:
    for name in ("rasa-1", "rasa-2"):
        assert [volume for volume in composed["services"][name]["volumes"] if not volume_is_read_only(volume)] == []
    (container,) = of_kind("Deployment")["faq-rasa"]["template"]["spec"]["containers"]
    (models,) = (each for each in container["volumeMounts"] if each["mountPath"] == "/models")
    assert models["readOnly"] is True


def volume_is_read_only(volume: Any) -> bool:
    return bool(volume["read_only"]) if isinstance(volume, dict) else str(volume).endswith(":ro")


def variables(node: Any) -> Iterator[str]:
    """Names of variables of ours that a file sets."""
    yield from re.findall(r"\b((?:FAQ|DATABASE|REDIS)_[A-Z_]+)\b", yaml.safe_dump(node))


@pytest.mark.parametrize("file", ["kubernetes/servers.yml", "kustomization.yml", "compose.yml"])
def test_files_set_variables_that_there_are(file: str) -> None:
    known = {each.metadata["variable"] for each in Settings.__dataclass_fields__.values()}
    known |= {f"{name}_FILE" for name in known} | {
        f"FAQ_CHAT_{name.upper()}" for name in ChatSettings.__dataclass_fields__
    }
    documents = list(yaml.safe_load_all((DEPLOY / file).read_text(encoding="utf-8")))
    if file == "compose.yml":
        template = (DEPLOY / "nginx" / "chat.conf.template").read_text(encoding="utf-8")
        known |= set(re.findall(r"\$\{(FAQ_\w+)\}", template)) | {"FAQ_PASSWORD_FILE", "FAQ_"}
    assert set(variables(documents)) <= known


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Docker Compose understands of the file, secrets made as the page says."""
    program = shutil.which("docker-compose")
    if program is None:
        assert not os.environ.get("CI"), "CI installs docker-compose"
        pytest.skip("no docker-compose on this machine: apt-get install docker-compose")
    folder = tmp_path_factory.mktemp("compose")
    deploy = Path(shutil.copytree(DEPLOY, folder / "deploy", ignore=shutil.ignore_patterns("secrets")))
    subprocess.run(["/bin/sh", str(deploy / "make-secrets.sh")], check=True)
    command = [program, "-f", str(deploy / "compose.yml"), "config"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = yaml.safe_load(done.stdout)
    assert all(Path(secret["file"]).is_file() for secret in made["secrets"].values())
    return made


def test_files_of_compose_have_the_whole_topology(composed: dict[str, Any]) -> None:
    always = {name for name, each in composed["services"].items() if not each.get("profiles")}
    assert always == {"nginx", "rasa-1", "rasa-2", "actions-1", "actions-2", "postgres", "redis"}
    published = {name: each["ports"] for name, each in composed["services"].items() if each.get("ports")}
    assert set(published) == {"nginx", "prometheus"}
    assert all("127.0.0.1" in str(port) for ports in published.values() for port in ports)
    assert composed["networks"]["inside"]["internal"] is True


def test_files_of_compose_harden_every_service(composed: dict[str, Any]) -> None:
    for name, service in composed["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not str(service["user"]).startswith("0"), name
        assert service["mem_limit"], name


def test_files_of_compose_ask_every_service_how_it_is(composed: dict[str, Any]) -> None:
    """The image asks the Rasa servers; always `live`, since a restart does not mend a server that is not ready."""
    for name, service in composed["services"].items():
        asked = str(service.get("healthcheck", {}).get("test", ""))
        wanted = {"nginx": "/chat/health/live", "actions": ":5055/health"}.get(name.partition("-")[0])
        assert ("rasa" in name) != bool(asked), name
        assert wanted is None or wanted in asked, name


def test_files_give_the_metrics_a_port_that_nginx_does_not_know(composed: dict[str, Any]) -> None:
    ports = {"faq-rasa": "FAQ_METRICS_PORT", "faq-actions": "FAQ_ACTIONS_METRICS_PORT"}
    environment = dict(re.findall(r"(FAQ_\w+)=(\S+)", dict(dockerfile())["ENV"]))
    assert environment["FAQ_METRICS_HOST"] == "0.0.0.0"
    (policy,) = of_kind("NetworkPolicy")["monitoring-to-metrics"]["ingress"]
    assert {str(each["port"]) for each in policy["ports"]} == {environment[name] for name in ports.values()}
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in scraped}
    for name, variable in ports.items():
        template = of_kind("Deployment")[name]["template"]
        (container,) = template["spec"]["containers"]
        listening = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
        assert listening["metrics"] == environment[variable]
        assert template["metadata"]["annotations"] == {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": environment[variable],
        }
        kind = name.partition("-")[2]
        assert targets[name] == [f"{kind}-{number}:{environment[variable]}" for number in (1, 2)]
        assert of_kind("Service")[name]["ports"] == [
            {"name": each["name"], "port": each["containerPort"], "targetPort": each["name"]}
            for each in container["ports"]
            if each["name"] != "metrics"
        ]
    template = (DEPLOY / "nginx" / "chat.conf.template").read_text(encoding="utf-8")
    text = template + yaml.safe_dump(composed["services"]["nginx"])
    assert not any(environment[variable] in text for variable in ports.values())


def test_files_of_compose_hold_no_secret(composed: dict[str, Any]) -> None:
    text = yaml.safe_dump(composed["services"])
    for secret in composed["secrets"].values():
        assert Path(secret["file"]).read_text(encoding="utf-8").strip() not in text


def dockerfile() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines]


def test_files_dockerfile_copies_what_there_is() -> None:
    for word, rest in dockerfile():
        assert word != "ADD"
        if word == "COPY" and "--from" not in rest:
            *sources, _ = rest.split()
            assert [source for source in sources if not (ROOT / source).exists()] == []


def test_files_dockerfile_runs_as_nobody_special_and_is_watched() -> None:
    last = max(place for place, (word, _) in enumerate(dockerfile()) if word == "FROM")
    words = dict(dockerfile()[last:])
    assert words["USER"] == "10001:10001"
    assert "/chat/health/live" in words["HEALTHCHECK"]
    assert words["ENTRYPOINT"] == '["python", "-m", "maintain", "serve"]'
    assert words["STOPSIGNAL"] == "SIGTERM"


def test_files_dockerfile_gets_nothing_but_what_it_copies() -> None:
    """Neither models nor conversations nor secrets get into the build."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {line[1:] for line in rules if line.startswith("!")}
    copied = {
        source for word, rest in dockerfile() if word == "COPY" and "--from" not in rest for source in rest.split()[:-1]
    }
    assert let_in == copied
