package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"encoding/binary"
	"hash"
	"time"
)

// Status codes of the handshake (IPMI 2.0 table 13-15).
const (
	statusNoResources    = 0x01
	statusInvalidSession = 0x02
	statusInvalidRole    = 0x09
	statusNoName         = 0x0d
	statusInvalidICV     = 0x0f
	statusNoSuite        = 0x11
)

type session struct {
	bmc           int
	id, consoleID uint32
	from          string
	suite         *suite
	active        bool
	privilege     byte
	limit         byte
	heard         time.Time
	window        window
	outbound      uint32
	// The last handshake message and its answer, for a console whose answer got lost.
	lastRequest, lastReply []byte
	// Of RAKP 1 and 2, until the session is active.
	consoleRandom, bmcRandom [16]byte
	role                     byte
	challenged               bool

	signer  hash.Hash
	block   cipher.Block
	sum     [64]byte
	scratch []byte
}

func refusal(tag, status byte, consoleID uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte{tag, status, 0, 0}, consoleID)
}

// handshake answers Open Session and RAKP 1 and 3 (IPMI 2.0 §13.17 to §13.24); nil: silence.
func (f *fleet) handshake(bmc int, payloadType byte, message []byte, from string) (byte, []byte) {
	switch payloadType {
	case openRequest:
		return openResponse, f.open(bmc, message, from)
	case rakp1:
		return rakp2, f.challenge(bmc, message)
	case rakp3:
		return rakp4, f.finish(bmc, message)
	}
	return 0, nil
}

// again repeats the last answer under the tag of the repeated message.
func (s *session) again(message []byte) []byte {
	if len(s.lastRequest) != len(message) || !bytes.Equal(s.lastRequest[1:], message[1:]) {
		return nil
	}
	reply := append([]byte(nil), s.lastReply...)
	reply[0] = message[0]
	return reply
}

func (s *session) remember(message, reply []byte) []byte {
	s.lastRequest = append([]byte(nil), message...)
	s.lastReply = reply
	return reply
}

func (f *fleet) open(bmc int, message []byte, from string) []byte {
	if len(message) < 32 {
		return nil
	}
	tag, consoleID := message[0], binary.LittleEndian.Uint32(message[4:])
	held := f.alive(bmc)
	for _, one := range held {
		if !one.active && !one.challenged && one.from == from {
			if reply := one.again(message); reply != nil {
				return reply
			}
		}
	}
	if message[1]&0x0f > 4 {
		return refusal(tag, statusInvalidRole, consoleID)
	}
	chosen := f.choose(message)
	if chosen == nil {
		return refusal(tag, statusNoSuite, consoleID)
	}
	if len(held) >= f.options.Sessions {
		return refusal(tag, statusNoResources, consoleID)
	}
	s := &session{bmc: bmc, id: f.newID(), consoleID: consoleID, from: from, suite: chosen, heard: time.Now()}
	f.sessions[s.id] = s
	f.held[bmc] = append(held, s)
	reply := binary.LittleEndian.AppendUint32([]byte{tag, 0, 4, 0}, consoleID)
	reply = binary.LittleEndian.AppendUint32(reply, s.id)
	for kind, number := range []byte{chosen.authentication, chosen.integrity, 1} {
		reply = append(reply, byte(kind), 0, 0, 8, number, 0, 0, 0)
	}
	return s.remember(message, reply)
}

// choose finds the suite that the console's three algorithms mean; a length of 0 leaves one to the BMC.
func (f *fleet) choose(message []byte) *suite {
	fits := func(at int, number byte) bool { return message[at+3] == 0 || message[at+4]&0x3f == number }
	for _, one := range suites {
		if f.dials.allows(one.id) && fits(8, one.authentication) && fits(16, one.integrity) && fits(24, 1) {
			return one
		}
	}
	return nil
}

func (f *fleet) challenge(bmc int, message []byte) []byte {
	if len(message) < 28 || message[27] > 16 || len(message) < 28+int(message[27]) {
		return nil
	}
	tag := message[0]
	s := f.find(bmc, binary.LittleEndian.Uint32(message[4:]))
	if s == nil {
		return refusal(tag, statusInvalidSession, 0)
	}
	if reply := s.again(message); reply != nil {
		return reply
	}
	if s.challenged || s.active {
		return refusal(tag, statusInvalidSession, 0)
	}
	name := message[28 : 28+int(message[27])]
	if string(name) != f.options.Username {
		f.forget(s)
		return refusal(tag, statusNoName, s.consoleID)
	}
	copy(s.consoleRandom[:], message[8:24])
	fillRandom(s.bmcRandom[:])
	s.role, s.challenged, s.heard = message[24], true, time.Now()
	guid := f.guid(bmc)
	code := s.suite.mac(f.password, le32(s.consoleID), le32(s.id), s.consoleRandom[:], s.bmcRandom[:], guid, s.who(f))
	reply := refusal(tag, 0, s.consoleID)
	reply = append(append(append(reply, s.bmcRandom[:]...), guid...), code...)
	return s.remember(message, reply)
}

func (f *fleet) finish(bmc int, message []byte) []byte {
	if len(message) < 8 {
		return nil
	}
	tag := message[0]
	s := f.find(bmc, binary.LittleEndian.Uint32(message[4:]))
	if s == nil {
		return refusal(tag, statusInvalidSession, 0)
	}
	if reply := s.again(message); reply != nil {
		return reply
	}
	if !s.challenged {
		return refusal(tag, statusInvalidSession, 0)
	}
	if message[1] != 0 {
		f.forget(s)
		return nil
	}
	code := s.suite.mac(f.password, s.bmcRandom[:], le32(s.consoleID), s.who(f))
	if !hmac.Equal(message[8:], code) {
		f.forget(s)
		return refusal(tag, statusInvalidICV, s.consoleID)
	}
	sik := s.suite.mac(f.password, s.consoleRandom[:], s.bmcRandom[:], s.who(f))
	k1 := s.suite.mac(sik, bytes.Repeat([]byte{1}, 20))
	k2 := s.suite.mac(sik, bytes.Repeat([]byte{2}, 20))
	s.signer = hmac.New(s.suite.hash, k1)
	s.block, _ = aes.NewCipher(k2[:16]) // 16 bytes are always a key
	s.active, s.challenged, s.heard = true, false, time.Now()
	s.limit = s.role & 0x0f
	if s.limit == 0 || s.limit > 4 {
		s.limit = 4
	}
	s.privilege = min(s.limit, 2)
	proof := s.suite.mac(sik, s.consoleRandom[:], le32(s.id), f.guid(bmc))[:s.suite.icvBytes]
	return s.remember(message, append(refusal(tag, 0, s.consoleID), proof...))
}

// who is the role byte and the user name, as they go into the HMACs.
func (s *session) who(f *fleet) []byte {
	return append([]byte{s.role, byte(len(f.options.Username))}, f.options.Username...)
}

func le32(value uint32) []byte {
	return binary.LittleEndian.AppendUint32(nil, value)
}

func (f *fleet) newID() uint32 {
	for {
		var bytes [4]byte
		fillRandom(bytes[:])
		id := binary.LittleEndian.Uint32(bytes[:])
		if _, taken := f.sessions[id]; id != 0 && !taken {
			return id
		}
	}
}

func (f *fleet) find(bmc int, id uint32) *session {
	s := f.sessions[id]
	if s == nil || s.bmc != bmc || !f.fresh(s) {
		return nil
	}
	return s
}

func (f *fleet) fresh(s *session) bool {
	allowed := 5 * time.Second
	if s.active {
		allowed = f.inactivity
	}
	return time.Since(s.heard) <= allowed
}

// alive are the sessions of a BMC that have not been silent for too long; the others are forgotten.
func (f *fleet) alive(bmc int) []*session {
	var kept []*session
	for _, one := range f.held[bmc] {
		if f.fresh(one) {
			kept = append(kept, one)
		} else {
			delete(f.sessions, one.id)
		}
	}
	if len(kept) == 0 {
		delete(f.held, bmc)
	} else {
		f.held[bmc] = kept
	}
	return kept
}

func (f *fleet) forget(s *session) {
	delete(f.sessions, s.id)
	left := f.held[s.bmc][:0]
	for _, one := range f.held[s.bmc] {
		if one != s {
			left = append(left, one)
		}
	}
	if len(left) == 0 {
		delete(f.held, s.bmc)
	} else {
		f.held[s.bmc] = left
	}
}
