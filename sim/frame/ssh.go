// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"hash/crc32"
	"strings"
)

func sshPacket(payload []byte, padding []byte) []byte {
	n := 8 - (5+len(payload))%8
	if n < 4 {
		n += 8
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+n))
	b = append(append(b, byte(n)), payload...)
	return append(b, padding[:n]...)
}

func sshString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// SSHKexInit builds the first message of the key exchange (RFC 4253 7.1). Random is at least 32 bytes.
func SSHKexInit(random []byte) []byte {
	b := append([]byte{20}, random[:16]...)
	for _, names := range []string{
		"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,diffie-hellman-group14-sha256",
		"ssh-ed25519,rsa-sha2-512,rsa-sha2-256",
		"chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr,aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr,aes256-gcm@openssh.com",
		"hmac-sha2-256,hmac-sha2-512", "hmac-sha2-256,hmac-sha2-512", "none,zlib@openssh.com", "none,zlib@openssh.com", "", "",
	} {
		b = sshString(b, names)
	}
	return sshPacket(append(b, 0, 0, 0, 0, 0), random[16:])
}

// SSHKexStart builds the client's key; random is at least 48 bytes.
func SSHKexStart(random []byte) []byte {
	return sshPacket(sshString([]byte{30}, string(random[:32])), random[32:])
}

// SSHKexReply builds the server's host key, key and signature; random is at least 112 bytes.
func SSHKexReply(hostKey, random []byte) []byte {
	b := sshString([]byte{31}, string(sshString(sshString(nil, "ssh-ed25519"), string(hostKey))))
	b = sshString(b, string(random[:32]))
	b = sshString(b, string(sshString(sshString(nil, "ssh-ed25519"), string(random[32:96]))))
	return sshPacket(b, random[96:])
}

// SSHNewKeys builds the switch to the new keys.
func SSHNewKeys(random []byte) []byte { return sshPacket([]byte{21}, random) }

// SSHEncrypted builds a packet of which nothing can be read.
func SSHEncrypted(random []byte) []byte { return random }

// SSH1PublicKey builds the message with which a server of protocol version 1 offers its keys of 768 and 1024 bits.
func SSH1PublicKey(random []byte) []byte {
	b := append([]byte{2}, random[:8]...)
	at := 8
	for _, bits := range []int{768, 1024} {
		b = binary.BigEndian.AppendUint32(b, uint32(bits))
		b = append(b, 0, 6, 0x25)
		n := append([]byte(nil), random[at:at+bits/8]...)
		n[0] |= 0x80
		n[len(n)-1] |= 1
		b = append(binary.BigEndian.AppendUint16(b, uint16(bits)), n...)
		at += bits / 8
	}
	b = binary.BigEndian.AppendUint32(b, 2)
	b = binary.BigEndian.AppendUint32(b, 0x48)
	b = binary.BigEndian.AppendUint32(b, 0x2c)
	n := len(b) + 4
	body := append(append([]byte(nil), random[:8-n%8]...), b...)
	crc := ^crc32.Update(0xffffffff, crc32.IEEETable, body)
	return append(binary.BigEndian.AppendUint32(nil, uint32(n)), binary.BigEndian.AppendUint32(body, crc)...)
}

// SSHBanner builds a version line.
func SSHBanner(version, software string) []byte {
	return []byte(strings.Join([]string{"SSH", version, software}, "-") + "\r\n")
}
