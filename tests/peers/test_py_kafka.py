# test_py_kafka.py: a broker of Apache Kafka, on Java's Kerberos with keys of our KDC; its clients are those of kafka-python
# and aiokafka, unchanged on obol.compat.gssapi, and the package's own SASL steps.
import json
import os
import struct
import sys

import pytest

from support import pypi
from support.kafka import VERSION, Kafka
from support.process import ROOT, run
from support.realm import PASSWORD

sys.path.insert(0, str(ROOT / "python"))
KAFKA_PYTHON = ["kafka-python==3.0.12"]
AIOKAFKA = ["aiokafka==0.14.0", "packaging==26.4", "typing_extensions==4.16.0", "async_timeout==5.0.1"]

# Each sends a record and reads it, and says as whom; or which error there was.
SYNC = """
import json, sys
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
topic, where = sys.argv[2], {"bootstrap_servers": "localhost:" + sys.argv[1], "security_protocol": "SASL_PLAINTEXT",
         "sasl_mechanism": "GSSAPI", "sasl_kerberos_service_name": sys.argv[3]}
producer = KafkaProducer(max_block_ms=20000, **where)
sent = producer.send(topic, b"hello").get(timeout=20)
consumer = KafkaConsumer(consumer_timeout_ms=20000, auto_offset_reset="earliest", **where)
consumer.assign([TopicPartition(topic, 0)])
print(json.dumps([sent.topic, next(consumer).value.decode()]))
"""
ASYNC = """
import asyncio, json, sys
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
async def main():
    topic, where = sys.argv[2], {"bootstrap_servers": "localhost:" + sys.argv[1], "security_protocol": "SASL_PLAINTEXT",
             "sasl_mechanism": "GSSAPI", "sasl_kerberos_service_name": sys.argv[3]}
    async with AIOKafkaProducer(**where) as producer:
        sent = await asyncio.wait_for(producer.send_and_wait(topic, b"hello"), 20)
    async with AIOKafkaConsumer(auto_offset_reset="earliest", **where) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        got = await asyncio.wait_for(consumer.getone(), 20)
    print(json.dumps([sent.topic, got.value.decode()]))
asyncio.run(main())
"""
LIBRARIES = {"kafka-python 3.0": (SYNC, KAFKA_PYTHON), "aiokafka 0.14": (ASYNC, AIOKAFKA)}


class Bed:
    def __init__(self, realm, directory):
        import obol

        self.realm, self.dir = realm, directory
        realm.add_service("kafka/localhost")
        realm.add_user("mallory")
        self.config = obol.Config(paths=realm.krb5_conf("mit", directory / "client.conf"))
        self.broker = Kafka(realm, directory)

    def login(self, user):
        import obol

        return obol.login(user, password=PASSWORD, config=self.config)

    def run(self, library, topic, user="alice", service="kafka"):
        program, packages = LIBRARIES[library]
        cache = f"FILE:{self.dir}/{user}.ccache"
        with self.login(user) as session:
            session.save(cache)
        place = self.dir / f"a-client-of-{topic}.py"
        place.write_text(program)
        env = {**os.environ, "KRB5_CONFIG": str(self.dir / "client.conf"), "KRB5CCNAME": cache,
               "PYTHONPATH": f"{ROOT / 'python'}:{pypi.wheels(*packages)}", "PYTHONDONTWRITEBYTECODE": "1"}
        return run([pypi.PYTHON, "-m", "obol.compat", "run", place, self.broker.port, topic, service],
                   env, timeout=90)


@pytest.fixture(scope="module")
def bed(realms, tmp_path_factory):
    made = Bed(realms("obol"), tmp_path_factory.mktemp("kafka"))
    yield made
    made.broker.stop()


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_record_goes_there_and_back(bed, judged, library):
    topic = library.partition(" ")[0]
    assert json.loads(bed.run(library, topic).ok().out) == [topic, "hello"]
    judged(library, f"on obol.compat.gssapi; Kafka {VERSION} on JGSS, our KDC", "SASL GSSAPI", "mutual", "a record, as alice")


@pytest.mark.parametrize("library", LIBRARIES)
def test_whom_the_broker_does_not_serve_is_told(bed, library):
    topic = f"{library.partition(' ')[0]}-refused"
    assert "AuthorizationFailed" in bed.run(library, topic, user="mallory").failed().err


def test_a_service_that_is_not_there_is_named(bed):
    # kafka-python keeps asking for half a minute, and then says that there is no broker.
    refused = bed.run("aiokafka 0.14", "nowhere", service="kafkaesque").failed()
    assert "kafkaesque/localhost" in refused.err, refused


# ---- the package's own steps, in Kafka's frames (KIP-43, KIP-152)


class Wire:
    """A connection to a broker: requests of the header's version 1."""

    def __init__(self, port):
        import socket

        self.sock, self.number = socket.create_connection(("localhost", port), 20), 0

    def ask(self, key, version, body):
        self.number += 1
        head = struct.pack(">hhih", key, version, self.number, -1)
        self.sock.sendall(struct.pack(">i", len(head + body)) + head + body)
        answer = self.exactly(struct.unpack(">i", self.exactly(4))[0])
        assert struct.unpack(">i", answer[:4])[0] == self.number
        return answer[4:]

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            assert piece, "the broker hung up"
            data += piece
        return data

    def authenticate(self, token):
        """SaslAuthenticate: (error, message, the broker's token)."""
        answer = self.ask(36, 0, struct.pack(">i", len(token)) + token)
        error, length = struct.unpack(">hh", answer[:4])
        said, rest = (answer[4:4 + length].decode(), answer[4 + length:]) if length >= 0 else ("", answer[4:])
        return error, said, rest[4:]


def log_in(bed, user, target="kafka/localhost"):
    from obol import sasl

    wire = Wire(bed.broker.port)
    name = b"GSSAPI"
    error, count = struct.unpack(">hi", wire.ask(17, 1, struct.pack(">h", len(name)) + name)[:6])
    assert (error, count) == (0, 1)
    with bed.login(user) as me:
        client = sasl.client(target, me, layers=("none",))
    error, said, token = wire.authenticate(client.step())
    while error == 0 and not client.done:
        error, said, token = wire.authenticate(client.step(token))
    return wire, client, error, said


def test_the_packages_own_steps_log_in(bed, judged):
    wire, client, error, said = log_in(bed, "alice")
    assert (error, said) == (0, "") and client.done and client.layer == "none"
    # ApiVersions is asked of who has logged in: the answer has no error and a list.
    assert struct.unpack(">hi", wire.ask(18, 0, b"")[:6])[0] == 0
    wire.sock.close()
    judged(f"Kafka {VERSION}", "obol.sasl; the broker on JGSS, our KDC", "SASL GSSAPI", "mutual", "SaslAuthenticate, as alice")


def test_a_login_for_another_service_is_refused(bed):
    wire, client, error, said = log_in(bed, "alice", "HTTP/localhost")
    assert error == 58 and "Authentication failed" in said and not client.done  # SASL_AUTHENTICATION_FAILED
    wire.sock.close()
