/**
 * Wycheproof's ModifiedPadding classes of RS256: signatures by the private key whose padded block is not exactly that
 * of PKCS #1. A checker that accepts one can be fooled without the key (Bleichenbacher, 2006). Source: RFC 8017,
 * section 9.2.
 */
import { constants, createHash, privateEncrypt } from 'node:crypto';
import { forge, rs256, type Vector } from './forge.ts';

/** Replaces the encoding of one element, given its tag and content. */
type Change = (tag: number, content: Buffer) => Buffer;

type Element = 'Sequence' | 'AlgorithmSequence' | 'Oid' | 'Null' | 'OctetString';

const bytes = (...values: number[]): Buffer => Buffer.from(values);
const join = (...parts: Buffer[]): Buffer => Buffer.concat(parts);
const length = (size: number): Buffer => (size < 128 ? bytes(size) : bytes(0x81, size));
const encode: Change = (tag, content) => join(bytes(tag), length(content.length), content);
const garbage = Buffer.from('4977', 'hex');
const empty = Buffer.alloc(0);
const nothing = bytes(5, 0);
const sha256 = bytes(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01);

/** Changes only how the length is written. */
const withLength =
  (write: (size: number) => Buffer): Change =>
  (tag, content) =>
    join(bytes(tag), write(content.length), content);
/** Keeps the element, with other bytes around it. */
const around =
  (before: Buffer, after: Buffer): Change =>
  (tag, content) =>
    join(before, encode(tag, content), after);
/** Changes the content, with the right tag and length. */
const withContent =
  (change: (content: Buffer) => Buffer): Change =>
  (tag, content) =>
    encode(tag, change(content));
const withTag =
  (change: (tag: number) => number): Change =>
  (tag, content) =>
    encode(change(tag), content);
const indefinite =
  (end: Buffer): Change =>
  (tag, content) =>
    join(bytes(tag, 0x80), content, end);
const flip = (content: Buffer, index: number): Buffer => {
  const changed = Buffer.from(content);
  if (content.length > 0) changed[index] = (content[index] as number) ^ 1;
  return changed;
};
const ff = (count: number): number[] => Array<number>(count).fill(0xff);
const zeros = (count: number): number[] => Array<number>(count).fill(0);

const general: Record<string, Change> = {
  lengthUsesLongFormEncoding: withLength((size) => bytes(0x81, size)),
  lengthContainsALeading0: withLength((size) => bytes(0x82, 0, size)),
  lengthOneMore: withLength((size) => bytes(size + 1)),
  lengthOneLess: withLength((size) => bytes((size + 255) % 256)),
  uint32OverflowInLength: withLength((size) => bytes(0x85, 1, 0, 0, 0, size)),
  uint64OverflowInLength: withLength((size) => bytes(0x89, 1, ...zeros(7), size)),
  lengthIs2to31sub1: withLength(() => bytes(0x84, 0x7f, ...ff(3))),
  lengthIs2to31: withLength(() => bytes(0x84, 0x80, ...zeros(3))),
  lengthIs2to32sub1: withLength(() => bytes(0x84, ...ff(4))),
  lengthIs2to40sub1: withLength(() => bytes(0x85, ...ff(5))),
  lengthIs2to64sub1: withLength(() => bytes(0x88, ...ff(8))),
  incorrectLength: withLength(() => bytes(0xff)),
  replacedByAnIndefiniteLengthTagWithoutTermination: indefinite(empty),
  removing: () => empty,
  lonelyTag: (tag) => bytes(tag),
  appending0s: withContent((content) => join(content, bytes(0, 0))),
  prepending0s: withContent((content) => join(bytes(0, 0), content)),
  appendingUnused0s: around(empty, bytes(0, 0)),
  appendingNullValue: withContent((content) => join(content, nothing)),
  'prependingGarbage: inside': withContent((content) => join(garbage, content)),
  'prependingGarbage: as an element': withContent((content) => join(bytes(0x25), encode(4, garbage), content)),
  'appendingGarbage: inside': withContent((content) => join(content, garbage)),
  'appendingGarbage: after it': around(empty, garbage),
  'includingUndefinedTags: before': around(bytes(0xaa, 0xbb, 0xcd, 0), empty),
  'includingUndefinedTags: inside': withContent((content) => join(bytes(0xaa, 2, 0xaa, 0xbb), content)),
  truncatedLength: (tag) => bytes(tag, 0x81),
  usingCompositionWithIndefiniteLength: (tag, content) => join(bytes(tag, 0x80), encode(tag, content), bytes(0, 0)),
  usingCompositionWithWrongTag: (tag, content) => encode(0xaa, encode(tag, content)),
  ReplacingWithNULL: () => nothing,
  'changingTagValue: one more': withTag((tag) => tag + 1),
  'changingTagValue: one less': withTag((tag) => tag - 1),
  'changingTagValue: context': withTag((tag) => tag | 0x80),
  'changingTagValue: constructed or not': withTag((tag) => tag ^ 0x20),
  'changingTagValue: all bits': withTag(() => 0xff),
  usingComposition: (tag, content) =>
    encode(tag | 0x20, join(encode(tag, content.subarray(0, 1)), encode(tag, content.subarray(1)))),
  indefiniteLength: indefinite(bytes(0, 0)),
  indefiniteLengthWithTruncatedDelimiter: indefinite(bytes(0)),
  indefiniteLengthWithAdditionalElement: indefinite(join(nothing, bytes(0, 0))),
  indefiniteLengthWithTruncatedElement: indefinite(join(bytes(6, 0x81), bytes(0, 0))),
  indefiniteLengthWithGarbage: indefinite(join(garbage, bytes(0, 0))),
  indefiniteLengthWithNonemptyEOC: indefinite(bytes(0, 2, 0, 0)),
  prependEmptySequence: withContent((content) => join(bytes(0x30, 0), content)),
  appendEmptySequence: withContent((content) => join(content, bytes(0x30, 0))),
  sequenceOf: (tag, content) => encode(0x30, encode(tag, content)),
  twice: (tag, content) => join(encode(tag, content), encode(tag, content)),
};

/** For an element with a content. */
const ofContent: Record<string, Change> = {
  droppingValue: withContent(() => empty),
  modifyingFirstByte: withContent((content) => flip(content, 0)),
  modifyingLastByte: withContent((content) => flip(content, content.length - 1)),
  'truncated: at its end': withContent((content) => content.subarray(0, -1)),
  'truncated: at its beginning': withContent((content) => content.subarray(1)),
};

const ofOid: Record<string, Change> = {
  'wrongOid: SHA-1': withContent(() => bytes(0x2b, 0x0e, 0x03, 0x02, 0x1a)),
  'wrongOid: SHA-512': withContent((content) => join(content.subarray(0, -1), bytes(3))),
  longerOid: withContent((content) => join(content, bytes(1))),
  'oidWithModifiedNode: small': withContent((content) => join(content.subarray(0, -1), bytes(0x11))),
  'oidWithModifiedNode: large': withContent((content) =>
    join(content.subarray(0, -1), bytes(0x88, 0x80, 0x80, 0x80, 1)),
  ),
  largeIntegerInOid: withContent((content) =>
    join(content.subarray(0, -1), bytes(0x82, 0x80, ...Array<number>(7).fill(0x80), 1)),
  ),
  'oidWithInvalidNode: without an end': withContent((content) => join(content, bytes(0xe0))),
  'oidWithInvalidNode: with a leading zero': withContent((content) =>
    join(content.subarray(0, 1), bytes(0x80), content.subarray(1)),
  ),
};

const ofNull: Record<string, Change> = {
  composedNull: () => join(bytes(0x25, 2), nothing),
  'incorrectNull: not empty': () => bytes(5, 1, 0),
};

function changesOf(element: Element): [string, Change][] {
  const own = element === 'Oid' ? ofOid : element === 'Null' ? ofNull : {};
  const all = { ...general, ...(element === 'Null' ? {} : ofContent), ...own };
  return Object.entries(all)
    .filter(([name]) => !(element === 'Null' && name === 'ReplacingWithNULL'))
    .map(([name, change]) => [`${name} (${element})`, change]);
}

/** DigestInfo, RFC 8017, appendix A.2.4, with one element changed. */
function digestInfo(hash: Buffer, changed?: Element, change: Change = encode): Buffer {
  const write = (element: Element, tag: number, content: Buffer): Buffer =>
    (element === changed ? change : encode)(tag, content);
  const algorithm = join(write('Oid', 6, sha256), write('Null', 5, empty));
  return write('Sequence', 0x30, join(write('AlgorithmSequence', 0x30, algorithm), write('OctetString', 4, hash)));
}

const size = 256;

const pad = (info: Buffer): Buffer => join(bytes(0, 1, ...ff(size - 3 - info.length)), bytes(0), info);

/** Applies the private key to a whole block. */
export function signBlock(block: Buffer): Buffer {
  return privateEncrypt({ key: rs256.signingKey, padding: constants.RSA_NO_PADDING }, block);
}

export function paddingVectors(): Vector[] {
  const signed = (block: (hash: Buffer) => Buffer): string =>
    forge(rs256, { signature: (input) => signBlock(block(createHash('sha256').update(input).digest())) });
  const elements: Element[] = ['Sequence', 'AlgorithmSequence', 'Oid', 'Null', 'OctetString'];
  return [
    { name: 'unchanged, by this file', token: signed((hash) => pad(digestInfo(hash))), isValid: true },
    ...elements.flatMap((element) =>
      changesOf(element).map(([name, change]) => ({
        name,
        token: signed((hash) => pad(digestInfo(hash, element, change))),
      })),
    ),
    ...Object.entries(blocks).map(([name, block]) => ({ name, token: signed(block) })),
  ];
}

/** Changes around the DigestInfo. */
const blocks: Record<string, (hash: Buffer) => Buffer> = {
  'short padding, garbage behind': (hash) => {
    const info = digestInfo(hash);
    return join(bytes(0, 1, ...ff(8), 0), info, Buffer.alloc(size - 11 - info.length, 0x5a));
  },
  'no padding, garbage behind': (hash) => {
    const info = digestInfo(hash);
    return join(bytes(0, 1, 0), info, Buffer.alloc(size - 3 - info.length, 0x5a));
  },
  'block type 0': (hash) => join(bytes(0, 0), pad(digestInfo(hash)).subarray(2)),
  'block type 2': (hash) => join(bytes(0, 2), pad(digestInfo(hash)).subarray(2)),
  'padding that is not all ones': (hash) => {
    const block = pad(digestInfo(hash));
    block[20] = 0xfe;
    return block;
  },
  'no zero before the DigestInfo': (hash) => {
    const block = pad(digestInfo(hash));
    block[block.indexOf(0, 2)] = 0xff;
    return block;
  },
  'the hash alone': (hash) => pad(hash),
  'the DigestInfo of another hash': () => pad(digestInfo(createHash('sha256').update('another').digest())),
};
