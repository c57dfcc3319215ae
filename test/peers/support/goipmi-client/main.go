// A console of the go-ipmi project for peer tests of the lab's BMC. Login by environment: BMC_HOST, BMC_PORT, BMC_USER,
// BMC_PASS. `client read` prints one JSON object with what it reads; `client sol` connects stdin and stdout with the
// serial console, until stdin ends.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/bougou/go-ipmi/pkg/client"
	"github.com/bougou/go-ipmi/pkg/command/transport"
	"github.com/bougou/go-ipmi/pkg/types"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(what string) error {
	port, err := strconv.Atoi(os.Getenv("BMC_PORT"))
	if err != nil {
		return err
	}
	console, err := client.NewClient(os.Getenv("BMC_HOST"), port, os.Getenv("BMC_USER"), os.Getenv("BMC_PASS"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := console.Connect(ctx); err != nil {
		return err
	}
	defer console.Close(ctx)
	if what == "sol" {
		return sol(ctx, console)
	}
	return read(ctx, console)
}

func sol(ctx context.Context, console *client.Client) error {
	silent := func(uint8, io.Reader, io.Writer, *transport.ActivatePayloadResponse) {}
	return console.SOLActivate(ctx, os.Stdin, os.Stdout, &client.SOLActivateOptions{OnActivated: silent, OnDeactivated: silent})
}

func read(ctx context.Context, console *client.Client) error {
	seen := map[string]any{}
	device, err := console.GetDeviceID(ctx)
	if err != nil {
		return fmt.Errorf("device id: %w", err)
	}
	seen["manufacturer"] = device.ManufacturerID
	status, err := console.GetChassisStatus(ctx)
	if err != nil {
		return fmt.Errorf("chassis status: %w", err)
	}
	seen["on"] = status.PowerIsOn
	sensors, err := console.GetSensors(ctx)
	if err != nil {
		return fmt.Errorf("sensors: %w", err)
	}
	readings, states := map[string]float64{}, map[string]string{}
	for _, one := range sensors {
		if one.HasAnalogReading && one.ReadingAvailable {
			readings[one.Name] = one.Value
		}
		states[one.Name] = one.Status()
	}
	seen["readings"], seen["states"] = readings, states
	entries, err := console.GetSELEntries(ctx, 0)
	if err != nil {
		return fmt.Errorf("event log: %w", err)
	}
	events := []string{}
	for _, one := range entries {
		events = append(events, fmt.Sprintf("%s: %s", one.Standard.SensorType, one.Standard.EventString()))
	}
	seen["events"] = events
	fru, err := console.GetFRU(ctx, 0, "")
	if err != nil {
		return fmt.Errorf("fru: %w", err)
	}
	product := fru.ProductInfoArea
	seen["product"] = []string{string(product.Manufacturer), string(product.Name), string(product.SerialNumber)}
	flags := &types.BootOptionParam_BootFlags{}
	if err := console.GetSystemBootOptionsParamFor(ctx, flags); err != nil {
		return fmt.Errorf("boot flags: %w", err)
	}
	seen["bootFlags"] = fmt.Sprintf("valid %t persistent %t %s", flags.BootFlagsValid, flags.Persist, flags.BootDeviceSelector)
	return json.NewEncoder(os.Stdout).Encode(seen)
}
