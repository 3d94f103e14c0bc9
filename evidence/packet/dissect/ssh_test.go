// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"

	"breakwater/evidence"
)

func TestSSHRead(t *testing.T) {
	for name, tt := range map[string]struct {
		s     say
		facts string
	}{
		"server": {
			response("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n\x00\x00\x04\x2c"),
			"10.0.0.2 ssh_version=2.0\n10.0.0.2 server_banner=SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\n10.0.0.2 software=OpenSSH 9.2p1\n10.0.0.2 os=Debian\n",
		},
		"client":           {request("SSH-2.0-PuTTY_Release_0.78\r\n"), "10.0.0.1 ssh_version=2.0\n10.0.0.1 user_agent=SSH-2.0-PuTTY_Release_0.78\n10.0.0.1 software=PuTTY_Release 0.78\n"},
		"old":              {response("SSH-1.5-Cisco-1.25\n"), "10.0.0.2 ssh_version=1.5\n10.0.0.2 server_banner=SSH-1.5-Cisco-1.25\n10.0.0.2 software=Cisco 1.25\n"},
		"both versions":    {response("SSH-1.99-OpenSSH_3.4p1\r\n"), "10.0.0.2 ssh_version=1.99\n10.0.0.2 server_banner=SSH-1.99-OpenSSH_3.4p1\n10.0.0.2 software=OpenSSH 3.4p1\n"},
		"lines before":     {response("Keep out\r\nSSH-2.0-dropbear\r\n"), "10.0.0.2 ssh_version=2.0\n10.0.0.2 server_banner=SSH-2.0-dropbear\n10.0.0.2 software=dropbear\n"},
		"line not over":    {response("SSH-2.0-OpenSSH_9"), ""},
		"no version":       {response("SSH-\r\n"), ""},
		"endless line":     {response("SSH-2.0-" + strings.Repeat("a", 600)), ""},
		"not the protocol": {response("220 hello\r\n"), ""},
	} {
		t.Run(name, func(t *testing.T) { wantText(t, "facts", facts(exchange(t, &sshProtocol, tt.s)), tt.facts) })
	}
	wantProbe(t, &sshProtocol, "banner", []byte("SSH-2.0-a\r\n"), Good, AnySide)
	wantProbe(t, &sshProtocol, "start", []byte("SS"), Short, AnySide)
	wantProbe(t, &sshProtocol, "other text", []byte("SSL is not it"), No, AnySide)
}

func FuzzSSH(f *testing.F) {
	fuzzProtocol(f, &sshProtocol, []byte("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), []byte("hello\r\nSSH-1.5-a\n"))
}

func TestFTPRead(t *testing.T) {
	login := func(user, password, result string) []say {
		return []say{
			response("220 Gate FTP server (vsFTPd 3.0.3)\r\n"), request("USER " + user + "\r\n"), response("331 password\r\n"),
			request("PASS " + password + "\r\n"), response(result + "\r\n"), request("PWD\r\n"), response("257 \"/\"\r\n"),
		}
	}
	const banner = "10.0.0.2 server_banner=Gate FTP server (vsFTPd 3.0.3)\n"
	for name, tt := range map[string]struct {
		script []say
		facts  string
	}{
		"accepted":  {login("jansen", "geheim", "230 in"), banner + "10.0.0.2 cleartext_login=ftp user jansen\n"},
		"refused":   {login("jansen", "geheim", "530 no"), banner},
		"default":   {login("USER", "USER", "230 in"), banner + "10.0.0.2 cleartext_login=ftp user USER\n10.0.0.2 default_credential=ftp user USER\n"},
		"anonymous": {login("anonymous", "a@b", "230 in"), banner},
		"ftp":       {login("FTP", "a@b", "230 in"), banner},
		"default refused, other accepted": {
			append(login("USER", "USER", "530 no")[:5], login("jansen", "geheim", "230 in")[1:]...), banner + "10.0.0.2 cleartext_login=ftp user jansen\n",
		},
		"no password asked": {[]say{response("220 hi\r\n"), request("USER jansen\r\n"), response("230 in\r\n")}, "10.0.0.2 server_banner=hi\n"},
		"encrypted":         {[]say{response("220 hi\r\n"), request("AUTH TLS\r\n"), response("234 go\r\n"), request("USER a\r\n"), request("PASS b\r\n"), response("230 in\r\n")}, "10.0.0.2 server_banner=hi\n"},
	} {
		t.Run(name, func(t *testing.T) {
			l := exchange(t, &ftpProtocol, tt.script...)
			wantText(t, "facts", facts(l), tt.facts)
			for i := evidence.Text(1); l.Text(i) != ""; i++ {
				if strings.Contains(l.Text(i), "geheim") {
					t.Errorf("the ledger holds %q", l.Text(i))
				}
			}
		})
	}
	wantProbe(t, &ftpProtocol, "greeting", []byte("220 (vsFTPd 3.0.3)\r\n"), Good, ServerSide)
	wantProbe(t, &ftpProtocol, "greeting without name", []byte("220 welcome\r\n"), Weak, ServerSide)
	wantProbe(t, &ftpProtocol, "command", []byte("USER jansen\r\n"), Weak, ClientSide)
	wantProbe(t, &ftpProtocol, "mail server", []byte("220 mail.example ESMTP Postfix\r\n"), No, AnySide)
	wantProbe(t, &ftpProtocol, "mail box server", []byte("+OK ready\r\n"), No, AnySide)
	wantProbe(t, &ftpProtocol, "mail client", []byte("EHLO a\r\n"), No, AnySide)
}

func FuzzFTP(f *testing.F) {
	fuzzProtocol(f, &ftpProtocol, []byte("220 FTP\r\n331 x\r\n230 in\r\n"), []byte("USER a\r\nPASS b\r\n"))
}

// smbMessage puts the NetBIOS session header before a message.
func smbMessage(b string) []byte { return []byte("\x00\x00" + be16(len(b)) + b) }

func smb1(flags byte, words, data string) []byte {
	return smbMessage("\xffSMB\x72\x00\x00\x00\x00" + string([]byte{flags}) + strings.Repeat("\x00", 22) +
		string([]byte{byte(len(words) / 2)}) + words + string([]byte{byte(len(data)), 0}) + data)
}

func smb2(command, flags byte, body string) []byte {
	return smbMessage("\xfeSMB\x40\x00\x00\x00\x00\x00\x00\x00" + string([]byte{command, 0, 0, 0, flags, 0, 0, 0}) + strings.Repeat("\x00", 44) + body)
}

const smbDialects = "\x02PC NETWORK PROGRAM 1.0\x00\x02LANMAN1.0\x00\x02NT LM 0.12\x00\x02SMB 2.002\x00\x02SMB 2.???\x00"

func TestSMBRead(t *testing.T) {
	offer := say{ClientSide, smb1(0x18, "", smbDialects)}
	choose := func(words int, index string) say {
		return say{ServerSide, smb1(0x98, index+strings.Repeat("\x00", 2*words-2), "")}
	}
	answer2 := func(dialect string) say {
		return say{ServerSide, smb2(0, 1, "\x41\x00\x01\x00"+dialect+strings.Repeat("\x00", 58))}
	}
	session := "\x81\x00\x00\x44" + nbnsLetters("SRV-QUAY", 0x20) + nbnsLetters("HMI-3", 0)
	for name, tt := range map[string]struct {
		script []say
		facts  string
	}{
		"version 1":                 {[]say{offer, choose(17, "\x02\x00")}, "10.0.0.2 smb_dialect=SMB 1 (NT LM 0.12)\n"},
		"older dialect":             {[]say{offer, choose(13, "\x01\x00")}, "10.0.0.2 smb_dialect=SMB 1 (LANMAN1.0)\n"},
		"offered and refused":       {[]say{offer, choose(1, "\xff\xff")}, ""},
		"offered alone":             {[]say{offer}, ""},
		"answer alone":              {[]say{choose(17, "\x05\x00")}, "10.0.0.2 smb_dialect=SMB 1 (NT LM 0.12)\n"},
		"answered in version 2":     {[]say{offer, answer2("\x02\x02")}, "10.0.0.2 smb_dialect=SMB 2.0.2\n"},
		"answered, then negotiated": {[]say{offer, answer2("\xff\x02"), {ClientSide, smb2(0, 0, "\x24\x00\x05\x00")}, answer2("\x11\x03")}, "10.0.0.2 smb_dialect=SMB 3.1.1\n"},
		"2.1":                       {[]say{answer2("\x10\x02")}, "10.0.0.2 smb_dialect=SMB 2.1\n"},
		"other command":             {[]say{{ServerSide, smb2(1, 1, "\x41\x00\x01\x00\x10\x02")}}, ""},
		"session over port 139":     {[]say{{ClientSide, []byte(session)}, {ServerSide, []byte("\x82\x00\x00\x00")}}, "10.0.0.2 hostname=SRV-QUAY\n10.0.0.1 hostname=HMI-3\n"},
		"session with any server":   {[]say{{ClientSide, []byte(strings.Replace(session, nbnsLetters("SRV-QUAY", 0x20), nbnsLetters("*SMBSERVER", 0x20), 1))}}, "10.0.0.1 hostname=HMI-3\n"},
	} {
		t.Run(name, func(t *testing.T) { wantText(t, "facts", facts(exchange(t, &smbProtocol, tt.script...)), tt.facts) })
	}
	wantProbe(t, &smbProtocol, "offer", offer.b, Good, ClientSide)
	wantProbe(t, &smbProtocol, "choice", choose(17, "\x02\x00").b, Good, ServerSide)
	wantProbe(t, &smbProtocol, "version 2", answer2("\x10\x02").b, Good, ServerSide)
	wantProbe(t, &smbProtocol, "session", []byte(session), Good, ClientSide)
	wantProbe(t, &smbProtocol, "session accepted", []byte("\x82\x00\x00\x00"), Weak, ServerSide)
	wantProbe(t, &smbProtocol, "DNS over TCP", []byte(be16(len(dnsQuery()))+dnsQuery()), No, AnySide)
	wantProbe(t, &smbProtocol, "zeros", make([]byte, 64), No, AnySide)
}

func FuzzSMB(f *testing.F) {
	fuzzProtocol(f, &smbProtocol, smb1(0x18, "", smbDialects), smb1(0x98, "\x02\x00"+strings.Repeat("\x00", 32), ""),
		smb2(0, 1, "\x41\x00\x01\x00\x11\x03"+strings.Repeat("\x00", 58)))
}
