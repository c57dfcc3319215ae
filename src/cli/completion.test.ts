import { Command } from 'commander'
import { expect, test } from 'vitest'
import { completionScript, completionWords } from './completion.ts'
import { createProgram } from './program.ts'

test('every command is completed, with its options', () => {
  const words = completionWords(createProgram('1.0.0'))
  expect(words.get('')).toEqual(expect.arrayContaining(['rack', 'instance', 'why', '--output']))
  expect(words.get('instance deploy')).toEqual(
    expect.arrayContaining(['--template', '--offering', '--nic', '--erase']),
  )
  expect(words.get('operation')).toEqual(['list', 'show', 'watch', 'cancel', 'retry', 'skip'])
})

test('the fish script offers sub-commands only below their command', () => {
  const program = new Command('ferrule')
  program.command('host').command('add').option('--bmc <address>')
  expect(completionScript('fish', program)).toBe(
    "complete -c ferrule -f -n 'not __fish_seen_subcommand_from host' -a 'host'\n" +
      "complete -c ferrule -f -n '__fish_seen_subcommand_from host; and not __fish_seen_subcommand_from add' -a 'add'\n" +
      "complete -c ferrule -f -n '__fish_seen_subcommand_from host; and __fish_seen_subcommand_from add' -a '--bmc'\n",
  )
})
