// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"

	"breakwater/evidence"
)

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
