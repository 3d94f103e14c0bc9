// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"breakwater/wire"
)

// ja4 appends the JA4 fingerprint of a TLS client over TCP: version, whether a server is named, counts of cipher suites
// and extensions, the protocol offered first, and two hashes over the sorted lists, so that clients that shuffle their
// extensions keep their fingerprint. JA4 was published by FoxIO under BSD-3-Clause; the other members of that family are
// under another licence and are not computed here.
func ja4(dst []byte, h *tlsHello) []byte {
	var cipherBuf, extBuf [128]uint16
	ciphers := ja4Numbers(cipherBuf[:0], h.ciphers)
	extensions, counted := extBuf[:0], 0
	for r := wire.Read(h.extensions); r.Len() > 0; {
		kind := r.U16()
		r.Skip(int(r.U16()))
		if ja4Grease(kind) {
			continue
		}
		counted++
		if kind != tlsExtServerName && kind != tlsExtALPN {
			extensions = append(extensions, kind)
		}
	}
	slices.Sort(ciphers)
	slices.Sort(extensions)

	dst = append(dst, 't')
	dst = append(dst, ja4Version(h)...)
	if h.named {
		dst = append(dst, 'd')
	} else {
		dst = append(dst, 'i')
	}
	dst = ja4Count(dst, len(ciphers))
	dst = ja4Count(dst, counted)
	dst = ja4Protocol(dst, h.alpn)

	var textBuf [1024]byte
	text := ja4List(textBuf[:0], ciphers)
	dst = ja4Hash(append(dst, '_'), text)
	text = ja4List(text[:0], extensions)
	if signatures := ja4Numbers(cipherBuf[:0], h.signatures); len(signatures) > 0 && len(text) > 0 {
		text = ja4List(append(text, '_'), signatures)
	}
	return ja4Hash(append(dst, '_'), text)
}

// ja4Grease says whether a number is one of those that clients send to keep servers tolerant (RFC 8701).
func ja4Grease(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }

func ja4Numbers(dst []uint16, b []byte) []uint16 {
	for ; len(b) >= 2; b = b[2:] {
		if v := binary.BigEndian.Uint16(b); !ja4Grease(v) {
			dst = append(dst, v)
		}
	}
	return dst
}

func ja4Version(h *tlsHello) string {
	v := h.version
	if len(h.versions) >= 2 {
		v = 0
		for b := h.versions; len(b) >= 2; b = b[2:] {
			if w := binary.BigEndian.Uint16(b); !ja4Grease(w) {
				v = max(v, w)
			}
		}
	}
	switch v {
	case 0x0304:
		return "13"
	case 0x0303:
		return "12"
	case 0x0302:
		return "11"
	case 0x0301:
		return "10"
	case 0x0300:
		return "s3"
	case 0x0002:
		return "s2"
	}
	return "00"
}

func ja4Count(dst []byte, n int) []byte {
	n = min(n, 99)
	return append(dst, '0'+byte(n/10), '0'+byte(n%10))
}

// ja4Protocol appends the first and last character of the protocol's name, of its hex form where one is not alphanumeric.
func ja4Protocol(dst, name []byte) []byte {
	if len(name) == 0 {
		return append(dst, "00"...)
	}
	first, last := name[0], name[len(name)-1]
	if ja4Alnum(first) && ja4Alnum(last) {
		return append(dst, first, last)
	}
	const hex = "0123456789abcdef"
	return append(dst, hex[first>>4], hex[last&15])
}

func ja4Alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func ja4List(dst []byte, list []uint16) []byte {
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = wire.AppendHexBytes(dst, []byte{byte(v >> 8), byte(v)})
	}
	return dst
}

func ja4Hash(dst, text []byte) []byte {
	if len(text) == 0 {
		return append(dst, "000000000000"...)
	}
	sum := sha256.Sum256(text)
	return wire.AppendHexBytes(dst, sum[:6])
}
