// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import "encoding/binary"

// TLS versions as on the wire.
const (
	TLS10 = 0x0301
	TLS12 = 0x0303
	TLS13 = 0x0304
)

// TLSRecord builds a record; kinds are 20 change cipher spec, 22 handshake, 23 application data.
func TLSRecord(kind byte, version uint16, body []byte) []byte {
	b := []byte{kind, byte(version >> 8), byte(version), byte(len(body) >> 8), byte(len(body))}
	return append(b, body...)
}

func handshake(kind byte, body []byte) []byte {
	return append([]byte{kind, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

func vec16(b, v []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(v))), v...)
}

func extension(b []byte, kind uint16, val []byte) []byte {
	return vec16(binary.BigEndian.AppendUint16(b, kind), val)
}

// TLSClientHello builds a client's first record. Random is 64 bytes: the random and the key share or session. With
// modern set it offers 1.3 and 1.2, else nothing above 1.0. The record says 1.0 in either case, as clients do.
func TLSClientHello(modern bool, host string, random []byte) []byte {
	version, suites := uint16(TLS10), []byte{0xc0, 0x14, 0xc0, 0x13, 0x00, 0x35, 0x00, 0x2f, 0x00, 0x0a}
	if modern {
		version = TLS12
		suites = []byte{0x13, 0x01, 0x13, 0x02, 0x13, 0x03, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8}
	}
	b := binary.BigEndian.AppendUint16(nil, version)
	b = append(b, random[:32]...)
	if modern {
		b = append(append(b, 32), random[32:64]...)
	} else {
		b = append(b, 0)
	}
	b = vec16(b, suites)
	b = append(b, 1, 0)
	var ext []byte
	if host != "" {
		ext = extension(ext, 0, vec16(nil, vec16([]byte{0}, []byte(host))))
	}
	ext = extension(ext, 10, []byte{0, 6, 0, 0x1d, 0, 0x17, 0, 0x18})
	ext = extension(ext, 11, []byte{1, 0})
	ext = extension(ext, 23, nil)
	if modern {
		ext = extension(ext, 13, []byte{0, 10, 0x04, 0x03, 0x08, 0x07, 0x08, 0x04, 0x04, 0x01, 0x05, 0x01})
		ext = extension(ext, 16, []byte{0, 12, 2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'})
		ext = extension(ext, 43, []byte{4, 3, 4, 3, 3})
		ext = extension(ext, 45, []byte{1, 1})
		ext = extension(ext, 51, append([]byte{0, 36, 0, 0x1d, 0, 32}, random[32:64]...))
	}
	return TLSRecord(22, TLS10, handshake(1, vec16(b, ext)))
}

// TLSServerHello builds the server's choice. 1.3 is told in an extension, with a key share.
func TLSServerHello(version, suite uint16, random []byte) []byte {
	legacy := min(version, TLS12)
	b := binary.BigEndian.AppendUint16(nil, legacy)
	b = append(b, random[:32]...)
	b = append(append(b, 32), random[32:64]...)
	b = binary.BigEndian.AppendUint16(b, suite)
	b = append(b, 0)
	var ext []byte
	if version == TLS13 {
		ext = extension(ext, 43, []byte{3, 4})
		ext = extension(ext, 51, append([]byte{0, 0x1d, 0, 32}, random[32:64]...))
	} else {
		ext = extension(ext, 0xff01, []byte{0})
	}
	return handshake(2, vec16(b, ext))
}

// TLSCertificates builds the server's chain.
func TLSCertificates(chain ...[]byte) []byte {
	var list []byte
	for _, c := range chain {
		list = append(append(list, byte(len(c)>>16), byte(len(c)>>8), byte(len(c))), c...)
	}
	return handshake(11, append([]byte{byte(len(list) >> 16), byte(len(list) >> 8), byte(len(list))}, list...))
}

// TLSKeyExchange builds the server's ephemeral key with its signature by Ed25519.
func TLSKeyExchange(key, signature []byte) []byte {
	b := append([]byte{3, 0, 0x1d, byte(len(key))}, key...)
	return handshake(12, vec16(append(b, 0x08, 0x07), signature))
}

// TLSHelloDone ends the server's part.
func TLSHelloDone() []byte { return handshake(14, nil) }

// TLSClientKey builds the client's key: an encrypted secret with its length for RSA, or a point.
func TLSClientKey(rsa bool, key []byte) []byte {
	if rsa {
		return handshake(16, vec16(nil, key))
	}
	return handshake(16, append([]byte{byte(len(key))}, key...))
}
