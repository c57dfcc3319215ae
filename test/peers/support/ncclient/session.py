"""Prints, as one JSON object, what ncclient makes of a switch of the lab: greeting, reading, editing, errors, confirmed commits."""

import json
import sys
import time

from ncclient import manager
from ncclient.operations import RPCError

address, port, user, password = sys.argv[1:5]
PORT = "Ethernet1"
NS = "http://openconfig.net/yang"


def connect():
    return manager.connect(
        host=address, port=int(port), username=user, password=password, hostkey_verify=False,
        look_for_keys=False, allow_agent=False, timeout=60,
    )


def vlans(inner, attributes=""):
    return (
        '<config xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">'
        f'<interfaces xmlns="{NS}/interfaces"><interface><name>{PORT}</name><ethernet xmlns="{NS}/interfaces/ethernet">'
        f'<switched-vlan xmlns="{NS}/vlan"><config{attributes}>{inner}</config></switched-vlan>'
        "</ethernet></interface></interfaces></config>"
    )


def access(vlan):
    return vlans(f"<interface-mode>ACCESS</interface-mode><access-vlan>{vlan}</access-vlan>", ' nc:operation="replace"')


def access_vlan(session, source="running"):
    path = f'<interfaces xmlns="{NS}/interfaces"><interface><name>{PORT}</name></interface></interfaces>'
    data = session.get_config(source=source, filter=("subtree", path)).data_ele
    names = [one.text for one in data.iterfind(f".//{{{NS}/interfaces}}interface/{{{NS}/interfaces}}name")]
    assert names == [PORT], names
    return data.findtext(f".//{{{NS}/vlan}}access-vlan")


def until(session, vlan):
    deadline = time.monotonic() + 60
    while access_vlan(session) != vlan and time.monotonic() < deadline:
        time.sleep(0.05)
    return access_vlan(session)


def error(work):
    try:
        work()
    except RPCError as said:
        return {"tag": said.tag, "type": said.type, "severity": said.severity, "info": said.info, "message": said.message}
    return None


said = {}
with connect() as session, connect() as other:
    said["capabilities"] = list(session.server_capabilities)
    said["chunked"] = ":base:1.1" in session.server_capabilities
    said["before"] = access_vlan(session)
    state = session.get(filter=("subtree", f'<interfaces xmlns="{NS}/interfaces"><interface><name>{PORT}</name><state/></interface></interfaces>'))
    said["state"] = state.data_ele.findtext(f".//{{{NS}/interfaces}}admin-status")

    with session.locked("candidate"):
        said["locked"] = error(lambda: other.lock("candidate"))
        said["in_use"] = error(lambda: other.edit_config(target="candidate", config=access(20)))
        session.edit_config(target="candidate", config=access(20), error_option="rollback-on-error")
        session.validate("candidate")
        said["candidate"] = [access_vlan(session, "candidate"), access_vlan(session)]
        session.commit()
    said["committed"] = access_vlan(session)

    edit = lambda config: lambda: session.edit_config(target="candidate", config=config)
    said["exists"] = error(edit(vlans('<access-vlan nc:operation="create">10</access-vlan>')))
    said["missing"] = error(edit(vlans('<native-vlan nc:operation="delete">10</native-vlan>')))
    said["unknown"] = error(edit(vlans("<colour>red</colour>")))
    said["invalid"] = error(edit(vlans("<access-vlan>4095</access-vlan>")))
    said["no_vlan"] = error(edit(vlans("<access-vlan>77</access-vlan>")))
    said["running"] = error(lambda: session.edit_config(target="running", config=access(10)))
    session.discard_changes()

    # nobody confirms
    session.edit_config(target="candidate", config=access(30))
    session.commit(confirmed=True, timeout="1")
    said["unconfirmed"] = [access_vlan(session), until(session, "20")]

    # confirmed
    session.edit_config(target="candidate", config=access(30))
    session.commit(confirmed=True, timeout="1")
    session.commit()
    time.sleep(1.5)
    said["confirmed"] = access_vlan(session)

    # cancelled
    session.edit_config(target="candidate", config=access(20))
    session.commit(confirmed=True, timeout="60")
    held = access_vlan(session)
    session.cancel_commit()
    said["cancelled"] = [held, access_vlan(session)]

    # the session is lost with it
    lost = connect()
    lost.edit_config(target="candidate", config=access(20))
    lost.commit(confirmed=True, timeout="60")
    held = access_vlan(session)
    session.kill_session(lost.session_id)
    said["killed"] = [held, until(session, "30")]

    # it outlives its session, and somebody else confirms it
    keeper = connect()
    keeper.edit_config(target="candidate", config=access(20))
    keeper.commit(confirmed=True, timeout="60", persist="night")
    keeper.close_session()
    said["stranger"] = error(lambda: session.commit())
    session.commit(persist_id="night")
    said["persisted"] = access_vlan(session)

    said["startup"] = [access_vlan(session, "startup")]
    session.copy_config(source="running", target="startup")
    said["startup"].append(access_vlan(session, "startup"))
print(json.dumps(said))
