import { parse } from 'yaml'
import { z } from 'zod'
import type { PowerRequest } from './stand-ins.ts'

const command = z.union([z.string(), z.array(z.coerce.string())])

const cloudConfig = z.object({
  bootcmd: z.array(command).default([]),
  runcmd: z.array(command).default([]),
  hostname: z.string().optional(),
  ssh_authorized_keys: z.array(z.string()).default([]),
  write_files: z
    .array(
      z.object({
        path: z.string(),
        content: z.string().default(''),
        encoding: z.string().default('text/plain'),
        append: z.boolean().default(false),
      }),
    )
    .default([]),
  power_state: z.object({ mode: z.string() }).optional(),
})

/** What a user-data text asks for, in the order in which cloud-init does it. */
export interface UserDataPlan {
  /** At every boot, before anything else. */
  bootScript: string | null
  writeFiles: { path: string; content: string; append: boolean }[]
  hostname: string | null
  sshKeys: string[]
  /** Once per instance, in the final stage. */
  scripts: string[]
  power: PowerRequest
}

/** Reads `#cloud-config`, `#!` scripts and MIME multiparts of them; anything else asks for nothing. Throws on bad YAML. */
export function readUserData(userData: string): UserDataPlan {
  const plan: UserDataPlan = {
    bootScript: null,
    writeFiles: [],
    hostname: null,
    sshKeys: [],
    scripts: [],
    power: null,
  }
  for (const part of partsOf(userData)) {
    if (part.startsWith('#!')) plan.scripts.push(part)
    if (part.startsWith('#cloud-config')) addCloudConfig(plan, cloudConfig.parse(parse(part) ?? {}))
  }
  return plan
}

function addCloudConfig(plan: UserDataPlan, config: z.infer<typeof cloudConfig>): void {
  if (config.bootcmd.length > 0) plan.bootScript = shellScript(config.bootcmd)
  if (config.runcmd.length > 0) plan.scripts.push(shellScript(config.runcmd))
  if (config.hostname !== undefined) plan.hostname = config.hostname
  plan.sshKeys.push(...config.ssh_authorized_keys)
  for (const { path, content, encoding, append } of config.write_files) {
    const base64 = /^(b64|base64)$/.test(encoding)
    plan.writeFiles.push({
      path,
      append,
      content: base64 ? Buffer.from(content, 'base64').toString('utf8') : content,
    })
  }
  if (config.power_state) plan.power = config.power_state.mode === 'reboot' ? 'reboot' : 'poweroff'
}

/** As shellify in cloudinit/subp.py: a list is quoted word by word, a string is a line; a failure stops nothing. */
function shellScript(commands: z.infer<typeof command>[]): string {
  const lines = commands.map((one) =>
    typeof one === 'string' ? one : one.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' '),
  )
  return `#!/bin/sh\n${lines.join('\n')}\n`
}

function partsOf(userData: string): string[] {
  const boundary = /^content-type:\s*multipart\/[^;]+;[^\n]*?boundary="?([^"\s;]+)/im.exec(userData)?.[1]
  if (boundary === undefined || userData.startsWith('#')) return [userData]
  return userData
    .replaceAll('\r\n', '\n')
    .split(`--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .map((part) => {
      const split = part.indexOf('\n\n')
      const body = part.slice(split + 2)
      const encoded = /^content-transfer-encoding:\s*base64/im.test(part.slice(0, split))
      return encoded ? Buffer.from(body, 'base64').toString('utf8') : body
    })
}
