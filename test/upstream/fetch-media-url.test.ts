import { describe, expect, it } from '@jest/globals';
import { checkMediaUrl } from '../../src/upstream/fetch-media-url.ts';

const tricks = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://127.0.0.1./',
  'http://127.000.000.001/',
  'http://\uff11\uff12\uff17.0.0.1/',
  'http://\u2460\u2461\u2466.0.0.1/',
  'http://127.0.0.1%2f@example.com/',
  'http://127\u30020\u30020\u30021/',
  'http://0/',
  'http://0.0.0.0/',
  'http://localhost/',
  'http://LOCALHOST/',
  'http://localhost./',
  'http://a.localhost/',
  'http://[::1]/',
  'http://[::]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://[2002:7f00:1::]/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[fe80::1]/',
  'http://[ff02::1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://192.168.0.1/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://metadata/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://printer.local/',
  'http://router.lan/',
  'http://kubernetes.default.svc.cluster.local/',
  'http://intranet/',
  'http://user:pass@example.com/a.png',
  'http://example.com@127.0.0.1/',
  'http://user@example.com/a.png',
  'http://example.com:22/',
  'http://example.com:8080/a.png',
  'https://example.com:80/a.png',
  'ftp://example.com/a.png',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'data:image/png;base64,AAAA',
  'javascript:alert(1)',
  'blob:https://example.com/1',
  '//example.com/a.png',
  '/etc/passwd',
  'http:///',
  'http://',
  'http://exa mple.com/',
  'http://[::1',
  'http://1.0.0.127.in-addr.arpa/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  '',
  `https://example.com/${'a'.repeat(3_000)}`,
];

describe('checkMediaUrl', () => {
  it.each(tricks)('refuses %s', (url) => {
    expect(checkMediaUrl(url, undefined)).toEqual({ refused: expect.any(String) });
  });

  it.each([
    ['https://example.com/a.png', 'example.com'],
    ['http://example.com:80/a.png?b=c', 'example.com'],
    ['https://Example.COM./a.png', 'example.com'],
    ['https://8.8.8.8/a.png', '8.8.8.8'],
    ['https://[2606:4700:4700::1111]/a.png', '2606:4700:4700::1111'],
    ['HTTPS://cdn.example.org/\u00e9.png', 'cdn.example.org'],
  ])('takes %s', (url, host) => {
    expect(checkMediaUrl(url, undefined)).toMatchObject({ host });
  });

  it('takes only hosts that the operator allows', () => {
    const allowed = ['images.example.com', '*.example.org'];
    const taken = (url: string): boolean => !('refused' in checkMediaUrl(url, allowed));
    expect(taken('https://images.example.com/a.png')).toBe(true);
    expect(taken('https://a.b.example.org/a.png')).toBe(true);
    expect(taken('https://example.org/a.png')).toBe(false);
    expect(taken('https://evil-example.org/a.png')).toBe(false);
    expect(taken('https://images.example.com.evil.test/a.png')).toBe(false);
    expect(taken('https://a.images.example.com/a.png')).toBe(false);
  });

  it('keeps what is not public out of reach even when it is allowed', () => {
    expect(checkMediaUrl('http://127.0.0.1/', ['127.0.0.1'])).toEqual({ refused: expect.any(String) });
    expect(checkMediaUrl('http://wiki.internal/', ['wiki.internal'])).toEqual({ refused: expect.any(String) });
  });
});
