"""networking-generic-switch's own Open vSwitch class, called as its ML2 mechanism calls it when a port is bound.

ngs.py '{"host", "port", "username", "password", "keep": bool, "untagged": VLAN, "tagged": VLAN, "ports": […]}'. Says "ready"
when it is loaded, begins with the first line on stdin, and ends with {"seconds"}. `keep` is its option ngs_ssh_reuse_connection.
"""

import json
import sys
import time

from networking_generic_switch import devices

asked = json.loads(sys.argv[1])
device = devices.device_manager(
    {
        "device_type": "netmiko_ovs_linux",
        "ip": asked["host"],
        "port": str(asked["port"]),
        "username": asked["username"],
        "password": asked["password"],
        "ngs_port_default_vlan": "10",
        "ngs_ssh_reuse_connection": str(asked["keep"]),
    },
    "tor1",
)
print("ready", flush=True)
sys.stdin.readline()
begun = time.monotonic()
for port in asked["ports"]:
    trunk = {"sub_ports": [{"segmentation_id": asked["tagged"]}]}
    device.plug_port_to_network(port, asked["untagged"], trunk_details=trunk)
print(json.dumps({"seconds": time.monotonic() - begun}), flush=True)
