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
	hosts, err := cloud.Host.ListHosts(cloud.Host.NewListHostsParams())
	if err != nil {
		return err
	}
	if err := say("listed", map[string]any{"cpus": size.Cpunumber, "hypervisor": hosts.Hosts[0].Hypervisor}); err != nil {
		return err
	}

	vpc, tiers, err := shop(cloud, zone)
	if err != nil {
		return err
	}
	if err := server(cloud, zone, template, size.Id, tiers); err != nil {
		return err
	}
	deleteVPC := cloud.VPC.NewDeleteVPCParams(vpc)
	_, refusal := cloud.VPC.DeleteVPC(deleteVPC)
	if err := say("tiers", map[string]any{"refused": fmt.Sprint(refusal)}); err != nil {
		return err
	}
	for _, tier := range tiers {
		if _, err := cloud.Network.DeleteNetwork(cloud.Network.NewDeleteNetworkParams(tier)); err != nil {
			return err
		}
	}
	if _, err := cloud.VPC.DeleteVPC(deleteVPC); err != nil {
		return err
	}
	vms, err := cloud.VirtualMachine.ListVirtualMachines(cloud.VirtualMachine.NewListVirtualMachinesParams())
	if err != nil {
		return err
	}
	return say("expunged", map[string]any{"left": vms.Count})
}

// shop makes a VPC with two tiers.
func shop(cloud *cloudstack.CloudStackClient, zone string) (string, []string, error) {
	tier, _, err := cloud.NetworkOffering.GetNetworkOfferingID("DefaultIsolatedNetworkOfferingForVpcNetworksNoLB")
	if err != nil {
		return "", nil, err
	}
	offering, _, err := cloud.VPC.GetVPCOfferingID("Default VPC offering")
	if err != nil {
		return "", nil, err
	}
	vpc, err := cloud.VPC.CreateVPC(cloud.VPC.NewCreateVPCParams("10.0.0.0/16", "shop", "shop", offering, zone))
	if err != nil {
		return "", nil, err
	}
	tiers := []string{}
	for name, gateway := range map[string]string{"teal": "10.0.1.1", "plum": "10.0.2.1"} {
		params := cloud.Network.NewCreateNetworkParams(name, tier, zone)
		params.SetVpcid(vpc.Id)
		params.SetGateway(gateway)
		params.SetNetmask("255.255.255.0")
		network, err := cloud.Network.CreateNetwork(params)
		if err != nil {
			return "", nil, err
		}
		tiers = append(tiers, network.Id)
	}
	seen, _, err := cloud.VPC.GetVPCByID(vpc.Id)
	if err != nil {
		return "", nil, err
	}
	cidrs := []string{}
	for _, network := range seen.Network {
		cidrs = append(cidrs, network.Cidr)
	}
	return vpc.Id, tiers, say("vpc", map[string]any{"state": seen.State, "cidrs": cidrs})
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
