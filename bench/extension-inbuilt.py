"""A status call as CloudStack's in-built MAAS extension makes it: one process, the packages that it imports, one request.

Usage: extension-inbuilt.py status PAYLOAD TIMEOUT. Only what costs time is here: start of the interpreter, imports, payload, signature, request.
"""
import json
import sys
import time  # imported there too

from requests_oauthlib import OAuth1Session

with open(sys.argv[2]) as file:
    host = json.load(file)["externaldetails"]["host"]
consumer, token, secret = host["apikey"].split(":")
session = OAuth1Session(
    consumer, resource_owner_key=token, resource_owner_secret=secret, signature_method="PLAINTEXT"
)
answer = session.get(host["endpoint"] + "/MAAS/api/2.0/machines/abc123/", headers={"Accept": "application/json"})
answer.raise_for_status()
power = "PowerOn" if answer.json()["power_state"] == "on" else "PowerOff"
print(json.dumps({"status": "success", "power_state": power}))
