# demo_relay.py: a relay on loopback between a client and a KDC, UDP and TCP, that keeps each message.
import socket
import struct
import threading


class Relay:
    """Forwards to the KDC at 127.0.0.1:`target`; `port` is its own, the same for UDP and TCP."""

    def __init__(self, target):
        self.target = ("127.0.0.1", target)
        self.messages = []
        self.udp, self.tcp, self.port = same_port()
        for work in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=work, daemon=True).start()

    def take(self):
        """The messages since the last call: (was it a request?, "UDP" or "TCP", bytes)."""
        taken, self.messages = self.messages, []
        return taken

    def close(self):
        self.udp.close()
        self.tcp.close()

    def exchange(self, request, kind, send, receive):
        transport = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
        self.messages.append((True, transport, request))
        with socket.socket(socket.AF_INET, kind) as kdc:
            kdc.settimeout(10)
            kdc.connect(self.target)
            send(kdc, request)
            reply = receive(kdc)
        self.messages.append((False, transport, reply))
        return reply

    def serve_udp(self):
        while True:
            try:
                request, client = self.udp.recvfrom(65536)
            except OSError:
                return
            try:
                reply = self.exchange(request, socket.SOCK_DGRAM, lambda s, m: s.send(m),
                                      lambda s: s.recv(65536))
                self.udp.sendto(reply, client)
            except ConnectionRefusedError:
                return self.close()  # the KDC is gone: the client finds nobody here either
            except OSError:
                continue  # the client asks again, or gives up and says so

    def serve_tcp(self):
        while True:
            try:
                client, _ = self.tcp.accept()
            except OSError:
                return
            with client:
                try:
                    reply = self.exchange(receive_record(client), socket.SOCK_STREAM, send_record,
                                          receive_record)
                    send_record(client, reply)
                except OSError:
                    continue


def same_port():
    """A UDP and a listening TCP socket on one port, which is free for both."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            return udp, tcp, tcp.getsockname()[1]
        except OSError:  # somebody has the UDP port of that number: take another
            tcp.close()
            udp.close()


def send_record(connection, message):
    connection.sendall(struct.pack(">I", len(message)) + message)


def receive_record(connection):
    def exactly(count):
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                raise OSError("the connection ended early")
            data += more
        return data
    return exactly(struct.unpack(">I", exactly(4))[0])
