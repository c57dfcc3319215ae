/**
 * Where a machine of the lab has its BMC: IPMI's place, or that of Redfish with the certificate's fingerprint, which makes
 * protocol auto speak it, where the BMC speaks Redfish alone; its console is then by SSH, with a host key to be trusted.
 *
 * @returns {{ address: string, fingerprint?: string, sshFingerprint?: string }}
 */
export function bmcPlace({ bmc }) {
  if (bmc.protocols.includes('ipmi')) return { address: `${bmc.address}:${bmc.port}` }
  const { url, fingerprint } = bmc.redfish
  return {
    address: new URL(url).host,
    fingerprint,
    ...(bmc.ssh ? { sshFingerprint: bmc.ssh.fingerprint } : {}),
  }
}
