"""The servers of a rack in one namespace: counts marked Ethernet frames on every interface, and sends some on one of them.

frames.py UPLINK. Orders come as JSON lines on stdin: {"do": "start", "rounds": per second, "frames": [VLAN, …], "own": [VLAN, …]},
{"do": "stop"}, {"do": "report"}; each is answered with one line. A report says how many rounds were sent since the start; per
interface how many frames of each VLAN came in; and in how many rounds one of its "own" VLANs came in without a tag. Ends with its stdin, and after LIFE seconds in any case.
"""

import json
import os
import select
import socket
import struct
import sys
import time

LIFE = 900
# IEEE 802: for local experiments, so that nothing else of the kernel answers or is counted.
ETHERTYPE, VLAN = 0x88B5, 0x8100
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
TP_STATUS_VLAN_VALID = 0x10

uplink = sys.argv[1]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
# The kernel takes the tag out of a frame and tells it beside.
wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
wire.setblocking(False)
heard, fed, last = {}, {}, {}
state = {"gap": None, "next": 0.0, "frames": [], "own": [], "sent": 0}


def frame(vlan, number):
    """Says inside what it is, for a switch may take its tag or put another one on it."""
    kinds = struct.pack("!HHH", VLAN, vlan, ETHERTYPE)
    return b"\xff" * 6 + bytes.fromhex("020000000001") + kinds + struct.pack("!HI", vlan, number).ljust(46, b"\0")


def receive():
    while True:
        try:
            data, beside, _, address = wire.recvmsg(256, 256)
        except BlockingIOError:
            return
        if address[2] == PACKET_OUTGOING or address[0] == uplink:
            continue
        tagged, at = False, 12
        for level, kind, value in beside:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                tagged = bool(struct.unpack_from("I", value)[0] & TP_STATUS_VLAN_VALID)
        if data[at:at + 2] == b"\x81\x00":
            tagged, at = True, 16
        if data[at:at + 2] != b"\x88\xb5":
            continue
        vlan, number = struct.unpack_from("!HI", data, at + 2)
        counts = heard.setdefault(address[0], {})
        counts[vlan] = counts.get(vlan, 0) + 1
        if not tagged and vlan in state["own"] and last.get(address[0]) != number:
            last[address[0]] = number
            fed[address[0]] = fed.get(address[0], 0) + 1


def obey(order):
    if order["do"] == "start":
        receive()
        for counts in (heard, fed, last):
            counts.clear()
        state.update(gap=1 / order["rounds"], next=time.monotonic(), sent=0)
        state.update(frames=order["frames"], own=order["own"])
    elif order["do"] == "stop":
        state["gap"] = None
    elif order["do"] == "report":
        receive()
        return {"rounds": state["sent"], "heard": heard, "fed": fed}
    return {}


def answer(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


ends = time.monotonic() + LIFE
pending = b""
answer({})
while time.monotonic() < ends:
    sending = state["gap"] is not None
    pause = max(0.0, state["next"] - time.monotonic()) if sending else 1.0
    ready, _, _ = select.select([0, wire], [], [], pause)
    if wire in ready:
        receive()
    if sending and time.monotonic() >= state["next"]:
        # behind on a busy machine: not made up for in a burst
        state["next"] = max(state["next"] + state["gap"], time.monotonic())
        for vlan in state["frames"]:
            wire.sendto(frame(vlan, state["sent"]), (uplink, 0))
        state["sent"] += 1
    if 0 in ready:
        chunk = os.read(0, 65536)
        if not chunk:
            break
        pending += chunk
        *lines, pending = pending.split(b"\n")
        for line in lines:
            answer(obey(json.loads(line)))
