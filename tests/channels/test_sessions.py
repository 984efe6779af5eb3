from __future__ import annotations

import time

import pytest

from channels import sessions as sessions_module
from channels.problems import Problem
from channels.sessions import Sessions, secret_keys
from faq.errors import SetupError

OLD, NEW = "o" * 32, "n" * 32


def test_sessions_read_what_they_issued():
    sessions = Sessions([NEW], 60)
    assert sessions.conversation(f"Bearer {sessions.issue('c')[0]}") == "c"
    assert sessions.conversation(f"bearer {sessions.issue('c')[0]}") == "c"


def test_sessions_survive_a_new_key_until_the_old_one_is_dropped():
    header = f"Bearer {Sessions([OLD], 60).issue('c')[0]}"
    assert Sessions([NEW, OLD], 60).conversation(header) == "c"
    with pytest.raises(Problem, match="no_session"):
        Sessions([NEW], 60).conversation(header)


def test_sessions_are_signed_with_the_newest_key():
    assert Sessions([NEW], 60).conversation(f"Bearer {Sessions([NEW, OLD], 60).issue('c')[0]}") == "c"


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_sessions_notice_a_changed_letter(place):
    sessions = Sessions([NEW], 60)
    session, _ = sessions.issue("conversation")
    place %= len(session) - 1  # some bits of the last letter carry nothing
    changed = session[:place] + ("A" if session[place] != "A" else "B") + session[place + 1 :]
    with pytest.raises(Problem, match="401"):
        sessions.conversation(f"Bearer {changed}")


def test_sessions_expire():
    sessions = Sessions([NEW], 1)
    header = f"Bearer {sessions.issue('c')[0]}"
    time.sleep(2.1)
    with pytest.raises(Problem, match="session_expired"):
        sessions.conversation(header)
    assert sessions.conversation(header, expired_too=True) == "c"


def test_sessions_compute_a_signature_once_and_look_at_the_time_each_time(monkeypatch):
    sessions, computed = Sessions([NEW], 60), []
    loads = sessions._serializer.loads
    monkeypatch.setattr(
        sessions._serializer, "loads", lambda *text, **how: computed.append(text) or loads(*text, **how)
    )
    header, now = f"Bearer {sessions.issue('c')[0]}", int(time.time())
    for passed, good in [(0, True), (60, True), (62, False), (-60, False), (1, True)]:
        monkeypatch.setattr(sessions_module.time, "time", lambda at=now + passed: at)
        if good:
            assert sessions.conversation(header) == "c"
        else:
            with pytest.raises(Problem, match="session_expired"):
                sessions.conversation(header)
    assert len(computed) == 1
    for _ in range(2):
        with pytest.raises(Problem, match="no_session"):
            sessions.conversation(header[:-1])
    assert len(computed) == 3


def test_secret_keys_come_from_the_environment(tmp_path):
    keys = secret_keys({"FAQ_SECRET_KEYS": f" {NEW}, {OLD} ,"}, tmp_path / "secret.key")
    assert keys == (NEW, OLD)
    assert not (tmp_path / "secret.key").exists()


def test_secret_keys_are_made_once_for_the_owner_only(tmp_path):
    file = tmp_path / "var" / "secret.key"
    keys = secret_keys({}, file)
    assert len(keys[0]) >= 32
    assert keys == secret_keys({}, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_secret_keys_refuse_a_file_that_others_can_read(tmp_path):
    file = tmp_path / "secret.key"
    file.write_text(NEW)
    file.chmod(0o644)
    with pytest.raises(SetupError, match=r"CHT03.*chmod 600"):
        secret_keys({}, file)


def test_secret_keys_refuse_an_empty_file(tmp_path):
    file = tmp_path / "secret.key"
    file.write_text("\n")
    file.chmod(0o600)
    with pytest.raises(SetupError, match="CHT04"):
        secret_keys({}, file)


def test_secret_keys_refuse_a_short_key(tmp_path):
    with pytest.raises(SetupError, match=r"CHT04.*FAQ_SECRET_KEYS"):
        secret_keys({"FAQ_SECRET_KEYS": f"{NEW},short"}, tmp_path / "secret.key")
