"""One machine's life with python-libmaas, a client that knows nothing of the lab: prints one JSON line per step.

Arguments: URL of MAAS, API key, host name.
"""
import asyncio
import json
import sys

from maas.client import connect
from maas.client.enum import InterfaceType, LinkMode

URL, KEY, HOSTNAME = sys.argv[1:4]


def say(step, **seen):
    print(json.dumps({"step": step, **seen}), flush=True)


async def life():
    client = await connect(URL, apikey=KEY)
    say("login", user=(await client.users.whoami()).username)

    machines = await client.machines.list()
    say("list", hostnames=sorted(machine.hostname for machine in machines))
    assert HOSTNAME in [machine.hostname for machine in machines]

    machine = await client.machines.allocate(hostname=HOSTNAME)
    say("allocate", status=machine.status.name)

    boot = machine.boot_interface
    bond = await machine.interfaces.create(
        InterfaceType.BOND,
        name="bond0",
        parents=[boot.id],
        mac_address="06:aa:bb:00:00:01",
        bond_mode="active-backup",
    )
    [subnet] = [one for one in await client.subnets.list() if one.name == "pxe"]
    await bond.links.create(LinkMode.DHCP, subnet=subnet)
    say("bond", type=bond.type.value, mac=bond.mac_address, parents=[parent.name for parent in bond.parents])

    await machine.deploy(distro_series="jammy", wait=True, wait_interval=0.1)
    say("deploy", status=machine.status.name, power=machine.power_state.value)

    await machine.release(erase=True, quick_erase=True, wait=True, wait_interval=0.1)
    say("release", status=machine.status.name)


asyncio.run(life())
