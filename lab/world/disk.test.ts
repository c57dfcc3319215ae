import { describe, expect, test } from 'vitest'
import { noFaults } from './dials.ts'
import { blankHash, CHUNK, SparseDisk } from './disk.ts'
import { InstallFailed, install, readRoot, writeTenantData } from './installed.ts'

const MIB = 1024 * 1024
const MARKER = Buffer.from('TENANT-DATA web-1 06:aa:bb:00:00:01')

function newDisk(): SparseDisk {
  return new SparseDisk({ name: 'sda', serial: 'S1', model: 'LAB SSD', size: 480e9 })
}

function usedDisk(): SparseDisk {
  const disk = newDisk()
  install(
    disk,
    { hostname: 'web-1', image: 'ubuntu/jammy', files: { '/etc/x': 'y' }, cloudInit: true },
    { name: 'm', dials: noFaults() },
  )
  writeTenantData(disk, MARKER.toString())
  return disk
}

describe('sparse disk', () => {
  test('reads back what was written across chunks, and zeroes elsewhere', () => {
    const disk = newDisk()
    disk.write(CHUNK - 3, Buffer.from('abcdef'))
    expect(disk.read(CHUNK - 4, 8).toString('latin1')).toBe('\0abcdef\0')
    expect(disk.contains(Buffer.from('abcdef'))).toBe(true)
    expect(disk.contains(Buffer.from('\0\0abcdef\0'))).toBe(true)
    expect(disk.contains(Buffer.from('abcdeg'))).toBe(false)
  })

  test('the hash depends on content and place, and is that of a blank disk again after a wipe', () => {
    const one = newDisk()
    const other = newDisk()
    expect(one.hash()).toBe(blankHash)
    one.write(0, Buffer.from('x'))
    other.write(CHUNK, Buffer.from('x'))
    expect(one.hash()).not.toBe(other.hash())
    one.zero(0, one.size)
    expect(one.hash()).toBe(blankHash)
    expect(one.isBlank()).toBe(true)
  })

  test('a disk that lies acknowledges everything and keeps its contents', () => {
    const disk = usedDisk()
    const before = disk.hash()
    disk.readOnly = true
    disk.zero(0, disk.size)
    disk.write(5, Buffer.from('new'))
    expect(disk.hash()).toBe(before)
  })

  test('nothing reaches beyond its end', () => {
    const disk = newDisk()
    expect(() => disk.write(disk.size - 1, Buffer.from('ab'))).toThrow('outside')
    expect(() => disk.read(-1, 1)).toThrow('outside')
  })

  test('a snapshot taken before a change does not follow it', () => {
    const disk = usedDisk()
    const state = disk.snapshot()
    const hash = disk.hash()
    disk.write(0, Buffer.from('changed'))
    const copy = newDisk()
    copy.restore(JSON.parse(JSON.stringify(state)))
    expect(copy.hash()).toBe(hash)
    copy.restore(disk.snapshot())
    expect(copy.hash()).toBe(disk.hash())
  })
})

describe('installed system', () => {
  test('a quick wipe makes it unbootable and leaves the tenant data; a full one leaves nothing', () => {
    const disk = usedDisk()
    expect(readRoot(disk)).toMatchObject({ hostname: 'web-1', files: { '/etc/x': 'y' } })

    disk.zero(0, MIB)
    disk.zero(disk.size - MIB, MIB)
    expect(readRoot(disk)).toBeNull()
    expect(disk.contains(MARKER)).toBe(true)

    disk.zero(0, disk.size)
    expect(disk.contains(MARKER)).toBe(false)
    expect(disk.isBlank()).toBe(true)
  })

  test('a damaged file map does not boot', () => {
    const disk = usedDisk()
    disk.write(MIB + 60, Buffer.from('?'))
    expect(readRoot(disk)).toBeNull()
  })

  test('an installer that breaks off leaves data behind and nothing to boot', () => {
    const disk = newDisk()
    const dials = { ...noFaults(), installFails: true }
    const system = { hostname: 'a', image: 'ubuntu/jammy', files: {}, cloudInit: true }
    expect(() => install(disk, system, { name: 'm', dials })).toThrow(InstallFailed)
    expect(readRoot(disk)).toBeNull()
    expect(disk.isBlank()).toBe(false)
  })
})
