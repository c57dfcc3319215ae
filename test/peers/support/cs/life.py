"""A server's whole life with cs, a client of CloudStack that knows nothing of the lab, from an empty zone on.

Arguments: URL of the API, API key, secret key, method (get or post). Prints one JSON line per step, and waits for a line.
"""
import json
import sys

from cs import CloudStack, CloudStackApiException

URL, KEY, SECRET, METHOD = sys.argv[1:5]
cloud = CloudStack(endpoint=URL, key=KEY, secret=SECRET, method=METHOD, poll_interval=0.1, fetch_result=True, timeout=60)


def say(step, **seen):
    print(json.dumps({"step": step, **seen}), flush=True)
    sys.stdin.readline()


def refused(call, **params):
    try:
        call(**params)
    except CloudStackApiException as error:
        return {"code": error.error["errorcode"], "text": error.error["errortext"]}
    raise AssertionError("was not refused")


stranger = CloudStack(endpoint=URL, key=KEY, secret="not the secret", method=METHOD)
say("apis", names=[one["name"] for one in cloud.listApis()["api"]], stranger=refused(stranger.listZones))

zone = cloud.listZones()["zone"][0]["id"]
pod = cloud.listPods(zoneid=zone)["pod"][0]["id"]
extension = cloud.createExtension(name="ferrule", type="Orchestrator", orchestratorrequirespreparevm=True)["extension"]
cluster = cloud.addCluster(
    zoneid=zone, podid=pod, clustername="metal", clustertype="CloudManaged", hypervisor="External"
)["cluster"][0]["id"]
cloud.registerExtension(extensionid=extension["id"], resourceid=cluster, resourcetype="Cluster")
cloud.addHost(
    zoneid=zone, podid=pod, clusterid=cluster, hypervisor="External", url="http://racks", externaldetails={"pool": "lab"}
)
cloud.registerTemplate(
    name="jammy", url="http://none/", format="EXTERNAL", hypervisor="External", zoneid=zone, extensionid=extension["id"],
    externaldetails={"image": "ubuntu/jammy"},
)
for name, cpus, memory in ("small", 8, 32768), ("large", 16, 65536):
    cloud.createServiceOffering(
        name=name, cpunumber=cpus, cpuspeed=2000, memory=memory, externaldetails={"erase": "full"}
    )
action = cloud.addCustomAction(extensionid=extension["id"], name="why", enabled=True, timeout=30)["extensioncustomaction"]
template = cloud.listTemplates(templatefilter="all")["template"][0]["id"]
[large] = [one["id"] for one in cloud.listServiceOfferings(fetch_list=True) if one["name"] == "large"]
say("furnished", ready=extension["pathready"], missing=refused(cloud.createNetwork, name="no-zone"))

[isolated] = [
    one["id"]
    for one in cloud.listNetworkOfferings(guestiptype="Isolated", forvpc=False, fetch_list=True)
    if one["state"] == "Enabled"
]
blue, green = (
    cloud.createNetwork(name=name, zoneid=zone, networkofferingid=isolated)["network"]["id"] for name in ("blue", "green")
)
say("networks", vlans=[one.get("vlan") for one in cloud.listNetworks()["network"]])

params = dict(zoneid=zone, templateid=template, serviceofferingid=large)
vm = cloud.deployVirtualMachine(name="web1", networkids=[blue], **params)["virtualmachine"]
say("deployed", vm=vm)
say("duplicate", refused=refused(cloud.deployVirtualMachine, name="web1", networkids=[blue], **params))

say("plugged", refused=refused(cloud.addNicToVirtualMachine, virtualmachineid=vm["id"], networkid=green))
say("stopped", vm=cloud.stopVirtualMachine(id=vm["id"])["virtualmachine"])
cloud.addNicToVirtualMachine(virtualmachineid=vm["id"], networkid=green)
say("started", vm=cloud.startVirtualMachine(id=vm["id"])["virtualmachine"])
say("rebooted", vm=cloud.rebootVirtualMachine(id=vm["id"])["virtualmachine"])
why = cloud.runCustomAction(customactionid=action["id"], resourceid=vm["id"], resourcetype="VirtualMachine")
say("asked", result=why["customactionresult"])

cloud.stopVirtualMachine(id=vm["id"])
[second] = [one["id"] for one in cloud.listNics(virtualmachineid=vm["id"])["nic"] if not one["isdefault"]]
cloud.removeNicFromVirtualMachine(virtualmachineid=vm["id"], nicid=second)
say("detached", vm=cloud.startVirtualMachine(id=vm["id"])["virtualmachine"])

cloud.destroyVirtualMachine(id=vm["id"])
say("destroyed", vm=cloud.listVirtualMachines(id=vm["id"])["virtualmachine"][0])
cloud.recoverVirtualMachine(id=vm["id"])
say("recovered", vm=cloud.startVirtualMachine(id=vm["id"])["virtualmachine"])
cloud.destroyVirtualMachine(id=vm["id"], expunge=True)
say("expunged", left=cloud.listVirtualMachines())
for network in blue, green:
    cloud.deleteNetwork(id=network)
say("events", types=sorted({one["type"] for one in cloud.listEvents(fetch_list=True)}))
