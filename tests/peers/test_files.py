# test_files.py: credential caches and keytabs that one make writes and another reads.
import pytest

from support.realm import ENCTYPES

PAIRS = [p for k in ("mit", "heimdal") for p in ((k, "obol"), ("obol", k))]
both_ways = pytest.mark.parametrize("writer,reader", PAIRS)


@both_ways
def test_a_cache_is_read_by_the_other(client, writer, reader):
    first, second = client(writer, "obol"), client(reader, "obol")
    first.login("alice").ok()
    first.ticket("HTTP/localhost").ok()
    second.cache = first.cache
    shown = second.tickets().ok().out
    assert "alice@OBOL.TEST" in shown and "HTTP/localhost@OBOL.TEST" in shown, shown
    assert second.session_enctypes() == first.session_enctypes()


@both_ways
def test_a_cache_is_used_and_extended_by_the_other(client, writer, reader):
    first, second = client(writer, "obol"), client(reader, "obol")
    first.login("alice").ok()
    second.cache = first.cache
    second.ticket("HTTP/localhost").ok()
    assert "HTTP/localhost@OBOL.TEST" in first.tickets().ok().out
    second.logout().ok()
    first.tickets().failed()


@pytest.mark.parametrize("maker,kdc", [("mit", "obol"), ("heimdal", "obol"), ("obol", "mit"), ("obol", "heimdal")])
def test_a_keytab_is_listed_by_the_other(client, maker, kdc):
    user = client(maker, kdc)
    shown = user.keytab_list(user.realm.dir / "http.keytab").ok().out
    assert "HTTP/localhost" in shown, shown
    for enctype in user.realm.enctypes:
        name = ENCTYPES[enctype].name_in(maker)
        assert name is None or name in shown.replace("DEPRECATED:", ""), f"{name} is missing:\n{shown}"
