# demo_story.py: what each message of a login says, in words, from the tree that `obol decode` gives:
# what anybody on the wire reads, which key seals the rest, why that key, and what lies inside.
import datetime

import demo_keys
import demo_show as show

USER, SPN, KDC = "alice", "HTTP/localhost", "KDC"
USER_KEY, KDC_KEY, SERVICE_KEY = "alice's key", "the KDC's key", "the service's key"
SESSION_A, SESSION_B, ONE_TIME = "session key A", "session key B", "one-time key"
KEYS = (USER_KEY, KDC_KEY, SERVICE_KEY, SESSION_A, ONE_TIME, SESSION_B)  # as they appear

SAYS = {
    "AS-REQ": "I am alice. May I have a ticket-granting ticket?",
    "KRB-ERROR": "Prove it: make a key of your password and this salt, and seal the time with it.",
    "proved": "Here is the time, sealed. Only who knows the password could do that.",
    "AS-REP": "Here is your TGT, and session key A to use it with.",
    "TGS-REQ": "Here is my TGT, and proof that I hold session key A. May I have a ticket?",
    "TGS-REP": "Here is your ticket, and session key B to use it with.",
    "AP-REQ": "Here is my ticket, and proof that I hold session key B. Now prove yourself, too.",
    "AP-REP": "I could open your ticket. This is the time that you sealed in your proof.",
}


def find(node, key):
    """The first value of a key in a tree, outermost first; None if there is none."""
    level = [node]
    while level:
        below = []
        for item in level:
            if isinstance(item, dict):
                if key in item:
                    return item[key]
                below += item.values()
            elif isinstance(item, list):
                below += item
        level = below
    return None


def principal(value):
    return "/".join(value["name-string"])


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def clock(text, usec=None):
    """25 Nov 16:33:07.622609"""
    return f"{moment(text):%-d %b %H:%M:%S}" + (f".{usec:06d}" if usec is not None else "")


def span(start, end):
    minutes = round((moment(end) - moment(start)).total_seconds() / 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def lifetime(part):
    start = part.get("starttime", part["authtime"])
    text = f"{clock(start)} → {clock(part['endtime'])} UTC: {span(start, part['endtime'])}"
    if "renew-till" in part:
        text += f"; renewable for {span(start, part['renew-till'])}"
    return text


def ticket_rows(part, ring):
    inside = part["inside"]["EncTicketPart"]
    if not ring.first_time(part["cipher"]):
        return [("inside", "as above: it is the same, byte for byte")]
    return [("inside", f"{ring.name_of(inside['key'])}, for {principal(inside['cname'])}@{inside['crealm']}"),
            ("flags", ", ".join(inside["flags-names"])),
            ("valid", lifetime(inside))]


def authenticator_rows(part, ring):
    inside = part["inside"]["Authenticator"]
    rows = [("inside", f"{principal(inside['cname'])}@{inside['crealm']} at "
                       f"{clock(inside['ctime'], inside['cusec'])} UTC: fresh, and good only once")]
    if "subkey" in inside:
        name = ring.names.get(inside["subkey"]["keyvalue"], "a new key for what follows")
        rows.append(("", f"and {name}, {inside['subkey']['keytype-name']}"))
    return rows


def reply_rows(part, ring):
    inside = next(iter(part["inside"].values()))
    return [("inside", f"{ring.name_of(inside['key'])}, {inside['key']['keytype-name']}"),
            ("", f"for {principal(inside['sname'])}; nonce {inside['nonce']}, as in the request"),
            ("valid", lifetime(inside))]


def time_rows(part, ring):
    inside = part["inside"]["PA-ENC-TS-ENC"]
    return [("inside", f"{clock(inside['patimestamp'], inside['pausec'])} UTC, which is good for 5 minutes")]


def proof_rows(part, ring):
    inside = part["inside"]["EncAPRepPart"]
    return [("inside", f"{clock(inside['ctime'], inside['cusec'])} UTC: alice's time, to the microsecond")]


# What stands inside a sealed part: its name, how its rows are made, and why it has the key it has.
PARTS = {
    "PA-ENC-TS-ENC": ("time of day", time_rows, "made of the password, here; the KDC has it in its database"),
    "EncTicketPart": ("ticket", ticket_rows, None),
    "EncASRepPart": ("for alice", reply_rows, "so that nobody else gets at what is inside"),
    "EncTGSRepPart": ("for alice", reply_rows, "which she made for this reply and sent along, sealed"),
    "Authenticator": ("proof", authenticator_rows, "which is in the ticket, too: who opens that can check it"),
    "EncAPRepPart": ("proof", proof_rows, "which lay in the ticket: who has it has opened that"),
}
TICKETS = {
    KDC_KEY: ("TGT", "so alice carries it, but cannot read it"),
    SERVICE_KEY: ("ticket", "so alice carries it, but cannot read it"),
}


def clear_rows(kind, body, ring):
    """What anybody on the wire can read."""
    if kind in ("AS-REQ", "TGS-REQ"):
        request = body["req-body"]
        who = f"{principal(request['cname'])}@{request['realm']}" if "cname" in request else "whoever holds the TGT"
        yield "in clear", f"{who} asks for {principal(request['sname'])}, until {clock(request['till'])} UTC"
        names = ", ".join(request["etype-names"])
        yield "enctypes", names if ring.first_time(names) else f"the same {len(request['etype-names'])} as above"
    elif kind == "KRB-ERROR":
        yield "in clear", f"{body.get('error-code-name', 'error')} ({body['error-code']}) {body.get('e-text', '')}"
        for offer in (find(body, "ETYPE-INFO2") or [])[:1]:
            yield "enctype", f"{offer['etype-name']}, salt “{offer['salt']}”"
    elif kind in ("AS-REP", "TGS-REP"):
        yield "in clear", (f"{principal(body['cname'])}@{body['crealm']} gets a ticket for "
                           f"{principal(body['ticket']['sname'])}")
    elif kind == "AP-REQ":
        yield "in clear", (f"a ticket for {principal(body['ticket']['sname'])}; options "
                           f"{', '.join(body['ap-options-names'])}")


class Sealed(Exception):
    """A sealed part that no key of the realm opens: the message is not what the story says."""


def learn_names(kind, body, ring):
    """Gives the keys inside this message the names that the story has for them."""
    session = SESSION_A if "krbtgt" in principal(find(body, "sname") or {"name-string": []}) else SESSION_B
    if kind == "TGS-REQ":  # its body names the service, its TGT the KDC
        session = SESSION_A
    for field, key in demo_keys.keys_inside(body):
        if field == "key":
            ring.learn(session, key)
        elif kind == "TGS-REQ":
            ring.learn(ONE_TIME, key)


def says(kind, body, parts):
    if kind == "KRB-ERROR" and not find(body, "ETYPE-INFO2"):
        return "No."
    return SAYS["proved" if kind == "AS-REQ" and parts else kind]


def message(sender, receiver, data, by, ring):
    """Shows one message and returns its tree, whose sealed parts say which key opens them."""
    tree = ring.open(data)
    kind, body = next(iter(tree.items()))
    learn_names(kind, body, ring)
    rightward = sender == USER
    show.arrow(*((sender, receiver) if rightward else (receiver, sender)), rightward, kind, len(data), by)
    parts = list(demo_keys.sealed_parts(body))
    show.says(says(kind, body, parts))
    for label, text in clear_rows(kind, body, ring):
        show.row(label, text)
    for path, part in parts:
        if "sealed-with" not in part:
            raise Sealed(f"the {kind} has a sealed part, {'.'.join(map(str, path))}, that no key opens")
        holder = part["sealed-with"]
        name, rows, why = PARTS[next(iter(part["inside"]))]
        if why is None:
            name, why = TICKETS[holder]
        show.sealed(name, part, holder, why, rows(part, ring))
    return body
