# kafka.py: a broker of Apache Kafka, unchanged: one node, with logins by ticket on Java's own Kerberos. Its
# jars come by Maven, once for all trees, since that takes a minute on a new machine.
import os

from . import pypi
from .process import Daemon, free_port, run, which

VERSION = "4.1.2"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>obol</groupId><artifactId>peers</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency>
<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version>
</dependency></dependencies></project>
"""
# The directory of a broker's data says whose it is; the tool that writes this would take two seconds.
META = "version=1\ncluster.id=b2JvbC5rYWZrYS50ZXN0cw\nnode.id=1\ndirectory.id=a2Fma2EudGVzdHMub2JvbA\n"
CONF = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_PLAINTEXT://localhost:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
inter.broker.listener.name=SASL_PLAINTEXT
sasl.mechanism.inter.broker.protocol=GSSAPI
sasl.enabled.mechanisms=GSSAPI
sasl.kerberos.service.name=kafka
listener.name.sasl_plaintext.gssapi.sasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required \
useKeyTab=true storeKey=true keyTab="{keytab}" principal="{principal}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:kafka;User:ANONYMOUS;User:alice
allow.everyone.if.no.acl.found=false
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
transaction.state.log.replication.factor=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.num.partitions=1
"""
LOG = """Configuration:
  Appenders:
    Console:
      name: C
      PatternLayout:
        pattern: "%p %m %throwable{3}%n"
  Loggers:
    Root:
      level: INFO
      AppenderRef:
        ref: C
"""


def jars():
    """The directory of the broker's jars."""
    def get(to):
        (to / "pom.xml").write_text(POM)
        run([which("mvn"), "-q", "-B", "-f", to / "pom.xml", "dependency:copy-dependencies",
             f"-DoutputDirectory={to}"], dict(os.environ), timeout=600).ok()
    pypi.TRANSLATED.mkdir(parents=True, exist_ok=True)
    return pypi.kept(pypi.TRANSLATED / f"kafka-{VERSION}", get)


class Kafka:
    """A broker for the users of a realm; in it alice may do everything, and others nothing."""

    def __init__(self, realm, directory):
        self.dir, self.port = directory, free_port()
        realm.keytab("kafka/localhost", directory / "kafka.keytab")
        realm.krb5_conf("java", directory / "krb5.conf")
        data = directory / "data"
        data.mkdir()
        (data / "meta.properties").write_text(META)
        (directory / "log4j2.yaml").write_text(LOG)
        (directory / "server.properties").write_text(CONF.format(
            port=self.port, controller=free_port(), data=data, keytab=directory / "kafka.keytab",
            principal=realm.principal("kafka/localhost")))
        words = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
                 f"-Djava.security.krb5.conf={directory / 'krb5.conf'}",
                 f"-Dlog4j2.configurationFile={directory / 'log4j2.yaml'}"]
        self.daemon = Daemon([which("java"), *words, "-cp", f"{jars()}/*", "kafka.Kafka", directory / "server.properties"],
                             directory / "kafka.log", port=self.port)

    def log(self):
        return (self.dir / "kafka.log").read_text(errors="replace")

    def stop(self):
        self.daemon.stop()
