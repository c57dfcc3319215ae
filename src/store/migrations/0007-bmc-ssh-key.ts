/** The host key that a BMC's SSH shows, for serial consoles. */
export const migration0007 = `
alter table host add column bmc_ssh_fingerprint text;
`
