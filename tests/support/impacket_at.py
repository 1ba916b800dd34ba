# impacket_at.py PORT SCRIPT ARGUMENT...: runs a script of impacket, unchanged, against a KDC that is not at
# port 88, which impacket has written into its code.
import runpy
import socket
import sys

PORT = int(sys.argv[1])
plain = socket.getaddrinfo


def getaddrinfo(host, port, *more, **rest):
    return plain(host, PORT if port == 88 else port, *more, **rest)


socket.getaddrinfo = getaddrinfo
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
