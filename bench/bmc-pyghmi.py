"""Asks each BMC on stdin (address:port per line) for its power once, all at the same time; prints what each one says.

pyghmi is OpenStack's IPMI library. In its own asynchronous way a login calls back, and one loop serves all sessions.
"""
import sys

from pyghmi.ipmi import command
from pyghmi.ipmi.private import session

waiting = 0


def logged_in(result, connection):
    global waiting
    waiting -= 1
    if "error" in result:
        print(connection.bmc, result["error"])
        return
    print(connection.bmc, connection.get_power()["powerstate"])
    connection.ipmi_session.logout()


for line in sys.stdin:
    host, port = line.strip().rsplit(":", 1)
    waiting += 1
    command.Command(bmc=host, port=int(port), userid="admin", password="secret", onlogon=logged_in)
while waiting > 0:
    session.Session.wait_for_rsp(timeout=1)
