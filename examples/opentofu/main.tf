# A bare-metal server in CloudStack, with a second network when it is asked for. test/tofu runs it.
terraform {
  required_providers {
    cloudstack = {
      source  = "cloudstack/cloudstack"
      version = "0.5.0"
    }
  }
}

# Takes CLOUDSTACK_API_URL, CLOUDSTACK_API_KEY and CLOUDSTACK_SECRET_KEY.
provider "cloudstack" {
  # Seconds until a command of CloudStack must be through: a server is installed in ten to twenty minutes.
  timeout = 3600
}

variable "zone" {
  default = "lab"
}

variable "template" {
  default = "ubuntu-jammy"
}

# A whole machine: a host with just these CPUs and this memory.
variable "offering" {
  default = "metal-16x65536"
}

variable "greeting" {
  default = "hello"
}

variable "storage" {
  description = "A NIC in the storage network. CloudStack adds one to a stopped server only, and takes it from a stopped one only."
  type        = bool
  default     = false
}

variable "start" {
  description = "Whether the server is installed and started at once. Another answer later makes a new server."
  type        = bool
  default     = true
}

locals {
  isolated = "DefaultIsolatedNetworkOfferingWithSourceNatService"
}

resource "cloudstack_network" "front" {
  name             = "front"
  cidr             = "10.1.1.0/24"
  network_offering = local.isolated
  zone             = var.zone
}

resource "cloudstack_network" "storage" {
  name             = "storage"
  cidr             = "10.1.2.0/24"
  network_offering = local.isolated
  zone             = var.zone
}

resource "cloudstack_instance" "web" {
  name             = "web1"
  zone             = var.zone
  template         = var.template
  service_offering = var.offering
  network_id       = cloudstack_network.front.id
  start_vm         = var.start
  # Another text has the server stopped, changed and started.
  user_data = <<-EOT
    #cloud-config
    write_files:
      - path: /etc/motd
        content: ${var.greeting}
  EOT
  tags = {
    role = "web"
  }
  # Without it the server would rest in CloudStack for a day before its machine is wiped.
  expunge = true
}

resource "cloudstack_nic" "storage" {
  count              = var.storage ? 1 : 0
  network_id         = cloudstack_network.storage.id
  virtual_machine_id = cloudstack_instance.web.id
}

output "server" {
  value = {
    id      = cloudstack_instance.web.id
    address = cloudstack_instance.web.ip_address
  }
}
