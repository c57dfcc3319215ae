"""Logs in at a serial console over IPMI with pyghmi, runs `hostname`, and prints all that it saw."""

import sys
import time

from pyghmi.ipmi import console
from pyghmi.ipmi.private import session

address, port, user, password = sys.argv[1:5]
seen = ""


def take(data):
    global seen
    if isinstance(data, bytes):
        seen += data.decode()


link = console.Console(bmc=address, port=int(port), userid=user, password=password, iohandler=take, force=True)


def answer(send, text):
    """Types, and waits for a text that comes after it."""
    begun = len(seen)
    link.send_data(send)
    deadline = time.time() + 20
    while text not in seen[begun:]:
        if time.time() > deadline:
            sys.exit("never seen: %r in %r" % (text, seen))
        session.Session.wait_for_rsp(timeout=0.1)


deadline = time.time() + 20
while not link.connected and time.time() < deadline:
    session.Session.wait_for_rsp(timeout=0.1)
answer(b"\r", "login: ")
answer(b"root\r", "Password: ")
answer(b"lab\r", "# ")
answer(b"hostname\r", "# ")
print(seen)
link.close()
