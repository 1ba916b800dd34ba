# demo_keys.py: the keys of the demonstration's realm by the names that it shows, and which of them
# opens a sealed part. That is tried out key by key with `obol decode`, not taken for granted.
import json
import struct

VERSION = b"\x05\x02"  # of a keytab


def keytab(keytype, key):
    """A keytab with one key; `obol decode` tries keys whatever principal they stand under."""
    def counted(data):
        return struct.pack(">H", len(data)) + data
    entry = (struct.pack(">H", 1) + counted(b"SEEN") + counted(b"key") + struct.pack(">IIB", 1, 0, 1) +
             struct.pack(">H", keytype) + counted(key))
    return VERSION + struct.pack(">i", len(entry)) + entry


def sealed_parts(node, path=()):
    """The EncryptedData in a tree of `obol decode --json`: (path, part), in the message's order."""
    if isinstance(node, list):
        node = dict(enumerate(node))
    if not isinstance(node, dict):
        return
    if "cipher" in node and "etype" in node:
        yield path, node
    for key, value in node.items():
        yield from sealed_parts(value, path + (key,))


def keys_inside(node):
    """(field, EncryptionKey) for each key in a tree."""
    if isinstance(node, list):
        node = dict(enumerate(node))
    if not isinstance(node, dict):
        return
    for field, value in node.items():
        if isinstance(value, dict) and "keyvalue" in value:
            yield field, value
        else:
            yield from keys_inside(value)


class Keyring:
    """Named keys, oldest first. `run` is the function that runs obol and returns what it prints."""

    def __init__(self, directory, run):
        self.directory, self.run = directory, run
        self.files, self.names, self.seen = {}, {}, set()
        self.message, self.all = directory / "message", directory / "all.keytab"

    def hold(self, name, path):
        """Adds the keys of a keytab under one name."""
        self.files[name] = path
        self.all.write_bytes(VERSION + b"".join(f.read_bytes()[2:] for f in self.files.values()))

    def learn(self, name, key):
        """Names a key that was found inside an opened part, the first time that it is."""
        if key["keyvalue"] not in self.names:
            path = self.directory / f"learned-{len(self.files)}.keytab"
            path.write_bytes(keytab(key["keytype"], bytes.fromhex(key["keyvalue"])))
            self.names[key["keyvalue"]] = name
            self.hold(name, path)

    def name_of(self, key):
        return self.names[key["keyvalue"]]

    def first_time(self, text):
        """True when it is called with this text for the first time."""
        known = text in self.seen
        self.seen.add(text)
        return not known

    def secrets(self):
        """The bytes of the long-term keys and of those learned."""
        found = json.loads(self.decode(self.all, self.all, "--show-secrets"))
        return [bytes.fromhex(entry["key"]) for entry in found["keytab"]]

    def decode(self, path, keys, *options):
        return self.run("decode", "--json", *options, "--keytab", keys, path)

    def open(self, message):
        """The message as a tree, opened with all keys; each sealed part that opened has the name
        of its key as "sealed-with": the newest of the keys that open it alone."""
        self.message.write_bytes(message)
        tree = json.loads(self.decode(self.message, self.all, "--show-secrets"))
        tree.pop("wrappings", None)  # SPNEGO and such around the message
        parts = dict(sealed_parts(tree))
        for name in reversed(self.files):
            if all("sealed-with" in part for part in parts.values()):
                break
            alone = json.loads(self.decode(self.message, self.files[name]))
            for path, part in sealed_parts(alone):
                if "inside" in part and path in parts:
                    parts[path].setdefault("sealed-with", name)
        return tree
