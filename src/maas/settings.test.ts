import { describe, expect, test } from 'vitest'
import { parseEndpoints } from './endpoints.ts'
import { parseMaasSettings } from './settings.ts'

const whole = 'MaasIP=10.0.0.5;MaasKey=TOKEN;MaasSecret=HUSH;MaasConsumerKey=CONSUMER'

describe('the MAAS setting', () => {
  test.each<[string, string, string]>([
    ['as the design writes it', whole, 'http://10.0.0.5:5240/MAAS'],
    [
      'with blanks, another order and a last semicolon',
      ' MaasConsumerKey=CONSUMER ; MaasSecret=HUSH; MaasKey=TOKEN; MaasIP= 10.0.0.5:80 ;',
      'http://10.0.0.5/MAAS',
    ],
    ['with a port', whole.replace('10.0.0.5', '10.0.0.5:5241'), 'http://10.0.0.5:5241/MAAS'],
    [
      'with a URL in MaasIP',
      whole.replace('10.0.0.5', 'https://maas.example:5443/MAAS/'),
      'https://maas.example:5443/MAAS',
    ],
    [
      'as URL and key',
      'https://maas.example:5443/MAAS CONSUMER:TOKEN:HUSH',
      'https://maas.example:5443/MAAS',
    ],
  ])('%s', (_, text, url) => {
    expect(parseMaasSettings(text)).toEqual({ url, key: 'CONSUMER:TOKEN:HUSH' })
  })

  test.each<[string, string, RegExp]>([
    ['a part that is missing', whole.replace('MaasSecret=HUSH;', ''), /no MaasSecret$/],
    ['a part that is empty', whole.replace('MaasKey=TOKEN', 'MaasKey='), /no MaasKey$/],
    ['an unknown part', `${whole};MaasPort=1`, /unknown part "MaasPort"/],
    ['a part twice', `${whole};MaasKey=HUSH`, /MaasKey twice/],
    ['the whole API key in one part', whole.replace('TOKEN', 'C:T:HUSH'), /":" in MaasKey/],
    ['a value without its name', 'HUSH', /without "="/],
    ['a URL without a key', 'http://maas.example:5240/MAAS', /no API key/],
    ['a key of two parts', 'http://maas.example:5240/MAAS HUSH:TOKEN', /lacks: secret/],
    ['an IP that is none', whole.replace('10.0.0.5', '10.0.0.5 x'), /is not a URL/],
  ])('names %s, and never the secret', (_, text, message) => {
    expect(() => parseMaasSettings(text)).toThrow(message)
    expect(() => parseMaasSettings(text)).not.toThrow(/HUSH/)
  })
})

describe('endpoints', () => {
  test.each<[string, string[]]>([
    ['http://maas:5240/MAAS', ['http://maas:5240/MAAS']],
    ['http://maas:5240/MAAS/', ['http://maas:5240/MAAS']],
    ['http://maas/MAAS/api/2.0/', ['http://maas:5240/MAAS']],
    ['http://maas:80', ['http://maas/MAAS']],
    ['https://maas', ['https://maas/MAAS']],
    ['http://[fd00::5]:5240/MAAS', ['http://[fd00::5]:5240/MAAS']],
    ['http://a:5240/MAAS,b:5240', ['http://a:5240/MAAS', 'http://b:5240/MAAS']],
    ['http://a:5240/MAAS, https://b:5443/x', ['http://a:5240/MAAS', 'https://b:5443/x']],
  ])('%s', (text, urls) => {
    expect(parseEndpoints(text)).toEqual(urls)
  })

  test('a password in the URL is refused and not repeated', () => {
    expect(() => parseEndpoints('http://me:HUSH@maas:5240/MAAS')).toThrow(/carries a user name/)
    expect(() => parseEndpoints('http://me:HUSH@maas:5240/MAAS')).not.toThrow(/HUSH/)
  })
})
