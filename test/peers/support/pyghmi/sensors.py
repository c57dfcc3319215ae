"""Prints, as one JSON object, what pyghmi reads of a BMC: health, sensors, the system's inventory, events."""

import json
import sys

from pyghmi.ipmi import command

address, port, user, password = sys.argv[1:5]
bmc = command.Command(bmc=address, port=int(port), userid=user, password=password)
health = bmc.get_health()
readings = {one.name: one.value for one in bmc.get_sensor_data() if one.value is not None}
product = dict(bmc.get_inventory())["System"]
events = ["%s %s" % (one.get("component"), one.get("event")) for one in bmc.get_event_log()]
print(json.dumps({"health": repr(health), "readings": readings, "product": product, "events": events}, default=str))
