/** Under which of CloudStack's hosts a VM is: it asks for the power of all VMs of one host at once. */
export const migration0010 = `
alter table instance add column cloudstack_host text;
`
