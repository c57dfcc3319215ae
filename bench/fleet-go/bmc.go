package main

import (
	"encoding/binary"
	"time"
)

// Completion codes (IPMI 2.0 table 5-2).
const (
	ok                  = 0x00
	unsupported         = 0x80
	exceedsLimit        = 0x81
	noSuchSession       = 0x87
	invalidCommand      = 0xc1
	lengthInvalid       = 0xc7
	invalidField        = 0xcc
	insufficient        = 0xd4
	notInPresentState   = 0xd5
	firstIPMIBodyLength = 7
)

// machine is all that a BMC of the fleet has of one.
type machine struct {
	on        bool
	silent    bool
	bootFlags *[5]byte
}

// answer is one BMC's reply to a datagram, appended to `out`; nil: silence.
func (f *fleet) answer(bmc int, datagram []byte, from func() string, out []byte) []byte {
	if len(datagram) < 5 || datagram[0] != 0x06 || datagram[3] != 0x07 {
		return nil
	}
	body := datagram[4:]
	if body[0] == 0x00 && len(body) >= 10 && len(body) >= 10+int(body[9]) {
		if binary.LittleEndian.Uint32(body[5:]) != 0 {
			return nil
		}
		reply := f.command(bmc, nil, body[10:10+int(body[9])])
		if reply == nil {
			return nil
		}
		return encodePlain(out, reply)
	}
	if body[0] != 0x06 || len(body) < 12 || len(body) < 12+int(binary.LittleEndian.Uint16(body[10:])) {
		return nil
	}
	if id := binary.LittleEndian.Uint32(body[2:]); id != 0 {
		s := f.find(bmc, id)
		if s == nil || !s.active {
			return nil
		}
		reply := f.command(bmc, s, s.open(body))
		if reply == nil {
			return nil
		}
		return s.seal(out, reply)
	}
	payload := body[12 : 12+int(binary.LittleEndian.Uint16(body[10:]))]
	if body[1] == payloadIPMI {
		reply := f.command(bmc, nil, payload)
		if reply == nil {
			return nil
		}
		return encodeSessionless(out, payloadIPMI, reply)
	}
	kind, reply := f.handshake(bmc, body[1], payload, from())
	if reply == nil {
		return nil
	}
	return encodeSessionless(out, kind, reply)
}

// command runs one IPMI request and frames its response; nil: not a request to a BMC.
func (f *fleet) command(bmc int, s *session, request []byte) []byte {
	last := len(request) - 1
	if last < firstIPMIBodyLength-1 || request[0] != 0x20 || request[1]&0x04 != 0 ||
		checksum(request[:2]) != request[2] || checksum(request[3:last]) != request[last] {
		return nil
	}
	var privilege byte
	if s != nil {
		s.heard = time.Now()
		privilege = s.privilege
	}
	code, data := f.run(bmc, s, privilege, uint16(request[1]>>2)<<8|uint16(request[5]), request[6:last])
	reply := []byte{request[3], (request[1]>>2+1)<<2 | request[4]&3, 0, 0x20, request[4]&^3 | request[1]&3, request[5], code}
	reply[2] = checksum(reply[:2])
	reply = append(reply, data...)
	return append(reply, checksum(reply[3:]))
}

func (f *fleet) run(bmc int, s *session, privilege byte, command uint16, data []byte) (byte, []byte) {
	known, found := commands[command]
	switch {
	case !found:
		return invalidCommand, nil
	case privilege < known.privilege:
		return insufficient, nil
	case len(data) < known.bytes:
		return lengthInvalid, nil
	}
	return known.run(f, bmc, s, data)
}

type command struct {
	privilege byte
	bytes     int
	run       func(f *fleet, bmc int, s *session, data []byte) (byte, []byte)
}

// By network function and command number.
var commands = map[uint16]command{
	0x0001: {2, 0, chassisStatus},
	0x0002: {3, 1, chassisControl},
	0x0008: {3, 1, setBootOption},
	0x0009: {3, 3, getBootOption},
	0x0601: {2, 0, func(*fleet, int, *session, []byte) (byte, []byte) {
		return ok, []byte{0x20, 1, 1, 0x10, 2, 0x80, 0xcf, 0xc2, 0, 1, 0, 0, 0, 0, 0}
	}},
	0x0637: {0, 0, func(f *fleet, bmc int, _ *session, _ []byte) (byte, []byte) { return ok, f.guid(bmc) }},
	0x0638: {0, 2, func(*fleet, int, *session, []byte) (byte, []byte) { return ok, []byte{1, 0x80, 4, 2, 0, 0, 0, 0} }},
	0x063b: {1, 1, setPrivilege},
	0x063c: {1, 4, closeSession},
	0x0654: {0, 3, cipherSuites},
}

func chassisStatus(f *fleet, bmc int, _ *session, _ []byte) (byte, []byte) {
	if f.machines[bmc].on {
		return ok, []byte{1, 0, 0}
	}
	return ok, []byte{0, 0, 0}
}

func chassisControl(f *fleet, bmc int, _ *session, data []byte) (byte, []byte) {
	one := &f.machines[bmc]
	switch data[0] & 0x0f {
	case 0, 5:
		one.on = false
	case 1:
		one.on = true
	case 2, 3:
		if !one.on {
			return notInPresentState, nil
		}
	default:
		return invalidField, nil
	}
	return ok, nil
}

// setBootOption keeps parameter 5; it takes the others and forgets them, as cheap boards do.
func setBootOption(f *fleet, bmc int, _ *session, data []byte) (byte, []byte) {
	if data[0]&0x7f == 5 && len(data) >= 6 {
		f.machines[bmc].bootFlags = (*[5]byte)(append([]byte(nil), data[1:6]...))
	}
	return ok, nil
}

func getBootOption(f *fleet, bmc int, _ *session, data []byte) (byte, []byte) {
	if data[0]&0x7f != 5 {
		return unsupported, nil
	}
	var flags [5]byte
	if kept := f.machines[bmc].bootFlags; kept != nil {
		flags = *kept
	}
	return ok, append([]byte{1, 5}, flags[:]...)
}

func setPrivilege(_ *fleet, _ int, s *session, data []byte) (byte, []byte) {
	level := data[0] & 0x0f
	switch {
	case level == 1 || level > 5:
		return invalidField, nil
	case level > s.limit:
		return exceedsLimit, nil
	case level != 0:
		s.privilege = level
	}
	return ok, []byte{s.privilege}
}

func closeSession(f *fleet, bmc int, s *session, data []byte) (byte, []byte) {
	other := f.find(bmc, binary.LittleEndian.Uint32(data))
	if other == nil {
		return noSuchSession, nil
	}
	if other != s && s.privilege < 4 {
		return insufficient, nil
	}
	f.forget(other)
	return ok, nil
}

func cipherSuites(f *fleet, _ int, _ *session, data []byte) (byte, []byte) {
	reply := []byte{1}
	if data[2]&0x3f == 0 {
		for _, one := range []*suite{suite3, suite17} {
			if f.dials.allows(one.id) {
				reply = append(reply, 0xc0, one.id, one.authentication, 0x40|one.integrity, 0x81)
			}
		}
	}
	return ok, reply
}
