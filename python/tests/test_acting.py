"""Acting for users (MS-SFU), and what a ticket proves of its user besides the name."""

import asyncio

import obol
import obol.aio
import pytest
from conftest import meet

WEB, LDAP = "HTTP/front.acting.test", "ldap/dc.acting.test"


@pytest.fixture(scope="module")
def scene(_obol_session_realm):
    realm = _obol_session_realm
    realm.user("bob", "builder")
    web, ldap = realm.service(WEB), realm.service(LDAP)
    realm.service("ldap/other.acting.test")
    realm.allow_delegation(WEB, LDAP)
    return realm, web, ldap


def test_a_service_acts_for_a_user_whom_it_knows_otherwise(scene):
    realm, web, ldap = scene
    with obol.login(keytab=web, config=realm.config, forwardable=True) as service:
        with service.impersonate("bob") as as_bob:
            assert as_bob.user == obol.Principal("bob@OBOL.TEST")
            assert as_bob.ticket(LDAP).client == as_bob.user
            _, end = meet(as_bob.initiate(LDAP), realm.acceptor(ldap).accept())
            assert end.peer == obol.Principal("bob@OBOL.TEST")
        assert service.valid  # closing the one leaves the other


def test_a_service_acts_on_behalf_of_who_came_to_it(scene):
    realm, web, ldap = scene
    with obol.login("bob", password="builder", config=realm.config, forwardable=True) as bob:
        _, end = meet(bob.initiate(WEB), realm.acceptor(web).accept())
    with obol.login(keytab=web, config=realm.config, forwardable=True) as service:
        as_bob = service.on_behalf_of(end)
        assert as_bob.ticket(LDAP).client == obol.Principal("bob@OBOL.TEST")
        as_bob.close()


def test_who_is_not_allowed_is_told_with_both_names(scene):
    realm, web, _ = scene
    with obol.login(keytab=web, config=realm.config, forwardable=True) as service:
        with service.impersonate("bob") as as_bob, pytest.raises(obol.NotAllowedToDelegate) as told:
            as_bob.ticket("ldap/other.acting.test")
    error = told.value
    assert error.service == f"{WEB}@OBOL.TEST" and error.user == "bob@OBOL.TEST"
    assert "ldap/other.acting.test" in error.spn and "towards ldap/other.acting.test@OBOL.TEST (" in error.remedy


def test_a_service_that_is_not_trusted_acts_only_for_who_came_by_ticket(scene):
    realm, _, _ = scene
    keytab = realm.service("HTTP/plain.acting.test")
    realm.allow_delegation("HTTP/plain.acting.test", LDAP, any_user=False)
    with obol.login("bob", password="builder", config=realm.config, forwardable=True) as bob:
        _, end = meet(bob.initiate("HTTP/plain.acting.test"), realm.acceptor(keytab).accept())
    with obol.login(keytab=keytab, config=realm.config, forwardable=True) as service:
        assert service.on_behalf_of(end).ticket(LDAP)
        with pytest.raises(obol.NotAllowedToDelegate):
            service.impersonate("bob").ticket(LDAP)


def test_nobody_is_impersonated_who_does_not_exist(scene):
    realm, web, _ = scene
    with obol.login(keytab=web, config=realm.config) as service:
        with pytest.raises(obol.Error):
            service.impersonate("nobody")


def test_acting_works_on_the_loop(scene):
    realm, web, _ = scene

    async def main():
        async with obol.aio.login(keytab=web, config=realm.config, forwardable=True) as service:
            async with await service.impersonate("bob") as as_bob:
                return (await as_bob.ticket(LDAP)).client

    assert asyncio.run(main()) == obol.Principal("bob@OBOL.TEST")


def test_the_pac_names_account_and_groups(scene):
    realm, web, _ = scene
    with obol.login("bob", password="builder", config=realm.config) as bob:
        _, end = meet(bob.initiate(WEB), realm.acceptor(web).accept())
    pac = end.pac
    assert pac is not None and pac.account == "bob" and pac.sid.startswith("S-1-5-21-")
    assert end.groups == pac.groups and all(sid.startswith("S-1-") for sid in pac.groups)
    assert pac.raw and "bob" in repr(pac)
