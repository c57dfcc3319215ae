package main

import (
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

type options struct {
	Count        int    `json:"count"`
	First        string `json:"first"`
	Port         int    `json:"port"`
	Username     string `json:"username"`
	Password     string `json:"password"`
	Sessions     int    `json:"sessions"`
	InactivityMs int    `json:"inactivityMs"`
	Seed         int64  `json:"seed"`
}

type dials struct {
	Loss    float64 `json:"loss"`
	DelayMs float64 `json:"delayMs"`
	Suites  []int   `json:"suites"`
}

func (d *dials) allows(id byte) bool {
	for _, one := range d.Suites {
		if one == int(id) {
			return true
		}
	}
	return false
}

// fleet is all BMCs behind one socket. IP_PKTINFO says which address a datagram came for, and lets the reply go out from it.
type fleet struct {
	mutex      sync.Mutex
	options    options
	dials      dials
	password   []byte
	inactivity time.Duration
	first      uint32
	machines   []machine
	sessions   map[uint32]*session
	held       map[int][]*session
	chance     *rand.Rand
	conn       *net.UDPConn

	received, sent, lost uint64
}

const limit = 100_000

func startFleet(o options) (*fleet, error) {
	first, err := netip.ParseAddr(o.First)
	if err != nil || !first.Is4() || first.As4()[0] != 127 {
		return nil, fmt.Errorf("a fleet begins at an address of 127.0.0.0/8, not %s", o.First)
	}
	if o.Count < 1 || o.Count > limit {
		return nil, fmt.Errorf("a fleet has 1 to %d BMCs, not %d", limit, o.Count)
	}
	if o.Sessions == 0 {
		o.Sessions = 4
	}
	if o.InactivityMs == 0 {
		o.InactivityMs = 60_000
	}
	number := binary.BigEndian.Uint32(first.AsSlice())
	f := &fleet{
		options:    o,
		dials:      dials{Suites: []int{3, 17}},
		password:   []byte(o.Password),
		inactivity: time.Duration(o.InactivityMs) * time.Millisecond,
		first:      ordinal(number),
		machines:   make([]machine, o.Count),
		sessions:   map[uint32]*session{},
		held:       map[int][]*session{},
		chance:     rand.New(rand.NewSource(o.Seed)),
	}
	if number&0xff == 0 || number&0xff == 255 || f.address(o.Count-1)>>24 != 127 {
		return nil, fmt.Errorf("%d addresses from %s on leave 127.0.0.0/8, or begin at 0 or 255", o.Count, o.First)
	}
	f.conn, err = net.ListenUDP("udp4", &net.UDPAddr{Port: o.Port})
	if err != nil {
		return nil, err
	}
	_ = f.conn.SetReadBuffer(4 << 20) // as much as the system allows
	raw, err := f.conn.SyscallConn()
	if err == nil {
		controlErr := raw.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_PKTINFO, 1)
		})
		if controlErr != nil {
			err = controlErr
		}
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// ordinal counts addresses without those that end in 0 or 255.
func ordinal(address uint32) uint32 {
	return address>>8*254 + address&0xff - 1
}

func (f *fleet) address(index int) uint32 {
	at := f.first + uint32(index)
	return at/254<<8 | at%254 + 1
}

// indexOf is the number of the BMC that has this address; -1: none.
func (f *fleet) indexOf(address uint32) int {
	if last := address & 0xff; last == 0 || last == 255 {
		return -1
	}
	index := int64(ordinal(address)) - int64(f.first)
	if index < 0 || index >= int64(len(f.machines)) {
		return -1
	}
	return int(index)
}

// guid tells the BMCs apart, as lab/bmc/fleet-bmc.ts does.
func (f *fleet) guid(bmc int) []byte {
	guid := make([]byte, 16)
	for at := range guid {
		guid[at] = 0xf1
	}
	binary.LittleEndian.PutUint32(guid, uint32(bmc))
	return guid
}

const (
	packetBytes = 1500
	// struct cmsghdr and struct in_pktinfo (ip(7)): interface, address to send from, address it came for.
	headerBytes  = 16
	pktInfoBytes = headerBytes + 12
)

func (f *fleet) serve() {
	datagram := make([]byte, packetBytes)
	control := make([]byte, 128)
	out := make([]byte, 0, packetBytes)
	for {
		length, controlLength, _, from, err := f.conn.ReadMsgUDPAddrPort(datagram, control)
		if err != nil {
			return
		}
		if controlLength < pktInfoBytes {
			continue
		}
		to := binary.BigEndian.Uint32(control[headerBytes+8:])
		f.receive(datagram[:length], from, to, out)
	}
}

func (f *fleet) receive(datagram []byte, from netip.AddrPort, to uint32, out []byte) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	index := f.indexOf(to)
	if index < 0 {
		return
	}
	f.received++
	if f.machines[index].silent || f.isLost() {
		f.lost++
		return
	}
	reply := f.answer(index, datagram, from.String, out)
	if reply == nil {
		return
	}
	if f.isLost() {
		f.lost++
		return
	}
	f.sent++
	if f.dials.DelayMs == 0 {
		f.send(reply, from, to)
		return
	}
	late := append([]byte(nil), reply...)
	time.AfterFunc(time.Duration(f.dials.DelayMs*float64(time.Millisecond)), func() { f.send(late, from, to) })
}

// tidy forgets sessions that were left without a word.
func (f *fleet) tidy() {
	for range time.Tick(5 * time.Second) {
		f.mutex.Lock()
		for bmc := range f.held {
			f.alive(bmc)
		}
		f.mutex.Unlock()
	}
}

func (f *fleet) isLost() bool {
	return f.dials.Loss > 0 && f.chance.Float64() < f.dials.Loss
}

func (f *fleet) send(reply []byte, to netip.AddrPort, from uint32) {
	var control [pktInfoBytes + 4]byte // CMSG_SPACE: aligned to eight bytes
	binary.NativeEndian.PutUint64(control[:], pktInfoBytes)
	binary.NativeEndian.PutUint32(control[8:], syscall.IPPROTO_IP)
	binary.NativeEndian.PutUint32(control[12:], syscall.IP_PKTINFO)
	binary.BigEndian.PutUint32(control[headerBytes+4:], from)
	// Whoever asked may be gone.
	_, _, _ = f.conn.WriteMsgUDPAddrPort(reply, control[:], to)
}

// Random bytes by the page: a system call for each would cost as much as the rest.
var page [4096]byte
var used = len(page)

func fillRandom(into []byte) {
	if used+len(into) > len(page) {
		_, _ = crand.Read(page[:]) // never fails on Linux
		used = 0
	}
	used += copy(into, page[used:])
}
