import { unreadable } from './statement.ts';

const BOMS: [bytes: number[], encoding: string][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/**
 * Text of a file: in the encoding of its byte order mark, else the one given, the one it declares (XML, OFX
 * header), UTF-8 where it is that, and else Windows-1252, which banks without any declaration write. Line ends
 * become `\n`. Throws BANK_FILE_INVALID for an encoding nobody knows, or bytes that are not of it.
 */
export function decodeText(bytes: Uint8Array, encoding?: string): string {
  const marked = BOMS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte))?.[1];
  const named = marked ?? encoding ?? declared(bytes);
  const text = named === undefined ? guessed(bytes) : decoded(bytes, named);
  return text.replace(/\r\n?/g, '\n');
}

function declared(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 600));
  const xml = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w-]+)["']/.exec(head)?.[1];
  if (xml !== undefined) return xml;
  if (!/OFXHEADER:\s*100/.test(head)) return undefined;
  if (/ENCODING:\s*(UTF-?8|UNICODE)/.test(head)) return 'utf-8';
  const charset = /CHARSET:\s*([\w-]+)/.exec(head)?.[1];
  return charset === undefined || charset === 'NONE' ? undefined : charset.replace(/^(\d{4})$/, 'windows-$1');
}

function guessed(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function decoded(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(`The file is not text in the encoding "${encoding}".`);
  }
}
