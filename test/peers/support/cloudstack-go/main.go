// A server's whole life with the Go client of Apache CloudStack, in a zone that has a template and offerings.
//
// Arguments: URL of the API, API key, secret key. Prints one JSON line per step, and waits for a line on stdin.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/apache/cloudstack-go/v2/cloudstack"
)

var input = bufio.NewReader(os.Stdin)

func main() {
	if err := life(cloudstack.NewAsyncClient(os.Args[1], os.Args[2], os.Args[3], false)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// say prints a step with what was seen, and waits until somebody has looked at the world.
func say(step string, seen map[string]any) error {
	seen["step"] = step
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		return err
	}
	_, err := input.ReadString('\n')
	return err
}

func life(cloud *cloudstack.CloudStackClient) error {
	cloud.AsyncTimeout(180)
	zone, _, err := cloud.Zone.GetZoneID("lab")
	if err != nil {
		return err
	}
	template, _, err := cloud.Template.GetTemplateID("jammy", "executable", zone)
	if err != nil {
		return err
	}
	size, _, err := cloud.ServiceOffering.GetServiceOfferingByName("large")
	if err != nil {
		return err
	}
	isolated, _, err := cloud.NetworkOffering.GetNetworkOfferingID("DefaultIsolatedNetworkOfferingWithSourceNatService")
	if err != nil {
		return err
	}
	hosts, err := cloud.Host.ListHosts(cloud.Host.NewListHostsParams())
	if err != nil {
		return err
	}
	if err := say("listed", map[string]any{"cpus": size.Cpunumber, "hypervisor": hosts.Hosts[0].Hypervisor}); err != nil {
		return err
	}

	networks := []string{}
	for _, name := range []string{"teal", "plum"} {
		params := cloud.Network.NewCreateNetworkParams(name, isolated, zone)
		network, err := cloud.Network.CreateNetwork(params)
		if err != nil {
			return err
		}
		networks = append(networks, network.Id)
	}
	if err := server(cloud, zone, template, size.Id, networks); err != nil {
		return err
	}
	for _, network := range networks {
		if _, err := cloud.Network.DeleteNetwork(cloud.Network.NewDeleteNetworkParams(network)); err != nil {
			return err
		}
	}
	vms, err := cloud.VirtualMachine.ListVirtualMachines(cloud.VirtualMachine.NewListVirtualMachinesParams())
	if err != nil {
		return err
	}
	return say("expunged", map[string]any{"left": vms.Count})
}

func server(cloud *cloudstack.CloudStackClient, zone, template, size string, networks []string) error {
	vms := cloud.VirtualMachine
	tell := func(step, id string) error {
		vm, _, err := vms.GetVirtualMachineByID(id)
		if err != nil {
			return err
		}
		return say(step, map[string]any{"vm": vm})
	}

	deploy := vms.NewDeployVirtualMachineParams(size, template, zone)
	deploy.SetName("app1")
	deploy.SetNetworkids(networks[:1])
	vm, err := vms.DeployVirtualMachine(deploy)
	if err != nil {
		return err
	}
	if err := tell("deployed", vm.Id); err != nil {
		return err
	}
	if _, err := vms.StopVirtualMachine(vms.NewStopVirtualMachineParams(vm.Id)); err != nil {
		return err
	}
	if err := tell("stopped", vm.Id); err != nil {
		return err
	}
	if _, err := vms.AddNicToVirtualMachine(vms.NewAddNicToVirtualMachineParams(networks[1], vm.Id)); err != nil {
		return err
	}
	if _, err := vms.StartVirtualMachine(vms.NewStartVirtualMachineParams(vm.Id)); err != nil {
		return err
	}
	if err := tell("started", vm.Id); err != nil {
		return err
	}
	if _, err := vms.DestroyVirtualMachine(vms.NewDestroyVirtualMachineParams(vm.Id)); err != nil {
		return err
	}
	if err := tell("destroyed", vm.Id); err != nil {
		return err
	}
	_, err = vms.ExpungeVirtualMachine(vms.NewExpungeVirtualMachineParams(vm.Id))
	return err
}
