"""Drives a machine by its Redfish service with sushy: power, boot device, inventory. Prints one JSON object."""

import json
import sys

import sushy
import urllib3

urllib3.disable_warnings()
url, user, password, how = sys.argv[1:5]
auth = sushy.auth.BasicAuth(user, password) if how == "basic" else sushy.auth.SessionAuth(user, password)
root = sushy.Sushy(url + "/redfish/v1/", auth=auth, verify=False)
system = root.get_system(root.get_system_collection().members_identities[0])
seen = {"powers": [system.power_state.value], "serial": system.serial_number, "memory": system.memory_summary.size_gib}


def power(kind):
    system.reset_system(kind)
    system.refresh(force=True)
    seen["powers"].append(system.power_state.value)


def boot(target, enabled, mode):
    system.set_system_boot_options(target=target, enabled=enabled, mode=mode)
    system.refresh(force=True)
    return [system.boot.target.value, system.boot.enabled.value, system.boot.mode.value]


seen["pxe"] = boot(sushy.BootSource.PXE, sushy.BootSourceOverrideEnabled.ONCE, sushy.BootSourceOverrideMode.UEFI)
power(sushy.ResetType.ON)
power(sushy.ResetType.FORCE_RESTART)
power(sushy.ResetType.FORCE_OFF)
seen["disk"] = boot(
    sushy.BootSource.HDD, sushy.BootSourceOverrideEnabled.CONTINUOUS, sushy.BootSourceOverrideMode.LEGACY
)
seen["drives"] = [[d.name, d.capacity_bytes] for s in system.storage.get_members() for d in s.drives]
seen["macs"] = sorted(system.ethernet_interfaces.summary)
chassis = root.get_chassis(root.get_chassis_collection().members_identities[0])
seen["inlet"] = chassis.thermal.temperatures[0].reading_celsius
seen["firmware"] = root.get_manager(root.get_manager_collection().members_identities[0]).firmware_version
if how == "session":
    sessions = root.get_session_service().sessions.members_identities
    root._auth.close()
    seen["sessions"] = len(sessions)
print(json.dumps(seen))
