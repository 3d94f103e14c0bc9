// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"unicode/utf16"
)

func netbios(b []byte) []byte {
	return append([]byte{0, byte(len(b) >> 16), byte(len(b) >> 8), byte(len(b))}, b...)
}

func smb1Head(answer bool) []byte {
	b := make([]byte, 32)
	copy(b, "\xffSMB\x72")
	b[9], b[10], b[11] = 0x18, 0x53, 0xc8
	if answer {
		b[9] = 0x98
	}
	b[26], b[27] = 0xfe, 0xff
	return b
}

// SMB1Negotiate builds a client's list of dialects.
func SMB1Negotiate(dialects ...string) []byte {
	var list []byte
	for _, d := range dialects {
		list = append(append(append(list, 2), d...), 0)
	}
	b := append(smb1Head(false), 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(list)))
	return netbios(append(b, list...))
}

// SMB1Chosen builds the answer of a server that takes dialect number n, NT LM 0.12, and tells domain and name.
func SMB1Chosen(n uint16, fileTime uint64, challenge []byte, domain, server string) []byte {
	le := binary.LittleEndian
	b := append(smb1Head(true), 17)
	b = le.AppendUint16(b, n)
	b = append(b, 3)
	b = le.AppendUint16(b, 50)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, 16644)
	b = le.AppendUint32(b, 65536)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint32(b, 0x0000e3fd)
	b = le.AppendUint64(b, fileTime)
	b = append(b, 0, 0, 8)
	data := append([]byte(nil), challenge[:8]...)
	for _, s := range []string{domain, server} {
		for _, u := range utf16.Encode([]rune(s + "\x00")) {
			data = le.AppendUint16(data, u)
		}
	}
	b = le.AppendUint16(b, uint16(len(data)))
	return netbios(append(b, data...))
}

func smb2Head(answer bool, message uint64) []byte {
	b := make([]byte, 64)
	copy(b, "\xfeSMB")
	b[4] = 64
	b[14] = 1
	if answer {
		b[16] = 1
	}
	binary.LittleEndian.PutUint64(b[24:], message)
	return b
}

// SMB2Negotiate builds a client's list of dialects up to 3.0.2.
func SMB2Negotiate(message uint64, client []byte) []byte {
	le := binary.LittleEndian
	dialects := []uint16{0x0202, 0x0210, 0x0300, 0x0302}
	b := smb2Head(false, message)
	b = le.AppendUint16(b, 36)
	b = le.AppendUint16(b, uint16(len(dialects)))
	b = append(b, 1, 0, 0, 0, 0x7f, 0, 0, 0)
	b = append(b, client[:16]...)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, d := range dialects {
		b = le.AppendUint16(b, d)
	}
	return netbios(b)
}

// spnego offers NTLM as the only mechanism.
var spnego = []byte{
	0x60, 0x1c, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02, 0xa0, 0x12, 0x30, 0x10, 0xa0, 0x0e, 0x30, 0x0c,
	0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a,
}

// SMB2Chosen builds the answer of a server; dialect 0x02FF asks the client to negotiate again.
func SMB2Chosen(message uint64, dialect uint16, fileTime uint64, server []byte) []byte {
	le := binary.LittleEndian
	b := smb2Head(true, message)
	b = le.AppendUint16(b, 65)
	b = append(b, 1, 0)
	b = le.AppendUint16(b, dialect)
	b = append(b, 0, 0)
	b = append(b, server[:16]...)
	b = append(b, 0x2f, 0, 0, 0)
	for range 3 {
		b = le.AppendUint32(b, 1<<20)
	}
	b = le.AppendUint64(b, fileTime)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint16(b, 128)
	b = le.AppendUint16(b, uint16(len(spnego)))
	b = append(b, 0, 0, 0, 0)
	return netbios(append(b, spnego...))
}
