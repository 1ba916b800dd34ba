# test_compat_browser.py: real browsers, unchanged, without a screen: Debian's Chromium and Firefox open pages by
# ticket on our library. docs/images/browser.png is the picture that the second test takes.
import json
import re

import pytest

from support.compat import directory, on_ours
from support.obol import binary, obol_env
from support.process import Daemon, free_port

LIBRARY = "libgssapi_krb5.so.2"
WIDTH, HEIGHT = 760, 300


@pytest.fixture(scope="module")
def pages(realms, tmp_path_factory):
    """pages("mit") is the URL of an `obol web` with the keys of MIT's KDC."""
    running = {}

    def page(kdc):
        if kdc not in running:
            place, port = tmp_path_factory.mktemp("web"), free_port()
            args = [binary(), "web", "--keytab", realms(kdc).dir / "http.keytab", "--port", port,
                    "--rcache", place / "rcache"]
            running[kdc] = f"http://localhost:{port}/", Daemon(args, place / "log", obol_env(), port)
        return running[kdc][0]
    yield page
    for _, service in running.values():
        service.stop()


def chromium(user, url, *more, env, **auth):
    """Chromium's policies stand in its Local State, too. It loads a library only once a server has asked for
    Negotiate and the browser was started again, which stands there as well."""
    profile = user.dir / "chromium"
    profile.mkdir(exist_ok=True)
    state = {"net": {"received_http_auth_negotiate_headers": True}, "auth": auth}
    (profile / "Local State").write_text(json.dumps(state))
    # Its sandbox is nothing that root, or a container, may have.
    return user.run(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     f"--user-data-dir={profile}", f"--log-net-log={user.dir}/net.json", "--dump-dom",
                     "--auth-server-allowlist=localhost", *more, url], env=env, timeout=100)


@pytest.mark.parametrize("kdc", ["obol", "mit"])
def test_chromium_opens_the_page_by_ticket(pages, realms, logged_in, judged, kdc):
    alice = logged_in(kdc)
    seen = chromium(alice, pages(kdc), env=on_ours({})).ok()
    assert f"You are <strong>alice@{realms(kdc).name}</strong>" in seen.out, seen
    judged("Chromium, obol web", f"browser on ours by LD_LIBRARY_PATH, {kdc}'s KDC", "SPNEGO", "", "the page, as alice")


def test_chromium_takes_the_library_that_its_policy_names(pages, logged_in, judged):
    alice = logged_in("obol")
    picture, library = alice.dir / "browser.png", f"{directory()}/{LIBRARY}"
    seen = chromium(alice, pages("obol"), f"--screenshot={picture}", f"--window-size={WIDTH},{HEIGHT}",
                    "--hide-scrollbars", env={}, gssapi_library_name=library).ok()
    assert "You are <strong>alice@OBOL.TEST</strong>" in seen.out, seen
    assert f'"library_name":"{library}"' in (alice.dir / "net.json").read_text()
    png = picture.read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[16:24] == WIDTH.to_bytes(4, "big") + HEIGHT.to_bytes(4, "big")
    judged("Chromium, obol web", "browser on ours by GSSAPILibraryName, obol's KDC", "SPNEGO", "", "the page, as alice")


def test_chromium_without_a_ticket_is_told_what_to_do(pages, client):
    nobody = client("mit", "obol")
    seen = chromium(nobody, pages("obol"), env=on_ours({})).ok()
    assert "A ticket is needed" in seen.out and "You are" not in seen.out, seen
    said = (nobody.dir / "net.json").read_text()
    assert "there is no credential cache" in said and "Log in first" in said


def firefox(user, url):
    """Firefox, with a profile that names our library; what the dynamic linker loaded for it."""
    profile, loaded = user.dir / "firefox", user.dir / "loaded"
    profile.mkdir()
    loaded.mkdir()
    settings = {"network.negotiate-auth.trusted-uris": "http://localhost",
                "network.negotiate-auth.using-native-gsslib": False,
                "network.negotiate-auth.gsslib": f"{directory()}/{LIBRARY}",
                "browser.aboutwelcome.enabled": False, "browser.shell.checkDefaultBrowser": False,
                "datareporting.policy.dataSubmissionEnabled": False, "app.update.enabled": False,
                "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
                "services.settings.server": "http://127.0.0.1:9", "extensions.update.enabled": False}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
    (profile / "user.js").write_text("\n".join(lines))
    user.run(["firefox-esr", "--headless", "--no-remote", "--profile", profile, "--screenshot",
              user.dir / "firefox.png", url],
             env={"HOME": str(user.dir), "LD_DEBUG": "files", "LD_DEBUG_OUTPUT": f"{loaded}/ld"}, timeout=100).ok()
    return {name for file in loaded.iterdir()
            for name in re.findall(rf"calling init: (\S*{LIBRARY})", file.read_text(errors="replace"))}


@pytest.mark.parametrize("kdc", ["obol", "mit"])
def test_firefox_opens_apache_s_page_by_ticket(apaches, logged_in, judged, kdc):
    alice, server = logged_in(kdc), apaches(kdc)
    before = len(server.served())
    assert firefox(alice, server.url("plain")) == {f"{directory()}/{LIBRARY}"}
    assert f"alice@{server.realm.name} 200 /plain" in server.served()[before:], server.served()
    judged("Firefox, Apache mod_auth_gssapi", f"both ends on ours, {kdc}'s KDC", "SPNEGO", "", "200, as alice")


def test_firefox_without_a_ticket_stays_outside(apaches, client):
    nobody, server = client("mit", "mit"), apaches("mit")
    before = len(server.served())
    assert firefox(nobody, server.url("plain")) == {f"{directory()}/{LIBRARY}"}
    assert server.served()[before:] and not any(" 200 /plain" in line for line in server.served()[before:])
