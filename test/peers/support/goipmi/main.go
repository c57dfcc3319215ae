// A BMC of the go-ipmi project for our client's peer tests. Control by environment:
//
//	BMC_LISTEN    address:port (port 0 picks a free one)
//	BMC_SUITES    cipher suite ids, comma-separated
//	BMC_KG        K_g, 20 characters (optional)
//	BMC_SESSIONS  session limit
//	BMC_PRIVILEGE limit of the user: 3 operator, 4 administrator
//
// It prints "listening ADDRESS", then answers each line on stdin: "state" with the machine's state as JSON.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/bougou/go-ipmi/pkg/bmc"
	"github.com/bougou/go-ipmi/pkg/clock"
	"github.com/bougou/go-ipmi/pkg/hal/mock"
	"github.com/bougou/go-ipmi/pkg/server"
	"github.com/bougou/go-ipmi/pkg/transport/udp"
	"github.com/bougou/go-ipmi/pkg/types"
)

type state struct {
	On          bool   `json:"on"`
	PowerCycles int    `json:"powerCycles"`
	SoftOffs    int    `json:"softOffs"`
	BootFlags   string `json:"bootFlags"`
	Sessions    int    `json:"sessions"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	machine := mock.New()
	chassis, ok := machine.Chassis().(*mock.Chassis)
	if !ok {
		return fmt.Errorf("the mock chassis has another type")
	}

	var suites []types.CipherSuiteID
	for _, id := range strings.Split(os.Getenv("BMC_SUITES"), ",") {
		number, err := strconv.Atoi(id)
		if err != nil {
			return fmt.Errorf("BMC_SUITES: %w", err)
		}
		suites = append(suites, types.CipherSuiteID(number))
	}
	sessions, err := strconv.Atoi(os.Getenv("BMC_SESSIONS"))
	if err != nil {
		return fmt.Errorf("BMC_SESSIONS: %w", err)
	}
	privilege, err := strconv.Atoi(os.Getenv("BMC_PRIVILEGE"))
	if err != nil {
		return fmt.Errorf("BMC_PRIVILEGE: %w", err)
	}

	info := bmc.DeviceInfo{DeviceID: 32, DeviceRevision: 1, FirmwareMajor: 1, IPMIVersion: 0x20}
	b := bmc.New(info, [16]byte{0: 0xf0, 15: 0x0d}, machine, bmc.WithClock(clock.Real), bmc.WithKG([]byte(os.Getenv("BMC_KG"))))
	b.SetCipherSuites(suites)
	b.Sessions = bmc.NewSessionStoreWithOptions(clock.Real, bmc.WithMaxSessions(sessions))
	user, err := b.Users.Add(2, "admin")
	if err != nil {
		return err
	}
	user.SetPassword([]byte("secret"))
	user.Enabled = true
	user.ChannelAccess[1] = bmc.UserChannelAccess{MaxPrivilege: bmc.PrivilegeLevel(privilege), Enabled: true}

	address, err := net.ResolveUDPAddr("udp", os.Getenv("BMC_LISTEN"))
	if err != nil {
		return err
	}
	socket, err := net.ListenUDP("udp", address)
	if err != nil {
		return err
	}
	srv := server.NewServer(b, udp.Wrap(socket))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go srv.Serve(ctx) //nolint:errcheck // ends with the process
	fmt.Println("listening", socket.LocalAddr())

	// The end of stdin is the end of the test that started us.
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		now, err := read(ctx, b, chassis)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(now); err != nil {
			return err
		}
	}
	return srv.Close()
}

func read(ctx context.Context, b *bmc.BMC, chassis *mock.Chassis) (state, error) {
	on, err := chassis.PowerState(ctx)
	if err != nil {
		return state{}, err
	}
	now := state{On: on, PowerCycles: chassis.PowerCycles, SoftOffs: chassis.WarmResets, Sessions: b.Sessions.Count()}
	if flags, err := chassis.GetBootFlags(ctx); err == nil && flags != nil {
		now.BootFlags = hex.EncodeToString(flags.Pack())
	}
	return now, nil
}
