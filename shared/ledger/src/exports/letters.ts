/** Letters that decompose into none of the target's, and how they are usually written. */
const SPELT: Readonly<Record<string, string>> = {
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ı: 'i',
  ħ: 'h',
  œ: 'oe',
  Œ: 'OE',
  æ: 'ae',
  Æ: 'AE',
  ø: 'oe',
  Ø: 'OE',
  ß: 'ss',
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  Ä: 'Ae',
  Ö: 'Oe',
  Ü: 'Ue',
  '€': 'EUR',
  '£': 'GBP',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '…': '...',
  '·': '-',
};

/** The characters of Windows-1252 in order of their bytes. */
const WINDOWS_1252 = [...new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))];
const BYTES = new Map(WINDOWS_1252.map((character, byte) => [character, byte]));

/** The text in ASCII: other letters spelt as usual or without their marks, the rest left out. */
export function toAscii(text: string): string {
  return respelt(text, (character) => character >= ' ' && character <= '~');
}

/** The text in characters of Windows-1252: ł becomes l, what has no letter there is left out. */
export function toWindows1252(text: string): string {
  return respelt(text, (character) => BYTES.has(character));
}

/** Bytes of a text in Windows-1252. Throws RangeError for a character it does not have. */
export function encodeWindows1252(text: string): Buffer {
  return Buffer.from(
    [...text].map((character) => {
      const byte = BYTES.get(character);
      if (byte === undefined) throw new RangeError(`"${character}" is not in Windows-1252.`);
      return byte;
    }),
  );
}

function respelt(text: string, isKnown: (character: string) => boolean): string {
  return [...text.normalize('NFC')]
    .map((character) => {
      if (isKnown(character)) return character;
      const spelt = SPELT[character] ?? character.normalize('NFKD');
      return [...spelt].filter(isKnown).join('');
    })
    .join('');
}
