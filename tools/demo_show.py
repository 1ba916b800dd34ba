# demo_show.py: how `./dev run` shows a login: a heading a step, a box a message, in words.
import os
import sys

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
EXPLAIN = {
    "AS-REQ": "asks the Authentication Service for a TGT",
    "AS-REP": "brings the TGT, and its session key sealed for the user alone",
    "TGS-REQ": "shows the TGT and asks the Ticket-Granting Service for a ticket",
    "TGS-REP": "brings the ticket, and its session key sealed under the TGT's",
    "AP-REQ": "shows the ticket to the service, with proof of its session key",
    "AP-REP": "the service's answer, which only the ticket's session key can seal",
    "KRB-ERROR": "says why not",
}


def style(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def plain(text):
    print(text, flush=True)


def title(text):
    plain("\n" + style("1", text))


def command(text):
    plain(style("2", "  $ " + text))


def fact(text):
    plain(style("32", "  ✓ ") + text)


def failed(text):
    plain(style("31;1", "  ✗ ") + text)


def name(value):
    """A PrincipalName in JSON as people write it."""
    return "/".join(value["name-string"]) if isinstance(value, dict) else str(value)


def find(tree, key):
    """The first value of a key in a tree of JSON, outermost first; None if there is none."""
    level = [tree]
    while level:
        below = []
        for node in level:
            if isinstance(node, dict):
                if key in node:
                    return node[key]
                below += node.values()
            elif isinstance(node, list):
                below += node
        level = below
    return None


def opened(tree):
    """All sealed parts of a tree: (path, EncryptedData)."""
    found = []

    def walk(node, path):
        if isinstance(node, dict):
            if "cipher" in node and "etype" in node:
                found.append((path, node))
            for key, value in node.items():
                walk(value, path + [key])
        elif isinstance(node, list):
            for value in node:
                walk(value, path)
    walk(tree, [])
    return found


def sealed_by(kind, path, body):
    """Whose key a sealed part is sealed with."""
    if "ticket" in path:
        sname = name(find(find(body, "ticket"), "sname"))
        return f"key of {sname}", "only that service reads what is inside; the client cannot"
    if "authenticator" in path:
        return "session key of the ticket beside it", "proof that the sender knows it, now"
    if kind == "AS-REQ":
        return "key made of alice's password", "the time of day: proof of the password, which is not sent"
    if kind == "AS-REP":
        return "key made of alice's password", "only who knows the password gets at the session key"
    if kind == "TGS-REP":
        return "key that the request's authenticator brought, or the TGT's session key", "for the client alone"
    if kind == "AP-REP":
        return "session key of the ticket", "repeats the client's time: proof that the service opened the ticket"
    return "key of the exchange", ""


def describe_sealed(kind, body):
    for path, part in opened(body):
        who, why = sealed_by(kind, path, body)
        cipher = part["cipher"]
        size = cipher["length"] if isinstance(cipher, dict) else len(str(cipher)) // 2
        etype = part.get("etype-name", part["etype"])
        where = "ticket" if "ticket" in path else "authenticator" if "authenticator" in path else "sealed part"
        yield f"{where}: {size} bytes, {etype}", f"sealed with the {who}", why
        inside = ", ".join(f"{label} {value}" for label, value in lifetimes(part))
        if inside:
            yield "  inside: " + inside, "", ""


def lifetimes(part):
    for key, label in (("patimestamp", "time"), ("authtime", "login at"), ("starttime", "from"),
                       ("endtime", "until"), ("renew-till", "renewable until"), ("ctime", "client's time")):
        value = find(part, key)
        if value is not None:
            yield label, value


def message(sender, receiver, data, tree):
    """One message: who to whom, size, and what seals which part."""
    kind, body = next(iter(tree.items()))
    plain(f"  {style('36;1', sender)} → {style('36;1', receiver)}  {style('1', kind)}, {len(data)} bytes: "
          f"{EXPLAIN.get(kind, '')}")
    if kind == "KRB-ERROR":
        plain(f"      {body.get('error-code-name', '')} ({body['error-code']}): the KDC wants a proof first, "
              "and tells enctype and salt to make the key with")
    etypes = find(body, "etype-names") if kind.endswith("REQ") else None
    if etypes:
        plain(f"      enctypes offered: {', '.join(etypes)}")
    for lines in describe_sealed(kind, body):
        plain("      " + "; ".join(part for part in lines if part))
