// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"fmt"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/harbour"
)

// stream plays a conversation as the engine does, in pieces of at most size bytes that Frame may ask to be joined.
func stream(p *Protocol, size int, script ...say) *evidence.Ledger {
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	client, server := l.Endpoint(clientMAC, clientIP, 0, true), l.Endpoint(serverMAC, serverIP, 0, true)
	f := &FlowState{Protocol: p}
	var kept [3][]byte
	pkt := fromClient(nil).pkt
	for i, s := range script {
		for b := s.b; len(b) > 0; {
			n := min(size, len(b))
			rest := append(kept[s.from], b[:n]...)
			b = b[n:]
			for len(rest) > 0 {
				k := p.Frame(rest, s.from)
				if k <= 0 || k > len(rest) {
					break
				}
				m := &Message{
					At: harbour.Instant(i + 1), Place: evidence.Place(i + 1), Packet: &pkt, From: s.from, Client: client, Server: server,
					Confirmed: true, Ledger: l, Flow: f,
				}
				m.Begin(p)
				p.Read(m, rest[:k:k])
				rest = rest[k:]
			}
			kept[s.from] = append([]byte(nil), rest...)
		}
	}
	return l
}

func request(s string) say  { return say{ClientSide, []byte(s)} }
func response(s string) say { return say{ServerSide, []byte(s)} }

const (
	httpBasicAdmin  = "Authorization: Basic YWRtaW46YWRtaW4=\r\n"     // admin:admin
	httpBasicJansen = "authorization: basic amFuc2VuOnM6M2NyZXQ=\r\n" // jansen:s:3cret
	httpOK          = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	httpDenied      = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"Gate 1\"\r\nContent-Length: 0\r\n\r\n"
)

func httpLogin(credentials string) say { return request("GET /a HTTP/1.1\r\n" + credentials + "\r\n") }

func TestHTTPRead(t *testing.T) {
	const form = "POST /login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 22\r\n\r\nuser=jan&passwd=geheim"
	for name, tt := range map[string]struct {
		script []say
		facts  string
	}{
		"page": {
			[]say{
				request("GET / HTTP/1.1\r\nHost: gate-1.port.example:8080\r\nUser-Agent: curl/8.1\r\n\r\n"),
				response("HTTP/1.1 200 OK\r\nServer: Apache/2.4.62 (Debian) mod_ssl/2.4\r\nX-Powered-By: PHP/8.2\r\nContent-Type: text/html\r\n" +
					"Content-Length: 66\r\n\r\n<html><head><TITLE lang=en>Gate &amp;\n  1</TITLE></head><body></html>"),
			},
			"10.0.0.1 user_agent=curl/8.1\n10.0.0.2 hostname=gate-1.port.example\n10.0.0.2 server_banner=Apache/2.4.62 (Debian) mod_ssl/2.4\n" +
				"10.0.0.2 software=Apache 2.4.62\n10.0.0.2 software=PHP 8.2\n10.0.0.2 page_title=Gate & 1\n",
		},
		"host is an address":          {[]say{request("GET / HTTP/1.1\r\nHost: 10.0.0.2:80\r\n\r\n")}, ""},
		"host is an odd address":      {[]say{request("GET / HTTP/1.1\r\nHost: 010.000.000.002\r\n\r\n")}, ""},
		"host is an IPv6 address":     {[]say{request("GET / HTTP/1.1\r\nHost: [fe80::1]:80\r\n\r\n")}, ""},
		"proxy":                       {[]say{request("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n")}, ""},
		"login accepted":              {[]say{httpLogin(httpBasicJansen), response(httpOK)}, "10.0.0.2 cleartext_login=http basic user jansen\n"},
		"login refused":               {[]say{httpLogin(httpBasicJansen), response(httpDenied)}, "10.0.0.2 realm=Gate 1\n"},
		"login forbidden":             {[]say{httpLogin(httpBasicAdmin), response("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")}, ""},
		"login not answered":          {[]say{httpLogin(httpBasicAdmin)}, ""},
		"published default":           {[]say{httpLogin(httpBasicAdmin), response(httpOK)}, "10.0.0.2 cleartext_login=http basic user admin\n10.0.0.2 default_credential=http basic user admin\n"},
		"default, redirected":         {[]say{httpLogin(httpBasicAdmin), response("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")}, "10.0.0.2 cleartext_login=http basic user admin\n"},
		"digest":                      {[]say{httpLogin("Authorization: Digest username=\"admin\", response=\"00\"\r\n"), response(httpOK)}, ""},
		"refused, then accepted":      {[]say{httpLogin(httpBasicAdmin), response(httpDenied), httpLogin(httpBasicJansen), response(httpOK)}, "10.0.0.2 realm=Gate 1\n10.0.0.2 cleartext_login=http basic user jansen\n"},
		"pipelined, second refused":   {[]say{httpLogin(""), httpLogin(httpBasicAdmin), response(httpOK), response(httpDenied)}, "10.0.0.2 realm=Gate 1\n"},
		"answer to an earlier one":    {[]say{response(httpOK), httpLogin(httpBasicJansen), response(httpOK)}, "10.0.0.2 cleartext_login=http basic user jansen\n"},
		"out of step":                 {[]say{response(httpOK), response(httpOK), httpLogin(httpBasicAdmin), response(httpOK)}, ""},
		"form":                        {[]say{request(form), response("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")}, "10.0.0.2 cleartext_login=http form\n"},
		"form refused":                {[]say{request(form), response(httpDenied)}, "10.0.0.2 realm=Gate 1\n"},
		"form without password":       {[]say{request(strings.Replace(form, "passwd", "search", 1)), response(httpOK)}, ""},
		"continue before the answer":  {[]say{httpLogin(httpBasicJansen), response("HTTP/1.1 100 Continue\r\n\r\n" + httpDenied)}, "10.0.0.2 realm=Gate 1\n"},
		"answer to HEAD has no body":  {[]say{request("HEAD / HTTP/1.1\r\n\r\n"), response("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"), httpLogin(httpBasicJansen), response(httpOK)}, "10.0.0.2 cleartext_login=http basic user jansen\n"},
		"not modified has no body":    {[]say{httpLogin(""), response("HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\n\r\n"), httpLogin(httpBasicJansen), response(httpOK)}, "10.0.0.2 cleartext_login=http basic user jansen\n"},
		"body that looks like a head": {[]say{httpLogin(httpBasicAdmin), response("HTTP/1.1 401 No\r\nContent-Length: 19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")}, ""},
		"chunks": {
			[]say{
				httpLogin(""),
				response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n5;x=y\r\n<titl\r\nF\r\ne>Crane</title>\r\n0\r\nX: y\r\n\r\n"),
				httpLogin(httpBasicJansen), response(httpOK),
			},
			"10.0.0.2 page_title=Crane\n10.0.0.2 cleartext_login=http basic user jansen\n",
		},
		"until the connection ends": {
			[]say{httpLogin(""), response("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Crane</title>HTTP/1.1 200 OK\r\nServer: x/1\r\n\r\n")},
			"10.0.0.2 page_title=Crane\n",
		},
		"compressed page":      {[]say{httpLogin(""), response("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<title>Crane</title>")}, ""},
		"title of an error":    {[]say{httpLogin(""), response("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<title>Crane</title>")}, ""},
		"tunnel":               {[]say{request("CONNECT a.example:443 HTTP/1.1\r\n\r\n"), response("HTTP/1.1 200 OK\r\n\r\n"), request("GET / HTTP/1.1\r\nUser-Agent: inner/1\r\n\r\n")}, ""},
		"upgrade":              {[]say{httpLogin(""), response("HTTP/1.1 101 Switching Protocols\r\n\r\n"), request("GET / HTTP/1.1\r\nUser-Agent: inner/1\r\n\r\n")}, ""},
		"length is no number":  {[]say{httpLogin(""), response("HTTP/1.1 200 OK\r\nContent-Length: -1\r\nServer: a/1\r\n\r\n")}, "10.0.0.2 server_banner=a/1\n10.0.0.2 software=a 1\n"},
		"chunk size no number": {[]say{httpLogin(httpBasicAdmin), response("HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), response(httpOK)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1 << 20, 1400, 7, 1} {
				wantText(t, fmt.Sprintf("in pieces of %d, facts", size), facts(stream(&httpProtocol, size, tt.script...)), tt.facts)
			}
		})
	}
}

// TestHTTPSecrets looks for passwords in everything that a ledger holds.
func TestHTTPSecrets(t *testing.T) {
	l := stream(&httpProtocol, 1400, httpLogin(httpBasicJansen), response(httpOK))
	for i := evidence.Text(1); l.Text(i) != ""; i++ {
		if s := l.Text(i); strings.Contains(s, "3cret") || strings.Contains(s, "amFuc2Vu") {
			t.Errorf("the ledger holds %q", s)
		}
	}
}

// TestHTTPGap checks that after lost bytes no answer is taken for that of another request.
func TestHTTPGap(t *testing.T) {
	l := evidence.NewLedger(evidence.LimitsFor(1 << 20))
	pkt := fromClient(nil).pkt
	m := &Message{
		Packet: &pkt, Ledger: l, Flow: &FlowState{Protocol: &httpProtocol}, Confirmed: true, Place: 1, At: 1,
		Client: l.Endpoint(clientMAC, clientIP, 0, true), Server: l.Endpoint(serverMAC, serverIP, 0, true),
	}
	m.Begin(&httpProtocol)
	for _, s := range []struct {
		say
		gap bool
	}{
		{httpLogin(httpBasicAdmin), false},
		{response("of some other answer"), true},
		{response(httpOK), false},
		{response("HTTP/1.1 200 OK\r\nServer: a/1\r\n\r\n"), true},
	} {
		m.From, m.Gap = s.from, s.gap
		httpRead(m, s.b)
	}
	wantText(t, "facts", facts(l), "10.0.0.2 server_banner=a/1\n10.0.0.2 software=a 1\n")
}

func TestHTTPProbe(t *testing.T) {
	wantProbe(t, &httpProtocol, "request", []byte("GET / HTTP/1.1\r\n"), Good, ClientSide)
	wantProbe(t, &httpProtocol, "method of an extension", []byte("M-SEARCH * HTTP/1.1\r\n"), Good, ClientSide)
	wantProbe(t, &httpProtocol, "response", []byte("HTTP/1.1 200 OK\r\n"), Good, ServerSide)
	wantProbe(t, &httpProtocol, "start of a request", []byte("GET /a/long/pa"), Short, AnySide)
	wantProbe(t, &httpProtocol, "start of a response", []byte("HTTP/1"), Short, AnySide)
	wantProbe(t, &httpProtocol, "RTSP", []byte("DESCRIBE rtsp://10.0.0.2/1 RTSP/1.0\r\n"), No, AnySide)
	wantProbe(t, &httpProtocol, "SIP", []byte("REGISTER sip:a.example SIP/2.0\r\n"), No, AnySide)
	wantProbe(t, &httpProtocol, "FTP", []byte("USER jansen\r\n"), No, AnySide)
	wantProbe(t, &httpProtocol, "HTTP/2", []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), No, AnySide)
	wantProbe(t, &httpProtocol, "response without status", []byte("HTTP/1.1 OK then now"), No, AnySide)
	wantProbe(t, &httpProtocol, "binary", []byte{0x16, 3, 1, 0, 10}, No, AnySide)
}

func FuzzHTTP(f *testing.F) {
	fuzzProtocol(f, &httpProtocol, []byte("GET / HTTP/1.1\r\nHost: a\r\n"+httpBasicAdmin+"\r\n"), []byte(httpOK),
		[]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n5\r\n<titl\r\n0\r\n\r\n"))
}
