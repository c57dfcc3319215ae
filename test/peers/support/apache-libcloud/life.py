"""A server's whole life with Apache Libcloud, in a zone that has a template and offerings.

Arguments: host, port and path of the API, API key, secret key. Prints one JSON line per step, and waits for a line.
"""
import json
import sys

from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider

HOST, PORT, PATH, KEY, SECRET = sys.argv[1:6]
driver = get_driver(Provider.CLOUDSTACK)(KEY, SECRET, secure=False, host=HOST, port=int(PORT), path=PATH)
driver.connection.poll_interval = 0.1


def say(step, **seen):
    print(json.dumps({"step": step, **seen}), flush=True)
    sys.stdin.readline()


def seen(node):
    [node] = [one for one in driver.list_nodes() if one.id == node.id]
    nics = [{"macaddress": nic.mac_address, "ipaddress": nic.ip_address} for nic in driver.ex_list_nics(node)]
    return {"name": node.name, "state": node.state, "nic": nics}


[zone] = driver.list_locations()
[image] = driver.list_images()
[size] = [one for one in driver.list_sizes() if one.name == "large"]
[offering] = [
    one for one in driver.ex_list_network_offerings() if one.name == "DefaultIsolatedNetworkOfferingWithSourceNatService"
]
say("listed", zone=zone.name, image=image.name, ram=size.ram)
red, grey = (driver.ex_create_network(name, name, offering, zone) for name in ("red", "grey"))
node = driver.create_node(name="db1", size=size, image=image, location=zone, networks=[red], ex_start_vm=True)
say("deployed", vm=seen(node))
say("stopped", state=driver.ex_stop(node))
driver.ex_attach_nic_to_node(node, grey)
driver.ex_start(node)
say("started", vm=seen(node))
driver.reboot_node(node)
say("rebooted", vm=seen(node))
driver.destroy_node(node, ex_expunge=True)
for network in red, grey:
    driver.ex_delete_network(network)
say("expunged", left=[one.name for one in driver.list_nodes()])
