// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"bytes"
	"slices"

	"breakwater/evidence/packet/dissect"
)

// cleartextPorts names protocols without a dissector in which whoever is asked for a password types it in clear, by
// carrier and the server's port.
var cleartextPorts = map[[2]int]string{
	{int(dissect.OverTCP), 23}: "telnet", {int(dissect.OverTCP), 513}: "rlogin", {int(dissect.OverTCP), 514}: "rsh",
}

// mailPorts are those of protocols that take a password as a line of base64 letters of its own.
var mailPorts = []int{25, 110, 143, 587, 2525}

// secrets finds the bytes of a message that hold passwords, keys and what stands for them.
func secrets(b []byte, over dissect.Carrier, src, dst int) (list []Span) {
	if over == dissect.OverUDP {
		if src == 161 || dst == 161 || src == 162 || dst == 162 {
			list = append(list, snmp(b)...)
		}
		return append(list, texts(b)...)
	}
	switch {
	case cleartextPorts[[2]int{int(over), dst}] != "":
		return []Span{{0, len(b)}} // typed key by key: nobody can tell which of them are the password
	case dst == 389 || dst == 3268:
		list = append(list, ldap(b)...)
	case dst == 1883:
		list = append(list, mqtt(b)...)
	case src == 102 || dst == 102:
		list = append(list, s7(b)...)
	case slices.Contains(mailPorts, dst) && base64Line(b):
		return []Span{{0, len(bytes.TrimRight(b, "\r\n"))}}
	}
	return append(list, texts(b)...)
}

// base64Line says whether a message is one line of base64 letters and nothing else.
func base64Line(b []byte) bool {
	line := bytes.TrimRight(b, "\r\n")
	return len(line) >= 4 && len(line) < len(b) && !bytes.ContainsFunc(line, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/' || r == '=')
	})
}

// commands are first words of a line whose arguments are secret: from which argument on.
var commands = []struct {
	word string
	from int // number of arguments that may be shown
}{
	{"PASS", 0}, {"ACCT", 0}, {"AUTH", 1}, {"AUTHENTICATE", 1}, {"APOP", 1}, {"LOGIN", 1},
}

// headers are those whose value is or stands for a secret.
var headers = []string{"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token"}

// keys before an equals sign or a colon whose value is secret.
var keys = []string{"password", "passwd", "passwort", "passphrase", "pwd", "pass", "psw", "pin", "secret", "token", "apikey", "api_key", "sessionid", "session_id"}

// texts finds secrets in protocols made of lines, forms and JSON, wherever they are spoken.
func texts(b []byte) (list []Span) {
	for start := 0; start < len(b); {
		end := start
		for end < len(b) && b[end] != '\n' {
			end++
		}
		line := bytes.TrimRight(b[start:end], "\r")
		if s, ok := command(line); ok {
			list = append(list, Span{start + s.Offset, s.Length})
		} else if s, ok := header(line); ok {
			list = append(list, Span{start + s.Offset, s.Length})
		} else {
			for _, s := range values(line) {
				list = append(list, Span{start + s.Offset, s.Length})
			}
		}
		start = end + 1
	}
	return list
}

// command finds the secret argument of a line such as "PASS word" or IMAP's "a1 LOGIN user word".
func command(line []byte) (Span, bool) {
	first, at := word(line, 0)
	for range 2 {
		for _, c := range commands {
			if !bytes.EqualFold(first, []byte(c.word)) {
				continue
			}
			from := at
			for range c.from {
				_, from = word(line, from)
			}
			for from < len(line) && line[from] == ' ' {
				from++
			}
			return Span{from, len(line) - from}, from < len(line)
		}
		if len(first) > 12 { // a tag is short
			break
		}
		first, at = word(line, at)
	}
	return Span{}, false
}

// word gives the next word of a line and where it ends.
func word(line []byte, at int) ([]byte, int) {
	for at < len(line) && line[at] == ' ' {
		at++
	}
	start := at
	for at < len(line) && line[at] != ' ' {
		at++
	}
	return line[start:at], at
}

func header(line []byte) (Span, bool) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 40 {
		return Span{}, false
	}
	name := bytes.TrimSpace(line[:i])
	for _, h := range headers {
		if bytes.EqualFold(name, []byte(h)) {
			for i++; i < len(line) && line[i] == ' '; i++ {
			}
			return Span{i, len(line) - i}, i < len(line)
		}
	}
	return Span{}, false
}

// values finds what follows a telling key in a form, a query, a configuration or JSON: password=x, "password": "x".
func values(line []byte) (list []Span) {
	low := bytes.ToLower(line)
	for i := 0; i < len(low); i++ {
		if low[i] != '=' && low[i] != ':' {
			continue
		}
		end := i
		for end > 0 && (low[end-1] == ' ' || low[end-1] == '"' || low[end-1] == '\'') {
			end--
		}
		if !slices.ContainsFunc(keys, func(k string) bool { return named(low[:end], k) }) {
			continue
		}
		from := i + 1
		for from < len(line) && line[from] == ' ' {
			from++
		}
		stop, quote := from, byte(0)
		if from < len(line) && (line[from] == '"' || line[from] == '\'') {
			quote = line[from]
			from++
			stop = from
		}
		for stop < len(line) {
			c := line[stop]
			if quote != 0 {
				if c == '\\' && stop+1 < len(line) {
					stop += 2
					continue
				}
				if c == quote {
					break
				}
			} else if c == '&' || c == ';' || c == ' ' || c == ',' || c == '<' || c == '}' {
				break
			}
			stop++
		}
		if stop = min(stop, len(line)); stop > from {
			list = append(list, Span{from, stop - from})
			i = stop - 1
		}
	}
	return list
}

// named says whether what stands before a value ends in a telling key. "spin" is no PIN, but "userpassword" is a password.
func named(before []byte, key string) bool {
	rest, ok := bytes.CutSuffix(before, []byte(key))
	if !ok || key != "pin" || len(rest) == 0 {
		return ok
	}
	c := rest[len(rest)-1]
	return c < 'a' || c > 'z'
}

// ber reads a tag and a length, and gives where the content is.
func ber(b []byte, at int) (tag byte, from, to int, ok bool) {
	if at < 0 || at+2 > len(b) {
		return 0, 0, 0, false
	}
	tag, n := b[at], int(b[at+1])
	at += 2
	if n >= 0x80 {
		k := n & 0x7f
		if k == 0 || k > 3 || at+k > len(b) {
			return 0, 0, 0, false
		}
		n = 0
		for _, c := range b[at : at+k] {
			n = n<<8 | int(c)
		}
		at += k
	}
	return tag, at, min(at+n, len(b)), true
}

// snmp finds the community of SNMP v1 and v2c.
func snmp(b []byte) []Span {
	tag, at, _, ok := ber(b, 0)
	if !ok || tag != 0x30 {
		return nil
	}
	tag, from, to, ok := ber(b, at)
	if !ok || tag != 2 || to-from != 1 || b[from] > 1 {
		return nil
	}
	tag, from, to, ok = ber(b, to)
	if !ok || tag != 4 || to <= from {
		return nil
	}
	return []Span{{from, to - from}}
}

// ldap finds the password of a simple bind.
func ldap(b []byte) []Span {
	tag, at, _, ok := ber(b, 0)
	if !ok || tag != 0x30 {
		return nil
	}
	_, _, next, ok := ber(b, at) // message id
	if !ok {
		return nil
	}
	tag, at, _, ok = ber(b, next)
	if !ok || tag != 0x60 { // bind request
		return nil
	}
	_, _, next, ok = ber(b, at) // version
	if !ok {
		return nil
	}
	_, _, next, ok = ber(b, next) // name
	if !ok {
		return nil
	}
	tag, from, to, ok := ber(b, next)
	if !ok || tag != 0x80 || to <= from {
		return nil
	}
	return []Span{{from, to - from}}
}

// mqtt finds the password of a connect message: its last field.
func mqtt(b []byte) []Span {
	if len(b) < 2 || b[0]>>4 != 1 {
		return nil
	}
	at := 1
	for at < len(b) && at < 5 && b[at]&0x80 != 0 {
		at++
	}
	at++
	field := func() (from, to int, ok bool) {
		if at+2 > len(b) {
			return 0, 0, false
		}
		n := int(b[at])<<8 | int(b[at+1])
		from = at + 2
		to = min(from+n, len(b))
		at = to
		return from, to, true
	}
	if _, _, ok := field(); !ok || at+4 > len(b) { // name of the protocol
		return nil
	}
	version, flag := b[at], b[at+1]
	at += 4
	if version == 5 { // properties, of up to 127 bytes here
		if at >= len(b) || b[at]&0x80 != 0 {
			return []Span{{at, len(b) - at}}
		}
		at += 1 + int(b[at])
	}
	fields := 1 // the client's id
	if flag&4 != 0 {
		fields += 2
	}
	if flag&0x80 != 0 {
		fields++
	}
	if flag&0x40 == 0 {
		return nil
	}
	for range fields {
		if _, _, ok := field(); !ok {
			return nil
		}
	}
	from, to, ok := field()
	if !ok || to <= from {
		return nil
	}
	return []Span{{from, to - from}}
}

// s7 finds the password of S7's security functions: eight bytes that anybody can turn back.
func s7(b []byte) []Span {
	i := bytes.Index(b, []byte{0x32, 0x07})
	if i < 0 || i+10 > len(b) {
		return nil
	}
	b = b[i:]
	params := int(b[6])<<8 | int(b[7])
	if params < 8 || 10+params > len(b) || b[15]&0x0f != 5 || b[16] != 1 {
		return nil
	}
	from := 10 + params + 4
	if from >= len(b) {
		return nil
	}
	return []Span{{i + from, len(b) - from}}
}
