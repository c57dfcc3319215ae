// A BMC of the go-ipmi project for our client's peer tests. Control by environment:
//
//	BMC_LISTEN    address:port (port 0 picks a free one)
//	BMC_SUITES    cipher suite ids, comma-separated
//	BMC_KG        K_g, 20 characters (optional)
//	BMC_SESSIONS  session limit
//	BMC_IDLE      seconds after which a silent session dies, and 3 more (optional; 60 is the specification's)
//	BMC_PRIVILEGE limit of the user: 3 operator, 4 administrator
//	BMC_FRU       FRU 0, in hex (optional)
//	BMC_SDRS      sensor data records, in hex, comma-separated (optional)
//	BMC_CONSOLE   a serial port that takes so many characters at once (optional)
//
// It prints "listening ADDRESS", then answers each line on stdin with the machine's state as JSON: "state" does nothing
// else, and "print HEX" has the machine print on its serial port.
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
	"time"

	"github.com/bougou/go-ipmi/pkg/bmc"
	"github.com/bougou/go-ipmi/pkg/clock"
	"github.com/bougou/go-ipmi/pkg/hal"
	"github.com/bougou/go-ipmi/pkg/hal/mock"
	"github.com/bougou/go-ipmi/pkg/server"
	"github.com/bougou/go-ipmi/pkg/transport/udp"
	"github.com/bougou/go-ipmi/pkg/types"
)

type state struct {
	On          bool   `json:"on"`
	PowerCycles int    `json:"powerCycles"`
	SoftOffs    int    `json:"softOffs"`
	Resets      int    `json:"resets"`
	Identify    int    `json:"identify"`
	BootFlags   string `json:"bootFlags"`
	Sessions    int    `json:"sessions"`
	// What came out of the serial port, in hex; and the breaks.
	Typed  string `json:"typed"`
	Breaks int    `json:"breaks"`
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

	var console *serialPort
	if most := os.Getenv("BMC_CONSOLE"); most != "" {
		number, err := strconv.Atoi(most)
		if err != nil {
			return fmt.Errorf("BMC_CONSOLE: %w", err)
		}
		console = &serialPort{most: number}
		machine.SetConsole(console)
	}
	if err := fill(machine.Storage()); err != nil {
		return err
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
	idle := bmc.DefaultInactivityTimeout
	if text := os.Getenv("BMC_IDLE"); text != "" {
		if idle, err = time.ParseDuration(text + "s"); err != nil {
			return fmt.Errorf("BMC_IDLE: %w", err)
		}
	}
	b.Sessions = bmc.NewSessionStoreWithOptions(clock.Real, bmc.WithMaxSessions(sessions), bmc.WithInactivityTimeout(idle))
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
		if text, found := strings.CutPrefix(lines.Text(), "print "); found && console != nil {
			bytes, err := hex.DecodeString(text)
			if err != nil {
				return err
			}
			console.print(bytes)
		}
		now, err := read(ctx, b, chassis, console)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(now); err != nil {
			return err
		}
	}
	return srv.Close()
}

func read(ctx context.Context, b *bmc.BMC, chassis *mock.Chassis, console *serialPort) (state, error) {
	on, err := chassis.PowerState(ctx)
	if err != nil {
		return state{}, err
	}
	now := state{On: on, PowerCycles: chassis.PowerCycles, SoftOffs: chassis.WarmResets, Sessions: b.Sessions.Count()}
	now.Resets = chassis.ColdResets
	now.Identify = int(chassis.LastIdentifySec)
	if flags, err := chassis.GetBootFlags(ctx); err == nil && flags != nil {
		now.BootFlags = hex.EncodeToString(flags.Pack())
	}
	if console != nil {
		now.Typed, now.Breaks = console.state()
	}
	return now, nil
}

// fill stores what BMC_FRU and BMC_SDRS say.
func fill(storage hal.StorageHAL) error {
	ctx := context.Background()
	if text := os.Getenv("BMC_FRU"); text != "" {
		fru, err := hex.DecodeString(text)
		if err != nil {
			return fmt.Errorf("BMC_FRU: %w", err)
		}
		if err := storage.FRU().Write(ctx, 0, fru); err != nil {
			return err
		}
	}
	for _, text := range strings.Split(os.Getenv("BMC_SDRS"), ",") {
		if text == "" {
			continue
		}
		record, err := hex.DecodeString(text)
		if err != nil || len(record) < 5 {
			return fmt.Errorf("BMC_SDRS: %q is no record", text)
		}
		if err := storage.SDR().Write(ctx, uint16(record[0])|uint16(record[1])<<8, record); err != nil {
			return err
		}
	}
	return nil
}
