"""A server's network card: sends and counts marked Ethernet frames on one interface, as JSON lines on stdin ask.

Reads {"do": "send", "vlan": N|null, "mark": "x", "count": n}, {"do": "start", "rounds": per second, "frames": [{"vlan",
"mark"}, ...]}, {"do": "stop"}, {"do": "forget"}, {"do": "report"}; answers each with one line. A report counts what came in by
"TAG MARK", TAG being "-" for untagged. Ends with its stdin, and after LIFE seconds in any case.
"""

import json
import os
import select
import socket
import struct
import sys
import time

LIFE = 110
# IEEE 802: for local experiments, so that nothing else of the kernel answers or is counted.
ETHERTYPE = 0x88B5
VLAN = 0x8100
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
TP_STATUS_VLAN_VALID = 0x10

interface, mac = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", ""))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
# The kernel takes the tag out of a frame and tells it beside.
wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
wire.bind((interface, 0))
wire.setblocking(False)

heard = {}
rounds, frames, following = 0, [], 0.0


def frame(vlan, mark):
    tag = b"" if vlan is None else struct.pack("!HH", VLAN, vlan)
    return b"\xff" * 6 + mac + tag + struct.pack("!H", ETHERTYPE) + mark.encode().ljust(46, b"\0")


def send(data):
    try:
        wire.send(data)
    except (BlockingIOError, OSError):
        pass


def receive():
    while True:
        try:
            data, beside, _, address = wire.recvmsg(2048, 256)
        except BlockingIOError:
            return
        if address[2] == PACKET_OUTGOING:
            continue
        tag = "-"
        for level, kind, value in beside:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", value[:20])
                if status & TP_STATUS_VLAN_VALID:
                    tag = str(tci & 0xFFF)
        (kind,) = struct.unpack_from("!H", data, 12)
        at = 14
        if kind == VLAN:
            tci, kind = struct.unpack_from("!HH", data, 14)
            tag, at = str(tci & 0xFFF), 18
        if kind == ETHERTYPE:
            key = tag + " " + data[at:at + 46].rstrip(b"\0").decode()
            heard[key] = heard.get(key, 0) + 1


def obey(order):
    global rounds, frames, following
    what = order["do"]
    if what == "send":
        for _ in range(order["count"]):
            send(frame(order["vlan"], order["mark"]))
    elif what == "start":
        rounds, following = order["rounds"], time.monotonic()
        frames = [frame(one["vlan"], one["mark"]) for one in order["frames"]]
    elif what == "stop":
        rounds = 0
    elif what == "forget":
        receive()
        heard.clear()
    elif what == "report":
        receive()
        return heard
    return {}


def answer(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


ends = time.monotonic() + LIFE
pending = b""
answer({})
while time.monotonic() < ends:
    pause = max(0.0, following - time.monotonic()) if rounds else 1.0
    ready, _, _ = select.select([0, wire], [], [], pause)
    if wire in ready:
        receive()
    if rounds and time.monotonic() >= following:
        # behind on a busy machine: not made up for in a burst
        following = max(following + 1 / rounds, time.monotonic() - 0.01)
        for data in frames:
            send(data)
    if 0 in ready:
        chunk = os.read(0, 65536)
        if not chunk:
            break
        pending += chunk
        *lines, pending = pending.split(b"\n")
        for line in lines:
            answer(obey(json.loads(line)))
