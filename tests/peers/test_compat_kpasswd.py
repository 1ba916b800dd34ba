# test_compat_kpasswd.py: MIT's own kpasswd, from Debian and unchanged, on our library changes a password at
# our service.
from test_kpasswd import realm, typed  # noqa: F401  (realm is a fixture)

from support.compat import on_ours


def test_kpasswd_changes_the_password_on_ours(realm, judged):  # noqa: F811
    shown = typed(["/usr/bin/kpasswd", "alice"], on_ours(realm.env), ["old1", "new two", "new two"])
    assert shown[0] == 0 and "Password changed" in shown[1], shown
    assert realm.logs_in("new two") and not realm.logs_in("old1")
    judged("MIT kpasswd", "client, our service", "RFC 3244", "", "password changed")


def test_two_passwords_that_differ_change_nothing(realm):  # noqa: F811
    shown = typed(["/usr/bin/kpasswd", "alice"], on_ours(realm.env), ["old1", "new two", "new three"])
    assert shown[0] != 0 and realm.logs_in("old1")


def test_a_wrong_password_is_called_so(realm):  # noqa: F811
    shown = typed(["/usr/bin/kpasswd", "alice"], on_ours(realm.env), ["wrong"])
    assert shown[0] != 0 and "password" in shown[1] and realm.logs_in("old1")
