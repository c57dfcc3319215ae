import { closeSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { CHUNK, type SparseDisk } from './disk.ts'
import { run } from './process.ts'

/** A disk as a sparse file, for real programs to read and write. */
export interface DiskFile {
  path: string
  disk: SparseDisk
  /** Modification time right after it was written, in ns: whoever writes to the file changes it. */
  writtenAt: bigint
}

/** Throws a clear error where the file system does not take a file of the disk's size. */
export function layOutDisk(disk: SparseDisk, path: string): DiskFile {
  const file = openSync(path, 'w')
  try {
    ftruncateSync(file, disk.size)
    for (const { offset, bytes } of disk.chunks()) {
      writeSync(file, bytes, 0, Math.min(bytes.length, disk.size - offset), offset)
    }
  } catch (cause) {
    throw new Error(
      `${tmpdir()} cannot hold a sparse file of ${disk.size} bytes for disk ${disk.name}: set TMPDIR to a file system that can`,
      { cause },
    )
  } finally {
    closeSync(file)
  }
  return { path, disk, writtenAt: statSync(path, { bigint: true }).mtimeNs }
}

/** Brings what was written to the file back to the disk: everything that is no hole any more, and new holes as zeroes. */
export async function pickUpDisk(file: DiskFile): Promise<void> {
  if (statSync(file.path, { bigint: true }).mtimeNs === file.writtenAt) return
  const { disk, path } = file
  let end = 0
  const source = openSync(path, 'r')
  try {
    for (const extent of await extents(path)) {
      disk.zero(end, extent.from - end)
      for (let at = extent.from; at < extent.to; at += CHUNK)
        copyChunk(source, disk, at, Math.min(CHUNK, extent.to - at))
      end = extent.to
    }
  } finally {
    closeSync(source)
  }
  disk.zero(end, disk.size - end)
}

function copyChunk(source: number, disk: SparseDisk, at: number, length: number): void {
  const bytes = Buffer.alloc(length)
  readSync(source, bytes, 0, length, at)
  disk.write(at, bytes)
}

/**
 * The parts of a sparse file that hold data. Node has no lseek, so perl (part of every Debian and macOS) or python3
 * asks with SEEK_DATA and SEEK_HOLE (lseek(2): 3 and 4 on Linux, the other way round on macOS).
 */
async function extents(path: string): Promise<{ from: number; to: number }[]> {
  const [data, hole] = process.platform === 'darwin' ? [4, 3] : [3, 4]
  const perl = `open F,"<",$ARGV[0] or die;my $p=0;while(defined(my $d=sysseek(F,$p,${data}))){$d+=0;my $h=sysseek(F,$d,${hole});last unless defined $h;print "$d ",$h+0,"\\n";$p=$h+0}`
  const python = `import os,sys
f=os.open(sys.argv[1],os.O_RDONLY);p=0
try:
  while True:
    d=os.lseek(f,p,os.SEEK_DATA);p=os.lseek(f,d,os.SEEK_HOLE);print(d,p)
except OSError: pass`
  const options = {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '' },
    signal: new AbortController().signal,
    timeoutMs: 30_000,
  }
  for (const [program, args] of [
    ['perl', ['-e', perl, path]],
    ['python3', ['-c', python, path]],
  ] as const) {
    const ran = await run(program, [...args], options).catch(() => null)
    if (ran?.exit !== 0) continue
    return ran.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [from, to] = line.split(' ').map(Number)
        return { from: from ?? 0, to: to ?? 0 }
      })
  }
  throw new Error('a script wrote to a disk, and neither perl nor python3 is there to find out where')
}
