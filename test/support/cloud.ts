import { createHmac } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type CloudstackPart, createCloudstack } from '../../lab/cloudstack/cloudstack.ts'
import { VirtualRouters } from '../../lab/cloudstack/routers.ts'
import { createClock } from '../../lab/world/clock.ts'

// biome-ignore lint/suspicious/noExplicitAny: JSON of any command; a test looks into what it asked for
type Said = any

/** The lab's CloudStack alone, with an empty zone, and an extension that says yes to everything. */
export async function emptyCloud(folder: string): Promise<CloudstackPart> {
  const path = join(folder, 'ferrule.sh')
  await writeFile(path, '#!/bin/sh\nexit 0\n')
  await chmod(path, 0o755)
  const clock = createClock({ scale: 1000 })
  const cloudstack = createCloudstack({
    plan: { site: 1, seed: 1, cloudstack: { address: '127.0.0.1', port: 0 } },
    world: { clock },
    routers: new VirtualRouters(new Map(), () => clock.now()),
    options: { extension: { path } },
    dataDir: undefined,
    saved: undefined,
  })
  cloudstack.dials.pingMs = 0
  await cloudstack.open()
  return cloudstack
}

type Reached = Pick<CloudstackPart, 'url' | 'keys'>

/** One command, to the end of its job if it begins one. */
export async function askCloud(
  cloud: Reached,
  command: string,
  params: Record<string, string> = {},
): Promise<Said> {
  const answer = await beginInCloud(cloud, command, params)
  return command !== 'queryAsyncJobResult' && answer.jobid ? ended(cloud, answer.jobid) : answer
}

/** One command, whose job goes on. A test's own signature: the client's must not prove itself. */
export async function beginInCloud(
  { url, keys }: Reached,
  command: string,
  params: Record<string, string> = {},
): Promise<Said> {
  const pairs = Object.entries({ ...params, command, response: 'json', apiKey: keys.apiKey })
    .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const text = pairs.join('&').toLowerCase()
  const signature = createHmac('sha1', keys.secretKey).update(text).digest('base64')
  const response = await fetch(`${url}?${pairs.join('&')}&signature=${encodeURIComponent(signature)}`)
  const body: Said = await response.json()
  const [answer]: Said[] = Object.values(body)
  if (!response.ok) throw new Error(`${answer.errorcode} ${answer.errortext}`)
  return answer
}

async function ended(cloud: Reached, jobid: string): Promise<Said> {
  for (;;) {
    const job = await askCloud(cloud, 'queryAsyncJobResult', { jobid })
    if (job.jobstatus === 1) return job.jobresult
    if (job.jobstatus === 2) throw new Error(`${job.jobresultcode} ${job.jobresult.errortext}`)
    await pause(20)
  }
}
