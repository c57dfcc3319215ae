/** Where the tenant's user-data is at the second boot: with the virtual router, or in files. */
export type DataSource = 'CloudStack' | 'NoCloud'

/** As CloudStack's guide to templates has it; a name that has it already is left alone. */
const setPasswords = String.raw`# A password that is reset in CloudStack waits at the virtual router for the next boot. The data source asks for it at
# each boot; the module that sets it has to run at each one too.
[ ! -f /etc/cloud/cloud.cfg ] ||
  sed -i -e 's/^\( *\)- set\([-_]\)passwords *$/\1- [set\2passwords, always]/' /etc/cloud/cloud.cfg

`

/**
 * The script that ends the first boot. POSIX sh, and safe to run twice. It deliberately calls no `cloud-init clean`:
 * cloud-init still runs, and its last modules would write /var/lib/cloud/instance anew, as a folder where the next boot
 * expects a link. Without the cached data source the next boot is a new instance all the same.
 *
 * `defaultMac` is only looked for: no network file with CloudStack's MAC means that the server will get no address,
 * and the console should say so.
 */
export function handOverScript(defaultMac: string, source: DataSource): string {
  return String.raw`#!/bin/sh
# Ferrule: hands the installed system over from MAAS to its tenant. What fails here must not keep the rest from being
# done, so there is no set -e.

# What MAAS and its installer have left, in one command (it goes on behind what it cannot remove):
# - MAAS's data source, the node's credentials for it, and reports to it: a boot without MAAS in reach would hang;
# - the same once more, as the package's configuration wrote it out of debconf, and the copy that debconf keeps;
# - the installer's own copy of its configuration, with credentials, and logs that quote them;
# - services of MAAS that the tenant's network does not reach: package proxy, time, log collector;
# - the cached data source of this boot: it holds the node's token, and without it the next boot looks for its data
#   source anew, finds another instance, and runs the tenant's user-data as on a first boot;
# - the marks of what runs once only: it has not run for the tenant yet.
rm -rf \
  /etc/cloud/cloud.cfg.d/90_maas_*.cfg \
  /etc/cloud/cloud.cfg.d/90_dpkg*.cfg /var/cache/debconf/config.dat-old \
  /root/curtin-install-cfg.yaml /root/curtin-install.log \
  /var/log/installer /var/log/cloud-init.log /var/log/cloud-init-output.log \
  /etc/apt/apt.conf.d/90curtin-aptproxy /etc/apt/apt.conf.d/90cloud-init-aptproxy \
  /etc/systemd/timesyncd.conf.d/cloud-init.conf /etc/rsyslog.d/20-cloud-config.conf \
  /var/lib/cloud/instance/obj.pkl /var/lib/cloud/instances/*/obj.pkl \
  /var/lib/cloud/sem

# In debconf's database too, or the next upgrade of cloud-init would write those files again.
if [ -f /var/cache/debconf/config.dat ]; then
  sed -i \
    -e '/^Name: cloud-init.*maas-metadata/,/^$/ s|^Value:.*|Value:|' \
    -e '/^Name: cloud-init.*local-cloud-config/,/^$/ s|^Value:.*|Value:|' \
    -e '/^Name: cloud-init.*datasources/,/^$/ s|^Value:.*|Value: ${source}, None|' \
    /var/cache/debconf/config.dat
fi

${source === 'CloudStack' ? setPasswords : ''}grep -qi '${defaultMac}' /etc/netplan/*.yaml || echo 'ferrule: no file in /etc/netplan has the MAC ${defaultMac}'
echo 'ferrule: handed over, switching off'
rm -rf /var/lib/ferrule
`
}
